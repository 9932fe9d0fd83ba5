"""Where a person is told that a session is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.content.visibility import ShownCopy, Visibility, visibility
from calsync.core.ledger import CopyState
from tests.core.decisions import TO_A, TO_B, TO_MAIL, a_delivery
from tests.make import NOW

LIVE = ShownCopy(TO_A.destination, CopyState.LIVE, "m1")
MAILED = replace(LIVE, destination=TO_MAIL.destination)
S = CopyState


def seen(*marks: ShownCopy, held: bool = False, **changes: Any) -> Visibility:
    return visibility(a_delivery(**changes), marks, held=held, now=NOW)


@pytest.mark.parametrize(
    ("told", "marks", "changes"),
    [
        (Visibility.CALENDAR, [LIVE], {}),
        (Visibility.CALENDAR, [LIVE], {"parked": "refused"}),
        (Visibility.CALENDAR, [replace(LIVE, state=S.GONE), LIVE], {}),
        (Visibility.MAIL, [MAILED], {"route": TO_MAIL}),
        (Visibility.COMING, [], {}),
        (Visibility.COMING, [replace(LIVE, material_fp="old")], {}),
        (Visibility.COMING, [replace(LIVE, state=S.UNSURE)], {}),
        (Visibility.COMING, [MAILED], {}),
        (Visibility.COMING, [LIVE], {"route": TO_B}),
        (Visibility.TAKEN, [replace(LIVE, state=S.TAKEN, material_fp="old")], {}),
        (Visibility.REMOVED, [replace(LIVE, state=S.DISMISSED, seen_version=4)], {}),
        (Visibility.COMING, [replace(LIVE, state=S.DISMISSED, seen_version=3)], {}),
        (Visibility.COMING, [replace(LIVE, state=S.DISMISSED)], {}),
        (Visibility.BEFORE, [replace(LIVE, state=S.ELSEWHERE)], {}),
        (Visibility.COMING, [replace(LIVE, state=S.ELSEWHERE, material_fp="old")], {}),
        (Visibility.BEFORE, [replace(LIVE, state=S.STRANDED)], {"route": TO_MAIL}),
        (Visibility.COMING, [replace(LIVE, state=S.STRANDED)], {"route": TO_B}),
        (Visibility.TROUBLE, [], {"parked": "refused"}),
        (Visibility.TROUBLE, [], {"route": None}),
        (Visibility.THROUGH, [], {"covered_by": "u-9"}),
        (Visibility.LATER, [], {"route": TO_MAIL, "mail_from": NOW + timedelta(days=1)}),
        (Visibility.COMING, [], {"route": TO_MAIL, "mail_from": NOW}),
    ],
)
def test_a_person_is_told_where_the_session_is(
    told: Visibility, marks: list[ShownCopy], changes: dict[str, Any]
) -> None:
    assert seen(*marks, **changes) is told


def test_a_change_that_waits_for_approval_is_told_as_such_unless_the_session_is_shown() -> None:
    assert seen(held=True) is Visibility.HELD
    assert seen(replace(LIVE, material_fp="old"), held=True) is Visibility.HELD
    assert seen(LIVE, held=True) is Visibility.CALENDAR
