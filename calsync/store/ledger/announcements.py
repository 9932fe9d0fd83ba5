"""Invitations that a digest announced: each waits for its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.content.event import DesiredEvent, event_from_json
from calsync.core.ledger import MAIL, DeliveryKey, Want
from calsync.store.database import Db, Row
from calsync.store.ledger.people import of_person
from calsync.store.ledger.rows import of_delivery, table


@dataclass(frozen=True, slots=True)
class Announced:
    """What a digest tells, nearest first; `held`: the guard holds some of it."""

    events: Sequence[DesiredEvent]
    held: bool


def postpone(db: Db, key: DeliveryKey, mail_from: datetime) -> None:
    """Let the delivery's first invitation by mail wait until then."""
    delivery = table("delivery")
    db.run(sa.update(delivery).where(of_delivery(delivery.c, key)).values(mail_from=mail_from))


def to_person(db: Db, tenant: str, email: str) -> Announced:
    """The sessions of this person whose invitation waits for its day."""
    delivery = table("delivery")
    unparked = delivery.c.parked.is_(None)
    query = sa.select(delivery).where(of_person(tenant, email), unparked, waiting(db))
    rows = db.all(query.order_by(delivery.c.starts_at, delivery.c.session))
    events = [event_from_json(row["content"]) for row in rows if row["content"] is not None]
    return Announced(events, any(row["batch"] is not None for row in rows))


def waiting(db: Db) -> sa.ColumnElement[bool]:
    """For delivery: a digest announced its invitation, and the day of that has not come."""
    c = table("delivery").c
    wanted = sa.and_(c.want == Want.PRESENT.value, c.covered_by.is_(None), c.channel == MAIL)
    return sa.and_(wanted, c.mail_from > db.now, c.ends_at > db.now)


def far(db: Db, keys: Sequence[DeliveryKey], ahead: timedelta) -> list[Row]:
    """Of these deliveries of one tenant, the rows of those that go by mail to a session that starts
    later than so far ahead."""
    delivery, found = table("delivery"), list[Row]()
    c = delivery.c
    wanted = {(key.session, key.participant) for key in keys}
    sessions = sorted({key.session for key in keys})
    for start in range(0, len(sessions), 500):
        query = sa.select(delivery).where(
            c.tenant == keys[0].tenant,
            c.session.in_(sessions[start : start + 500]),
            c.channel == MAIL,
            c.parked.is_(None),
            c.starts_at > db.now + ahead,
        )
        found += [row for row in db.all(query) if (row["session"], row["participant"]) in wanted]
    return found
