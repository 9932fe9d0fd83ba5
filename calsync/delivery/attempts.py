"""Attempts: a call is stored with its exact bytes before it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from calsync.core.account import Credentials
from calsync.core.calls import PreparedRequest
from calsync.core.content.zone_names import in_known_zone
from calsync.core.ledger import MAIL, Attempt, Copy, DeliveryKey, Do, Snapshot
from calsync.core.reconcile.actions import Act, Decision, Send
from calsync.core.reconcile.claimed import Claim, Finished, Schedule, setup_stop
from calsync.core.reconcile.prepare import (
    copy_number,
    event_for,
    marked_copy,
    named_copy,
    sent_again,
)
from calsync.errors import Setup
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.findings import zones
from calsync.store.ledger import copies
from calsync.store.queue import claims
from calsync.values import replaced


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is about to be made.

    prepared, attempt  None for a look-up
    decision           that led to it; None: it was asked for, or a look-up led to it
    credentials        of its account, read with the claim; None: it is open already, or nobody did
    """

    claim: Claim
    snapshot: Snapshot
    step: Act
    copy: Copy
    until: float  # monotonic
    prepared: PreparedRequest | None = None
    attempt: Attempt | None = None
    decision: Decision | None = None
    credentials: Credentials | None = None

    @property
    def via(self) -> tuple[str, str | None]:
        """The channel and account it goes through."""
        return self.step.channel, self.step.account


@dataclass(frozen=True, slots=True)
class Draft:
    """A call whose attempt is not stored yet."""

    claim: Claim
    snapshot: Snapshot
    step: Send
    until: float
    attempt: copies.NewAttempt

    def stored(self, copy: Copy) -> Call:
        """The call, once this is its copy, with its attempt."""
        prepared = self.attempt.prepared
        return Call(self.claim, self.snapshot, self.step, copy, self.until, prepared, copy.attempt)


Begun = Call | Draft | Finished
UnknownZones = Callable[[str], frozenset[str]]  # names that a channel's provider refused lately


class Attempts:
    """Makes and stores attempts, within the caller's transaction."""

    def __init__(self, context: Context) -> None:
        self.context, self._sealer = context, context.sealer

    def new(
        self, db: Db, claim: Claim, snapshot: Snapshot, step: Send, until: float
    ) -> Call | Finished:
        """The call of this step, stored."""
        unknown = partial(zones.unknown_to, db)
        return self.store(db, [self.draft(db, claim, snapshot, step, until, unknown)])[0]

    def draft(
        self,
        db: Db,
        claim: Claim,
        snapshot: Snapshot,
        step: Send,
        until: float,
        unknown: UnknownZones,
    ) -> Begun:
        """The call of this step, which is to be stored; or the claim's end without one."""
        if step.replay:
            return self.again(db, claim, snapshot, step, named_copy(snapshot, step.n), until)
        context, key, via = self.context, claim.delivery.key, (step.channel, step.account)
        try:
            channel = context.channel(key.tenant, step.channel)
        except Setup as error:
            stop = setup_stop(key.tenant, step.channel, error, db.now)
            return Finished(claim, Schedule(db.now), stop=stop)
        organizer = context.tenant(key.tenant).organizer
        copy = marked_copy(snapshot, step, context.namespace, organizer)
        invited_again = self._is_invited_again(db, copy, step, key)
        event = event_for(snapshot, step, invited_again=invited_again)
        if event is None:
            return Finished(claim, Schedule(None, parked="content_purged"))
        refused = unknown(step.channel) if channel.able.names_zones else ()
        shown = in_known_zone(event, refused) if refused else event
        prepared = channel.prepare(step.do, copy, shown, db.now)
        was, version = copy_number(snapshot, step.n), claim.delivery.version
        attempt = copies.NewAttempt(key, copy, was, via, prepared, event, version)
        return Draft(claim, snapshot, step, until, attempt)

    def store(self, db: Db, begun: Sequence[Begun]) -> list[Call | Finished]:
        """Store the attempts of the drafts, and their copies as these leave them. Returns all, in
        their order."""
        drafts = [one.attempt for one in begun if isinstance(one, Draft)]
        made = iter(copies.start(db, self._sealer, drafts, db.now + self.context.lease / 3))
        return [one.stored(next(made)) if isinstance(one, Draft) else one for one in begun]

    @staticmethod
    def _is_invited_again(db: Db, copy: Copy, step: Send, key: DeliveryKey) -> bool:
        """Somebody else of the mailbox that loses an invitation is to have one."""
        if step.channel != MAIL or step.do is not Do.WITHDRAW:
            return False
        return claims.others_wanted(db, key, copy.destination)

    def again(
        self, db: Db, claim: Claim, snapshot: Snapshot, step: Act, copy: Copy, until: float
    ) -> Call | Finished:
        """The stored bytes once more."""
        if copy.attempt is None:
            raise RuntimeError(f"copy {copy.n} of {claim.delivery.key} has no attempt to replay")
        packed = copies.stored_request(db, self._sealer, claim.delivery.key, copy.n, copy.attempt)
        if packed is None:
            return Finished(claim, Schedule(None, parked="content_purged"))
        attempt = sent_again(copy.attempt, db.now + self.context.lease / 3)
        copies.update_attempt(db, attempt)
        copy = replaced(copy, attempt=attempt)
        copies.save(db, self._sealer, claim.delivery.key, copy, named_copy(snapshot, copy.n))
        return Call(claim, snapshot, step, copy, until, packed[0], attempt)
