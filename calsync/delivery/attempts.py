"""Attempts: a call is stored with its exact bytes before it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from calsync.core.account import Credentials
from calsync.core.calls import PreparedRequest
from calsync.core.content.event import DesiredEvent
from calsync.core.content.zone_names import in_known_zone
from calsync.core.ledger import MAIL, Attempt, Copy, Do, Snapshot, copy_uid, marker_of
from calsync.core.reconcile.actions import Act, Decision, Send
from calsync.core.reconcile.claimed import Claim, Finished, Schedule, setup_stop
from calsync.core.reconcile.prepare import (
    attempt_copy,
    copy_number,
    event_for,
    named_copy,
    sent_again,
    with_mark,
    with_message_id,
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
    copy: Copy
    until: float
    prepared: PreparedRequest
    event: DesiredEvent

    @property
    def attempt(self) -> copies.NewAttempt:
        via = self.step.channel, self.step.account
        content = self.prepared, self.event
        return copies.NewAttempt(self.claim.key, self.copy, via, *content, self.claim.version)

    def stored(self, attempt: Attempt) -> Call:
        """The call, once this is its attempt."""
        copy = with_message_id(replaced(self.copy, attempt=attempt), self.prepared)
        copy = with_mark(copy, self.prepared, self.event)
        return Call(self.claim, self.snapshot, self.step, copy, self.until, self.prepared, attempt)


Begun = Call | Draft | Finished
UnknownZones = Callable[[str], frozenset[str]]  # names that a channel's provider refused lately


class Attempts:
    """Makes and stores attempts, within the caller's transaction."""

    def __init__(self, context: Context) -> None:
        self.context = context

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
        tenant = self.context.tenant(claim.key.tenant)
        try:
            channel = self.context.channel(claim.key.tenant, step.channel)
        except Setup as error:
            stop = setup_stop(claim.key.tenant, step.channel, error, db.now)
            return Finished(claim, Schedule(db.now), stop=stop)
        uid = partial(copy_uid, self.context.namespace, claim.key)
        copy = attempt_copy(snapshot, step, uid, tenant.organizer)
        marker = marker_of(self.context.namespace, claim.key, copy.generation)
        copy = replaced(copy, marker=marker)
        event = event_for(
            snapshot, step, invited_again=self._is_invited_again(db, copy, step, claim)
        )
        if event is None:
            return Finished(claim, Schedule(None, parked="content_purged"))
        refused = unknown(step.channel) if channel.able.names_zones else ()
        prepared = channel.prepare(step.do, copy, in_known_zone(event, refused), db.now)
        return Draft(claim, snapshot, step, copy, until, prepared, event)

    def store(self, db: Db, begun: Sequence[Begun]) -> list[Call | Finished]:
        """Store the attempts of the drafts, and their copies as these leave them. Returns all, in
        their order."""
        sealer, deadline = self.context.sealer, db.now + self.context.lease / 3
        drafts = [one for one in begun if isinstance(one, Draft)]
        attempts = copies.start(db, sealer, [one.attempt for one in drafts], deadline)
        calls = [one.stored(attempt) for one, attempt in zip(drafts, attempts, strict=True)]
        changed = [
            (one.claim.key, one.copy, copy_number(one.snapshot, one.step.n)) for one in calls
        ]
        copies.save_all(db, sealer, changed)
        following = iter(calls)
        return [next(following) if isinstance(one, Draft) else one for one in begun]

    @staticmethod
    def _is_invited_again(db: Db, copy: Copy, step: Send, claim: Claim) -> bool:
        """Somebody else of the mailbox that loses an invitation is to have one."""
        if step.channel != MAIL or step.do is not Do.WITHDRAW:
            return False
        return claims.others_wanted(db, claim.key, copy.destination)

    def again(
        self, db: Db, claim: Claim, snapshot: Snapshot, step: Act, copy: Copy, until: float
    ) -> Call | Finished:
        """The stored bytes once more."""
        if copy.attempt is None:
            raise RuntimeError(f"copy {copy.n} of {claim.key} has no attempt to replay")
        packed = copies.stored_request(db, self.context.sealer, claim.key, copy.n, copy.attempt)
        if packed is None:
            return Finished(claim, Schedule(None, parked="content_purged"))
        attempt = sent_again(copy.attempt, db.now + self.context.lease / 3)
        copies.update_attempt(db, attempt)
        copy = replaced(copy, attempt=attempt)
        copies.save(db, self.context.sealer, claim.key, copy, named_copy(snapshot, copy.n))
        return Call(claim, snapshot, step, copy, until, packed[0], attempt)
