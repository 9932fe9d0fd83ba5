"""A tenant's sessions in order of their start, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table


@dataclass(frozen=True, slots=True)
class StartPosition:
    """The last session of a page."""

    starts_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Starting:
    """Which sessions are meant: of a program, starting from `start` on and before `end`, behind the
    last one of the page before. Empty fields do not limit."""

    program: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    after: StartPosition | None = None


def starting(db: Db, tenant: str, chosen: Starting, limit: int) -> list[Row]:
    """Rows of these sessions, cancelled ones too, the first to start first. What was cancelled
    without its times is not among them."""
    sessions = table("booked_session")
    c = sessions.c
    where = [c.tenant == tenant, c.starts_at.is_not(None)]
    where += [c.program == chosen.program] if chosen.program else []
    where += [c.starts_at >= chosen.start] if chosen.start else []
    where += [c.starts_at < chosen.end] if chosen.end else []
    if chosen.after is not None:
        at, ident = chosen.after.starts_at, chosen.after.id
        where += [c.starts_at >= at, sa.or_(c.starts_at > at, c.id > ident)]
    return db.all(sa.select(sessions).where(*where).order_by(c.starts_at, c.id).limit(limit))


def start_position(row: Row) -> StartPosition:
    """Where the page behind this row begins."""
    return StartPosition(row["starts_at"], row["id"])
