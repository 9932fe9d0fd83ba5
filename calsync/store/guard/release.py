"""Deliveries leave their batch: from then on they are claimed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.core.reconcile.telling import WRONG_FOR
from calsync.store.database import Db
from calsync.store.guard import changes
from calsync.store.guard.changes import After
from calsync.store.ledger.rows import table
from calsync.store.prepared import bound, of_bound
from calsync.store.queue import slots


def keys(db: Db, batch: int, released: Collection[DeliveryKey], *, reject: bool = False) -> None:
    """Those of these deliveries that are in the batch. Rejected ones are parked until their records
    change."""
    if not released:
        return
    delivery = table("delivery")
    mine = sa.and_(of_bound(delivery.c), delivery.c.batch == sa.bindparam("of_batch"))
    leaving = sa.update(delivery).where(mine).values(**_values(db, reject=reject))
    db.run(leaving, [bound(one) | {"of_batch": batch} for one in released])
    _wake(db, released)


def whole(db: Db, batch: int, *, reject: bool = False) -> None:
    """Everything in the batch."""
    _where(db, table("delivery").c.batch == batch, reject=reject)


def next_of(db: Db, batch: int, after: After, *, reject: bool = False) -> None:
    """The next range of the batch behind `after`."""
    _where(db, changes.next_of(batch, after), reject=reject)


def _where(db: Db, which: sa.ColumnElement[bool], *, reject: bool) -> None:
    delivery = table("delivery")
    leaving = sa.update(delivery).where(which).values(**_values(db, reject=reject))
    names = set(db.run(leaving.returning(delivery.c.slot)).scalars())
    slots.wake(db, [name for name in names if name])


def _values(db: Db, *, reject: bool) -> dict[str, Any]:
    c = table("delivery").c
    # As they are now: a change of accounts beside this may just have moved one to another slot.
    look = db.now + WRONG_FOR
    early = sa.or_(c.tell_at.is_(None), c.tell_at < look)
    values: dict[str, Any] = {
        "batch": None,
        "wanted_since": db.now,
        "tell_at": sa.case((early, look), else_=c.tell_at),
    }
    return values | ({"parked": "rejected", "due_at": None} if reject else {})


def _wake(db: Db, released: Collection[DeliveryKey]) -> None:
    """The slots of these sessions' deliveries."""
    c, names = table("delivery").c, set[str]()
    (tenant,) = {one.tenant for one in released}
    sessions = sorted({one.session for one in released})
    for start in range(0, len(sessions), changes.RANGE):
        mine = (c.tenant == tenant, c.session.in_(sessions[start : start + changes.RANGE]))
        rows = db.all(sa.select(c.slot).where(*mine, c.slot.is_not(None)).distinct())
        names |= {row["slot"] for row in rows}
    slots.wake(db, names)
