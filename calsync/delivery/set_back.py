"""Deliveries that nothing could be decided about: they wait, and the others of their slot go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from calsync.core.calls import Receipt
from calsync.core.ledger import CopyState, DeliveryKey, Outcome
from calsync.core.reconcile.claimed import Claim, Finished, Note, Schedule
from calsync.core.reconcile.outcome import Moment, after_unjudged
from calsync.delivery import finish
from calsync.delivery.attempts import Call
from calsync.errors import ChannelError, ConflictError, origin_of
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.queue import claims

SET_BACK = timedelta(minutes=10)
AT_ONCE = timedelta(seconds=1)  # the place is held meanwhile: the next decision sees by whom


class DecisionFailed(Exception):  # noqa: N818  (it ends a transaction and is told there)
    """A claim in which no step could be decided or stored, or no `answer` to `call` judged. Its
    transaction is rolled back."""

    def __init__(
        self,
        key: DeliveryKey,
        error: Exception,
        call: Call | None = None,
        answer: object = None,
    ) -> None:
        super().__init__(type(error).__name__)
        self.key, self.call, self.reason = key, call, type(error).__name__
        self.answer = answer
        rival = isinstance(error, ConflictError)
        self.again = AT_ONCE if rival else SET_BACK
        self.origin = None if rival else origin_of(error)
        self.area = "decision" if call is None else "outcome"


def set_back(context: Context, failed: DecisionFailed) -> None:
    """End such a claim: first in its slot, it would block all others. What became of its call is
    decided again later, or with the next change: nothing is parked."""

    def work(db: Db) -> None:
        held = failed.call.claim if failed.call is not None else None
        claim = held or claims.take_one(db, context.lease, failed.key)
        if claim is not None:
            end = _end(claim, failed, db.now + failed.again)
            finish.store(context, db, [_with_copy(context, db, end, failed)])
            unexpected.tell(context, db, failed.area, failed.origin, failed.key)

    context.transact("set_back", work)


def _end(claim: Claim, failed: DecisionFailed, due_at: datetime) -> Finished:
    undecided = f"undecided: {failed.reason}"
    ended = Schedule(due_at, last_error=undecided)
    line = Note("decision_failed", {"error": failed.reason})
    end = Finished(claim, ended, lines=(line,), log=(line,))
    call = failed.call
    if call is None or call.attempt is None:
        return end
    return replace(end, attempt=replace(call.attempt, outcome=Outcome.MAYBE), answer=undecided)


def _with_copy(context: Context, db: Db, end: Finished, failed: DecisionFailed) -> Finished:
    """With the copy that the call was about, where that still waits for this answer."""
    call, answer = failed.call, failed.answer
    if call is None or call.attempt is None or not isinstance(answer, Receipt | ChannelError):
        return end
    (reread,) = claims.reread(db, context.sealer, [end.claim])
    was = next((one for one in reread.copies if one.n == call.copy.n), None)
    current = was.attempt if was is not None else None
    if was is None or was.state is not CopyState.UNSURE or current is None:
        return end
    if current.id != call.attempt.id:
        return end
    copy = after_unjudged(was, current, answer, Moment(db.now, end.claim.delivery.version))
    schedule = end.schedule and replace(end.schedule, due_at=copy.again_at)
    return replace(end, was=was, copy=copy, attempt=copy.attempt, schedule=schedule)
