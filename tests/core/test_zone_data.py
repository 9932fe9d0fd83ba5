"""What time zone data says, and what a session's wall times mean by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calsync.core.booked import BookedSession, Status
from calsync.core.zones.data import (
    SkippedTimeError,
    by_its_wall_times,
    changed,
    digests,
    fingerprint,
    occurrences,
)
from tests.harness.zone_data import SUMMER_IN_MEXICO, folder_of, in_use

NOW = datetime(2026, 11, 28, tzinfo=UTC)
ZONES = ["America/Mexico_City", "America/Toronto", "Asia/Kathmandu"]
SESSION = BookedSession(
    "mex",
    "default",
    NOW,
    Status.BOOKED,
    starts_at=datetime(2027, 6, 10, 20, tzinfo=UTC),
    ends_at=datetime(2027, 6, 10, 21, tzinfo=UTC),
    time_zone="America/Mexico_City",
    wall=(datetime(2027, 6, 10, 15), datetime(2027, 6, 10, 16)),  # noqa: DTZ001 - wall times
)


def test_data_that_says_the_same_has_the_same_digests_all_year() -> None:
    now = digests(ZONES, NOW)
    assert now == digests(ZONES, NOW.replace(month=1))
    assert set(now["Asia/Kathmandu"]) == {"2026", "2027", "2028"}
    assert changed(now, digests(ZONES, NOW.replace(year=2027))) == [], "2028 is known to both"
    assert fingerprint(now) == fingerprint(digests(reversed(ZONES), NOW))


def test_other_rules_of_one_zone_are_seen_in_it_alone(tmp_path: Path) -> None:
    now = digests(ZONES, NOW)
    with in_use(folder_of(tmp_path, SUMMER_IN_MEXICO)):
        before = digests(ZONES, NOW)
    assert changed(before, now) == ["America/Mexico_City"]
    assert fingerprint(before) != fingerprint(now)


def test_zones_that_either_does_not_know_say_nothing() -> None:
    assert digests(["Mars/Olympus", "../etc"], NOW) == {}
    assert changed(digests(ZONES[:1], NOW), digests(ZONES[1:], NOW)) == []


def test_wall_times_keep_what_clocks_show() -> None:
    moved = by_its_wall_times(SESSION)
    assert moved.starts_at == datetime(2027, 6, 10, 21, tzinfo=UTC)
    assert moved == replace(SESSION, starts_at=moved.starts_at, ends_at=moved.ends_at)
    assert moved.ends_at == datetime(2027, 6, 10, 22, tzinfo=UTC)
    assert by_its_wall_times(moved) == moved


def test_what_was_said_as_instants_stays() -> None:
    instants = replace(SESSION, wall=None)
    assert by_its_wall_times(instants) is instants


def test_a_wall_time_that_the_clocks_skip_now_has_no_instant(tmp_path: Path) -> None:
    wall = (datetime(2027, 3, 14, 2, 30), datetime(2027, 3, 14, 4))  # noqa: DTZ001 - wall times
    skipped = replace(SESSION, wall=wall)
    assert by_its_wall_times(skipped).starts_at == datetime(2027, 3, 14, 8, 30, tzinfo=UTC)
    with (
        in_use(folder_of(tmp_path, SUMMER_IN_MEXICO)),
        pytest.raises(SkippedTimeError, match="2027-03-14T02:30:00 does not exist"),
    ):
        by_its_wall_times(skipped)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("America/Toronto", "2026-03-08"),
        ("America/Toronto", "2026-11-01"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Pacific/Apia", "2011-12-30"),
        ("Africa/Casablanca", "2026-02-15"),
    ],
)
def test_a_wall_time_is_found_as_often_as_clocks_show_it(name: str, day: str) -> None:
    zone, step = ZoneInfo(name), timedelta(minutes=30)
    start = datetime.fromisoformat(day)
    instants = [start.replace(tzinfo=UTC) + n * step for n in range(-60, 108)]
    shown = [one.astimezone(zone) for one in instants]
    found = set[int]()
    for wall in (start + n * step for n in range(48)):
        expected = [one for one in shown if one.replace(tzinfo=None, fold=0) == wall]
        assert [(one.astimezone(UTC), one.utcoffset()) for one in occurrences(wall, zone)] == [
            (one.astimezone(UTC), one.utcoffset()) for one in expected
        ]
        found.add(len(expected))
    assert found - {1}, "clocks change on that day"
