"""Slots: where calls queue. An account has one lane or a few, a tenant's mail sender several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import MAIL, Route
from calsync.core.reconcile.refused_sender import RefusedMail, in_a_row, with_one_more
from calsync.store.database import Db, Utc
from calsync.store.lease import DELIVERY, LANE, new_token
from calsync.store.ledger.rows import table
from calsync.store.prepared import NOW, built_once
from calsync.store.queue import notify
from calsync.store.upsert import upsert

PRIORITIES = (0, 1, 2, 3)


def slot_name(tenant: str, channel: str, account: str | None) -> str:
    """The slot of a call over this channel and account."""
    return f"account:{account}" if account else f"{channel}:{tenant}"


def slot_of(tenant: str, route: Route | None) -> str:
    """The slot of a route; a delivery without one waits in its tenant's mail slot."""
    return (
        slot_name(tenant, route.channel, route.account) if route else slot_name(tenant, MAIL, None)
    )


def ensure(db: Db, tenant: str, channel: str, account: str | None, lanes: int = 1) -> str:
    """Make the slot's lanes exist; returns its name."""
    name = slot_name(tenant, channel, account)
    row = {"slot": name, "tenant": tenant, "channel": channel, "account": account, "failures": 0}
    upsert(db, table("slot"), [row])
    upsert(db, table("lane"), [{"slot": name, "lane": lane} for lane in range(lanes)])
    return name


def arrange_lanes(db: Db, name: str, lanes: int) -> None:
    """The slot has so many lanes from now on. A call in one that goes is not disturbed.

    An INSERT of a lane that is there waits for whoever claims over it, even to do nothing."""
    lane = table("lane")
    if db.scalar(sa.select(sa.func.count()).where(lane.c.slot == name)) == lanes:
        return
    upsert(db, lane, [{"slot": name, "lane": number} for number in range(lanes)])
    db.run(sa.delete(lane).where(lane.c.slot == name, lane.c.lane >= lanes))


def narrow(db: Db, name: str, until: datetime) -> None:
    """Only the slot's first lane is used until then. The others are under a lease that nobody has:
    claims need not ask how many there are, and it outlasts a restart. Calls that are being made in
    them end as they will, and free nothing."""
    c = table("lane").c
    sooner = sa.or_(c.lease_until.is_(None), c.lease_until < until)
    others = sa.update(table("lane")).where(c.slot == name, c.lane > 0, sooner)
    db.run(others.values(**LANE.taken(new_token(), until)))


def claimable(delivery: sa.Table) -> sa.ColumnElement[bool]:
    """Deliveries that may be claimed once they are due."""
    c = delivery.c
    return sa.and_(c.due_at.is_not(None), c.batch.is_(None), c.parked.is_(None))


def refresh(db: Db, name: str) -> None:
    """Recompute the slot's `next_due`: the earliest delivery that is under no lease, and not before
    the slot stops cooling.

    One index probe per priority, however long the queue is. A delivery whose lease ends without
    a finish is found by `reap`.
    """
    refresh_all(db, [name])


def refresh_all(db: Db, names: Sequence[str]) -> None:
    """`refresh` of several slots."""
    db.write(_refreshed(), [{"of_slot": name, "now": db.now} for name in names])


@built_once
def _refreshed() -> sa.Update:
    delivery, slot = table("delivery"), table("slot")
    c = delivery.c
    probes = [
        sa.select(c.due_at)
        .where(
            c.slot == sa.bindparam("of_slot"),
            c.priority == priority,
            claimable(delivery),
            DELIVERY.free(NOW),
        )
        .order_by(c.due_at)
        .limit(1)
        .subquery()
        for priority in PRIORITIES
    ]
    earliest = sa.union_all(*(sa.select(probe.c.due_at) for probe in probes)).subquery()
    due_at = sa.select(sa.func.min(earliest.c.due_at)).scalar_subquery()
    return (
        sa.update(slot)
        .where(slot.c.slot == sa.bindparam("of_slot"))
        .values(next_due=_not_before_it_is_warm(due_at))
    )


def _not_before_it_is_warm(at: Any) -> sa.ColumnElement[Any]:
    """`at`, or the end of the slot's cooling where that is later: nobody who looks for what is due
    has to pass over slots that cool. NULL stays NULL."""
    until = table("slot").c.cooling_until
    return sa.case((until > at, until), else_=at)


def wake(db: Db, names: Collection[str]) -> None:
    """Something in these slots may be due now; a claim that finds nothing corrects it."""
    slot = table("slot")
    wanted = list(names)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        soonest = _not_before_it_is_warm(sa.literal(db.now, Utc()))
        later = sa.or_(slot.c.next_due.is_(None), slot.c.next_due > soonest)
        found = sa.update(slot).where(slot.c.slot.in_(part), later).values(next_due=soonest)
        if db.run(found).rowcount:
            notify.wake(db)


def free(now: Any) -> sa.ColumnElement[bool]:
    """For slot joined with lane: the lane is under no lease and the slot does not cool."""
    cooling_until = table("slot").c.cooling_until
    return sa.and_(LANE.free(now), sa.or_(cooling_until.is_(None), cooling_until <= now))


def with_lanes() -> sa.Join:
    slot, lane = table("slot"), table("lane")
    return slot.join(lane, lane.c.slot == slot.c.slot)


def reap(db: Db) -> int:
    """Wake slots with something due that their `next_due` does not tell: deliveries whose lease
    ended without a finish, and what was made due while a `refresh` was writing. Returns how many.
    """
    delivery, slot = table("delivery"), table("slot")
    warm = sa.or_(slot.c.cooling_until.is_(None), slot.c.cooling_until <= db.now)
    unseen = sa.and_(warm, sa.or_(slot.c.next_due.is_(None), slot.c.next_due > db.now))
    query = (
        sa.select(delivery.c.slot)
        .join(slot, slot.c.slot == delivery.c.slot)
        .where(delivery.c.due_at <= db.now, claimable(delivery), DELIVERY.free(db.now), unseen)
        .distinct()
    )
    names = [row["slot"] for row in db.all(query)]
    wake(db, names)
    return len(names)


def cool(db: Db, name: str, until: datetime) -> None:
    """No call through this slot before `until`."""
    slot = table("slot")
    waits = sa.case((slot.c.next_due < until, until), else_=slot.c.next_due)
    db.run(
        sa.update(slot)
        .where(
            slot.c.slot == name,
            sa.or_(slot.c.cooling_until.is_(None), slot.c.cooling_until < until),
        )
        .values(cooling_until=until, next_due=waits)
    )


def failed(db: Db, name: str, known: int) -> None:
    """Count a failure of the whole slot by a call that began after so many. Calls beside each
    other fail together, which is one failure."""
    slot = table("slot")
    since = sa.case((slot.c.failures > 0, slot.c.failing_since), else_=db.now)
    values = {"failures": slot.c.failures + 1, "failing_since": since}
    news = sa.and_(slot.c.slot == name, slot.c.failures <= known)
    db.run(sa.update(slot).where(news).values(**values))


def warm(db: Db, name: str) -> None:
    """A call went through: the slot's failures are over."""
    slot = table("slot")
    failing = sa.and_(slot.c.slot == name, slot.c.failures > 0)
    values = {"failures": 0, "failing_since": None, "cooling_until": None}
    if db.run(sa.update(slot).where(failing).values(**values)).rowcount:
        refresh(db, name)  # what waited for its cooling need not any more


def refuse_sender(db: Db, name: str, mail: RefusedMail) -> None:
    """Remember one more mail through this slot that was refused for its sender."""
    slot = table("slot")
    stored = db.scalar(
        sa.select(slot.c.refused_sender).where(slot.c.slot == name).with_for_update()
    )
    values = {"refused_sender": with_one_more(stored, mail)}
    db.run(sa.update(slot).where(slot.c.slot == name).values(**values))


def accept_sender(db: Db, name: str) -> list[RefusedMail]:
    """A mail through this slot was accepted; returns those that were refused in a row before."""
    if refused_sender(db, name) is None:
        return []
    slot = table("slot")
    stored = db.scalar(
        sa.select(slot.c.refused_sender).where(slot.c.slot == name).with_for_update()
    )
    db.run(sa.update(slot).where(slot.c.slot == name).values(refused_sender=None))
    return in_a_row(stored)


def refused_sender(db: Db, name: str) -> str | None:
    """The mails through this slot that were refused in a row for their sender, as stored."""
    stored: str | None = db.scalar(_refused_sender(), {"slot": name})
    return stored


@built_once
def _refused_sender() -> sa.Select[Any]:
    slot = table("slot").c
    return sa.select(slot.refused_sender).where(slot.slot == sa.bindparam("slot"))
