"""One calendar beside the ledger: everything in it that bears our marker."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.booked import BookedSession, Status
from calsync.core.calls import Seen, Sighting
from calsync.core.desired import wanted_of
from calsync.core.ledger import (
    Copy,
    CopyState,
    DeliveryKey,
    Want,
    copy_uid,
    instance_marker,
    marker_of,
    next_generation,
)
from calsync.errors import AccessLost, ChannelError
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import copies, deliveries, journal, recovery, sessions
from calsync.store.ledger.deliveries import Write
from calsync.store.ledger.rows import account_of, key_of
from calsync.store.queue import claims, route_lock

S = CopyState
STANDING = (S.LIVE, S.UNSURE, S.TAKEN, S.STRANDED)
AHEAD = 3  # generations past the known ones of which a lost ledger may have made something


@dataclass(frozen=True, slots=True)
class Place:
    """What the ledger knows of one calendar.

    copies   of the deliveries that may stand in it, by delivery
    items    which delivery and generation a marker speaks of
    bygone   sessions that were cancelled before this ledger heard of them, by delivery
    """

    account: Account
    rows: Mapping[DeliveryKey, Row]
    copies: Mapping[DeliveryKey, Sequence[Copy]]
    items: Mapping[str, tuple[DeliveryKey, int]]
    bygone: Mapping[DeliveryKey, BookedSession] = field(default_factory=dict)


@dataclass
class Compared:
    """What one listing showed.

    marked    events with our marker, without the duplicates that people made
    unknown   events of deliveries that this ledger does not have: left alone
    strays    events of a known delivery that the ledger does not count as standing
    doubles   deliveries of which several events stand there
    stale     deliveries whose event shows something else than the ledger says
    missing   deliveries whose event should stand there and does not
    """

    marked: int = 0
    unknown: int = 0
    strays: list[tuple[DeliveryKey, int, Sighting]] = field(default_factory=list)
    doubles: set[DeliveryKey] = field(default_factory=set)
    stale: set[DeliveryKey] = field(default_factory=set)
    missing: set[DeliveryKey] = field(default_factory=set)


def ask(context: Context, row: Row) -> list[Sighting]:
    """What of ours stands in this account's calendar. Raises ChannelError."""
    account = account_of(row)
    until = time.monotonic() + context.lease.total_seconds() / 3
    with context.store.read() as db:
        now = db.now
    try:
        return _list(context, account, now, until, fresh=False)
    except AccessLost:  # the token may only be old: refresh it once
        return _list(context, account, now, until, fresh=True)


def _list(
    context: Context, account: Account, now: datetime, until: float, *, fresh: bool
) -> list[Sighting]:
    channel = context.channel(account.tenant, account.provider)
    access = context.authorizer.open(account.id, until, fresh=fresh)
    with context.call("list_call"):
        return list(channel.listed(instance_marker(context.namespace), now, access, until))


def known(context: Context, db: Db, row: Row) -> Place:
    account = account_of(row)
    rows = {key_of(one): one for one in recovery.of_account(db, row, account.destination)}
    mine = {key: claims.copies(db, context.sealer, key) for key in rows}
    bygone = _bygone(db, account)
    items = {}
    for key in (*rows, *bygone):
        for generation in range(next_generation(mine.get(key, ()), account.destination) + AHEAD):
            items[marker_of(context.namespace, key, generation).item] = key, generation
    return Place(account, rows, mine, items, bygone)


def _bygone(db: Db, account: Account) -> dict[DeliveryKey, BookedSession]:
    found = (
        sessions.from_json(row["record"]) for row in recovery.cancelled_unseen(db, account.tenant)
    )
    return {
        DeliveryKey(account.tenant, one.id, person.id): one
        for one in found
        for person in one.participants
        if one.starts_at is not None and address_key(person.email) == address_key(account.email)
    }


def compare(namespace: UUID, place: Place, sightings: Sequence[Sighting]) -> Compared:
    """The listing beside the ledger. Only an event whose own id is that of the copy that its marker
    speaks of counts: any other is a duplicate that its person made."""
    found, seen = Compared(), Counter[DeliveryKey]()
    by_uid = {c.uid: (key, c) for key, several in place.copies.items() for c in several}
    shown: set[str] = set()
    for one in sightings:
        if one.state is not Seen.LIVE or one.uid is None:
            continue
        found.marked += 1
        shown.add(one.uid)
        key, copy = by_uid.get(one.uid, (None, None))
        if key is not None and copy is not None:
            seen[key] += 1
            _beside(found, key, copy, one)
            continue
        told = place.items.get(one.item or "")
        if told is None or copy_uid(namespace, told[0], place.account.destination, told[1]) != (
            one.uid
        ):
            found.unknown += 1
            continue
        seen[told[0]] += 1
        found.strays.append((*told, one))
    found.doubles = {key for key, count in seen.items() if count > 1}
    found.missing = set(_missing(place, shown))
    return found


def _beside(found: Compared, key: DeliveryKey, copy: Copy, seen: Sighting) -> None:
    if copy.state not in STANDING:
        found.strays.append((key, copy.generation, seen))
    elif copy.state is S.LIVE and not seen.has_guests:
        shows = seen.material_fp, seen.quiet_fp
        if shows != (copy.material_fp, copy.quiet_fp):
            found.stale.add(key)


def _missing(place: Place, shown: set[str]) -> list[DeliveryKey]:
    """Events from before markers existed are in no listing."""
    return [
        key
        for key, several in place.copies.items()
        for copy in several
        if copy.state is S.LIVE
        and copy.destination == place.account.destination
        and copy.generation
        and copy.uid not in shown
    ]


def take_in(context: Context, db: Db, row: Row, sightings: Sequence[Sighting]) -> Compared:
    """Make what the listing shows known: strays become stranded copies of their generation, which
    the next decision revives or withdraws. Nothing is deleted by this."""
    place = known(context, db, row)
    found = compare(context.namespace, place, sightings)
    for key, generation, seen in found.strays:
        if key in place.bygone and not deliveries.get(db, key):
            _know_again(db, place.bygone[key])
        _strand(context, db, place, key, generation, seen)
    recovery.listed(db, place.account.id)
    return found


def _know_again(db: Db, session: BookedSession) -> None:
    """Write down whom the session was for, and that nobody is to see it."""
    tenant = session.tenant
    route_lock.choosing(db, tenant)
    people = accounts.of_emails(db, tenant, {address_key(p.email) for p in session.participants})
    for version in (replace(session, status=Status.BOOKED), session):
        rows = deliveries.of_session(db, tenant, session.id)
        wanted = wanted_of(version, people)
        deliveries.write_wanted(db, tenant, session.id, wanted, rows, write=Write(None))


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
        state=S.STRANDED,
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


def unwanted(place: Place) -> list[DeliveryKey]:
    """The deliveries of which something may stand there that is not wanted any more."""
    found = (
        key
        for key, several in place.copies.items()
        if any(one.state is S.STRANDED and one.recovered for one in several)
    )
    return sorted(key for key in found if place.rows[key]["want"] != Want.PRESENT.value)


def _take_in(context: Context, row: Row, sightings: Sequence[Sighting], db: Db) -> None:
    take_in(context, db, row, sightings)


def list_waiting(context: Context) -> int:
    """List the calendars that were lost while a restore was repaired, or were connected since; the
    daemon's part of it. Returns how many were listed."""
    with context.store.read() as db:
        waiting = [] if recovery.is_open(db) else recovery.unlisted(db, limit=20)
    done = 0
    for row in waiting:
        try:
            sightings = ask(context, row)
        except ChannelError as error:
            context.log("listing_failed", account=row["id"], answer=error.kind)
            continue
        context.transact("listed", partial(_take_in, context, row, sightings))
        done += 1
    return done
