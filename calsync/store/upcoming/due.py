"""Which deliveries are asked about the Upcoming Session mail, by two indexes: those whose start
comes within the tenant's longest window, once, and those that wait, when their instant has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import Delivery, DeliveryKey
from calsync.core.upcoming.rules import UpcomingRules
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import key_of, table
from calsync.store.prepared import NOW, bound, built_once, instant, of_bound
from calsync.store.upcoming.condition import UNASKED
from calsync.store.upsert import upsert

RANGE = 20  # deliveries that one transaction asks about


@dataclass(frozen=True, slots=True)
class UpcomingSession:
    """What the platform says of the session. Of one that is not known nothing takes place."""

    booked: bool = False
    stale: bool = False
    hours: int | None = None


def since(db: Db, tenant: str) -> datetime | None:
    """When the tenant's mails were switched on; None while they are off."""
    c = table("upcoming_since").c
    found = db.scalar(sa.select(c.since).where(c.tenant == tenant))
    return found if isinstance(found, datetime) else None


def restored_at(db: Db) -> datetime | None:
    """When the ledger was put back from a backup last; None: never."""
    found = db.scalar(sa.select(table("instance").c.recovered_at).limit(1))
    return found if isinstance(found, datetime) else None


def switched(db: Db) -> dict[str, datetime]:
    """Since when mails are on, by tenant."""
    return {row["tenant"]: row["since"] for row in db.all(sa.select(table("upcoming_since")))}


def switch(db: Db, on: Sequence[str], off: Sequence[str]) -> None:
    """Remember that these tenants' mails are on from now, unless they were, and those' are off."""
    target = table("upcoming_since")
    upsert(db, target, [{"tenant": name, "since": db.now} for name in on])
    if off:
        db.run(sa.delete(target).where(target.c.tenant.in_(list(off))))


def longest(db: Db, tenant: str, rules: UpcomingRules) -> timedelta:
    """The longest window of the tenant: its own, or a program's."""
    hours = db.scalar(_longest(), {"tenant": tenant})
    return timedelta(hours=max(rules.hours, int(hours or 0)))


@built_once
def _longest() -> sa.Select[Any]:
    c = table("booked_session").c
    mine = (c.tenant == sa.bindparam("tenant"), c.upcoming_hours.is_not(None))
    return sa.select(c.upcoming_hours).where(*mine).order_by(c.upcoming_hours.desc()).limit(1)


def deliveries(db: Db, tenant: str, window: timedelta) -> list[Row]:
    """Deliveries to ask about now, the nearest start first, locked; those that somebody else asks
    about are left out."""
    values = {"tenant": tenant, "now": db.now, "until": db.now + window}
    rows = db.all(_unasked(locks=True), values) + db.all(_waiting(locks=True), values)
    found = {key_of(row): row for row in rows}  # one that has moved while it waited is there twice
    return sorted(found.values(), key=lambda row: (row["starts_at"], row["participant"]))


def any_due(db: Db, tenant: str, window: timedelta) -> bool:
    """There is one to ask about."""
    values = {"tenant": tenant, "now": db.now, "until": db.now + window}
    waiting = db.first(_waiting(locks=False), values)
    return waiting is not None or db.first(_unasked(locks=False), values) is not None


@built_once
def _unasked(*, locks: bool) -> sa.Select[Any]:
    delivery = table("delivery")
    c = delivery.c
    query = sa.select(delivery).where(
        c.tenant == sa.bindparam("tenant"),
        c.starts_at > NOW,
        c.starts_at <= instant("until"),
        sa.text(UNASKED),  # word by word as in its index
    )
    query = query.order_by(c.starts_at).limit(RANGE)
    return query.with_for_update(skip_locked=True) if locks else query


@built_once
def _waiting(*, locks: bool) -> sa.Select[Any]:
    delivery = table("delivery")
    c = delivery.c
    query = sa.select(delivery).where(c.tenant == sa.bindparam("tenant"), c.upcoming_at <= NOW)
    query = query.order_by(c.upcoming_at).limit(RANGE)
    return query.with_for_update(skip_locked=True) if locks else query


def session(db: Db, key: DeliveryKey) -> UpcomingSession:
    """What the platform says of the delivery's session."""
    row = db.first(_session(), {"tenant": key.tenant, "session": key.session})
    if row is None:
        return UpcomingSession()
    booked, stale = row["status"] == "booked", row["stale"] is not None
    return UpcomingSession(booked, stale, row["upcoming_hours"])


@built_once
def _session() -> sa.Select[Any]:
    c = table("booked_session").c
    mine = (c.tenant == sa.bindparam("tenant"), c.id == sa.bindparam("session"))
    return sa.select(c.status, c.stale, c.upcoming_hours).where(*mine)


def wait(db: Db, delivery: Delivery, at: datetime) -> None:
    """Ask about this start again then."""
    db.write(_asked(), bound(delivery.key) | _columns(at, delivery.starts_at))


def settle(db: Db, delivery: Delivery) -> None:
    """Ask about this start no more."""
    db.write(_asked(), bound(delivery.key) | _columns(None, delivery.starts_at))


def leave(db: Db, key: DeliveryKey) -> None:
    """Ask as if nobody had, once it is wanted, released and in the window."""
    db.write(_asked(), bound(key) | _columns(None, None))


def _columns(at: datetime | None, start: datetime | None) -> dict[str, datetime | None]:
    return {"upcoming_at": at, "upcoming_start": start}


@built_once
def _asked() -> sa.Update:
    delivery = table("delivery")
    return sa.update(delivery).where(of_bound(delivery.c))
