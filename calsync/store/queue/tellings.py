"""Deliveries about which a person may have to be told: by their own instants, beside the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calsync.core.ledger import Delivery, DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.lease import DELIVERY
from calsync.store.ledger.notices import Notice
from calsync.store.ledger.people import of_person
from calsync.store.ledger.rows import delivery_of, of_delivery, of_tenant, table


@dataclass(frozen=True, slots=True)
class DueTelling:
    """A delivery to ask about. `is_claimed`: somebody is working on it at this moment."""

    delivery: Delivery
    is_claimed: bool


def due(db: Db, limit: int) -> list[DueTelling]:
    """Deliveries to ask about now, locked; those that somebody else asks about are left out."""
    c = table("delivery").c
    claimed = sa.func.coalesce(DELIVERY.lasts(db.now), sa.false()).label("is_claimed")
    query = sa.select(table("delivery"), claimed).where(c.tell_at <= db.now).order_by(c.tell_at)
    rows = db.all(query.limit(limit).with_for_update(skip_locked=True))
    return [DueTelling(delivery_of(row), bool(row["is_claimed"])) for row in rows]


def ask_again(db: Db, key: DeliveryKey, at: datetime | None) -> None:
    """Ask about this delivery at that instant, or not before something changes."""
    delivery = table("delivery")
    db.run(sa.update(delivery).where(of_delivery(delivery.c, key)).values(tell_at=at))


def told(db: Db, key: DeliveryKey, kind: str | None, material_version: int) -> None:
    """Remember that its person is told in this version; `kind` is kept until it is corrected."""
    delivery = table("delivery")
    values = {"tell_at": None, "told": kind, "told_version": material_version}
    db.run(sa.update(delivery).where(of_delivery(delivery.c, key)).values(**values))


def of_notice(db: Db, tenant: str, email: str, session: str) -> Row | None:
    """The delivery of this person that a plain mail about the session tells of."""
    c = table("delivery").c
    query = sa.select(table("delivery")).where(of_person(tenant, email), c.session == session)
    return db.first(query.order_by(c.told.is_(None), c.participant))


def is_over(db: Db, notice: Notice) -> bool:
    """Whether the session that this plain mail tells of is over, and so is all that shows it."""
    row = of_notice(db, notice.tenant, notice.person, notice.session)
    return row is None or max(row["ends_at"], row["stands_until"] or row["ends_at"]) <= db.now


def open_ones(db: Db, limit: int, tenant: str | None = None) -> list[Row]:
    """Deliveries of sessions ahead of which something was told that still stands wrong, the nearest
    first."""
    c = table("delivery").c
    ahead = sa.or_(c.ends_at > db.now, c.stands_until > db.now)
    query = sa.select(table("delivery")).where(c.told.is_not(None), ahead, of_tenant(c, tenant))
    return db.all(query.order_by(c.starts_at).limit(limit))
