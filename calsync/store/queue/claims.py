"""Claims: one worker, one lane, one delivery, under a lease.

The lease ends by itself; whoever finishes late finds its token gone and schedules nothing. How the
next ones are taken is in `store.queue.due`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import Copy, Delivery, DeliveryKey, Policy, Snapshot
from calsync.core.reconcile.claimed import Claim, Reread
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.lease import DELIVERY, LANE, new_token
from calsync.store.ledger.rows import Sealer, attempt_columns, copy_of, delivery_of, table
from calsync.store.prepared import NOW, bound, built_once, of_bound
from calsync.store.queue import slots


def lease(db: Db, claimed: Sequence[Claim], until: datetime) -> None:
    """Take the lanes and deliveries of these claims, whose rows this transaction has locked. Of
    several over one lane the last holds it."""
    holders = {(one.slot, one.lane): one.token for one in claimed}
    lanes = [
        {"of_slot": slot, "of_lane": lane} | LANE.taken(token, until)
        for (slot, lane), token in holders.items()
    ]
    db.write(_lane(), lanes)
    leased = [bound(one.delivery.key) | DELIVERY.taken(one.token, until) for one in claimed]
    db.write(_delivery_leased(), leased)


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
        version = db.scalar(_leased_version(), bound(claim.delivery.key) | {"token": claim.token})
        known = copies(db, sealer, claim.delivery.key)
        refused = slots.refused_sender(db, claim.slot)
        found.append(Reread(None if version is None else int(version), known, refused))
    return found


def lasts(db: Db, claim: Claim) -> bool:
    """The claim's lease has not ended, nobody else has it, and the delivery did not change since
    it was claimed. Locks nothing."""
    values = bound(claim.delivery.key) | {"token": claim.token, "now": db.now}
    return db.first(_lease_that_lasts(), values) is not None


def is_stored(db: Db, claim: Claim) -> bool:
    """The claim is in the ledger, and nobody claimed the delivery since. A transaction that still
    commits it is waited for."""
    db.first(_delivery_locked(), bound(claim.delivery.key))
    held = db.scalar(_leased_version(), bound(claim.delivery.key) | {"token": claim.token})
    return held is not None


def renew(db: Db, claim: Claim, lease: timedelta) -> None:
    """Give a claim its whole lease once more, for a second call. `reread` showed it ours."""
    until = db.now + lease
    db.write(_delivery_leased(), DELIVERY.taken(claim.token, until) | bound(claim.delivery.key))
    lane = {"of_slot": claim.slot, "of_lane": claim.lane, "token": claim.token}
    db.write(_lane_of_claim(), lane | LANE.taken(claim.token, until))


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
    return copies_of_each(db, sealer, [key])[0]


def copies_of_each(db: Db, sealer: Sealer, keys: Sequence[DeliveryKey]) -> list[list[Copy]]:
    """`copies` of each of these deliveries."""
    found = db.all_of_each(_copies(), [bound(key) for key in keys])
    return [[copy_of(row, sealer) for row in rows] for rows in found]


@built_once
def _copies() -> sa.Select[Any]:
    copy, attempt = table("copy"), table("attempt")
    return (
        sa.select(copy, *attempt_columns())
        .outerjoin(attempt, attempt.c.id == copy.c.last_attempt)
        .where(of_bound(copy.c))
        .order_by(copy.c.n)
    )


@dataclass(frozen=True, slots=True)
class Considered:
    """A delivery that a decision is to be made about, and what its tenant's settings say of it."""

    delivery: Delivery
    policy: Policy
    excluded: bool = False


def snapshot(
    db: Db,
    sealer: Sealer,
    delivery: Delivery,
    policy: Policy,
    *,
    excluded: bool = False,
) -> Snapshot:
    """Everything one decision about this delivery is made from."""
    return snapshots(db, sealer, [Considered(delivery, policy, excluded)])[0]


def snapshots(db: Db, sealer: Sealer, asked: Sequence[Considered]) -> list[Snapshot]:
    """`snapshot` of each of these deliveries."""
    found = copies_of_each(db, sealer, [one.delivery.key for one in asked])
    named = [_accounts_of(one.delivery, mine) for one, mine in zip(asked, found, strict=True)]
    known = accounts.by_ids(db, set().union(*named))
    places = _at_destinations(db, [one.delivery for one in asked])
    return [
        Snapshot(
            now=db.now,
            delivery=one.delivery,
            copies=mine,
            accounts={ident: known[ident] for ident in idents if ident in known},
            policy=one.policy,
            destination_occupied=held,
            destination_taken=taken,
            excluded=one.excluded,
        )
        for one, mine, idents, (held, taken) in zip(asked, found, named, places, strict=True)
    ]


def _accounts_of(delivery: Delivery, copies: Sequence[Copy]) -> set[str]:
    """The accounts that its copies and its route name."""
    named = {one for copy in copies for one in (copy.account, copy.handed_to) if one}
    if delivery.route and delivery.route.account:
        named.add(delivery.route.account)
    return named


def _at_destinations(db: Db, wanted: Sequence[Delivery]) -> list[tuple[bool, bool]]:
    """Of each: (another delivery's copy holds its place, a taken copy of anyone stands there)."""
    places = {
        one.key: {
            "tenant": one.key.tenant,
            "session": one.key.session,
            "place_key": one.route.destination,
        }
        for one in wanted
        if one.route is not None
    }
    rows = dict(zip(places, db.all_of_each(_in_place(), list(places.values())), strict=True))
    return [_at_destination(one.key, rows.get(one.key, [])) for one in wanted]


def _at_destination(key: DeliveryKey, rows: Sequence[Row]) -> tuple[bool, bool]:
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
    db.first(_delivery_locked(), bound(claim.delivery.key))
    ended = db.write(_delivery_of_claim(), bound(claim.delivery.key) | {"token": claim.token})
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
