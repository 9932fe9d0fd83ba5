"""Taking what is due: of several tenants in turn, many claims at once.

Lanes first, then a delivery for each of them, then the leases of all: what a server is asked does
not grow with the number of claims.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from calsync.core.reconcile.claimed import Claim
from calsync.core.schedule import is_far
from calsync.store.database import Db, Row
from calsync.store.lease import DELIVERY, new_token
from calsync.store.ledger.rows import delivery_of, table
from calsync.store.prepared import NOW, built_once
from calsync.store.queue import channels, claims, pauses, slots
from calsync.store.queue.limiter import SharedRoom

Rooms = Mapping[str, Mapping[str, int]]


@dataclass(slots=True)
class Due:
    """What one transaction knows of the work that is left, kept from one `take` to the next.

    channels  by tenant, those that may have something due, the one that waits longest first
    shared    by tenant and channel, the room that others have as well
    """

    channels: dict[str, list[str]] = field(default_factory=dict)
    shared: Mapping[tuple[str, str], SharedRoom] = field(default_factory=dict)

    def look(self, db: Db, tenants: Sequence[str]) -> None:
        """Ask for the tenants that are not known yet."""
        new = [one for one in tenants if one not in self.channels]
        self.channels.update(zip(new, channels.with_due(db, new), strict=True))

    def room(self, tenant: str, channel: str, own: Mapping[str, int], most: int) -> int:
        """How many may be taken, `most` of them wanted; `own`: by channel, what the tenant has
        room for by itself."""
        shared = self.shared.get((tenant, channel))
        return min(most, own.get(channel, most), most if shared is None else shared.calls)

    def took(self, tenant: str, channel: str, count: int) -> None:
        if (shared := self.shared.get((tenant, channel))) is not None:
            shared.calls -= count


def take(
    db: Db,
    lease: timedelta,
    tenants: Sequence[str],
    most: int = 1,
    *,
    rooms: Rooms = MappingProxyType({}),
    known: Due | None = None,
) -> list[Claim]:
    """Claim up to `most` due deliveries, of these tenants in turn; fewer only where nothing else is
    due.

    rooms  by tenant, how many more a channel takes; not named: as many as are due
    known  kept from one call to the next within a transaction, which asks only once who has work
    """
    known = known or Due()
    known.look(db, tenants)
    taken: list[Claim] = []
    left = {one: dict(rooms.get(one, {})) for one in tenants}
    while len(taken) < most:
        waiting = [one for one in tenants if _next_channel(known, left, one) is not None]
        if not waiting:
            break
        share = max(1, (most - len(taken)) // len(waiting))
        for tenant in waiting[: most - len(taken)]:
            taken += _take_of(db, lease, tenant, share, left[tenant], known)
    return taken


def take_behind(db: Db, lease: timedelta, first: Sequence[Claim], each: int) -> list[Claim]:
    """Claim up to `each` more deliveries of their slots behind each of these claims of this
    transaction, over the same lane: they are called for one after the other. The lane is free when
    the last one ended, in the order in which calls are made."""
    found = _deliveries(db, [one.slot for one in first for _ in range(each)])
    behind = [
        Claim(new_token(), one.slot, one.lane, delivery_of(found[one.slot].pop(0)), one.failures)
        for _ in range(each)
        for one in first
        if found[one.slot]
    ]
    if behind:
        hold_lanes(db, lease, [*first, *behind])
    return behind


def hold_lanes(db: Db, lease: timedelta, claimed: Sequence[Claim]) -> None:
    """Of those over one lane, the one whose call is made last holds it."""
    in_order = sorted(claimed, key=lambda one: is_far(one.delivery.starts_at, db.now))
    claims.lease(db, in_order, db.now + lease)


def _next_channel(known: Due, left: Rooms, tenant: str) -> str | None:
    """The channel of the tenant that waits longest, of those that have room."""
    room = partial(known.room, tenant, own=left[tenant], most=1)
    return next((one for one in known.channels[tenant] if room(one) > 0), None)


def _take_of(
    db: Db, lease: timedelta, tenant: str, most: int, room: dict[str, int], known: Due
) -> list[Claim]:
    """Up to so many claims of one tenant, of one channel after the other."""
    taken: list[Claim] = []
    while len(taken) < most:
        channel = _next_channel(known, {tenant: room}, tenant)
        if channel is None:
            break
        wanted = known.room(tenant, channel, room, most - len(taken))
        found = _take_through(db, lease, tenant, channel, wanted)
        if len(found) < wanted:
            known.channels[tenant].remove(channel)
        if channel in room:
            room[channel] -= len(found)
        known.took(tenant, channel, len(found))
        taken += found
    return taken


def _take_through(db: Db, lease: timedelta, tenant: str, channel: str, most: int) -> list[Claim]:
    values = {"tenant": tenant, "channel": channel, "now": db.now}
    taken: list[Claim] = []
    seen: set[str] = set()
    again = 0
    while len(taken) < most:
        wanted = most - len(taken) + again
        found = db.all(_free_lanes(), values | {"most": wanted})
        fresh = [one for one in found if one["slot"] not in seen]
        probes = any(one["probes"] for one in fresh)
        lanes = fresh[: 1 if probes else most - len(taken)]  # one call finds out for everybody
        claimed, empty = _claimed(db, lease, channel, lanes)
        taken += claimed
        seen |= empty
        # A slot whose due deliveries somebody else has locked comes again, with each of its lanes.
        again = sum(one["slot"] in seen for one in found)
        last = len(found) < wanted and len(lanes) == len(fresh)
        if last or (probes and not empty):
            break
    return taken


def _claimed(
    db: Db, lease: timedelta, channel: str, lanes: Sequence[Row]
) -> tuple[list[Claim], set[str]]:
    """A claim for each of these lanes for which a delivery is due; and the slots that have none
    left."""
    found = _deliveries(db, [one["slot"] for one in lanes])
    empty = {one["slot"] for one in lanes if not found[one["slot"]]}
    slots.refresh_all(db, sorted(empty))  # nothing is due there, unless somebody locks it
    made = []
    for lane in lanes:
        if not (rows := found[lane["slot"]]):
            continue
        probes = channel if lane["probes"] else ""
        delivery = delivery_of(rows.pop(0))
        if probes and not pauses.begin_probe(db, delivery.key.tenant, probes, db.now + lease):
            continue  # another claim finds out for everybody
        token = new_token()
        made.append(Claim(token, lane["slot"], lane["lane"], delivery, lane["failures"], probes))
    claims.lease(db, made, db.now + lease)
    return made, empty


def _deliveries(db: Db, wanted: Iterable[str]) -> dict[str, list[Row]]:
    """The next due deliveries of these slots, as many of each as it is named."""
    counts, found = Counter(wanted), defaultdict[str, list[Row]](list)
    for priority in slots.PRIORITIES:
        asked = [
            {"slot": slot, "priority": priority, "now": db.now, "most": count - len(found[slot])}
            for slot, count in counts.items()
            if len(found[slot]) < count
        ]
        for values, rows in zip(asked, db.all_of_each(_due_deliveries(), asked), strict=True):
            found[str(values["slot"])] += rows
    return found


@built_once
def _free_lanes() -> sa.Select[Any]:
    """Locks the slots as well: of two groups with claims in one slot each would come to wait for
    what the other has written. Whoever finds a slot locked passes over it."""
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
        .limit(sa.bindparam("most", type_=sa.Integer()))
        .with_for_update(skip_locked=True, key_share=True, of=[lane, slot])
    )


@built_once
def _due_deliveries() -> sa.Select[Any]:
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
        .limit(sa.bindparam("most", type_=sa.Integer()))
        .with_for_update(skip_locked=True)
    )
