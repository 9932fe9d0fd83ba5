"""Claims for looking: up to a batch of one account's deliveries under one lease."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.ledger import Copy, CopyState, Delivery, DeliveryKey
from calsync.core.reconcile.looks.inspection import DISMISSED, HELD
from calsync.errors import SealError
from calsync.store.database import Db, Row
from calsync.store.lease import DELIVERY, LANE, new_token
from calsync.store.ledger import journal
from calsync.store.ledger.rows import Sealer, delivery_of, of_delivery, table
from calsync.store.queue import channels, claims, pauses, slots

STANDING = (CopyState.LIVE, CopyState.TAKEN)


@dataclass(frozen=True, slots=True)
class InspectionClaim:
    """Deliveries of one account under one lease token, each with the copy that stands there: a
    live one, or one that the user added guests to.

    probes  the channel of which its call finds out whether the provider takes calls again, after
            the break that it asked for; "": it asked for none
    """

    token: str
    tenant: str
    channel: str
    account: str
    deliveries: Sequence[Delivery]
    copies: Mapping[DeliveryKey, Copy]
    probes: str = ""


def take(
    db: Db, sealer: Sealer, lease: timedelta, batch: Mapping[str, int]
) -> InspectionClaim | None:
    """Claim what is due to be looked at in the account that waits longest.

    batch   how many copies one look may ask for, by channel
    """
    delivery, lane = table("delivery"), table("lane")
    c = delivery.c
    found = (
        _longest_waiting(db, tenant, channel)
        for tenant, channel in channels.to_inspect(db, list(batch))
    )
    first = next((one for one in found if one is not None), None)
    if first is None:
        return None
    probes = first["channel"] if first["probes"] else ""
    if probes and not pauses.begin_probe(db, first["tenant"], probes, db.now + lease):
        return None  # another claim finds out for everybody
    rows = db.all(
        sa.select(delivery)
        .where(_ready(db), c.account == first["account"])
        .order_by(c.look_at)
        .limit(batch[first["channel"]])
        .with_for_update(skip_locked=True, of=delivery)
    )
    token, until = new_token(), db.now + lease
    mine = sa.and_(lane.c.slot == first["slot"], lane.c.lane == first["lane"])
    db.run(sa.update(lane).where(mine).values(**LANE.taken(token, until)))
    standing: dict[DeliveryKey, Copy] = {}
    claimed = [delivery_of(row) for row in rows]
    for one in claimed:
        db.run(
            sa.update(delivery)
            .where(of_delivery(c, one.key))
            .values(**DELIVERY.taken(token, until), lease_version=c.version)
        )
        standing |= _standing(db, sealer, one)
    return InspectionClaim(
        token, first["tenant"], first["channel"], first["account"], claimed, standing, probes
    )


def _longest_waiting(db: Db, tenant: str, channel: str) -> Row | None:
    """The account that waits longest; a free lane of it, and one delivery, locked."""
    delivery, slot, lane = table("delivery"), table("slot"), table("lane")
    c = delivery.c
    query = (
        sa.select(
            *(c.tenant, c.channel, c.account, slot.c.slot, lane.c.lane),
            pauses.asked_to_wait(slot).label("probes"),
        )
        .select_from(
            delivery.join(slot, slot.c.account == c.account).join(lane, lane.c.slot == slot.c.slot)
        )
        .where(
            c.tenant == tenant,
            c.channel == channel,
            _ready(db),
            slots.free(db.now),
            sa.or_(slot.c.next_due.is_(None), slot.c.next_due > db.now),
        )
        .order_by(c.look_at)
        .limit(1)
    )
    return db.first(query.with_for_update(skip_locked=True, of=[lane, delivery]))


def _ready(db: Db) -> sa.ColumnElement[bool]:
    """For delivery: it is time to look at it."""
    c = table("delivery").c
    return sa.and_(
        c.look_at <= db.now, c.ends_at > db.now, c.batch.is_(None), DELIVERY.free(db.now)
    )


def _standing(db: Db, sealer: Sealer, delivery: Delivery) -> dict[DeliveryKey, Copy]:
    """The copy that stands in the delivery's place. One that no key opens any more is left out:
    it must not keep the others from being looked at."""
    key, route = delivery.key, delivery.route
    try:
        copies = claims.copies(db, sealer, key)
    except SealError:
        journal.note(db, "copy_unreadable", key=key)
        return {}
    place = route.destination if route is not None else None
    here = [c for c in copies if c.destination == place and c.state in STANDING]
    return {key: here[-1]} if here else {}


def plan(db: Db, key: DeliveryKey, at: datetime | None) -> None:
    """Have the delivery's copy inspected at this instant."""
    delivery = table("delivery")
    db.run(sa.update(delivery).where(of_delivery(delivery.c, key)).values(look_at=at))


def gone_lately(db: Db, account: str, within: timedelta) -> int:
    """How many removals looks proved in this account in that time, respected or held."""
    line, copy = table("journal").c, table("copy").c
    names = ("tenant", "session", "participant", "n")
    found = sa.select(sa.func.count()).where(
        line.what.in_([DISMISSED, HELD]),
        line.at > db.now - within,
        copy.account == account,
        *(line[name] == copy[name] for name in names),
    )
    return int(db.scalar(found))


def leased(db: Db, token: str, key: DeliveryKey) -> bool:
    """This look still has its lease and nothing changed meanwhile. Locks the delivery's row."""
    delivery = table("delivery")
    query = sa.select(delivery.c.version).where(
        of_delivery(delivery.c, key),
        DELIVERY.mine(token),
        delivery.c.version == delivery.c.lease_version,
    )
    return db.one(query.with_for_update()) is not None


def release(
    db: Db, claim: InspectionClaim, key: DeliveryKey, look_at: datetime | None, *, due: bool
) -> None:
    """End the lease of one delivery; `due` makes it decide again at once. What was made due while
    the lease kept workers away, perhaps in another slot, is woken now."""
    delivery = table("delivery")
    values = DELIVERY.given_back() | {"look_at": look_at}
    if due:
        values["due_at"] = db.now
    mine = sa.and_(of_delivery(delivery.c, key), DELIVERY.mine(claim.token))
    ended = db.first(
        sa.update(delivery)
        .where(mine)
        .values(**values)
        .returning(delivery.c.slot, delivery.c.due_at)
    )
    if ended and ended["slot"] and ended["due_at"] and ended["due_at"] <= db.now:
        slots.wake(db, [ended["slot"]])


def give_back(db: Db, claim: InspectionClaim) -> None:
    """End a look of which nobody knows what is stored, where its lease is still there: what it was
    to look at is due as before. A transaction that still commits it is waited for."""
    delivery = table("delivery")
    for one in claim.deliveries:
        key = of_delivery(delivery.c, one.key)
        db.run(sa.select(delivery.c.version).where(key).with_for_update())
        mine = sa.and_(key, DELIVERY.mine(claim.token))
        db.run(sa.update(delivery).where(mine).values(**DELIVERY.given_back()))
    release_slot(db, claim)


def end_probe(db: Db, claim: InspectionClaim, *, works: bool) -> None:
    """The provider `works` again: everybody goes on; else the next claim finds out."""
    if claim.probes:
        pauses.end_probe(db, claim.tenant, claim.probes, works=works)


def release_slot(db: Db, claim: InspectionClaim) -> None:
    """The look is over: the account's lane is free."""
    mine = LANE.mine(claim.token)
    db.run(sa.update(table("lane")).where(mine).values(**LANE.given_back()))
