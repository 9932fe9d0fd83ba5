"""Delivering: claim one due delivery, decide on fresh rows, make one call, store its outcome.

Three moves, never a transaction across the middle one:
  `_claim`   claim, decide, and store the attempt with its exact bytes (begin.py)
  `_call`    one call, over by its deadline
  `_end`     the outcome, always; the schedule, if the lease is still ours
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import partial

from calsync.core.calls import PreparedRequest, Receipt, Sighting
from calsync.core.ledger import DeliveryKey, Do
from calsync.core.reconcile.actions import (
    Find,
    FindUid,
    Send,
)
from calsync.core.reconcile.claimed import Claim, Finished
from calsync.core.reconcile.finish import Made, after_call, after_look_up, look_up_failed
from calsync.core.reconcile.looks.find import Found, Replay
from calsync.core.reconcile.prepare import (
    named_copy,
    with_copy,
)
from calsync.core.schedule import next_try
from calsync.delivery import finish
from calsync.delivery.begin import Begin, Call
from calsync.delivery.concurrency import InFlight, Permit
from calsync.delivery.set_back import DecisionFailed, set_back
from calsync.errors import (
    AccessLost,
    ChannelError,
    ConflictError,
    DatabaseError,
    InputError,
    TryLater,
    ValueRefusedError,
)
from calsync.ports import Access
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import copies, deliveries
from calsync.store.queue import claims, limiter

Answer = Receipt | Sequence[Sighting] | ChannelError
OF_ONE = (ConflictError, ValueRefusedError)  # errors of the database that concern one delivery


class Deliverer:
    """One worker's loop body; as many as you like may run, in threads and on machines."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.spread = random.Random()  # noqa: S311  (jitter, not a secret)
        self.in_flight = InFlight()
        self.begin = Begin(context)
        # Claims whose worker lost the database, until they are given back.
        self.unfinished: list[Claim] = []

    def run_once(self, tenants: Sequence[str]) -> bool:
        """Claim and work off one delivery; False when none of these tenants has one that is due
        and may be called now."""
        limits = {one: self.context.tenant(one).in_flight for one in tenants}
        with self.in_flight.permit(limits) as permit:
            taken: list[Claim] = []
            try:
                claimed, call = self._begin(tenants, permit, taken)
                while call is not None:
                    permit.keep(call.claim.key.tenant, call.via[0])
                    call = self._end(call, self._call(call))
            except DatabaseError:
                self.unfinished += taken
                raise
        return claimed

    def _begin(
        self, tenants: Sequence[str], permit: Permit, taken: list[Claim]
    ) -> tuple[bool, Call | None]:
        def work(db: Db) -> tuple[bool, Call | None]:
            taken.clear()  # an earlier try is rolled back
            self._give_back(db)
            return self._claim(db, tenants, permit, taken)

        def unsure(db: Db) -> tuple[bool, Call | None]:
            self.unfinished += taken
            return work(db)

        try:
            return self.context.transact("claim", work, waits=True, unsure=unsure)
        except DecisionFailed as failed:
            set_back(self.context, failed)
            return True, None

    def _give_back(self, db: Db) -> None:
        """What was taken in transactions that lost their connection is free again: nobody comes
        back with it, and until its lease ended no other delivery of its account would go out."""
        for claim in tuple(self.unfinished):
            claims.give_back(db, claim)
            db.after_commit(partial(self._forget, claim))

    def _forget(self, claim: Claim) -> None:
        with suppress(ValueError):  # another worker gave it back in the same moment
            self.unfinished.remove(claim)

    def _claim(
        self, db: Db, tenants: Sequence[str], permit: Permit, taken: list[Claim]
    ) -> tuple[bool, Call | None]:
        claim = claims.take(db, self.context.lease, tenants, permit.full)
        if claim is None:
            return False, None
        taken.append(claim)
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        try:
            return True, self._made_or_ended(db, self.begin.decide(db, claim, until))
        except Exception as error:
            if isinstance(error, DatabaseError) and not isinstance(error, OF_ONE):
                raise
            raise DecisionFailed(claim.key, error) from error

    def resend(self, key: DeliveryKey, n: int) -> str:
        """Send what mailed copy `n` shows once more; returns the answer in words.

        Raises InputError while the delivery is being worked on.
        """
        until = time.monotonic() + self.context.lease.total_seconds() / 3

        def work(db: Db) -> Call | None:
            # Due as well as leased: if this process dies, a worker sends the stored bytes.
            deliveries.wake_one(db, key)
            claim = claims.take_one(db, self.context.lease, key)
            if claim is None:
                raise InputError("it is being worked on right now; try again in a moment")
            policy = self.context.tenant(key.tenant).policy
            snapshot = claims.snapshot(db, self.context.sealer, claim.delivery, policy)
            if not snapshot.delivery.wanted or snapshot.delivery.ends_at <= db.now:
                raise InputError("it is cancelled, over, or shown elsewhere; nothing is to be sent")
            if limiter.mails_today(db, key) >= self.context.tenant(key.tenant).mails_per_day:
                raise InputError("this person was mailed often enough about it today")
            step = Send(Do.CHANGE, n, named_copy(snapshot, n).channel, None, resend=True)
            begun = self.begin.attempt(db, claim, snapshot, step, until)
            return self._made_or_ended(db, begun)

        call = self.context.transact("resend", work)
        if call is None:
            raise InputError("it cannot be sent now; `calsync explain` tells why")
        answer = self._call(call)
        self._end(call, answer)
        return "sent" if isinstance(answer, Receipt) else f"not sent: {answer}"

    def _made_or_ended(self, db: Db, begun: Call | Finished) -> Call | None:
        """The call to make, or None when the claim ends without one."""
        if isinstance(begun, Call):
            return begun
        finish.store(self.context, db, [begun])
        return None

    # --- call ------------------------------------------------------------------------------

    def _call(self, call: Call) -> Answer:
        """One call; what nobody foresaw is an answer as well."""
        self.context.at("call.before")
        try:
            return unexpected.answered(partial(self._answered, call))
        finally:
            self.context.at("call.after")

    def _answered(self, call: Call) -> Receipt | Sequence[Sighting]:
        """A token that is refused is refreshed once; then the account is lost."""
        try:
            return self._with_access(call, fresh=False)
        except AccessLost as error:
            if call.via[1] is None or error.reason == "not connected":
                raise
        return self._with_access(call, fresh=True)

    def _with_access(self, call: Call, *, fresh: bool) -> Receipt | Sequence[Sighting]:
        channel_name, account = call.via
        channel = self.context.channel(call.claim.key.tenant, channel_name)
        if call.until - time.monotonic() < 1.0:
            raise TryLater("no time left for a call", happened="no", scope="copy")
        access = Access(account="", secret="")
        if account is not None:
            access = self.context.authorizer.open(account, call.until, fresh=fresh)
        if isinstance(call.step, FindUid) and call.prepared is None:
            return channel.find_uid(call.copy.uid, access, call.until)
        if call.prepared is None:
            return channel.find(call.copy, access, call.until)
        with self.context.call("send"), self._leased(call.prepared, call.claim):
            return channel.send(call.prepared, call.copy, access, call.until)

    def _leased(self, prepared: PreparedRequest, claim: Claim) -> AbstractContextManager[None]:
        leases = self.context.leases
        return leases.sending(prepared, claim) if leases is not None else nullcontext()

    # --- end -------------------------------------------------------------------------------

    def _end(self, call: Call, answer: Answer) -> Call | None:
        """Store the outcome; returns the next call where a look-up leads to one. What an answer
        leads to that nobody foresaw is an outcome as well."""
        try:
            return self._ended(call, answer, "call")
        except ConflictError as error:  # a look-up led to a copy whose place another one holds
            set_back(self.context, DecisionFailed(call.claim.key, error, call))
            return None
        except Exception as error:
            refused = unexpected.refused(error)
        try:
            return self._ended(call, refused, "outcome")
        except Exception as error:
            unexpected.refused(error)
            set_back(self.context, DecisionFailed(call.claim.key, error, call, answer))
        return None

    def _ended(self, call: Call, answer: Answer, area: str) -> Call | None:
        told = call, answer, area
        return self.context.transact(
            "finish",
            partial(self._noted, *told),
            waits=True,
            unsure=partial(self._noted_once, *told),
        )

    def _noted_once(self, call: Call, answer: Answer, area: str, db: Db) -> Call | None:
        """Store an outcome that may be stored already. Of a look-up nothing would be known then,
        not even whether it led to a call: the delivery decides again."""
        if call.attempt is not None and not copies.answered(db, call.attempt):
            return self._noted(call, answer, area, db)
        claims.give_back(db, call.claim)
        return None

    def _noted(self, call: Call, answer: Answer, area: str, db: Db) -> Call | None:
        if isinstance(answer, ChannelError):
            unexpected.tell(self.context, db, area, answer.origin, call.claim.key)
        return self._store_answer(db, call, answer)

    def _store_answer(self, db: Db, call: Call, answer: Answer) -> Call | None:
        result = self._judged(self._made(db, call), call, answer)
        if isinstance(result, Finished):
            return self._made_or_ended(db, replace(result, called=True))
        return self._made_or_ended(db, self._second_call(db, call, result))

    def _judged(self, made: Made, call: Call, answer: Answer) -> Finished | Replay | Found:
        if isinstance(answer, Sequence):
            if not isinstance(call.step, Find | FindUid):
                raise RuntimeError("only a look-up is answered with sightings")
            return after_look_up(made, call.step, answer)
        if call.attempt is not None:
            return after_call(made, call.copy.n, call.attempt, answer)
        if not isinstance(answer, ChannelError):
            raise RuntimeError("a look-up is answered with sightings")
        if isinstance(call.step, Send):
            raise RuntimeError("a call that changes something has an attempt")
        return look_up_failed(made, call.step, answer)

    def _made(self, db: Db, call: Call) -> Made:
        starts_at, now = call.snapshot.delivery.starts_at, db.now
        (reread,) = claims.reread(db, self.context.sealer, [call.claim])
        return Made(
            call.claim,
            call.snapshot,
            call.decision,
            reread,
            now,
            lambda failures, asked: next_try(
                now, failures, starts_at, asked=asked, chance=self.spread.random()
            ),
        )

    def _second_call(self, db: Db, call: Call, result: Replay | Found) -> Call | Finished:
        claims.renew(db, call.claim, self.context.lease)
        until = time.monotonic() + self.context.lease.total_seconds() / 3
        snapshot = with_copy(call.snapshot, result.copy)
        if isinstance(result, Replay):
            return self.begin.again(db, call.claim, snapshot, call.step, result.copy, until)
        return self.begin.attempt(db, call.claim, snapshot, result.step, until)
