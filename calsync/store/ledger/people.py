"""What the ledger knows of people: their sessions ahead, and where each of those is shown.

A person is an address of a tenant, however it is spelt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.address import address_key
from calsync.core.content.event import DesiredEvent, event_from_json
from calsync.core.content.visibility import ShownCopy, Visibility, visibility
from calsync.core.ledger import CopyState, Delivery, DeliveryKey, Want
from calsync.store.database import Db
from calsync.store.engine.among import any_value
from calsync.store.ledger.rows import delivery_of, key_of, table


def of_person(tenant: str, email: str) -> sa.ColumnElement[bool]:
    """For delivery: it is this person's."""
    c = table("delivery").c
    return sa.and_(c.tenant == tenant, sa.func.lower(c.email) == address_key(email))


def named(db: Db, who: str, tenant: str | None) -> dict[tuple[str, str], list[str]]:
    """Tenant and address key of whom an address or a participant id names, each with their
    participant ids; people with a calendar and without a session too."""
    found: dict[tuple[str, str], list[str]] = {}
    c = table("delivery").c
    by_email = sa.and_(any_value(c.tenant), sa.func.lower(c.email) == address_key(who))
    mine = by_email if "@" in who else c.participant == who
    query = sa.select(c.tenant, sa.func.lower(c.email).label("email"), c.participant).where(mine)
    for row in db.all(_of(query, c.tenant, tenant).distinct().order_by(c.tenant, c.participant)):
        found.setdefault((row["tenant"], row["email"]), []).append(row["participant"])
    account = table("account").c
    known = sa.select(account.tenant, account.email).where(account.email == address_key(who))
    for row in db.all(_of(known, account.tenant, tenant).distinct()):
        found.setdefault((row["tenant"], row["email"]), [])
    return found


def _of(query: sa.Select[Any], column: Any, tenant: str | None) -> sa.Select[Any]:
    return query.where(column == tenant) if tenant else query


def everybody_ahead(db: Db) -> dict[str, set[str]]:
    """Keys of the addresses of everybody with a session ahead, by tenant."""
    c = table("delivery").c
    found: dict[str, set[str]] = {}
    query = sa.select(c.tenant, c.email).where(c.ends_at > db.now)
    for row in db.all(query.distinct()):
        found.setdefault(row["tenant"], set()).add(address_key(row["email"]))
    return found


def sessions_ahead(db: Db, tenant: str, emails: Collection[str]) -> set[str]:
    """Sessions ahead of any of these people, cancelled ones too."""
    c, wanted = table("delivery").c, sorted({address_key(email) for email in emails})
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        theirs = sa.func.lower(c.email).in_(wanted[start : start + 500])
        query = sa.select(c.session).where(c.tenant == tenant, theirs, c.ends_at > db.now)
        found |= {row["session"] for row in db.all(query.distinct())}
    return found


def newest_event(db: Db, tenant: str, email: str) -> DesiredEvent | None:
    """The person's last session by its start, past ones too: it tells their language and zone."""
    c = table("delivery").c
    known = sa.select(c.content).where(of_person(tenant, email), c.content.is_not(None))
    content = db.scalar(known.order_by(c.starts_at.desc()).limit(1))
    return event_from_json(content) if content else None


def ahead(db: Db, tenant: str, email: str) -> list[Delivery]:
    """Every session that the person is to see, the nearest first."""
    delivery = table("delivery")
    c = delivery.c
    wanted = sa.and_(c.want == Want.PRESENT.value, c.ends_at > db.now)
    query = sa.select(delivery).where(of_person(tenant, email), wanted)
    return [delivery_of(row) for row in db.all(query.order_by(c.starts_at, c.session))]


def wanted_in(db: Db, tenant: str, ids: Collection[str]) -> list[Delivery]:
    """What people of these sessions are to see."""
    delivery, wanted = table("delivery"), sorted(ids)
    mine = (delivery.c.tenant == tenant, delivery.c.want == Want.PRESENT.value)
    found: list[Delivery] = []
    for start in range(0, len(wanted), 500):
        part = delivery.c.session.in_(wanted[start : start + 500])
        found += map(delivery_of, db.all(sa.select(delivery).where(*mine, part)))
    return found


def visible(db: Db, deliveries: Sequence[Delivery]) -> dict[DeliveryKey, Visibility]:
    """Where the sessions of these deliveries of one tenant are for their people, now."""
    shown = _shown_copies(db, [one.key for one in deliveries])
    return {one.key: visibility(one, shown.get(one.key, ()), db.now) for one in deliveries}


def _shown_copies(db: Db, keys: Collection[DeliveryKey]) -> dict[DeliveryKey, list[ShownCopy]]:
    """Copies of these deliveries of one tenant, without their content."""
    copy = table("copy")
    wanted, found = set(keys), dict[DeliveryKey, list[ShownCopy]]()
    columns = ("tenant", "session", "participant", "place_key", "state", "material_fp")
    query = sa.select(*(copy.c[name] for name in (*columns, "seen_version", "changed_at")))
    query = query.where(copy.c.tenant.in_({key.tenant for key in keys}))  # else the whole table
    ids = sorted({key.session for key in keys})
    for start in range(0, len(ids), 500):
        for row in db.all(query.where(copy.c.session.in_(ids[start : start + 500]))):
            if key_of(row) in wanted:
                found.setdefault(key_of(row), []).append(
                    ShownCopy(
                        row["place_key"],
                        CopyState(row["state"]),
                        row["material_fp"],
                        row["seen_version"],
                        row["changed_at"],
                    )
                )
    return found


def last_written(db: Db, account: str) -> tuple[DesiredEvent, datetime] | None:
    """What was written into this account last, and when; None when nothing stands there, or its
    content was blanked."""
    copy, delivery = table("copy"), table("delivery")
    same = sa.and_(
        delivery.c.tenant == copy.c.tenant,
        delivery.c.session == copy.c.session,
        delivery.c.participant == copy.c.participant,
    )
    query = (
        sa.select(delivery.c.content, copy.c.changed_at)
        .select_from(copy.join(delivery, same))
        .where(copy.c.account == account, copy.c.state == CopyState.LIVE.value)
    )
    row = db.first(query.order_by(copy.c.changed_at.desc()).limit(1))
    return (event_from_json(row["content"]), row["changed_at"]) if row and row["content"] else None


def channels(db: Db, email: str) -> list[str]:
    """Where this person's sessions go, past ones too, in order of the names."""
    c = table("delivery").c
    mine = sa.func.lower(c.email) == address_key(email)
    query = sa.select(c.channel).where(mine, c.channel.is_not(None))
    return sorted(row["channel"] for row in db.all(query.distinct()))
