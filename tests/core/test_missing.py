"""What is not where it was: it is looked for before it counts as removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.ledger import Copy, CopyState, Do, Outcome
from calsync.core.reconcile.outcome import Moment, after_error
from calsync.errors import Missing
from tests.core.decisions import an_attempt, by_mail, in_a
from tests.make import NOW

S = CopyState
MISSING = Missing("404", happened="no")


def answered(copy: Copy, *, mine: bool = True) -> Copy:
    assert copy.attempt is not None
    return after_error(copy, copy.attempt, MISSING, Moment(NOW, 5), mine=mine).copy


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_what_is_missing_is_looked_for_before_it_counts_as_removed(do: Do) -> None:
    """Its person may have moved it to another calendar of the account."""
    open_until = NOW + timedelta(seconds=30)
    attempt = an_attempt(do, deadline=open_until)
    unsure = in_a(S.UNSURE, before=S.LIVE, attempt=attempt, material_fp="m0")
    copy = answered(unsure)
    assert copy.attempt is not None
    assert (copy.state, copy.material_fp, copy.occupies) == (S.UNSURE, "m0", True)
    assert (copy.attempt.outcome, copy.attempt.deadline) == (Outcome.NO, NOW)
    for unproven in (
        answered(unsure, mine=False),
        answered(replace(unsure, attempt=replace(attempt, sends=2))),
    ):
        assert unproven.attempt is not None
        assert unproven.attempt.deadline == open_until


def test_a_mail_clients_entry_that_is_missing_is_gone() -> None:
    mailed_copy = by_mail(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.WITHDRAW))
    copy = answered(mailed_copy)
    assert (copy.state, copy.occupies) == (S.GONE, False)
