"""Ledgers that are upgraded already: one is made in a test process, the others are its copies.

Each copy has a namespace of its own, as if it had been upgraded itself: two installations of one
test never share a uid. What an upgrade does is tested in tests/store/test_schema.py.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from calsync.store import instance, schema
from calsync.store.database import Store, open_engine
from tests.postgres import Cluster

SQLITE = "sqlite:///"
TEMPLATE = "ready"  # the database of a cluster that the others are copies of


def sqlite_ledger(file: Path) -> str:
    """The URL of this SQLite file: a fresh upgraded one, or the one that is there already."""
    if not file.exists():
        content, namespace = _template()
        file.touch(0o600)  # as the store makes it
        file.write_bytes(content.replace(namespace, str(uuid4()).encode()))
    return f"{SQLITE}{file}"


def ready(url: str) -> None:
    """Put an upgraded ledger where this URL names a SQLite file that is not there yet. One on
    PostgreSQL is made by `postgres_ledger`."""
    if url.startswith(SQLITE):
        sqlite_ledger(Path(url.removeprefix(SQLITE)))


@contextmanager
def postgres_ledger(cluster: Cluster) -> Iterator[str]:
    """The URL of a fresh upgraded database of a cluster that has the template."""
    with cluster.database(TEMPLATE) as url:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.begin() as connection:
            renamed = sa.text("UPDATE instance SET namespace = :fresh")
            assert connection.execute(renamed, {"fresh": str(uuid4())}).rowcount == 1
        yield url


def make_template(cluster: Cluster) -> None:
    """Give a cluster the database that `postgres_ledger` copies."""
    with cluster.connect() as admin:
        admin.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
    _upgrade(cluster.url(TEMPLATE))


@cache
def _template() -> tuple[bytes, bytes]:
    """A whole upgraded SQLite file, and the namespace in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "template.db"
        namespace = _upgrade(f"{SQLITE}{file}").encode()
        content = file.read_bytes()
    assert content.count(namespace) == 1
    return content, namespace


def _upgrade(url: str) -> str:
    store = Store(open_engine(url))
    try:
        schema.upgrade(store)
        with store.read() as db:
            return str(instance.namespace(db))
    finally:
        store.close()
