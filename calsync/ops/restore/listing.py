"""One calendar of a connected person: what of ours stands in it, and what becomes of that."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from calsync.accounts import breaks
from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Status
from calsync.core.calls import Sighting
from calsync.core.desired import wanted_of
from calsync.core.ledger import (
    Copy,
    CopyState,
    DeliveryKey,
    copy_uid,
    instance_marker,
    next_generation,
)
from calsync.core.reconcile.claimed import asks_for_a_break
from calsync.errors import AccessLost, ChannelError
from calsync.ops.restore.comparison import Compared, Place, compare
from calsync.ops.restore.departed import departed, know_departed
from calsync.ops.restore.unseen import CancelledUnseen, Unseen
from calsync.runtime.context import Context
from calsync.store.connect import accounts, route_lock
from calsync.store.database import Db, Row
from calsync.store.ledger import copies, deliveries, journal, recovery, wants
from calsync.store.ledger.deliveries import Write
from calsync.store.ledger.rows import account_of, key_of
from calsync.store.queue import claims

AHEAD = 3  # generations past the known ones of which a lost ledger may have made something


@dataclass(frozen=True, slots=True)
class Listing:
    """What of ours stands in one calendar.

    unseen   sessions that were cancelled before this ledger heard of them, by delivery
    others   of which delivery and generation a uid is that was made for somebody else: who takes
             part in a session of this calendar's person, and had their address
    departed of which delivery a uid is that was made for this calendar's person, in a session that
             does not name them any more
    tenants  uids of what stands there for another tenant, in which its person connected it too
    """

    sightings: Sequence[Sighting] = ()
    unseen: Unseen = field(default_factory=dict)
    others: Mapping[str, tuple[DeliveryKey, int]] = field(default_factory=dict)
    departed: frozenset[DeliveryKey] = frozenset()
    tenants: frozenset[str] = frozenset()


def ask(context: Context, row: Row, unseen: Unseen) -> Listing:
    """What of ours stands in this account's calendar. Raises ChannelError, without a call while the
    provider asks for a break."""
    breaks.keep(context, row["tenant"], row["provider"])
    try:
        return _asked(context, row, unseen)
    except ChannelError as error:
        if asks_for_a_break(error):
            context.transact("listing_failed", partial(_begin_break, row, error))
        raise


def _begin_break(row: Row, error: ChannelError, db: Db) -> None:
    breaks.begin(db, row["tenant"], row["provider"], error)


def _asked(context: Context, row: Row, unseen: Unseen) -> Listing:
    account, listing = account_of(row), Listing(unseen=unseen)
    until = time.monotonic() + context.lease.total_seconds() / 3
    with context.store.read() as db:
        now, place = db.now, known(context, db, row, listing)
    try:
        sightings = _list(context, account, place.made, now, until, fresh=False)
    except AccessLost:  # the token may only be old: refresh it once
        sightings = _list(context, account, place.made, now, until, fresh=True)
    unknown = {one.uid for one in sightings if one.uid} - place.made
    others = _others(context, place, unknown)
    tenants = _of_other_tenants(context, row, unknown - others.keys())
    gone = departed(context, place, unknown - others.keys() - tenants)
    of_gone = frozenset(key for key, _ in gone.values())
    return Listing(sightings, unseen, others | gone, of_gone, tenants)


def _list(
    context: Context,
    account: Account,
    uids: Collection[str],
    now: datetime,
    until: float,
    *,
    fresh: bool,
) -> list[Sighting]:
    channel = context.channel(account.tenant, account.provider)
    access = context.authorizer.open(account.id, until, fresh=fresh)
    with context.call("list_call"):
        marker = instance_marker(context.namespace)
        return list(channel.listed(marker, uids, now, access, until))


def _others(
    context: Context, place: Place, unknown: Collection[str]
) -> dict[str, tuple[DeliveryKey, int]]:
    if not unknown:
        return {}
    tenant, destination = place.account.tenant, place.account.destination
    with context.store.read() as db:
        people = deliveries.people(db, tenant, {key.session for key in place.rows})
    found = {}
    for one in people:
        key = DeliveryKey(tenant, one["session"], one["participant"])
        for generation in range(1, 1 + AHEAD):
            uid = copy_uid(context.namespace, key, destination, generation)
            if uid in unknown:
                found[uid] = key, generation
    return found


def _of_other_tenants(context: Context, row: Row, unknown: set[str]) -> frozenset[str]:
    if not unknown:
        return frozenset()
    with context.store.read() as db:
        rows = accounts.of_other_tenants(db, row, context.settings.tenants)
        made = [known(context, db, one, Listing()).made for one in rows]
    return frozenset(unknown & set[str]().union(*made))


def known(context: Context, db: Db, row: Row, listing: Listing) -> Place:
    """What the ledger knows now of the calendar that was listed."""
    account = account_of(row)
    rows = {key_of(one): one for one in recovery.of_account(db, row, account.destination)}
    for key, _ in listing.others.values():
        if key not in rows and (other := deliveries.get(db, key)) is not None:
            rows[key] = other
    mine = {key: claims.copies(db, context.sealer, key) for key in rows}
    uids = dict(listing.others)
    for key in (*rows, *listing.unseen):
        for generation in range(next_generation(mine.get(key, ()), account.destination) + AHEAD):
            uid = copy_uid(context.namespace, key, account.destination, generation)
            uids[uid] = key, generation
    return Place(account, rows, mine, uids, listing.tenants)


def take_in(context: Context, db: Db, row: Row, listing: Listing) -> Compared:
    """Make what the listing shows known: strays become stranded copies of their generation, which
    the next decision revives or withdraws. Nothing is deleted by this.

    Where deliveries may be written down of which the ledger knows nothing, polls end first: one
    that has read already would not find them, and none after it would put them right."""
    if listing.departed or listing.unseen:
        route_lock.choosing_again(db, row["tenant"])
    place, unseen = known(context, db, row, listing), listing.unseen
    found = compare(place, listing.sightings)
    for key, generation, seen in found.strays:
        if key in unseen and recovery.is_cancelled_unseen(db, key.tenant, key.session):
            _know_again(db, unseen[key])
        if key in listing.departed and deliveries.get(db, key) is None:
            know_departed(db, key, row["email"])
        if deliveries.get(db, key) is not None:  # else a newer record says something else by now
            _strand(context, db, place, key, generation, seen)
    recovery.listed(db, place.account.id)
    return found


def _know_again(db: Db, session: BookedSession) -> None:
    """Write down whom the session was for, and that nobody is to see it. No poll reads or writes it
    meanwhile."""
    tenant = session.tenant
    people = accounts.of_emails(db, tenant, {address_key(p.email) for p in session.participants})
    for version in (replace(session, status=Status.BOOKED), session):
        rows = deliveries.of_session(db, tenant, session.id)
        wanted = wanted_of(version, people)
        write = Write(None, cancelled=version.status is Status.CANCELLED)
        wants.write_wanted(db, tenant, session.id, wanted, rows, write=write)


def _strand(
    context: Context, db: Db, place: Place, key: DeliveryKey, generation: int, seen: Sighting
) -> None:
    several = claims.copies(db, context.sealer, key)
    was = next((one for one in several if one.uid == seen.uid), None)
    account = place.account
    n = was.n if was else max((one.n for one in several), default=0) + 1
    copy = Copy(
        n=n,
        uid=seen.uid or "",
        channel=account.provider,
        account=account.id,
        address=account.address,
        destination=account.destination,
        state=CopyState.STRANDED,
        remote_id=seen.remote_id,
        revision=seen.revision,
        generation=generation,
        content=was.content if was else None,
        attempt=was.attempt if was else None,
        recovered=True,
    )
    copies.save(db, context.sealer, key, copy, was)
    journal.note(db, "copy_found", key=key, n=n, channel=account.provider, why="listing")
    deliveries.wake_one(db, key)


def list_waiting(context: Context) -> int:
    """List the calendars that were lost while a restore was repaired, or were connected since; the
    daemon's part of it. Returns how many were listed."""
    with context.store.read() as db:
        waiting = [] if recovery.is_open(db) else recovery.unlisted(db, limit=20)
    cancelled, done = CancelledUnseen(context, waiting), 0
    for row in waiting:
        try:
            listing = ask(context, row, cancelled.of(account_of(row)))
        except ChannelError as error:
            context.log("listing_failed", account=row["id"], answer=error.kind, reason=error.reason)
            continue
        found = context.transact("listed", partial(_take_in, context, row, listing))
        if found.unreadable:
            context.log("listing_unreadable", account=row["id"], count=len(found.unreadable))
        done += 1
    return done


def _take_in(context: Context, row: Row, listing: Listing, db: Db) -> Compared:
    return take_in(context, db, row, listing)
