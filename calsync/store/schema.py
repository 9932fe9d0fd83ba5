"""The schema: forward-only migrations, and how a database gets the newest one."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store.database import Store
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert

SAMPLE_NAMESPACE = UUID(int=0)  # before the first upgrade; never stored, never sent
UPGRADE_LOCK = 0x63616C73796E63  # "calsync": which advisory lock an upgrade holds
HERE = Path(__file__).parent / "migrations"
# Alembic's own table (alembic.sqlalchemy.org, "Tutorial"), read without Alembic: importing that
# takes a quarter of a command's processor time, and hardly any command needs it.
REVISIONS = sa.table("alembic_version", sa.column("version_num"))


def newest() -> str:
    """The revision this code works with: the last of its migrations."""
    return max(file.name.partition("_")[0] for file in (HERE / "versions").glob("[0-9]*_*.py"))


def current(store: Store) -> str | None:
    """The database's revision; None for an empty one."""
    with store.engine.connect() as connection:
        if not sa.inspect(connection).has_table(REVISIONS.name):
            return None
        found: str | None = connection.execute(sa.select(REVISIONS.c.version_num)).scalar()
        return found


def upgrade(store: Store) -> None:
    """Bring the schema to the newest revision and make the instance row. Safe to repeat."""
    with store.write() as db:
        if db.postgres:  # SQLite lets one writer in; here a second upgrade must wait as well
            db.run(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        _migrate(db.conn)
        upsert(db, table("instance"), [{"id": 1, "namespace": str(uuid4())}])


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see REVISIONS
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def make_ready(store: Store) -> None:
    """SQLite is upgraded by itself; PostgreSQL only by `calsync db upgrade`.

    Raises InputError where the schema is not the one this code works with.
    """
    now, wanted = current(store), newest()
    if now == wanted:
        return
    if now is not None and now > wanted:
        raise InputError(
            f"the database is at revision {now}, this calsync knows {wanted} and none after it: "
            "run the calsync that made it, or a newer one"
        )
    if store.sqlite:
        upgrade(store)
        return
    state = "empty" if now is None else f"at revision {now}"
    raise InputError(
        f"the database is {state}, this calsync needs {wanted}: run `calsync db upgrade` once"
    )


def tzdata_version() -> str:
    """The version of the time zone data in use."""
    return importlib.metadata.version("tzdata")
