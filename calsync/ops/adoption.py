"""Taking over events that another system put into people's calendars.

Each is read once and marked as ours, which changes nothing that it shows; from then on it is a copy
like any other. Killed anywhere it can be done again: a mark that is there is not written twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from calsync.core.account import Account
from calsync.core.address import address_key
from calsync.core.calls import Sighting
from calsync.core.ledger import Copy, CopyState, Delivery, DeliveryKey, marker_of
from calsync.core.reconcile.finish import next_inspection
from calsync.core.reconcile.looks.adoption import (
    NOT_ONE,
    adoptable,
    after_adoption,
    is_to_adopt,
    refused,
    why_not,
)
from calsync.errors import AccessLost, ChannelError, ConflictError, InputError
from calsync.ops.baseline import LISTED, BaselineError, FormerEvent, FormerInvitation
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import copies, deliveries, journal
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import claims, inspections
from calsync.text.counted import counted

TAKEN_TWICE = "this person sees the session through another event that was taken over"


@dataclass
class Adopted:
    """What became of the events of a file.

    events   how many are ours now
    guests   deliveries whose event has guests, and is left alone
    wrong    deliveries whose event could not be taken over, with the reason
    batches  in which these deliveries wait, by tenant: what stands may leave them
    """

    events: int = 0
    guests: list[DeliveryKey] = field(default_factory=list)
    wrong: list[tuple[DeliveryKey, str]] = field(default_factory=list)
    batches: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A delivery, how many copies it has, and the account that it goes to."""

    delivery: Delivery
    known: Sequence[Copy]
    account: Account | None
    is_open: bool


class NotAdoptedError(BaselineError):
    """Events of the file could not be taken over; the others were."""

    def __init__(self, wrong: Sequence[tuple[DeliveryKey, str]]) -> None:
        shown = "; ".join(f"{key.session} {key.participant}: {why}" for key, why in wrong[:LISTED])
        more = f"; and {len(wrong) - LISTED} more" if len(wrong) > LISTED else ""
        super().__init__(
            f"{counted(len(wrong), 'event')} of the file could not be taken over: {shown}{more}. "
            "The others are calsync's now. Sending stays paused, as their next change would make "
            "a second event. Correct these lines and run `calsync baseline` again, or add "
            "--allow-unmatched to record them as existing elsewhere"
        )


def adopt(context: Context, known: Mapping[DeliveryKey, FormerInvitation]) -> Adopted:
    """Take over every event that the file names, one call after the other. Raises InputError while
    nothing may be written."""
    if context.settings.dry_run and any(one.event for one in known.values()):
        raise InputError(
            "deliver.dry_run is set, so no event may be marked; take it out of the configuration, "
            "or the events out of the file"
        )
    done = Adopted()
    for key, told in known.items():
        if told.event is not None:
            _adopt(context, done, key, told.event)
    return done


def _adopt(context: Context, done: Adopted, key: DeliveryKey, event: FormerEvent) -> None:
    with context.store.read() as db:
        asked = _asked(context, db, key)
    if asked is None:
        return
    delivery = asked.delivery
    if delivery.batch is not None:
        done.batches.add((key.tenant, delivery.batch))
    if not asked.is_open:
        _count(done, delivery.key, asked.known)
        return
    excluded = context.tenant(key.tenant).excludes(delivery.email)
    reason = why_not(delivery, asked.account, event.provider, excluded=excluded)
    if reason is not None:
        done.wrong.append((delivery.key, reason))
    elif asked.account is not None:
        _take_over(context, done, delivery, asked.account, event.remote_id)


def _take_over(
    context: Context, done: Adopted, delivery: Delivery, account: Account, remote_id: str
) -> None:
    marker = marker_of(context.namespace, delivery.key, 0)
    copy = adoptable(delivery, account, remote_id, marker)
    try:
        after = after_adoption(copy, _called(context, delivery, copy))
        if after is None:
            done.wrong.append((delivery.key, NOT_ONE))
            return
        context.transact("baseline_adopt", partial(_store, context, delivery, after))
    except ChannelError as error:
        done.wrong.append((delivery.key, refused(error)))
    except ConflictError:
        done.wrong.append((delivery.key, TAKEN_TWICE))
    else:
        _count(done, delivery.key, [after])


def _count(done: Adopted, key: DeliveryKey, known: Sequence[Copy]) -> None:
    """Also what was taken over when the file was read before."""
    ours = [copy for copy in known if copy.attempt is None]
    done.events += any(copy.state is CopyState.LIVE for copy in ours)
    done.guests += [key for copy in ours if copy.state is CopyState.TAKEN]


def _asked(context: Context, db: Db, key: DeliveryKey) -> _Asked | None:
    row = _row(db, key)
    if row is None:
        return None
    delivery = delivery_of(row)
    route = delivery.route
    known = claims.copies(db, context.sealer, delivery.key)
    ident = route.account if route is not None else None
    account = accounts.by_ids(db, [ident]).get(ident) if ident is not None else None
    return _Asked(delivery, known, account, is_to_adopt(delivery, len(known), db.now))


def _row(db: Db, key: DeliveryKey) -> Row | None:
    """The delivery that a line names, by the participant's id or their address."""
    found = deliveries.get(db, key)
    if found is not None:
        return found
    named = address_key(key.participant)
    rows = deliveries.of_session(db, key.tenant, key.session)
    return next((row for row in rows if address_key(row["email"]) == named), None)


def _called(context: Context, delivery: Delivery, copy: Copy) -> Sighting:
    """A token that is refused is refreshed once. Raises ChannelError."""
    try:
        return unexpected.answering(partial(_call, context, delivery, copy, fresh=False))
    except AccessLost:
        return unexpected.answering(partial(_call, context, delivery, copy, fresh=True))


def _call(context: Context, delivery: Delivery, copy: Copy, *, fresh: bool) -> Sighting:
    until = time.monotonic() + context.lease.total_seconds() / 3
    channel = context.channel(delivery.key.tenant, copy.channel)
    access = context.authorizer.open(copy.account or "", until, fresh=fresh)
    event = delivery.content
    if event is None:
        raise RuntimeError("a delivery that is wanted has content")
    with context.call("adopt"):
        return channel.adopt(copy, event, access, until)


def _store(context: Context, delivery: Delivery, copy: Copy, db: Db) -> None:
    key = delivery.key
    copies.save(db, context.sealer, key, copy)
    inspections.plan(db, key, next_inspection(delivery.starts_at, db.now))
    what = "event_adopted" if copy.state is CopyState.LIVE else "copy_taken"
    journal.note(db, what, key=key, n=copy.n, channel=copy.channel)
