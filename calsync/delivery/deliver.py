"""One delivery by itself: its answer stored, a second call where a look-up leads to one, and a mail
that ops have sent again.

Three moves, never a transaction across the middle one:
  begin   decided, and the attempt stored with its exact bytes (begin.py), many at once (groups.py)
  call    one call, over by its deadline (call.py)
  end     the outcome, always; the schedule, if the lease is still ours
A yes ends together with others in a group. Everything else ends here, by itself.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

from calsync.core.calls import Receipt
from calsync.core.ledger import DeliveryKey, Do
from calsync.core.reconcile.actions import Find, FindUid, Send
from calsync.core.reconcile.claimed import Claim, Finished, Reread
from calsync.core.reconcile.finish import (
    Made,
    after_call,
    after_look_up,
    look_up_failed,
    not_sent,
)
from calsync.core.reconcile.looks.find import Found, Replay
from calsync.core.reconcile.prepare import copies_with, named_copy, with_copy
from calsync.core.schedule import next_try
from calsync.delivery import finish
from calsync.delivery.attempts import Call
from calsync.delivery.begin import Begin
from calsync.delivery.call import Answer, CallMaker
from calsync.delivery.set_back import DecisionFailed, set_back
from calsync.errors import ChannelError, ConflictError, DatabaseError, InputError
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import copies, deliveries
from calsync.store.queue import claims, limiter


class Deliverer:
    """Works off what was claimed, in the thread of whoever asks; the workers of a process share
    one."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.spread = random.Random()  # noqa: S311  (jitter, not a secret)
        self.begin, self.calls = Begin(context), CallMaker(context)
        # Claims whose worker lost the database, until they are given back.
        self.unfinished: list[Claim] = []

    # --- claims that nobody comes back with ------------------------------------------------------

    def give_back(self, db: Db) -> None:
        """What was taken in transactions that lost their connection is free again: nobody comes
        back with it, and until its lease ended no other delivery of its account would go out."""
        for claim in tuple(self.unfinished):
            claims.give_back(db, claim)
            db.after_commit(partial(self._forget, claim))

    def _forget(self, claim: Claim) -> None:
        with suppress(ValueError):  # another worker gave it back in the same moment
            self.unfinished.remove(claim)

    def until(self) -> float:
        """By when a call must be over that is claimed now (monotonic)."""
        return time.monotonic() + self.context.lease.total_seconds() / 3

    def resend(self, key: DeliveryKey, n: int) -> str:
        """Send what mailed copy `n` shows once more; returns the answer in words.

        Raises InputError while the delivery is being worked on.
        """
        until = self.until()

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
            begun = self.begin.attempts.new(db, claim, snapshot, step, until)
            return self._made_or_ended(db, begun)

        call = self.context.transact("resend", work)
        if call is None:
            raise InputError("it cannot be sent now; `calsync explain` tells why")
        answer = self.calls.answer(call)
        self.end(call, answer)
        return "sent" if isinstance(answer, Receipt) else f"not sent: {answer}"

    # --- one call, and what it leads to ----------------------------------------------------------

    def work_off(self, call: Call, answer: Answer) -> None:
        """Store what came of the call, and do what that leads to."""
        following = call, answer
        try:
            while (again := self.end(*following)) is not None:
                following = again, self.calls.answer(again)
        except DatabaseError:
            self.unfinished.append(call.claim)
            raise

    def end(self, call: Call, answer: Answer) -> Call | None:
        """Store the outcome; returns the next call where a look-up leads to one. What an answer
        leads to that nobody foresaw is an outcome as well."""
        try:
            return self._ended(call, answer, "call")
        except ConflictError as error:  # a look-up led to a copy whose place another one holds
            set_back(self.context, DecisionFailed(call.claim.delivery.key, error, call))
            return None
        except Exception as error:
            refused = unexpected.refused(error)
        try:
            return self._ended(call, refused, "outcome")
        except Exception as error:
            unexpected.refused(error)
            set_back(self.context, DecisionFailed(call.claim.delivery.key, error, call, answer))
        return None

    def _ended(self, call: Call, answer: Answer, area: str) -> Call | None:
        told = call, answer, area
        return self.context.transact(
            "finish",
            partial(self._noted, *told),
            waits=True,
            unsure=partial(self.noted_once, *told),
        )

    def noted_once(self, call: Call, answer: Answer, area: str, db: Db) -> Call | None:
        """Store an outcome that may be stored already. Of a look-up nothing would be known then,
        not even whether it led to a call: the delivery decides again."""
        if call.attempt is not None and not copies.answered(db, call.attempt):
            return self._noted(call, answer, area, db)
        claims.give_back(db, call.claim)
        return None

    def _noted(self, call: Call, answer: Answer, area: str, db: Db) -> Call | None:
        if isinstance(answer, ChannelError):
            unexpected.tell(self.context, db, area, answer.origin, call.claim.delivery.key)
        result = self._judged(self._made(db, call), call, answer)
        if isinstance(result, Finished):
            return self._made_or_ended(db, result)
        return self._made_or_ended(db, self._second_call(db, call, result))

    def _made_or_ended(self, db: Db, begun: Call | Finished) -> Call | None:
        """The call to make, or None when the claim ends without one."""
        if isinstance(begun, Call):
            return begun
        finish.store(self.context, db, [begun])
        return None

    # --- what an answer means --------------------------------------------------------------------

    def accepted(self, db: Db, call: Call, receipt: Receipt) -> Finished:
        """The end of a claim whose call was answered with a yes, as the claim left its copy."""
        if call.attempt is None:
            raise RuntimeError("a look-up is answered with sightings")
        known = None
        if receipt.applied:  # then nothing else of the delivery is asked for
            as_stored = copies_with(call.snapshot.copies, call.copy)
            known = Reread(call.claim.delivery.version, as_stored, unread=True)
        return after_call(self._made(db, call, known), call.copy.n, call.attempt, receipt)

    def unsent(self, db: Db, call: Call) -> Finished:
        """The end of a claim whose call was certainly not made."""
        return not_sent(self._made(db, call), call.copy.n, call.attempt)

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

    def _made(self, db: Db, call: Call, known: Reread | None = None) -> Made:
        starts_at, now = call.snapshot.delivery.starts_at, db.now
        reread = known or claims.reread(db, self.context.sealer, [call.claim])[0]
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
        until, snapshot = self.until(), with_copy(call.snapshot, result.copy)
        known, attempts = (db, call.claim, snapshot), self.begin.attempts
        if isinstance(result, Replay):
            return attempts.again(*known, call.step, result.copy, until)
        return attempts.new(*known, result.step, until)
