"""The schema: forward-only migrations, and how a database gets the newest one."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store import instance
from calsync.store.database import Store
from calsync.store.engine.postgres import encoding, same_database
from calsync.store.engine.sqlite import MAKE_LEDGER, NO_LEDGER

SAMPLE_NAMESPACE = UUID(int=0)  # before the first upgrade; never stored, never sent
UPGRADE_LOCK = 0x63616C73796E63  # "calsync": which advisory lock an upgrade holds
ELSEWHERE = f"{MAKE_LEDGER}; otherwise check that server, database and user are the right ones"
OF_OUR_OWN = "name a database of calsync's own in database.url"
HERE = Path(__file__).parent / "migrations"
# Alembic's own table (alembic.sqlalchemy.org, "Tutorial"), read without Alembic: importing that
# takes a quarter of a command's processor time, and hardly any command needs it.
REVISIONS = sa.table("alembic_version", sa.column("version_num"))


def newest() -> str:
    """The revision this code works with: the last of its migrations, which no other one follows.
    Their numbers do not tell it: those of migrations written side by side are out of order."""
    files = [one.read_text(encoding="utf-8") for one in (HERE / "versions").glob("[0-9]*_*.py")]
    revisions, followed = (
        {found[1] for text in files if (found := re.search(rf'^{name} = "(\w+)"', text, re.M))}
        for name in ("revision", "down_revision")
    )
    (last,) = revisions - followed
    return last


def current(store: Store) -> str | None:
    """The database's revision; None for an empty one."""
    with store.engine.connect() as connection:
        if not sa.inspect(connection).has_table(REVISIONS.name):
            return None
        found: str | None = connection.execute(sa.select(REVISIONS.c.version_num)).scalar()
        return found


def upgrade(store: Store, *, beside_others: bool = False) -> None:
    """Bring the schema to the newest revision and make the instance row. Safe to repeat.

    Raises InputError for a database that is not UTF-8, and for one that holds tables of others and
    none of ours, unless it is to be made `beside_others`.
    """
    _refuse_encodings(store)
    with _without_pooler(store).write() as db:
        if db.postgres:  # SQLite lets one writer in; here a second upgrade must wait as well
            db.run(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
        _refuse_strangers(db.conn, beside_others=beside_others)
        _migrate(db.conn)
        instance.make(db)


def _refuse_encodings(store: Store) -> None:
    if store.sqlite:
        return
    with store.engine.connect() as connection:
        found = encoding(connection)
    if found != "UTF8":
        raise InputError(
            f"the database that database.url names is encoded in {found}, which cannot hold names "
            "and titles in every script; create one in UTF-8 (`createdb --template=template0 "
            "--encoding=UTF8 NAME`) and name that"
        )


def _without_pooler(store: Store) -> Store:
    """The same database, past a pooler where its own address is known. Raises InputError where that
    address is another database's: it would get a ledger that nobody reads."""
    if store.direct is None or store.direct is store.engine:
        return store
    if not same_database(store.engine, store.direct):
        raise InputError(
            "database.listen_url and database.url lead to two databases; write the address in "
            "database.listen_url at which the server behind the pooler has the database of "
            "database.url"
        )
    return Store(store.direct, store.shift)


def _refuse_strangers(connection: sa.Connection, *, beside_others: bool) -> None:
    names = set(sa.inspect(connection).get_table_names())
    if not names or {"instance", "delivery", REVISIONS.name} <= names:
        return
    if REVISIONS.name in names:
        raise InputError(
            f"the database holds {REVISIONS.name}, in which another program counts its migrations, "
            f"and no ledger; {OF_OUR_OWN}"
        )
    if not beside_others:
        told = ", ".join(sorted(names)[:3]) + (" and more" if len(names) > 3 else "")
        raise InputError(
            f"the database holds tables of another program ({told}) and no ledger; {OF_OUR_OWN}, "
            "or add --beside-others to make the ledger beside them"
        )


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # noqa: PLC0415 - see REVISIONS
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def make_ready(store: Store) -> None:
    """A ledger on SQLite is upgraded by itself, one on PostgreSQL by `calsync db upgrade` only, and
    none is made: where there is none, the one that was there is more likely out of reach.

    Raises InputError where the schema is not the one this code works with, or the database is not
    in UTF-8.
    """
    _refuse_encodings(store)
    now, wanted = current(store), newest()
    if now == wanted:
        return
    if now is None:
        instead = NO_LEDGER if store.sqlite else ELSEWHERE
        raise InputError(f"the database that database.url names holds no ledger; {instead}")
    if now is not None and now > wanted:
        raise InputError(
            f"the database is at revision {now}, this calsync knows {wanted} and none after it: "
            "run the calsync that made it, or a newer one"
        )
    if store.sqlite:
        upgrade(store)
        return
    raise InputError(
        f"the database is at revision {now}, this calsync needs {wanted}: run `calsync db upgrade` "
        "once"
    )
