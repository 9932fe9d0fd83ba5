"""The one row that says what this installation is: its namespace, its settings, its daemon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from calsync.core.ledger import copy_uid
from calsync.errors import InputError
from calsync.store.database import Db
from calsync.store.lease import RUN
from calsync.store.ledger.rows import key_of, table
from calsync.store.prepared import built_once
from calsync.store.upsert import upsert

BEAT_WITHIN = timedelta(minutes=1)  # a daemon that was silent for longer is not running


SAMPLE = 50  # copies that tell whose ledger this is
RESTORE = (
    "put the whole backup into an empty database, without `calsync db upgrade` before and without "
    'an error on the way (docs/operating.md, "How do I put a backup back?")'
)
NOT_WHOLE = f"the ledger lacks the row that says which installation it is; {RESTORE}"
OF_ANOTHER = (
    "the ledger's entries were made by another installation than the one that this database says "
    f"it is, so that calsync would make each of them once more; {RESTORE}"
)


def namespace(db: Db) -> UUID:
    """The namespace of every uid of this installation. Raises InputError for a ledger that was not
    restored whole, or into the database of another installation."""
    instance = table("instance")
    found = db.scalar(sa.select(instance.c.namespace).where(instance.c.id == 1))
    if found is None:
        raise InputError(NOT_WHOLE)
    mine = UUID(found)
    if _is_of_another(db, mine):
        raise InputError(OF_ANOTHER)
    return mine


def _is_of_another(db: Db, mine: UUID) -> bool:
    """Some of the copies have uids that were made from a namespace, and none from this one. Those
    of people who are forgotten say nothing: what their uids were made from is blanked."""
    c = table("copy").c
    columns = (c.tenant, c.session, c.participant, c.place_key, c.generation, c.uid)
    known = sa.select(*columns).where(c.address != "").limit(SAMPLE)
    made = [row for row in db.all(known) if row["generation"]]
    return bool(made) and all(
        row["uid"] != copy_uid(mine, key_of(row), row["place_key"], row["generation"])
        for row in made
    )


def make(db: Db) -> None:
    """Say that this ledger is a new installation, unless it is one. Raises InputError for a ledger
    that holds sessions already: it was one before."""
    instance, session = table("instance"), table("booked_session")
    if db.first(sa.select(instance.c.id)) is not None:
        return
    if db.first(sa.select(session.c.id).limit(1)) is not None:
        raise InputError(NOT_WHOLE)
    upsert(db, instance, [{"id": 1, "namespace": str(uuid4())}])


def remember_configuration(db: Db, found: str) -> bool:
    """Store the configuration's hash; False when it was known already."""
    instance = table("instance")
    if db.scalar(sa.select(instance.c.configuration)) == found:
        return False
    db.run(sa.update(instance).values(configuration=found))
    return True


def time_zones(db: Db) -> str | None:
    """What is remembered of the time zone data that was used; None: nothing yet."""
    known = db.scalar(_time_zones())
    return str(known) if known is not None else None


@built_once
def _time_zones() -> sa.Select[Any]:
    return sa.select(table("instance").c.tzdata)


def set_time_zones(db: Db, known: str) -> None:
    """Remember what the time zone data in use says."""
    db.run(sa.update(table("instance")).values(tzdata=known))


def take_over(db: Db, token: str, lease: timedelta, *, force: bool = False) -> bool:
    """Become (or stay) the one `run` of a SQLite file; False while another one is alive.

    force   the other one is known to be dead
    """
    instance = table("instance")
    free = sa.or_(sa.literal(force), RUN.free(db.now), RUN.mine(token))
    query = sa.update(instance).where(instance.c.id == 1, free)
    return bool(db.run(query.values(**RUN.taken(token, db.now + lease))).rowcount)


def step_down(db: Db, token: str) -> None:
    """Let the next `run` start at once."""
    db.run(sa.update(table("instance")).where(RUN.mine(token)).values(**RUN.given_back()))


def beat(db: Db) -> None:
    """The daemon is alive now."""
    db.run(sa.update(table("instance")).values(heartbeat=db.now))


def heartbeat(db: Db) -> datetime | None:
    """When a daemon last gave a sign of life."""
    found = db.scalar(sa.select(table("instance").c.heartbeat))
    return found if isinstance(found, datetime) else None


def daemon_alive(db: Db) -> bool:
    """A daemon gave a sign of life within a minute and, where only one can run, has not ended."""
    row = db.first(sa.select(table("instance")))
    if row is None or row["heartbeat"] is None or abs(db.now - row["heartbeat"]) > BEAT_WITHIN:
        return False
    return db.postgres or row["owner"] is not None
