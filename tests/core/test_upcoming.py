"""The Upcoming Session mail: every row of its decision, and which of two that fit is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from calsync.core.ledger import Copy, CopyState, RefusalKind, Snapshot, Want
from calsync.core.upcoming.decide import (
    AGAIN,
    JUST,
    ROWS,
    UpcomingAnswer,
    UpcomingReason,
    UpcomingStep,
    decide,
)
from calsync.core.upcoming.rules import UpcomingCase, UpcomingRules, UpcomingTo
from tests.core.decisions import STARTS, TO_MAIL, by_mail, in_a, in_b, snapshot
from tests.make import NOW

W, R, S = UpcomingAnswer, UpcomingReason, CopyState
EMAIL = "maya@example.org"
OPENS = STARTS - timedelta(hours=24)
IN_WINDOW = OPENS + timedelta(hours=3)
LONG_AGO = NOW - timedelta(days=30)
ALL = UpcomingRules(UpcomingTo.ALL, 24)
MAILED = UpcomingRules(UpcomingTo.MAILED, 24)
REFUSED = {"refusal": RefusalKind.ADDRESS, "refusals": 1, "refused_version": 5}


def a_case(*copies: Copy, now: datetime = IN_WINDOW, **changes: Any) -> UpcomingCase:
    """Maya's calendar shows it since long ago, and it starts in 21 hours; a change named like a
    field of the case goes there."""
    of_case = {name: changes.pop(name) for name in list(changes) if name in UpcomingCase.__slots__}
    known = snapshot(
        *(copies or (in_a(),)), **{"now": now, "email": EMAIL, "wanted_since": LONG_AGO, **changes}
    )
    return UpcomingCase(**{"snapshot": known, "rules": ALL, "since": LONG_AGO, **of_case})


def a_mailed_case(*copies: Copy, **changes: Any) -> UpcomingCase:
    return a_case(*(copies or (by_mail(),)), **{"route": TO_MAIL, **changes})


SOON = IN_WINDOW + AGAIN
CASES: list[tuple[UpcomingCase, UpcomingStep]] = [
    (a_case(), UpcomingStep(W.SEND, R.DUE)),
    (a_mailed_case(), UpcomingStep(W.SEND, R.DUE)),
    (a_mailed_case(rules=MAILED), UpcomingStep(W.SEND, R.DUE)),
    (a_case(in_a(S.DISMISSED)), UpcomingStep(W.SEND, R.DUE)),
    (a_case(in_a(S.LIVE), in_b(S.UNSURE, 2)), UpcomingStep(W.SEND, R.DUE)),
    (a_case(now=OPENS), UpcomingStep(W.SEND, R.DUE)),
    (a_case(wanted_since=None), UpcomingStep(W.SEND, R.DUE)),
    (a_case(wanted_since=IN_WINDOW - JUST), UpcomingStep(W.SEND, R.DUE)),
    (a_case(now=OPENS, wanted_since=OPENS), UpcomingStep(W.SEND, R.DUE)),
    (a_case(since=STARTS - JUST), UpcomingStep(W.SEND, R.DUE)),
    (a_case(in_a(S.ELSEWHERE), in_a(n=2)), UpcomingStep(W.SEND, R.DUE)),
    (a_case(want=Want.ABSENT), UpcomingStep(W.LEAVE, R.CANCELLED)),
    (a_case(covered_by="u-2"), UpcomingStep(W.LEAVE, R.NOT_SHOWN)),
    (a_case(batch=3), UpcomingStep(W.LEAVE, R.HELD)),
    (a_case(parked="refused"), UpcomingStep(W.LEAVE, R.PARKED)),
    (a_case(now=STARTS), UpcomingStep(W.NEVER, R.STARTED)),
    (a_case(rules=UpcomingRules()), UpcomingStep(W.LEAVE, R.OFF)),
    (a_case(route=None), UpcomingStep(W.NEVER, R.NO_MAILBOX)),
    (a_case(content=None), UpcomingStep(W.NEVER, R.NO_MAILBOX)),
    (a_case(email=""), UpcomingStep(W.NEVER, R.NO_MAILBOX)),
    (a_case(in_a(), by_mail(S.FAILED, 2, **REFUSED)), UpcomingStep(W.NEVER, R.NO_MAILBOX)),
    (a_case(now=OPENS - JUST), UpcomingStep(W.WAIT, R.NOT_YET, OPENS)),
    (a_case(program_hours=2), UpcomingStep(W.WAIT, R.NOT_YET, STARTS - timedelta(hours=2))),
    (a_case(rules=MAILED), UpcomingStep(W.NEVER, R.IN_CALENDAR)),
    (a_case(since=STARTS - JUST + timedelta(seconds=1)), UpcomingStep(W.NEVER, R.SWITCHED_ON)),
    (a_case(unsubscribed=True), UpcomingStep(W.NEVER, R.UNSUBSCRIBED)),
    (a_case(in_a(S.ELSEWHERE)), UpcomingStep(W.NEVER, R.ELSEWHERE)),
    (a_case(restored_at=OPENS), UpcomingStep(W.NEVER, R.RESTORED)),
    (a_case(restored_at=OPENS - JUST), UpcomingStep(W.SEND, R.DUE)),
    (
        a_case(wanted_since=IN_WINDOW - timedelta(hours=1)),
        UpcomingStep(W.WAIT, R.JUST_BOOKED, IN_WINDOW + timedelta(hours=1)),
    ),
    (a_case(booked=False), UpcomingStep(W.WAIT, R.NOT_BOOKED, SOON)),
    (a_case(excluded=True), UpcomingStep(W.WAIT, R.EXCLUDED, SOON)),
    (a_case(stale=True), UpcomingStep(W.WAIT, R.STALE, SOON)),
    (a_case(paused=True), UpcomingStep(W.WAIT, R.PAUSED, SOON)),
    (a_case(in_a(S.UNSURE)), UpcomingStep(W.WAIT, R.UNSURE, SOON)),
    (a_mailed_case(by_mail(S.UNSURE)), UpcomingStep(W.WAIT, R.UNSURE, SOON)),
]


@pytest.mark.parametrize(("case", "step"), CASES, ids=[str(step.reason) for _, step in CASES])
def test_the_first_row_that_fits_decides(case: UpcomingCase, step: UpcomingStep) -> None:
    assert decide(case) == step


def test_every_row_and_every_reason_has_a_case() -> None:
    told = {step.reason for _, step in CASES}
    assert told == set(UpcomingReason) == {row.reason for row in ROWS} | {R.DUE}


def test_what_will_never_be_sent_is_told_before_what_ends_by_itself() -> None:
    answers = [row.answer for row in ROWS if row.reason is not R.NOT_YET]
    assert answers.index(W.WAIT) > len(answers) - 1 - answers[::-1].index(W.NEVER)


def test_a_longer_window_of_the_program_counts_in_place_of_the_tenants() -> None:
    case = a_case(now=STARTS - timedelta(hours=40), program_hours=48)
    assert decide(case).answer is W.SEND
    known = replace(case.snapshot, now=STARTS - timedelta(hours=49))
    assert isinstance(known, Snapshot)
    assert decide(replace(case, snapshot=known)).answer is W.WAIT
