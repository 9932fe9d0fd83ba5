"""Deliveries that nothing could be decided about: they wait, and the others of their slot go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from calsync.core.ledger import DeliveryKey, Outcome
from calsync.core.reconcile.claimed import Claim, Finished, Note, Schedule
from calsync.delivery import finish
from calsync.delivery.begin import Call
from calsync.errors import ConflictError, origin_of
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.queue import claims

SET_BACK = timedelta(minutes=10)
AT_ONCE = timedelta(seconds=1)  # the place is held meanwhile: the next decision sees by whom


class DecisionFailed(Exception):  # noqa: N818  (it ends a transaction and is told there)
    """A claim in which no step could be decided or stored, or, after `call`, no answer judged. Its
    transaction is rolled back."""

    def __init__(self, key: DeliveryKey, error: Exception, call: Call | None = None) -> None:
        super().__init__(type(error).__name__)
        self.key, self.call, self.reason = key, call, type(error).__name__
        rival = isinstance(error, ConflictError)
        self.again = AT_ONCE if rival else SET_BACK
        self.origin = None if rival else origin_of(error)
        self.area = "decision" if call is None else "outcome"


def set_back(context: Context, failed: DecisionFailed) -> None:
    """End such a claim: first in its slot, it would block all others. What its call did is not
    known. An event is looked up; a mail would only be sent again, so that is parked."""

    def work(db: Db) -> None:
        held = failed.call.claim if failed.call is not None else None
        claim = held or claims.take_one(db, context.lease, failed.key)
        if claim is not None:
            finish.store(context, db, [_end(claim, failed, db.now + failed.again)])
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
    attempt = replace(call.attempt, outcome=Outcome.MAYBE)
    ended = replace(ended, parked="refused" if call.via[1] is None else None)
    return replace(end, schedule=ended, attempt=attempt, answer=undecided)
