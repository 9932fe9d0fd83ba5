"""The one row that says what this installation is: its namespace, its settings, its daemon."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.lease import RUN
from calsync.store.ledger.rows import table

BEAT_WITHIN = timedelta(minutes=1)  # a daemon that was silent for longer is not running


def namespace(db: Db) -> UUID:
    """The namespace of every uid of this installation."""
    instance = table("instance")
    return UUID(db.scalar(sa.select(instance.c.namespace).where(instance.c.id == 1)))


def remember_configuration(db: Db, found: str) -> bool:
    """Store the configuration's hash; False when it was known already."""
    instance = table("instance")
    if db.scalar(sa.select(instance.c.configuration)) == found:
        return False
    db.run(sa.update(instance).values(configuration=found))
    return True


def time_zones(db: Db) -> str | None:
    """What is remembered of the time zone data that was used; None: nothing yet."""
    known = db.scalar(sa.select(table("instance").c.tzdata))
    return str(known) if known is not None else None


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
    if row is None or row["heartbeat"] is None or db.now - row["heartbeat"] > BEAT_WITHIN:
        return False
    return db.postgres or row["owner"] is not None
