"""Rate limits as rows (GCRA), so that several workers and machines share them; and the count of
mails to one person about one session in a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey, Rate
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.prepared import bound, built_once, of_bound
from calsync.store.upsert import upsert

BURST = timedelta(seconds=2)  # calls may come this much ahead of an even spacing


def take(
    db: Db,
    tenant: str,
    channel: str,
    account: str | None,
    rates: Mapping[str, Rate],
    *,
    calls: int = 1,
) -> datetime | None:
    """Spend calls that are made one after the other. None when they may be made now, else when
    there is room for them: then nothing is spent, neither of the account's limit nor of the
    project's."""
    rate = rates.get(channel)
    if rate is None:
        return None
    limits = [(f"account:{account}", rate.account)] if account is not None else []
    limits.append((f"{channel}:{tenant}", rate.provider))
    return _spend(db, [(key, most) for key, most in limits if most], calls)


def spend(db: Db, key: str, per_minute: int, calls: int = 1) -> datetime | None:
    """Spend calls of this limit; None when they may be made now, else when there is room. Many at
    once are let go together, however many, and the next ones wait for all of them."""
    return _spend(db, [(key, per_minute)], calls)


def _spend(db: Db, limits: Sequence[tuple[str, int]], calls: int) -> datetime | None:
    """Spend calls of all these limits, or of none. They are locked in this order, the one that most
    workers wait for last."""
    spent: list[dict[str, Any]] = []
    for key, per_minute in limits:
        known = db.scalar(_arrival(), {"of_key": key})
        arrival = max(known, db.now) if known else db.now
        if arrival - db.now > BURST:
            return arrival - BURST
        spent.append({"key": key, "tat": arrival + timedelta(minutes=1) / per_minute * calls})
    upsert(db, table("limiter"), spent, ["tat"])
    return None


@built_once
def _arrival() -> sa.Select[Any]:
    c = table("limiter").c
    return sa.select(c.tat).where(c.key == sa.bindparam("of_key")).with_for_update()


def mails_today(db: Db, key: DeliveryKey) -> int:
    """Mails (cancellations not counted) to this person about this session on this UTC day."""
    return int(db.scalar(_mails(), bound(key) | {"of_day": db.now.date().isoformat()}) or 0)


@built_once
def _mails() -> sa.Select[Any]:
    c = table("mail_count").c
    return sa.select(c.count).where(of_bound(c), c.day == sa.bindparam("of_day"))


def next_day(db: Db) -> datetime:
    """The first moment of the next UTC day: the count begins anew."""
    return (db.now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def count_mails(db: Db, keys: Sequence[DeliveryKey]) -> None:
    """One more mail of today about each of these, which may be named several times."""
    counted = Counter(keys)
    rows = [
        {
            "tenant": key.tenant,
            "session": key.session,
            "participant": key.participant,
            "day": db.now.date().isoformat(),
        }
        for key in counted
    ]
    upsert(db, table("mail_count"), [row | {"count": 0} for row in rows])
    more = [
        bound(key) | {"of_day": row["day"], "more": counted[key]}
        for key, row in zip(counted, rows, strict=True)
    ]
    db.write(_more(), more)


@built_once
def _more() -> sa.Update:
    counts = table("mail_count")
    mine = sa.and_(of_bound(counts.c), counts.c.day == sa.bindparam("of_day"))
    more = counts.c["count"] + sa.bindparam("more", type_=sa.Integer())
    return sa.update(counts).where(mine).values(count=more)
