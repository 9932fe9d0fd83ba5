"""Rate limits as rows (GCRA), so that several workers and machines share them; and the count of
mails to one person about one session in a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey, Rate
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.prepared import bound, built_once, of_bound
from calsync.store.upsert import inserting, upsert

Limit = tuple[str, int]  # its key, and how many calls it allows in a minute
MINUTE = timedelta(minutes=1)
BURST = timedelta(seconds=2)  # calls may come this much ahead of an even spacing


@dataclass(frozen=True, slots=True)
class CountedCalls:
    """Calls through one channel and account that are made one after the other."""

    tenant: str
    channel: str
    account: str | None
    rates: Mapping[str, Rate]
    count: int = 1

    def limits(self) -> list[Limit]:
        """Those that count them: the account's first, the one that most workers wait for last."""
        rate = self.rates.get(self.channel)
        if rate is None:
            return []
        found = [(f"account:{self.account}", rate.account)] if self.account is not None else []
        found.append((key_of_all(self.tenant, self.channel, rate), rate.provider))
        return [(key, most) for key, most in found if most]


def key_of_all(tenant: str, channel: str, rate: Rate) -> str:
    """The limit that all accounts of a tenant share, or those of all tenants with one client."""
    return f"{channel}:{rate.counted_for(tenant)}"


@dataclass(frozen=True, slots=True)
class Room:
    """How many calls a limit allows at this moment, and where there are none, how long until it
    allows one."""

    calls: int
    waits: timedelta = timedelta()


@dataclass(slots=True)
class LimitOrder:
    """In which order one transaction may lock limits that it learns of round by round. Two that
    lock some in different orders wait for each other for ever, and the server ends one of them.

    used  locked for certain; whoever holds a limit may spend more of it
    last  no limit behind this one is locked
    """

    used: set[str] = field(default_factory=set)
    last: str = ""

    def allows(self, key: str) -> bool:
        """Nobody who holds this limit can be waiting for one that is locked here."""
        return key in self.used or key >= self.last


@dataclass(slots=True)
class SharedRoom:
    """How many calls more a limit has room for, whichever of the tenants that share it makes
    them."""

    calls: int


class RateLimits:
    """Limits whose rows are locked in this transaction. What is spent of them is stored by
    `store`.

    wanted  for each of those that ask, its limits: keys, each with what it allows in a minute
    """

    def __init__(self, db: Db, wanted: Sequence[Sequence[Limit]]) -> None:
        last = {some[-1][0] for some in wanted if some}
        first = {key for some in wanted for key, _ in some} - last
        self._now = db.now
        self._arrivals = _arrivals(db, [*sorted(first), *sorted(last)])
        self._spent: set[str] = set()

    def spend(self, limits: Sequence[Limit], calls: int) -> datetime | None:
        """Spend calls of all these limits, or of none. None when they may be made now, else when
        there is room for them."""
        for key, _ in limits:
            if self._arrivals[key] - self._now > BURST:
                return self._arrivals[key] - BURST
        for key, per_minute in limits:
            self._arrivals[key] += _spacing(per_minute) * calls
            self._spent.add(key)
        return None

    def store(self, db: Db) -> None:
        rows = [{"key": key, "tat": self._arrivals[key]} for key in sorted(self._spent)]
        upsert(db, table("limiter"), rows, ["tat"])


def take(db: Db, calls: CountedCalls) -> datetime | None:
    """Spend calls that are made one after the other. None when they may be made now, else when
    there is room for them: then nothing is spent, neither of the account's limit nor of the
    project's."""
    return _spend(db, calls.limits(), calls.count)


def spend(db: Db, key: str, per_minute: int, calls: int = 1) -> datetime | None:
    """Spend calls of this limit; None when they may be made now, else when there is room. Many at
    once are let go together, however many, and the next ones wait for all of them."""
    return _spend(db, [(key, per_minute)], calls)


def rooms(db: Db, limits: Sequence[Limit]) -> list[Room]:
    """What each of these limits allows. Nothing is locked: others may spend it meanwhile."""
    found = db.first_of_each(_seen(), [{"of_key": key} for key, _ in limits])
    return [
        _room(max(row["tat"], db.now) - db.now if row is not None else timedelta(), per_minute)
        for row, (_, per_minute) in zip(found, limits, strict=True)
    ]


def _room(ahead: timedelta, per_minute: int) -> Room:
    """`ahead`: how much the next call would come ahead of an even spacing."""
    if ahead > BURST:
        return Room(0, ahead - BURST)
    return Room(1 + (BURST - ahead) // _spacing(per_minute))


def calls_within(time: timedelta, per_minute: int) -> int:
    """For how many calls, one at least, a limit that was used up has room after this time."""
    return max(1, time // _spacing(per_minute))


def _spacing(per_minute: int) -> timedelta:
    """From call to call, in the long run. Providers count any minute, wherever it begins (Google: a
    sliding window, developers.google.com/workspace/calendar/api/guides/quota): what comes ahead of
    the spacing must fit into one as well."""
    return (MINUTE + BURST) / per_minute


def _spend(db: Db, limits: Sequence[Limit], calls: int) -> datetime | None:
    held = RateLimits(db, [limits])
    free_at = held.spend(limits, calls)
    held.store(db)
    return free_at


def _arrivals(db: Db, keys: Sequence[str]) -> dict[str, datetime]:
    """When the next call of each would come at an even spacing, now at the earliest. Locks them in
    this order."""
    found = db.first_of_each(_arrival(), [{"of_key": key} for key in keys])
    known = [max(row["tat"], db.now) if row is not None else db.now for row in found]
    return dict(zip(keys, known, strict=True))


@built_once
def _arrival() -> sa.Select[Any]:
    c = table("limiter").c
    return sa.select(c.tat).where(c.key == sa.bindparam("of_key")).with_for_update()


@built_once
def _seen() -> sa.Select[Any]:
    c = table("limiter").c
    return sa.select(c.tat).where(c.key == sa.bindparam("of_key"))


def mails_today(db: Db, key: DeliveryKey) -> int:
    """Mails (cancellations not counted) to this person about this session on this UTC day."""
    return mails_of_each(db, [key])[key]


def mails_of_each(db: Db, keys: Sequence[DeliveryKey]) -> dict[DeliveryKey, int]:
    """`mails_today` of each of these."""
    day = {"of_day": db.now.date().isoformat()}
    found = db.first_of_each(_mails(), [bound(key) | day for key in keys])
    counts = [row["count"] if row is not None else 0 for row in found]
    return dict(zip(keys, counts, strict=True))


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
            "count": more,
        }
        for key, more in counted.items()
    ]
    db.write(_more(postgres=db.postgres), rows)


@built_once
def _more(*, postgres: bool) -> Any:
    counts = table("mail_count")
    statement = inserting(counts, postgres=postgres).inline()
    more = counts.c["count"] + statement.excluded["count"]
    return statement.on_conflict_do_update(index_elements=counts.primary_key, set_={"count": more})
