"""A call that was claimed ahead and not made: nothing happened, and nothing failed."""

from __future__ import annotations

from dataclasses import replace

from calsync.core.ledger import CopyState, Outcome
from calsync.core.reconcile.claimed import Finished, Schedule
from calsync.core.reconcile.finish import not_sent
from tests.core.test_finish import CREATE, UNSURE, made, schedule
from tests.make import NOW

S = CopyState


def test_a_call_that_was_not_made_leaves_everything_as_it_was_and_is_no_failure() -> None:
    finished = not_sent(made(UNSURE, attempts=2), 1, CREATE)
    assert finished.copy is not None
    assert finished.copy.state is S.PLANNED
    assert finished.attempt is not None
    assert finished.attempt.outcome is Outcome.NO
    assert schedule(finished) == Schedule(NOW)
    assert (finished.lines, finished.log, finished.answer) == ((), (), "not sent")
    assert not finished.called


def test_a_repeated_call_that_was_not_made_leaves_its_copy_unsure() -> None:
    again = replace(CREATE, sends=2)
    finished = not_sent(made(replace(UNSURE, attempt=again)), 1, again)
    assert finished.copy is not None
    assert finished.copy.state is S.UNSURE
    assert schedule(finished) == Schedule(NOW)
    assert not finished.called


def test_whoever_lost_the_lease_of_a_call_that_was_not_made_schedules_nothing() -> None:
    finished = not_sent(made(UNSURE, mine=False), 1, CREATE)
    assert finished.schedule is None
    assert finished.copy is not None
    assert finished.copy.state is S.UNSURE


def test_a_look_up_that_was_not_made_is_due_again() -> None:
    one = made(UNSURE)
    assert not_sent(one, 1, None) == Finished(one.claim, Schedule(NOW))
    assert not_sent(made(UNSURE, mine=False), 1, None).schedule is None
