# ruff: noqa: RUF001 (true dashes and minus signs are what is tested)
"""Times as a person's region writes them, with the zone by its name."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from babel.dates import format_interval, format_time
from hypothesis import example, given
from hypothesis import strategies as st

from calsync.messages import dates
from calsync.messages.catalogue import languages
from calsync.messages.language import language

START = datetime(2026, 12, 3, 20, 0, tzinfo=UTC)
HALLOWEEN = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)  # clocks in New York go back that night


@pytest.mark.parametrize(
    ("tag", "start", "minutes", "zone", "shown"),
    [
        (
            "en-US", START, 45, "America/New_York",
            "Thursday, December 3, 2026, 3:00 – 3:45 PM, Eastern Time (New York), UTC−05:00",
        ),
        (
            "en-US", START - timedelta(hours=4), 75, "America/New_York",
            "Thursday, December 3, 2026, 11:00 AM – 12:15 PM, Eastern Time (New York), UTC−05:00",
        ),
        (
            "en-GB", START, 45, "Europe/London",
            "Thursday, 3 December 2026, 20:00–20:45, British Time (London), UTC",
        ),
        (
            "de", START, 45, "Europe/Berlin",
            "Donnerstag, 3. Dezember 2026, 21:00–21:45 Uhr, "
            "Mitteleuropäische Zeit (Berlin), UTC+01:00",
        ),
        (
            "en-US", START, 45, "Asia/Kathmandu",
            "Friday, December 4, 2026, 1:45 – 2:30 AM, Nepal Time, UTC+05:45",
        ),
        (
            "en-CA", START, 45, "America/St_Johns",
            "Thursday, December 3, 2026, 4:30–5:15 p.m., "
            "Newfoundland Time (Saint John’s), UTC−03:30",
        ),
        ("en", START, 45, "UTC", "Thursday, December 3, 2026, 8:00 – 8:45 PM, UTC"),
        ("en-GB", START, 45, "Etc/GMT+5", "Thursday, 3 December 2026, 15:00–15:45, UTC−05:00"),
        (
            "en-GB", START, 300, "UTC",
            "Thursday, 3 December 2026, 20:00 – Friday, 4 December 2026, 01:00, UTC",
        ),
        (
            "de", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, "Europe/Berlin",
            "Sonntag, 25. Oktober 2026, 02:30 (UTC+02:00) – 02:30 (UTC+01:00), "
            "Mitteleuropäische Zeit (Berlin)",
        ),
        (
            "en", HALLOWEEN, 240, "America/New_York",
            "Saturday, October 31, 2026, 11:30 PM (UTC−04:00) – "
            "Sunday, November 1, 2026, 2:30 AM (UTC−05:00), Eastern Time (New York)",
        ),
    ],
)  # fmt: skip
def test_a_session_is_told_in_the_persons_zone_which_is_named(
    tag: str, start: datetime, minutes: int, zone: str, shown: str
) -> None:
    assert language(tag).time(start, start + timedelta(minutes=minutes), zone) == shown


@pytest.mark.parametrize(
    ("tag", "zone", "shown"),
    [
        ("en", "America/Toronto", "3:00 p.m."),
        ("en", "Europe/Berlin", "21:00"),
        ("en", "Australia/Sydney", "7:00 am"),
        ("en", "UTC", "8:00 PM"),
        ("en-GB", "America/Toronto", "15:00"),
        ("en-XX", "America/Toronto", "3:00 PM"),
        ("de", "America/Toronto", "15:00 Uhr"),
    ],
)
def test_the_hours_are_those_of_the_wished_region_else_of_the_zone(
    tag: str, zone: str, shown: str
) -> None:
    assert f", {shown}, " in language(tag).moment(START, zone)
    assert language(tag).short(START, zone).endswith(f", {shown}")


def test_a_subject_has_the_short_day() -> None:
    assert language("en-US").short(START, "America/Toronto") == "Thu, Dec 3, 3:00 PM"
    assert language("de").short(START, "Europe/Berlin") == "Do., 3. Dez., 21:00 Uhr"


def test_a_day_is_that_of_the_zone() -> None:
    assert language("en-GB").day(START, "Asia/Tokyo") == "Friday, 4 December 2026"


def test_a_zone_of_an_older_name_is_called_as_it_is_today() -> None:
    assert "India Time (" not in language("en-IN").moment(START, "Asia/Calcutta")
    assert "India Time, UTC+05:30" in language("en-IN").moment(START, "Asia/Calcutta")


REGIONS = ["", "US", "GB", "CA", "IN", "AT", "CH", "MX"]
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@example("en", "US", time(9, 30), time(9, 30))
@given(st.sampled_from(list(languages())), st.sampled_from(REGIONS), TIMES, TIMES)
def test_hours_are_written_as_babel_writes_them(
    code: str, region: str, start: time, end: time
) -> None:
    locale = dates.locale_of(code, region)
    shown = dates.hours(locale, datetime.combine(START, start), datetime.combine(START, end))
    assert shown in {plain(format_interval(start, end, one, locale=locale)) for one in ("hm", "Hm")}


@given(st.sampled_from(list(languages())), st.sampled_from(REGIONS), TIMES)
def test_an_hour_is_written_as_babel_writes_it(code: str, region: str, at: time) -> None:
    locale, moment = dates.locale_of(code, region), datetime.combine(START, at)
    assert dates.hour(locale, moment) == plain(format_time(at, "short", locale=locale))


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u2009", " ").replace("\u00a0", " ")
