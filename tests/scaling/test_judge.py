"""What is counted in docs/reliability.md is found where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.scaling.bookings import LATER
from tests.scaling.judge import Tally

AT = datetime(2027, 3, 1, 15, tzinfo=UTC)
BOOKED = {"one": AT, "two": AT + timedelta(days=1)}


def shown(**changes: datetime) -> list[tuple[str, datetime]]:
    return list((BOOKED | changes).items())


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (shown(), Tally(events=2)),
        (shown()[1:], Tally(events=2, lost=1)),
        ([*shown(), ("one", AT)], Tally(events=2, doubled=1)),
        ([*shown(), ("one", AT), ("one", AT)], Tally(events=2, doubled=2)),
        (shown(one=AT - LATER), Tally(events=2, wrong=1)),
        ([*shown(), ("three", AT)], Tally(events=2, strange=1)),
        ([], Tally(events=2, lost=2)),
    ],
)
def test_what_is_lost_doubled_or_wrong_is_counted(
    seen: list[tuple[str, datetime]], found: Tally
) -> None:
    told = Tally.of(BOOKED, seen)
    assert told == found
    assert told.clean == (seen == shown())
