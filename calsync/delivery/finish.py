"""Settling a call: what its answer does to the copy, the account and the schedule."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.calls import Receipt, Sighting
from calsync.core.ledger import Attempt, Copy, DeliveryKey, Do, Snapshot, copy_uid
from calsync.core.reconcile.actions import Find, FindUid, Nothing
from calsync.core.reconcile.claimed import Claim
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.outcome import (
    After,
    Found,
    Replay,
    after_error,
    after_find,
    after_find_uid,
    after_receipt,
    outcome_of,
)
from calsync.core.reconcile.predicates import unreachable_at
from calsync.delivery.backoff import next_try
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    ConflictError,
    Missing,
    Setup,
    TryLater,
    Unusable,
)
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import copies, deliveries, journal
from calsync.store.queue import claims, limiter, pauses, slots

INSPECT_BEFORE = (timedelta(hours=24), timedelta(hours=2), timedelta(minutes=15))
SETUP_AGAIN = timedelta(minutes=5)
PROVIDER_AGAIN = timedelta(seconds=20)
PATIENCE = 3  # Changed or Missing this often in a row, then it waits like any other failure


@dataclass(frozen=True, slots=True)
class Uid:
    """The uid of copy n of one delivery."""

    namespace: UUID
    key: DeliveryKey

    def __call__(self, n: int) -> str:
        return copy_uid(self.namespace, self.key, n)


def with_copy(snapshot: Snapshot, copy: Copy) -> Snapshot:
    """The snapshot with this copy in the place of the one with its number."""
    others = [one for one in snapshot.copies if one.n != copy.n]
    return replace(snapshot, copies=sorted([*others, copy], key=lambda one: one.n))


def next_inspection(starts_at: datetime, now: datetime) -> datetime | None:
    """When a live copy is looked at next: 24 h, 2 h and 15 min before its start."""
    return next((at for at in (starts_at - ahead for ahead in INSPECT_BEFORE) if at > now), None)


def stop_for_setup(context: Context, db: Db, key: DeliveryKey, channel: str, error: Setup) -> None:
    """The operator's fault: stop that channel for the tenant or everywhere; one incident."""
    tenant = "*" if error.scope == "provider" else key.tenant
    news = pauses.stop(db, tenant, channel, "setup", error.reason, db.now + SETUP_AGAIN)
    if news:
        journal.note(db, "channel_stopped", tenant=key.tenant, channel=channel, reason=error.reason)
        context.log("channel_stopped", tenant=tenant, channel=channel, reason=error.reason)


class Finish:
    """The last transaction of one claim."""

    def __init__(
        self, context: Context, db: Db, claim: Claim, snapshot: Snapshot, spread: random.Random
    ) -> None:
        self.context, self.db, self.claim, self.snapshot, self.spread = (
            context,
            db,
            claim,
            snapshot,
            spread,
        )
        self.key = claim.key

    # --- a call that was sent ----------------------------------------------------------------

    def sent(self, copy: Copy, attempt: Attempt, answer: Receipt | ChannelError) -> None:
        """Store the outcome on its attempt, on the copy if that still waits for it, and go on."""
        mine = claims.still_ours(self.db, self.claim) is not None
        known = claims.copies(self.db, self.context.sealer, self.key)
        now = next((one for one in known if one.n == copy.n), None)
        waits = now is not None and now.attempt is not None and now.attempt.id == attempt.id
        if now is None or not waits or now.state.value != "unsure":
            copies.close_attempt(self.db, attempt, outcome_of(answer), _word(answer))
            deliveries.wake_one(self.db, self.key)
            if mine:
                claims.release(self.db, self.claim, due_at=self.db.now)
            return
        current = now.attempt or attempt
        if isinstance(answer, ChannelError):
            after = after_error(now, current, answer, mine=mine)
        else:
            after = after_receipt(now, current, answer, known)
        self._store(now, after, answer)
        self._log(attempt, copy, answer)
        if mine:
            self._schedule(after, answer, attempt.channel, attempt.account)

    def _store(self, was: Copy, after: After, answer: Receipt | ChannelError | None) -> None:
        copies.save(self.db, self.context.sealer, self.key, after.copy, was)
        if after.copy.attempt is not None and answer is not None:
            copies.update_attempt(
                self.db,
                after.copy.attempt,
                answer=_word(answer),
                request_id=answer.request_id,
            )
        if after.alert is not None:
            journal.note(self.db, "alert", key=self.key, n=after.copy.n, reason=after.alert)
            self.context.log("alert", **_who(self.key), reason=after.alert)

    def _log(self, attempt: Attempt, copy: Copy, answer: Receipt | ChannelError) -> None:
        word = _word(answer)
        reached = isinstance(answer, Receipt) or answer.happened == "maybe"
        if attempt.account is None and attempt.do is not Do.WITHDRAW and reached:
            limiter.count_mail(self.db, self.key)
        journal.note(
            self.db,
            f"{attempt.do.value}_answered",
            key=self.key,
            n=copy.n,
            channel=attempt.channel,
            answer=word,
            request=answer.request_id,
        )
        self.context.log(
            "delivered" if isinstance(answer, Receipt) else "delivery_failed",
            **_who(self.key),
            do=attempt.do.value,
            channel=attempt.channel,
            copy=copy.n,
            answer=word,
        )

    # --- a look-up ---------------------------------------------------------------------------

    def looked(
        self, step: Find | FindUid, sightings: Sequence[Sighting]
    ) -> After | Replay | Found | None:
        """What the sightings mean, stored; None when the lease or the copy has moved on."""
        version = claims.still_ours(self.db, self.claim)
        if version is None:
            return None
        if version != self.claim.version:
            claims.release(self.db, self.claim, due_at=self.db.now)
            return None
        known = claims.copies(self.db, self.context.sealer, self.key)
        was = next(one for one in self.snapshot.copies if one.n == step.n)
        now = next(one for one in known if one.n == step.n)
        if now.state is not was.state or _attempt_id(now) != _attempt_id(was):
            claims.release(self.db, self.claim, due_at=self.db.now)
            return None
        if isinstance(step, Find):
            result: After | Replay | Found = after_find(self.snapshot, step, sightings)
        else:
            result = after_find_uid(self.snapshot, step, sightings)
        if isinstance(result, After):
            self._store_looked(now, result, step)
        return result

    def _store_looked(self, was: Copy, after: After, step: Find | FindUid) -> None:
        try:
            with self.db.savepoint():
                self._store(was, after, None)
                if after.copy.attempt is not None and after.copy.attempt != was.attempt:
                    copies.update_attempt(self.db, after.copy.attempt, answer="seen")
        except ConflictError:  # another copy holds the place: its end wakes us
            claims.release(self.db, self.claim, due_at=None)
            return
        journal.note(
            self.db,
            "copy_found",
            key=self.key,
            n=was.n,
            channel=step.channel,
            why=getattr(step, "why", "handover"),
            state=after.copy.state.value,
        )
        self._schedule(after, None, step.channel, step.account)

    def look_failed(self, error: ChannelError, via: tuple[str, str | None]) -> None:
        """The look-up itself failed; the copy stays as it is."""
        if claims.still_ours(self.db, self.claim) is None:
            return
        journal.note(self.db, "look_up_failed", key=self.key, channel=via[0], answer=_word(error))
        self._after_error(error, *via)

    # --- the schedule ------------------------------------------------------------------------

    def _schedule(
        self,
        after: After,
        answer: Receipt | ChannelError | None,
        channel: str,
        account: str | None,
    ) -> None:
        self.snapshot = with_copy(self.snapshot, after.copy)
        if after.refused is not None:
            claims.release(
                self.db, self.claim, due_at=None, parked="refused", last_error=after.refused
            )
            self.context.log("refused", **_who(self.key), channel=channel, reason=after.refused)
            return
        if isinstance(answer, ChannelError):
            self._after_error(answer, channel, account)
            return
        if account is not None and self.claim.failures:
            slots.warm(self.db, self.claim.slot)
        decision = reconcile(replace(self.snapshot, now=self.db.now))
        calm = (
            isinstance(decision.step, Nothing) and not decision.transitions and not decision.notices
        )
        due_at = (
            decision.step.due_at if isinstance(decision.step, Nothing) and calm else self.db.now
        )
        looks: dict[str, Any] = {}
        if account is not None:
            looks["look_at"] = next_inspection(self.snapshot.delivery.starts_at, self.db.now)
        claims.release(self.db, self.claim, due_at=due_at, attempts=0, last_error=None, **looks)

    def _after_error(self, error: ChannelError, channel: str, account: str | None) -> None:
        attempts = self.snapshot.delivery.attempts + 1
        due_at = self.db.now
        if isinstance(error, AccessLost | Unusable) and account is not None:
            state = AccountState.RECONNECT
            if isinstance(error, Unusable):
                state = AccountState.UNUSABLE
            reroute.lose(self.context, self.db, account, state, error.reason)
        elif isinstance(error, Setup):
            stop_for_setup(self.context, self.db, self.key, channel, error)
        elif isinstance(error, Changed | Missing) and attempts <= PATIENCE:
            pass
        else:
            due_at = self._later(error, attempts, channel, account)
        claims.release(
            self.db, self.claim, due_at=due_at, attempts=attempts, last_error=_word(error)
        )

    def _later(
        self, error: ChannelError, attempts: int, channel: str, account: str | None
    ) -> datetime:
        now, delivery = self.db.now, self.snapshot.delivery
        due_at = next_try(now, attempts, delivery.starts_at, error.after, self.spread)
        if isinstance(error, TryLater) and error.scope == "account":
            failures = slots.failed(self.db, self.claim.slot)
            until = next_try(now, failures, delivery.starts_at, error.after, self.spread)
            slots.cool(self.db, self.claim.slot, until)
        elif isinstance(error, TryLater) and error.scope in ("tenant", "provider"):
            tenant = "*" if error.scope == "provider" else self.key.tenant
            wait = max(PROVIDER_AGAIN, timedelta(seconds=error.after or 0))
            pauses.stop(self.db, tenant, channel, "provider", error.reason, now + wait)
        notice_at = unreachable_at(replace(self.snapshot, now=now))
        if notice_at is not None and notice_at > now:
            due_at = min(due_at, notice_at)
        return due_at


def _attempt_id(copy: Copy) -> int | None:
    return copy.attempt.id if copy.attempt else None


def _word(answer: Receipt | ChannelError) -> str:
    if isinstance(answer, ChannelError):
        return f"{answer.kind} ({answer.happened}, {answer.scope}): {answer.reason}"
    return "yes" if answer.applied else "yes, but not as sent"


def _who(key: DeliveryKey) -> dict[str, str]:
    return {"tenant": key.tenant, "session": key.session, "participant": key.participant}
