"""Claims: one worker, one lane, one delivery, under a lease.

A claim takes a free lane of a slot that has something due, then the slot's next delivery. The
lease ends by itself; whoever finishes late finds its token gone and schedules nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import Copy, DeliveryKey, Facts, Policy
from calsync.store import accounts, slots
from calsync.store.database import Db, Row
from calsync.store.rows import (
    Sealer,
    attempt_columns,
    copy_of,
    delivery_of,
    key_of,
    of_delivery,
    table,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery under this worker's lease. `row` is the delivery's row as claimed."""

    token: str
    slot: str
    lane: int
    key: DeliveryKey
    version: int
    row: Mapping[str, Any]


def take(
    db: Db, lease: timedelta, tenants: Sequence[str], channels: Collection[str] | None = None
) -> Claim | None:
    """Claim the next due delivery of the first of `tenants` that has one, or None.

    channels   only slots of these; None: of every one
    """
    for tenant in tenants:
        lane = _free_lane(db, tenant, channels)
        if lane is None:
            continue
        token = secrets.token_hex(8)
        row = _next_delivery(db, lane["slot"])
        if row is None:
            slots.refresh(db, lane["slot"])
            continue
        _lease(db, lane, key_of(row), token, lease)
        return Claim(token, lane["slot"], lane["lane"], key_of(row), row["version"], row)
    return None


def take_one(db: Db, lease: timedelta, key: DeliveryKey) -> Claim | None:
    """Claim this very delivery, due or not; None while somebody else has it."""
    delivery = table("delivery")
    c = delivery.c
    free = sa.or_(c.lease_until.is_(None), c.lease_until < db.now)
    row = db.one(sa.select(delivery).where(of_delivery(c, key), free).with_for_update())
    if row is None or row["slot"] is None:
        return None
    token = secrets.token_hex(8)
    until = db.now + lease
    db.run(
        sa.update(delivery)
        .where(of_delivery(c, key))
        .values(lease_token=token, lease_until=until, lease_version=c.version)
    )
    return Claim(token, row["slot"], 0, key, row["version"], row)


def _free_lane(db: Db, tenant: str, channels: Collection[str] | None) -> Row | None:
    slot, lane = table("slot"), table("lane")
    query = (
        sa.select(slot.c.slot, lane.c.lane)
        .select_from(slots.with_lanes())
        .where(
            slot.c.tenant == tenant,
            slot.c.next_due <= db.now,
            slots.free(db),
            slots.unpaused(db),
        )
        .order_by(slot.c.next_due)
        .limit(1)
        .with_for_update(skip_locked=True, of=lane)
    )
    if channels is not None:
        query = query.where(slot.c.channel.in_(list(channels)))
    return db.first(query)


def _next_delivery(db: Db, slot: str) -> Row | None:
    delivery = table("delivery")
    c = delivery.c
    for priority in slots.PRIORITIES:
        row = db.first(
            sa.select(delivery)
            .where(
                c.slot == slot,
                c.priority == priority,
                c.due_at <= db.now,
                slots.claimable(delivery),
                sa.or_(c.lease_until.is_(None), c.lease_until < db.now),
            )
            .order_by(c.due_at, c.starts_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            return row
    return None


def _lease(db: Db, lane: Mapping[str, Any], key: DeliveryKey, token: str, lease: timedelta) -> None:
    lanes, delivery = table("lane"), table("delivery")
    until = db.now + lease
    db.run(
        sa.update(lanes)
        .where(lanes.c.slot == lane["slot"], lanes.c.lane == lane["lane"])
        .values(lease_token=token, lease_until=until)
    )
    db.run(
        sa.update(delivery)
        .where(of_delivery(delivery.c, key))
        .values(lease_token=token, lease_until=until, lease_version=delivery.c.version)
    )


def copies(db: Db, sealer: Sealer, key: DeliveryKey) -> list[Copy]:
    """All copies of a delivery with their last attempts, by n."""
    copy, attempt = table("copy"), table("attempt")
    query = (
        sa.select(copy, *attempt_columns())
        .outerjoin(attempt, attempt.c.id == copy.c.last_attempt)
        .where(of_delivery(copy.c, key))
        .order_by(copy.c.n)
    )
    return [copy_of(row, sealer) for row in db.all(query)]


def facts(
    db: Db,
    sealer: Sealer,
    row: Mapping[str, Any],
    policy: Policy,
    *,
    paused: bool = False,
    excluded: bool = False,
) -> Facts:
    """Everything one decision about this delivery row is made from."""
    key = key_of(row)
    delivery, mine = delivery_of(row), copies(db, sealer, key)
    named = {one for copy in mine for one in (copy.account, copy.handed_to) if one}
    if delivery.route and delivery.route.account:
        named.add(delivery.route.account)
    held, taken = _place(db, key, delivery.route.place_key) if delivery.route else (False, False)
    return Facts(
        now=db.now,
        delivery=delivery,
        copies=mine,
        accounts=accounts.by_ids(db, named),
        policy=policy,
        place_held=held,
        place_taken=taken,
        released=row["batch"] is None,
        paused=paused,
        excluded=excluded,
    )


def _place(db: Db, key: DeliveryKey, place_key: str) -> tuple[bool, bool]:
    """(another delivery's copy holds the place, a taken copy of anyone stands there)."""
    copy = table("copy")
    query = sa.select(copy.c.participant, copy.c.holds, copy.c.state).where(
        copy.c.tenant == key.tenant,
        copy.c.session == key.session,
        copy.c.place_key == place_key,
        sa.or_(copy.c.holds, copy.c.state == "taken"),
    )
    rows = db.all(query)
    held = any(row["holds"] and row["participant"] != key.participant for row in rows)
    return held, any(row["state"] == "taken" for row in rows)


def release(
    db: Db,
    claim: Claim,
    *,
    due_at: datetime | None,
    slot: str | None = None,
    **columns: Any,
) -> bool:
    """End the lease and say when the delivery is due next; False when the lease was lost.

    Whoever changed or woke the delivery meanwhile wins: then it is due at once, in the slot it was
    given and not parked for what it no longer is. `columns` are further delivery columns.
    """
    delivery = table("delivery")
    c = delivery.c
    changed = c.version != claim.version
    woken = c.due_at.is_distinct_from(claim.row["due_at"])
    values: dict[str, Any] = {
        "due_at": sa.case((sa.or_(changed, woken), db.now), else_=due_at),
        "lease_token": None,
        "lease_until": None,
        **columns,
    }
    if columns.get("parked") is not None:
        values["parked"] = sa.case((changed, c.parked), else_=columns["parked"])
    if slot is not None:
        values["slot"] = sa.case((changed, c.slot), else_=slot)
    mine = sa.and_(of_delivery(c, claim.key), c.lease_token == claim.token)
    ended = db.first(sa.update(delivery).where(mine).values(**values).returning(c.slot))
    lane = table("lane")
    db.run(
        sa.update(lane)
        .where(
            lane.c.slot == claim.slot, lane.c.lane == claim.lane, lane.c.lease_token == claim.token
        )
        .values(lease_token=None, lease_until=None)
    )
    slots.refresh(db, claim.slot)
    if ended is not None and ended["slot"] not in (None, claim.slot):
        slots.refresh(db, ended["slot"])
    return ended is not None
