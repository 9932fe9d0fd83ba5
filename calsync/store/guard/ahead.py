"""What the guard compares a batch with: what passed within the hour, and what lies ahead."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from calsync.core.guard import ChangeKind, Limits, Tally, count_ahead_to
from calsync.core.ledger import Want
from calsync.store.database import Db
from calsync.store.guard import counts
from calsync.store.guard.counts import Tallies
from calsync.store.ledger.rows import table

WINDOW = timedelta(minutes=60)


def recent(db: Db, tenant: str, batch: int | None = None) -> dict[ChangeKind, Tally]:
    """What passed the guard within the window, in other batches than this one."""
    c = table("batch").c
    query = sa.select(c.counts).where(
        c.tenant == tenant,
        c.id != (0 if batch is None else batch),  # no batch has that id
        c.state.in_(["released", "held", "closing"]),
        c.closed > db.now - WINDOW,
    )
    total: dict[ChangeKind, Tally] = {}
    for row in db.all(query):
        total = counts.added(total, counts.passed(row["counts"]))
    return total


def ahead(db: Db, tenant: str, total: Tallies, before: Tallies, limits: Limits) -> tuple[int, int]:
    """The tenant's deliveries of sessions still ahead, and how many of them are wanted: counted as
    far as the verdict depends on it."""
    most = count_ahead_to(total, before, limits)
    return counted(db, tenant, most) if most else (0, 0)


def counted(db: Db, tenant: str, most: int) -> tuple[int, int]:
    """The tenant's deliveries of sessions still ahead, and how many of them are wanted, each up to
    `most`."""
    c = table("delivery").c
    future = (c.tenant == tenant, c.ends_at > db.now)
    wanted = (c.want == Want.PRESENT.value, c.covered_by.is_(None))
    return _count(db, most, *future), _count(db, most, *future, *wanted)


def _count(db: Db, most: int, *where: sa.ColumnElement[bool]) -> int:
    some = sa.select(sa.literal(1).label("one")).where(*where).limit(most).subquery()
    return int(db.scalar(sa.select(sa.func.count()).select_from(some)))
