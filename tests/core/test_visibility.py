"""Where a person is told that a session is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.content.visibility import ShownCopy, Visibility, VisibilityState, Wait, visibility
from calsync.core.ledger import CopyState
from calsync.core.reconcile.reasons import Reason
from tests.core.decisions import TO_A, TO_B, TO_MAIL, a_delivery
from tests.make import NOW

LIVE = ShownCopy(TO_A.destination, CopyState.LIVE, "m1")
MAILED = replace(LIVE, destination=TO_MAIL.destination)
S, V = CopyState, VisibilityState
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(days=1)


def seen(*copies: ShownCopy, **changes: Any) -> Visibility:
    return visibility(a_delivery(**changes), copies, NOW)


@pytest.mark.parametrize(
    ("told", "marks", "changes"),
    [
        (V.CALENDAR, [LIVE], {}),
        (V.CALENDAR, [LIVE], {"parked": "refused"}),
        (V.CALENDAR, [replace(LIVE, state=S.GONE), LIVE], {}),
        (V.MAIL, [MAILED], {"route": TO_MAIL}),
        (V.COMING, [], {}),
        (V.COMING, [replace(LIVE, material_fp="old")], {}),
        (V.COMING, [replace(LIVE, state=S.UNSURE)], {}),
        (V.COMING, [MAILED], {}),
        (V.COMING, [LIVE], {"route": TO_B}),
        (V.TAKEN, [replace(LIVE, state=S.TAKEN, material_fp="old")], {}),
        (V.REMOVED, [replace(LIVE, state=S.DISMISSED, seen_version=4)], {}),
        (V.COMING, [replace(LIVE, state=S.DISMISSED, seen_version=3)], {}),
        (V.COMING, [replace(LIVE, state=S.DISMISSED)], {}),
        (V.BEFORE, [replace(LIVE, state=S.ELSEWHERE)], {}),
        (V.COMING, [replace(LIVE, state=S.ELSEWHERE, material_fp="old")], {}),
        (V.BEFORE, [replace(LIVE, state=S.STRANDED)], {"route": TO_MAIL}),
        (V.COMING, [replace(LIVE, state=S.STRANDED)], {"route": TO_B}),
        (V.TROUBLE, [], {"parked": "refused"}),
        (V.TROUBLE, [], {"route": None}),
        (V.THROUGH, [], {"covered_by": "u-9"}),
        (V.LATER, [], {"route": TO_MAIL, "mail_from": NOW + timedelta(days=1)}),
        (V.COMING, [], {"route": TO_MAIL, "mail_from": NOW}),
    ],
)
def test_a_person_is_told_where_the_session_is(
    told: VisibilityState, marks: list[ShownCopy], changes: dict[str, Any]
) -> None:
    assert seen(*marks, **changes).state is told


def test_a_change_that_waits_for_approval_is_told_as_such_unless_the_session_is_shown() -> None:
    assert seen(batch=3).state is V.HELD
    assert seen(replace(LIVE, material_fp="old"), batch=3).state is V.HELD
    assert seen(LIVE, batch=3).state is V.CALENDAR


def test_it_is_told_by_which_way_and_since_when() -> None:
    since = NOW - timedelta(hours=3)
    shown = replace(LIVE, changed_at=since)
    assert seen(shown) == Visibility(V.CALENDAR, "google", TO_A.address, since)
    assert seen(replace(shown, material_fp="old")) == Visibility(V.COMING, "google", TO_A.address)
    assert seen(shown, route=None) == Visibility(V.TROUBLE)


@pytest.mark.parametrize(
    ("changes", "wait"),
    [
        ({}, None),
        ({"due_at": None}, None),
        ({"due_at": LATER}, Wait(Reason.NOT_DUE, LATER)),
        ({"due_at": LATER, "debounce_until": SOON}, Wait(Reason.DEBOUNCING, SOON)),
        ({"route": TO_MAIL, "mail_from": LATER}, Wait(Reason.ANNOUNCED, LATER)),
        ({"due_at": LATER, "batch": 3}, Wait(Reason.HELD)),
        ({"due_at": LATER, "batch": 3, "parked": "refused"}, Wait(Reason.PARKED)),
    ],
)
def test_what_is_not_shown_yet_says_what_it_waits_for(
    changes: dict[str, Any], wait: Wait | None
) -> None:
    assert seen(**changes).wait == wait


def test_what_is_shown_waits_for_nothing_and_an_update_not_for_the_day_of_a_first_mail() -> None:
    assert seen(LIVE, due_at=LATER).wait is None
    old = replace(MAILED, material_fp="old")
    assert seen(old, route=TO_MAIL, mail_from=LATER).wait is None
