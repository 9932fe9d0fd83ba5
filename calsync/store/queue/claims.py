"""Claims: one worker, one lane, one delivery, under a lease.

A claim takes a free lane of a slot that has something due, then the slot's next delivery. The
lease ends by itself; whoever finishes late finds its token gone and schedules nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import Copy, Delivery, DeliveryKey, Policy, Snapshot
from calsync.core.reconcile.claimed import Claim, Reread
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.lease import DELIVERY, LANE, new_token
from calsync.store.ledger.rows import Sealer, attempt_columns, copy_of, delivery_of, table
from calsync.store.prepared import NOW, bound, built_once, of_bound
from calsync.store.queue import channels, pauses, slots

Due = dict[str, list[str]]  # by tenant: channels that may have something due


def take(
    db: Db,
    lease: timedelta,
    tenants: Sequence[str],
    full: Mapping[str, Collection[str]] = MappingProxyType({}),
    known: Due | None = None,
) -> Claim | None:
    """Claim the next due delivery of the first of `tenants` that has one, or None.

    full   by tenant, the channels that may not be called now
    known  kept from claim to claim of one transaction, so that each asks only once who has work
    """
    known = {} if known is None else known
    for tenant in tenants:
        if tenant not in known:
            known[tenant] = channels.with_due(db, tenant)
        for channel in tuple(known[tenant]):
            if channel in full.get(tenant, ()):
                continue
            claim = _take_next(db, lease, tenant, channel)
            if claim is not None:
                return claim
            known[tenant].remove(channel)
    return None


def _take_next(db: Db, lease: timedelta, tenant: str, channel: str) -> Claim | None:
    values = {"tenant": tenant, "channel": channel, "now": db.now}
    seen: set[str] = set()
    while True:
        lane = db.first(_free_lane(), values)
        if lane is None or lane["slot"] in seen:
            return None
        seen.add(lane["slot"])
        row = _next_delivery(db, lane["slot"])
        if row is not None:
            break
        slots.refresh(db, lane["slot"])  # nothing is due there, unless somebody locks it
    probes = channel if lane["probes"] else ""
    if probes and not pauses.begin_probe(db, tenant, probes, db.now + lease):
        return None  # another claim finds out for everybody
    token, delivery, until = new_token(), delivery_of(row), db.now + lease
    of_lane = {"of_slot": lane["slot"], "of_lane": lane["lane"]}
    db.write(_lane(), LANE.taken(token, until) | of_lane)
    db.write(_delivery_leased(), DELIVERY.taken(token, until) | bound(delivery.key))
    return Claim(token, lane["slot"], lane["lane"], delivery, lane["failures"], probes)


def take_one(db: Db, lease: timedelta, key: DeliveryKey) -> Claim | None:
    """Claim this very delivery, due or not; None while somebody else has it."""
    row = db.one(_free_delivery(), bound(key) | {"now": db.now})
    if row is None or row["slot"] is None:
        return None
    token = new_token()
    db.write(_delivery_leased(), DELIVERY.taken(token, db.now + lease) | bound(key))
    return Claim(token, row["slot"], 0, delivery_of(row))


def reread(db: Db, sealer: Sealer, claimed: Sequence[Claim]) -> list[Reread]:
    """What the ledger says of these claims now, in their order. Locks their deliveries' rows."""
    found = []
    for claim in claimed:
        version = db.scalar(_leased_version(), bound(claim.key) | {"token": claim.token})
        known = copies(db, sealer, claim.key)
        refused = slots.refused_sender(db, claim.slot)
        found.append(Reread(None if version is None else int(version), known, refused))
    return found


def lasts(db: Db, claim: Claim) -> bool:
    """The claim's lease has not ended, nobody else has it, and the delivery did not change since
    it was claimed. Locks nothing."""
    values = bound(claim.key) | {"token": claim.token, "now": db.now}
    return db.first(_lease_that_lasts(), values) is not None


def is_stored(db: Db, claim: Claim) -> bool:
    """The claim is in the ledger, and nobody claimed the delivery since. A transaction that still
    commits it is waited for."""
    db.first(_delivery_locked(), bound(claim.key))
    held = db.scalar(_leased_version(), bound(claim.key) | {"token": claim.token})
    return held is not None


def renew(db: Db, claim: Claim, lease: timedelta) -> None:
    """Give a claim its whole lease once more, for a second call. `reread` showed it ours."""
    until = db.now + lease
    db.write(_delivery_leased(), DELIVERY.taken(claim.token, until) | bound(claim.key))
    lane = {"of_slot": claim.slot, "of_lane": claim.lane, "token": claim.token}
    db.write(_lane_of_claim(), lane | LANE.taken(claim.token, until))


def _next_delivery(db: Db, slot: str) -> Row | None:
    for priority in slots.PRIORITIES:
        row = db.first(_due_delivery(), {"slot": slot, "priority": priority, "now": db.now})
        if row is not None:
            return row
    return None


@built_once
def _free_lane() -> sa.Select[Any]:
    slot, lane = table("slot"), table("lane")
    return (
        sa.select(
            slot.c.slot,
            lane.c.lane,
            slot.c.failures,
            pauses.asked_to_wait(slot).label("probes"),
        )
        .select_from(slots.with_lanes())
        .where(
            slot.c.tenant == sa.bindparam("tenant"),
            slot.c.channel == sa.bindparam("channel"),
            slot.c.next_due <= NOW,
            slots.free(NOW),
        )
        .order_by(slot.c.next_due)
        .limit(1)
        .with_for_update(skip_locked=True, of=lane)
    )


@built_once
def _due_delivery() -> sa.Select[Any]:
    delivery = table("delivery")
    c = delivery.c
    return (
        sa.select(delivery)
        .where(
            c.slot == sa.bindparam("slot"),
            c.priority == sa.bindparam("priority"),
            c.due_at <= NOW,
            slots.claimable(delivery),
            DELIVERY.free(NOW),
        )
        .order_by(c.due_at, c.starts_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


@built_once
def _free_delivery() -> sa.Select[Any]:
    delivery = table("delivery")
    return sa.select(delivery).where(of_bound(delivery.c), DELIVERY.free(NOW)).with_for_update()


@built_once
def _lane() -> sa.Update:
    c = table("lane").c
    return sa.update(table("lane")).where(
        c.slot == sa.bindparam("of_slot"), c.lane == sa.bindparam("of_lane")
    )


@built_once
def _delivery_leased() -> sa.Update:
    c = table("delivery").c
    return sa.update(table("delivery")).where(of_bound(c)).values(lease_version=c.version)


@built_once
def _leased_version() -> sa.Select[Any]:
    c = table("delivery").c
    mine = sa.and_(of_bound(c), DELIVERY.mine(sa.bindparam("token")))
    return sa.select(c.version).where(mine).with_for_update()


@built_once
def _lease_that_lasts() -> sa.Select[Any]:
    c = table("delivery").c
    mine = sa.and_(of_bound(c), DELIVERY.mine(sa.bindparam("token")))
    return sa.select(c.participant).where(mine, DELIVERY.lasts(NOW), c.version == c.lease_version)


def copies(db: Db, sealer: Sealer, key: DeliveryKey) -> list[Copy]:
    """All copies of a delivery with their last attempts, by n."""
    return [copy_of(row, sealer) for row in db.all(_copies(), bound(key))]


@built_once
def _copies() -> sa.Select[Any]:
    copy, attempt = table("copy"), table("attempt")
    return (
        sa.select(copy, *attempt_columns())
        .outerjoin(attempt, attempt.c.id == copy.c.last_attempt)
        .where(of_bound(copy.c))
        .order_by(copy.c.n)
    )


def snapshot(
    db: Db,
    sealer: Sealer,
    delivery: Delivery,
    policy: Policy,
    *,
    excluded: bool = False,
) -> Snapshot:
    """Everything one decision about this delivery is made from."""
    key, mine = delivery.key, copies(db, sealer, delivery.key)
    named = {one for copy in mine for one in (copy.account, copy.handed_to) if one}
    if delivery.route and delivery.route.account:
        named.add(delivery.route.account)
    held, taken = (
        _at_destination(db, key, delivery.route.destination) if delivery.route else (False, False)
    )
    return Snapshot(
        now=db.now,
        delivery=delivery,
        copies=mine,
        accounts=accounts.by_ids(db, named),
        policy=policy,
        destination_occupied=held,
        destination_taken=taken,
        excluded=excluded,
    )


def _at_destination(db: Db, key: DeliveryKey, destination: str) -> tuple[bool, bool]:
    """(another delivery's copy holds the place, a taken copy of anyone stands there)."""
    values = {"tenant": key.tenant, "session": key.session, "place_key": destination}
    rows = db.all(_in_place(), values)
    held = any(row["holds"] and row["participant"] != key.participant for row in rows)
    return held, any(row["state"] == "taken" for row in rows)


@built_once
def _in_place() -> sa.Select[Any]:
    c = table("copy").c
    return sa.select(c.participant, c.holds, c.state).where(
        c.tenant == sa.bindparam("tenant"),
        c.session == sa.bindparam("session"),
        c.place_key == sa.bindparam("place_key"),
        sa.or_(c.holds, c.state == "taken"),
    )


def others_wanted(db: Db, key: DeliveryKey, destination: str) -> bool:
    """Another delivery of the session is wanted in this destination."""
    values = {"tenant": key.tenant, "session": key.session, "place_key": destination}
    rows = db.all(_wanted_there(), values)
    return any(row["participant"] != key.participant for row in rows)


@built_once
def _wanted_there() -> sa.Select[Any]:
    c = table("delivery").c
    return sa.select(c.participant).where(
        c.tenant == sa.bindparam("tenant"),
        c.session == sa.bindparam("session"),
        c.place_key == sa.bindparam("place_key"),
        c.want == "present",
        c.covered_by.is_(None),
    )


def free_lanes(db: Db, claimed: Sequence[Claim]) -> None:
    """The lanes are free for the next claims, where they are still those of these."""
    lanes = [
        {"of_slot": one.slot, "of_lane": one.lane, "token": one.token, **LANE.given_back()}
        for one in claimed
    ]
    db.write(_lane_of_claim(), lanes)


def give_back(db: Db, claim: Claim) -> None:
    """End the lease of a claim of which nobody knows what is stored, where it is still there: the
    delivery decides again on fresh rows, and its lane is free for others. A transaction that still
    commits what it claimed is waited for."""
    db.first(_delivery_locked(), bound(claim.key))
    ended = db.write(_delivery_of_claim(), bound(claim.key) | {"token": claim.token})
    free_lanes(db, [claim])
    if ended:
        slots.wake(db, [claim.slot])


@built_once
def _delivery_locked() -> sa.Select[Any]:
    c = table("delivery").c
    return sa.select(c.version).where(of_bound(c)).with_for_update()


@built_once
def _delivery_of_claim() -> sa.Update:
    delivery = table("delivery")
    mine = sa.and_(of_bound(delivery.c), DELIVERY.mine(sa.bindparam("token")))
    return sa.update(delivery).where(mine).values(DELIVERY.given_back())


@built_once
def _lane_of_claim() -> sa.Update:
    return _lane().where(LANE.mine(sa.bindparam("token")))
