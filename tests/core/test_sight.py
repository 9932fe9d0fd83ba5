"""Where a person is told that a session is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.content.visibility import Mark, Sight, sight
from calsync.core.ledger import CopyState
from tests.core.decisions import TO_A, TO_B, TO_MAIL, a_delivery
from tests.make import NOW

LIVE = Mark(TO_A.place_key, CopyState.LIVE, "m1")
MAILED = replace(LIVE, place_key=TO_MAIL.place_key)
S = CopyState


def seen(*marks: Mark, held: bool = False, **changes: Any) -> Sight:
    return sight(a_delivery(**changes), marks, held=held, now=NOW)


@pytest.mark.parametrize(
    ("told", "marks", "changes"),
    [
        (Sight.CALENDAR, [LIVE], {}),
        (Sight.CALENDAR, [LIVE], {"parked": "refused"}),
        (Sight.CALENDAR, [replace(LIVE, state=S.GONE), LIVE], {}),
        (Sight.MAIL, [MAILED], {"route": TO_MAIL}),
        (Sight.COMING, [], {}),
        (Sight.COMING, [replace(LIVE, material_fp="old")], {}),
        (Sight.COMING, [replace(LIVE, state=S.UNSURE)], {}),
        (Sight.COMING, [MAILED], {}),
        (Sight.COMING, [LIVE], {"route": TO_B}),
        (Sight.TAKEN, [replace(LIVE, state=S.TAKEN, material_fp="old")], {}),
        (Sight.REMOVED, [replace(LIVE, state=S.DISMISSED, seen_version=4)], {}),
        (Sight.COMING, [replace(LIVE, state=S.DISMISSED, seen_version=3)], {}),
        (Sight.COMING, [replace(LIVE, state=S.DISMISSED)], {}),
        (Sight.BEFORE, [replace(LIVE, state=S.ELSEWHERE)], {}),
        (Sight.COMING, [replace(LIVE, state=S.ELSEWHERE, material_fp="old")], {}),
        (Sight.BEFORE, [replace(LIVE, state=S.STRANDED)], {"route": TO_MAIL}),
        (Sight.COMING, [replace(LIVE, state=S.STRANDED)], {"route": TO_B}),
        (Sight.TROUBLE, [], {"parked": "refused"}),
        (Sight.TROUBLE, [], {"route": None}),
        (Sight.THROUGH, [], {"covered_by": "u-9"}),
        (Sight.LATER, [], {"route": TO_MAIL, "mail_from": NOW + timedelta(days=1)}),
        (Sight.COMING, [], {"route": TO_MAIL, "mail_from": NOW}),
    ],
)
def test_a_person_is_told_where_the_session_is(
    told: Sight, marks: list[Mark], changes: dict[str, Any]
) -> None:
    assert seen(*marks, **changes) is told


def test_a_change_that_waits_for_approval_is_told_as_such_unless_the_session_is_shown() -> None:
    assert seen(held=True) is Sight.HELD
    assert seen(replace(LIVE, material_fp="old"), held=True) is Sight.HELD
    assert seen(LIVE, held=True) is Sight.CALENDAR
