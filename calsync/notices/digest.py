"""Digests: what one account change sends to a mailbox, told together where it is far away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.content.event import DesiredEvent, event_from_json
from calsync.core.digest import AHEAD, announced
from calsync.core.ledger import DeliveryKey, Want
from calsync.core.reconcile.actions import MAIL
from calsync.core.reconcile.decide import invites_by_mail
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger import journal, notices
from calsync.store.ledger.rows import key_of, of_delivery, table
from calsync.store.queue import claims


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest tells, nearest first; `held`: the guard holds some of it."""

    events: Sequence[DesiredEvent]
    held: bool


def announce(
    context: Context, db: Db, tenant: str, change: int, keys: Sequence[DeliveryKey]
) -> None:
    """Of what this account change (its batch) sends to mailboxes for the first time, have the far
    sessions of each person told of by one digest, and their invitations wait for their day."""
    delivery = table("delivery")
    for person, starts in _first_mails(context, db, tenant, keys).items():
        waits = announced(starts, db.now)
        for key, mail_from in waits.items():
            mine = of_delivery(delivery.c, key)
            db.run(sa.update(delivery).where(mine).values(mail_from=mail_from))
            journal.note(db, "invitation_announced", key=key, mail_from=mail_from.isoformat())
        if waits and not _is_wanted(db, tenant, person):
            notices.want(db, tenant, notices.DIGEST, person, f"account change {change}")


def told(db: Db, tenant: str, person: str) -> Told:
    """The sessions of this person whose invitation waits for its day."""
    delivery = table("delivery")
    query = sa.select(delivery).where(
        delivery.c.tenant == tenant,
        sa.func.lower(delivery.c.email) == person.lower(),
        delivery.c.parked.is_(None),
        waiting(db),
    )
    rows = db.all(query.order_by(delivery.c.starts_at, delivery.c.session))
    events = [event_from_json(row["content"]) for row in rows if row["content"] is not None]
    return Told(events, any(row["batch"] is not None for row in rows))


def waiting(db: Db) -> sa.ColumnElement[bool]:
    """Deliveries whose invitation a digest announced and whose day has not come."""
    c = table("delivery").c
    wanted = sa.and_(c.want == Want.PRESENT.value, c.covered_by.is_(None), c.channel == MAIL)
    return sa.and_(wanted, c.mail_from > db.now, c.ends_at > db.now)


def _first_mails(
    context: Context, db: Db, tenant: str, keys: Sequence[DeliveryKey]
) -> dict[str, dict[DeliveryKey, datetime]]:
    """Starts of the far sessions to which somebody is invited by mail now, by their address."""
    settings, found = context.tenant(tenant), dict[str, dict[DeliveryKey, datetime]]()
    for row in _far(db, keys):
        if settings.excludes(row["email"]):
            continue
        if invites_by_mail(claims.snapshot(db, context.sealer, row, settings.policy)):
            found.setdefault(row["email"].lower(), {})[key_of(row)] = row["starts_at"]
    return found


def _far(db: Db, keys: Sequence[DeliveryKey]) -> list[Row]:
    delivery, found = table("delivery"), list[Row]()
    c = delivery.c
    changed = {(key.session, key.participant) for key in keys}
    sessions = sorted({key.session for key in keys})
    for start in range(0, len(sessions), 500):
        query = sa.select(delivery).where(
            c.tenant == keys[0].tenant,
            c.session.in_(sessions[start : start + 500]),
            c.channel == MAIL,
            c.parked.is_(None),
            c.starts_at > db.now + AHEAD,
        )
        found += [row for row in db.all(query) if (row["session"], row["participant"]) in changed]
    return found


def _is_wanted(db: Db, tenant: str, person: str) -> bool:
    """A digest that is still to be written tells of these sessions as well."""
    notice = table("notice")
    unwritten: Mapping[str, Any] = {"tenant": tenant, "kind": notices.DIGEST, "person": person}
    query = sa.select(sa.func.count()).where(
        *(notice.c[name] == value for name, value in unwritten.items()),
        notice.c.state == "due",
        notice.c.wire.is_(None),
    )
    return bool(db.scalar(query))
