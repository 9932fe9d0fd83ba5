"""PostgreSQL as an installation runs it: on a disk, which every commit waits for."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from calsync.store import schema
from calsync.store.database import Store, open_engine
from tests.conftest import postgres_environ
from tests.postgres import NOBODY, Cluster, find_binaries, initdb, started

ON_DISK = "/var/tmp"
DURABLE = MappingProxyType(
    {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": "128MB",
        "wal_level": "replica",
        "max_wal_size": "1GB",
        "autovacuum": "on",
        "max_connections": "300",
    }
)


@contextmanager
def durable(changed: Mapping[str, str] = MappingProxyType({})) -> Iterator[Cluster]:
    """A throw-away cluster that loses nothing when its machine loses power."""
    binaries = find_binaries(postgres_environ())
    folder = Path(tempfile.mkdtemp(prefix="calsync-pg-", dir=ON_DISK))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    options = {**DURABLE, **changed}
    with started(binaries, folder, lambda: initdb(binaries, folder), options) as cluster:
        yield cluster


def new_ledger(cluster: Cluster, url: str = "") -> str:
    """A fresh upgraded database of this cluster; its URL, or that of the same database by `url`."""
    name = _new_database(cluster)
    made = url.format(name=name) if url else cluster.url(name)
    store = Store(open_engine(made))
    try:
        schema.upgrade(store)
    finally:
        store.close()
    return made


def empty_database(cluster: Cluster) -> str:
    """The URL of a fresh database of this cluster, for whoever makes a ledger there."""
    return cluster.url(_new_database(cluster))


def _new_database(cluster: Cluster) -> str:
    name = f"calsync_{uuid.uuid4().hex}"
    with cluster.connect() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return name
