"""The first move of a delivery: what is decided, and stored before a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

from calsync.accounts.tokens import EARLY
from calsync.core.account import Credentials
from calsync.core.ledger import (
    Delivery,
    DeliveryKey,
    Do,
    Snapshot,
)
from calsync.core.reconcile.actions import Act, Decision, Nothing, Send, Step, with_transitions
from calsync.core.reconcile.claimed import (
    Claim,
    Finished,
    Note,
    Schedule,
    with_outlook,
)
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.prepare import (
    named_copy,
)
from calsync.core.reconcile.reasons import Reason
from calsync.delivery.attempts import Attempts, Begun, Call, UnknownZones
from calsync.delivery.concurrency import AccountLanes
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.findings import zones
from calsync.store.ledger import copies, journal
from calsync.store.queue import claims, limiter, slots
from calsync.values import replaced


@dataclass(frozen=True, slots=True)
class _Decided:
    """A claim, and what is decided about it. The snapshot is as if the transitions were stored."""

    claim: Claim
    snapshot: Snapshot
    decision: Decision
    until: float

    @property
    def step(self) -> Step:
        return self.decision.step

    @property
    def slot(self) -> str | None:
        """Where its call queues; None: there is none."""
        if isinstance(self.step, Nothing):
            return None
        return slots.slot_name(self.claim.key.tenant, self.step.channel, self.step.account)


@dataclass(frozen=True, slots=True)
class _Counts:
    """What was sent lately, as far as it may keep these claims waiting.

    limits  of the calls, locked
    mails   of today, for each delivery of which one more would be counted
    """

    limits: limiter.RateLimits
    mails: Mapping[DeliveryKey, int]


class Begin:
    """Leads claims to calls, or to their ends without one. All within one transaction, which is the
    caller's: what is read and written is read and written for all of them together."""

    def __init__(self, context: Context) -> None:
        self.context, self.attempts = context, Attempts(context)
        self._lanes = AccountLanes()

    def decide(self, db: Db, claimed: Sequence[Claim], until: float) -> list[Call | Finished]:
        """What comes of each of these claims, in their order."""
        found = self._decisions(db, claimed, until)
        counts = self._counts(db, found)
        unknown = cache(partial(zones.unknown_to, db))
        begun = [self._start(db, one, counts, unknown) for one in found]
        counts.limits.store(db)
        opened = self._credentials(db, stored := self.attempts.store(db, begun))
        return [_ended(*one, opened) for one in zip(stored, found, strict=True)]

    def _decisions(self, db: Db, claimed: Sequence[Claim], until: float) -> list[_Decided]:
        sealer = self.context.sealer
        known = claims.snapshots(db, sealer, [self._considered(one.delivery) for one in claimed])
        decisions = [reconcile(one) for one in known]
        marked = [
            (claim.key, named_copy(now, n), named_copy(was, n))
            for claim, was, decision in zip(claimed, known, decisions, strict=True)
            for now in (with_transitions(was, decision.transitions),)
            for n in dict.fromkeys(one.n for one in decision.transitions)
        ]
        copies.save_all(db, sealer, marked)
        notes = [
            (key, Note("copy_marked", {"state": now.state.value}, now.n)) for key, now, _ in marked
        ]
        journal.note_all(db, notes)
        return [
            _Decided(claim, with_transitions(was, decision.transitions), decision, until)
            for claim, was, decision in zip(claimed, known, decisions, strict=True)
        ]

    def _considered(self, delivery: Delivery) -> claims.Considered:
        tenant = self.context.tenant(delivery.key.tenant)
        return claims.Considered(delivery, tenant.policy, tenant.excludes(delivery.email))

    def _credentials(self, db: Db, begun: Sequence[Call | Finished]) -> dict[str, Credentials]:
        """What opens the accounts of these calls: read here, it costs no transaction of its own.
        Of one that cannot be opened, whoever opens the account says so."""
        named = {
            account.id
            for one in begun
            if isinstance(one, Call)
            and (account := one.snapshot.accounts.get(one.via[1] or "")) is not None
            and not self.context.authorizer.is_open(account.id, account.version)
        }
        return accounts.credentials_of_each(db, self.context.vault, sorted(named), EARLY)

    def _start(self, db: Db, one: _Decided, counts: _Counts, unknown: UnknownZones) -> Begun:
        claim, step = one.claim, one.step
        if isinstance(step, Nothing):
            if step.why is Reason.EXCLUDED:
                return Finished(claim, Schedule(None, parked="only_to"))
            return Finished(claim, Schedule(step.due_at))
        if one.slot != claim.slot:
            lanes = 1 if step.account else self.context.tenant(claim.key.tenant).mail_lanes
            slots.ensure(db, claim.key.tenant, step.channel, step.account, lanes)
            return Finished(claim, Schedule(db.now, slot=one.slot))
        waits = self._must_wait(db, claim, step, counts)
        if waits is not None:
            return waits
        wanted = self.context.tenant(claim.key.tenant).account_lanes.get(step.channel)
        if step.account and wanted is not None:
            self._lanes.arrange(db, claim.slot, wanted)
        if isinstance(step, Send):
            return self.attempts.draft(db, claim, one.snapshot, step, one.until, unknown)
        return Call(claim, one.snapshot, step, named_copy(one.snapshot, step.n), one.until)

    # --- what may keep a call waiting ------------------------------------------------------------

    def _counts(self, db: Db, found: Sequence[_Decided]) -> _Counts:
        calls = [
            (one.claim.key, one.step)
            for one in found
            if one.slot == one.claim.slot and not isinstance(one.step, Nothing)
        ]
        mails = [key for key, step in calls if _is_new_mail(step)]
        limits = [self._calls(key, step).limits() for key, step in calls]
        return _Counts(limiter.RateLimits(db, limits), limiter.mails_of_each(db, mails))

    def _calls(self, key: DeliveryKey, step: Act) -> limiter.CountedCalls:
        """A look-up takes the room of the call that it leads to as well: one that had to wait would
        be looked up again instead, and never get its turn."""
        rates, calls = self.context.tenant(key.tenant).rates, 1 if isinstance(step, Send) else 2
        return limiter.CountedCalls(key.tenant, step.channel, step.account, rates, calls)

    def _must_wait(self, db: Db, claim: Claim, step: Act, counts: _Counts) -> Finished | None:
        """Limits are taken before the call, all or none; over them the slot cools until there is
        room."""
        tenant = self.context.tenant(claim.key.tenant)
        if _is_new_mail(step) and counts.mails[claim.key] >= tenant.mails_per_day:
            line = Note("mail_limit_reached", {"most": tenant.mails_per_day})
            return Finished(claim, Schedule(limiter.next_day(db)), lines=(line,))
        calls = self._calls(claim.key, step)
        free_at = counts.limits.spend(calls.limits(), calls.count)
        if free_at is not None:
            return Finished(claim, Schedule(free_at), cools_until=free_at)
        return None


def _is_new_mail(step: Act) -> bool:
    """A mail that counts for the daily limit: a cancellation and a replay do not."""
    mailed = isinstance(step, Send) and step.account is None and not step.replay
    return mailed and isinstance(step, Send) and step.do is not Do.WITHDRAW


def _ended(
    begun: Call | Finished, one: _Decided, opened: Mapping[str, Credentials]
) -> Call | Finished:
    """With what is known of the decision and the account."""
    if isinstance(begun, Call):
        credentials = opened.get(begun.via[1] or "")
        return replaced(begun, decision=one.decision, credentials=credentials)
    schedule = begun.schedule
    return replaced(begun, schedule=with_outlook(schedule, one.snapshot)) if schedule else begun
