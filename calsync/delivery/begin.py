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
from calsync.core.reconcile.actions import Decision, Nothing, Send, Step, with_transitions
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
    """A claim, and what is decided about it.

    snapshot  as if the transitions were stored
    slot      where its call queues; None: there is no call
    limits    that count the call, where its own slot is that one
    calls     how many they count
    """

    claim: Claim
    snapshot: Snapshot
    decision: Decision
    until: float
    slot: str | None = None
    limits: Sequence[limiter.Limit] | None = None
    calls: int = 1

    @property
    def step(self) -> Step:
        return self.decision.step


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
        self._sealer = context.sealer
        self._lanes = AccountLanes()

    def decide(self, db: Db, claimed: Sequence[Claim], until: float) -> list[Call | Finished]:
        """What comes of each of these claims, in their order."""
        asked = [self._considered(one.delivery) for one in claimed]
        known = claims.snapshots(db, self._sealer, asked)
        found = [self._decided(*one, until) for one in zip(claimed, known, strict=True)]
        self._store_marks(db, known, found)
        counts = _counts(db, found)
        unknown = cache(partial(zones.unknown_to, db))
        begun = [self._start(db, one, counts, unknown) for one in found]
        counts.limits.store(db)
        opened = self._credentials(db, stored := self.attempts.store(db, begun))
        return [_ended(*one, opened) for one in zip(stored, found, strict=True)]

    def _decided(self, claim: Claim, was: Snapshot, until: float) -> _Decided:
        decision = reconcile(was)
        known = with_transitions(was, decision.transitions) if decision.transitions else was
        step = decision.step
        if isinstance(step, Nothing):
            return _Decided(claim, known, decision, until)
        tenant = claim.delivery.key.tenant
        slot = slots.slot_name(tenant, step.channel, step.account)
        if slot != claim.slot:
            return _Decided(claim, known, decision, until, slot)
        # A look-up takes the room of the call that it leads to as well: one that had to wait would
        # be looked up again instead, and never get its turn.
        rates, calls = self.context.tenant(tenant).rates, 1 if isinstance(step, Send) else 2
        counted = limiter.CountedCalls(tenant, step.channel, step.account, rates)
        return _Decided(claim, known, decision, until, slot, counted.limits(), calls)

    def _store_marks(self, db: Db, known: Sequence[Snapshot], found: Sequence[_Decided]) -> None:
        """Store what the snapshots changed about copies without a call."""
        marked = [
            (one.claim.delivery.key, named_copy(one.snapshot, n), named_copy(was, n))
            for one, was in zip(found, known, strict=True)
            for n in dict.fromkeys(mark.n for mark in one.decision.transitions)
        ]
        if not marked:
            return
        copies.save_all(db, self._sealer, marked)
        notes = [
            (key, Note("copy_marked", {"state": now.state.value}, now.n)) for key, now, _ in marked
        ]
        journal.note_all(db, notes)

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
        key = claim.delivery.key
        tenant = self.context.tenant(key.tenant)
        if one.limits is None:
            lanes = 1 if step.account else tenant.mail_lanes
            slots.ensure(db, key.tenant, step.channel, step.account, lanes)
            return Finished(claim, Schedule(db.now, slot=one.slot))
        waits = _must_wait(db, one, one.limits, counts, tenant.mails_per_day)
        if waits is not None:
            return waits
        wanted = tenant.account_lanes.get(step.channel)
        if step.account and wanted is not None:
            self._lanes.arrange(db, claim.slot, wanted)
        if isinstance(step, Send):
            return self.attempts.draft(db, claim, one.snapshot, step, one.until, unknown)
        return Call(claim, one.snapshot, step, named_copy(one.snapshot, step.n), one.until)


# --- what may keep a call waiting ----------------------------------------------------------------


def _counts(db: Db, found: Sequence[_Decided]) -> _Counts:
    mails = [
        one.claim.delivery.key for one in found if one.limits is not None and _is_new_mail(one.step)
    ]
    limits = limiter.RateLimits(db, [one.limits for one in found if one.limits is not None])
    return _Counts(limits, limiter.mails_of_each(db, mails) if mails else {})


def _must_wait(
    db: Db, one: _Decided, limits: Sequence[limiter.Limit], counts: _Counts, mails_per_day: int
) -> Finished | None:
    """Limits are taken before the call, all or none; over them the slot cools until there is
    room."""
    if _is_new_mail(one.step) and counts.mails[one.claim.delivery.key] >= mails_per_day:
        line = Note("mail_limit_reached", {"most": mails_per_day})
        return Finished(one.claim, Schedule(limiter.next_day(db)), lines=(line,))
    free_at = counts.limits.spend(limits, one.calls)
    if free_at is not None:
        return Finished(one.claim, Schedule(free_at), cools_until=free_at)
    return None


def _is_new_mail(step: Step) -> bool:
    """A mail that counts for the daily limit: a cancellation and a replay do not."""
    if not isinstance(step, Send) or step.account is not None:
        return False
    return not step.replay and step.do is not Do.WITHDRAW


def _ended(
    begun: Call | Finished, one: _Decided, opened: Mapping[str, Credentials]
) -> Call | Finished:
    """With what is known of the decision and the account."""
    if isinstance(begun, Call):
        credentials = opened.get(begun.via[1] or "")
        return replaced(begun, decision=one.decision, credentials=credentials)
    schedule = begun.schedule
    return replaced(begun, schedule=with_outlook(schedule, one.snapshot)) if schedule else begun
