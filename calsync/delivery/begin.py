"""The first move of a delivery: what is decided is stored, with the exact bytes of a call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from calsync.accounts.tokens import EARLY
from calsync.core.account import Credentials
from calsync.core.calls import PreparedRequest
from calsync.core.content.zone_names import in_known_zone
from calsync.core.ledger import MAIL, Attempt, Copy, Do, Snapshot, copy_uid, marker_of
from calsync.core.reconcile.actions import Act, Decision, Nothing, Send, Step, with_transitions
from calsync.core.reconcile.claimed import (
    Claim,
    Finished,
    Note,
    Schedule,
    setup_stop,
    with_outlook,
)
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.prepare import (
    attempt_copy,
    copy_number,
    event_for,
    named_copy,
    sent_again,
    with_mark,
    with_message_id,
)
from calsync.core.reconcile.reasons import Reason
from calsync.errors import SealError, Setup
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.findings import zones
from calsync.store.ledger import copies, journal
from calsync.store.queue import claims, limiter, slots


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


class Begin:
    """Leads a claim to a call, or to its end without one. All within one transaction, which is the
    caller's."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def decide(self, db: Db, claim: Claim, until: float) -> Call | Finished:
        tenant = self.context.tenant(claim.key.tenant)
        snapshot = claims.snapshot(
            db,
            self.context.sealer,
            claim.delivery,
            tenant.policy,
            excluded=tenant.excludes(claim.delivery.email),
        )
        decision = reconcile(snapshot)
        for transition in decision.transitions:
            was = named_copy(snapshot, transition.n)
            now = named_copy(with_transitions(snapshot, [transition]), transition.n)
            copies.save(db, self.context.sealer, claim.key, now, was)
            journal.note(db, "copy_marked", key=claim.key, n=transition.n, state=now.state.value)
        snapshot = with_transitions(snapshot, decision.transitions)
        begun = self._start(db, claim, snapshot, decision.step, until)
        if isinstance(begun, Call):
            return replace(begun, decision=decision, credentials=self._credentials(db, begun))
        schedule = begun.schedule
        return replace(begun, schedule=with_outlook(schedule, snapshot)) if schedule else begun

    def _credentials(self, db: Db, call: Call) -> Credentials | None:
        """What opens the account of the call: read here, it costs no transaction of its own."""
        account = call.snapshot.accounts.get(call.via[1] or "")
        if account is None or self.context.authorizer.is_open(account.id, account.version):
            return None
        try:
            return accounts.credentials(db, self.context.vault, account.id, EARLY)
        except SealError:
            return None  # whoever opens the account says so

    def _start(
        self, db: Db, claim: Claim, snapshot: Snapshot, step: Step, until: float
    ) -> Call | Finished:
        if isinstance(step, Nothing):
            if step.why is Reason.EXCLUDED:
                return Finished(claim, Schedule(None, parked="only_to"))
            return Finished(claim, Schedule(step.due_at))
        slot = slots.slot_name(claim.key.tenant, step.channel, step.account)
        if slot != claim.slot:
            lanes = 1 if step.account else self.context.tenant(claim.key.tenant).mail_lanes
            slots.ensure(db, claim.key.tenant, step.channel, step.account, lanes)
            return Finished(claim, Schedule(db.now, slot=slot))
        waits = self._must_wait(db, claim, step)
        if waits is not None:
            return waits
        if isinstance(step, Send):
            return self.attempt(db, claim, snapshot, step, until)
        return Call(claim, snapshot, step, named_copy(snapshot, step.n), until)

    def _must_wait(self, db: Db, claim: Claim, step: Act) -> Finished | None:
        """Limits are taken before the call, all or none; over them the slot cools until there is
        room. A look-up
        takes the room of the call that it leads to as well: one that had to wait would be looked
        up again instead, and never get its turn."""
        tenant = self.context.tenant(claim.key.tenant)
        if _is_new_mail(step) and limiter.mails_today(db, claim.key) >= tenant.mails_per_day:
            line = Note("mail_limit_reached", {"most": tenant.mails_per_day})
            return Finished(claim, Schedule(limiter.next_day(db)), lines=(line,))
        via, calls = (step.channel, step.account), 1 if isinstance(step, Send) else 2
        free_at = limiter.take(db, claim.key.tenant, *via, tenant.rates, calls=calls)
        if free_at is not None:
            return Finished(claim, Schedule(free_at), cools_until=free_at)
        return None

    def attempt(
        self, db: Db, claim: Claim, snapshot: Snapshot, step: Send, until: float
    ) -> Call | Finished:
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
        copy = replace(copy, marker=marker)
        event = event_for(
            snapshot, step, invited_again=self._is_invited_again(db, copy, step, claim)
        )
        if event is None:
            return Finished(claim, Schedule(None, parked="content_purged"))
        unknown = zones.unknown_to(db, step.channel) if channel.able.names_zones else ()
        prepared = channel.prepare(step.do, copy, in_known_zone(event, unknown), db.now)
        attempt = copies.start(
            db,
            self.context.sealer,
            claim.key,
            copy,
            prepared,
            event,
            via=(step.channel, step.account),
            version=claim.version,
            deadline=db.now + self.context.lease / 3,
        )
        copy = with_message_id(replace(copy, attempt=attempt), prepared)
        copy = with_mark(copy, prepared, event)
        copies.save(db, self.context.sealer, claim.key, copy, copy_number(snapshot, step.n))
        return Call(claim, snapshot, step, copy, until, prepared, attempt)

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
        copy = replace(copy, attempt=attempt)
        copies.save(db, self.context.sealer, claim.key, copy, named_copy(snapshot, copy.n))
        return Call(claim, snapshot, step, copy, until, packed[0], attempt)


def _is_new_mail(step: Act) -> bool:
    """A mail that counts for the daily limit: a cancellation and a replay do not."""
    mailed = isinstance(step, Send) and step.account is None and not step.replay
    return mailed and isinstance(step, Send) and step.do is not Do.WITHDRAW
