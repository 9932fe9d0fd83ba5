"""A calendar object's own definition of its zone gives the instants that are meant: to libical, to
dateutil, and to the library that writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Timezone
from icalendar.timezone import TZP

from calsync.core.content.icalendar import calendar_object, read_calendar_object
from calsync.core.content.vtimezone import vtimezone
from tests import libical, second_reader
from tests.harness.servers import library
from tests.harness.zone_data import SUMMER_IN_MEXICO, folder_of, in_use
from tests.itip import problems
from tests.make import NOW, a_copy, an_event

HOUR = timedelta(hours=1)
ZONES = [
    "America/Toronto",
    "Europe/Dublin",  # its winter is the exception, not its summer
    "America/Nuuk",  # changes on the Saturday before the last Sunday
    "Asia/Beirut",  # at midnight
    "Australia/Lord_Howe",  # by half an hour, and in the south
    "Africa/Casablanca",  # by the moon
    "Africa/Cairo",  # on a day after the last Thursday, which may be in the next month
    "Asia/Kathmandu",  # never
    "Pacific/Chatham",
]


def the_object(zone: str, starts_at: datetime, length: timedelta = HOUR) -> bytes:
    event = an_event(time_zone=zone, starts_at=starts_at, ends_at=starts_at + length)
    return calendar_object(a_copy(), event, NOW)


def around_the_changes(zone: str, year: int) -> Iterator[datetime]:
    """The hours around each change of the clocks in a year, its first days and its last ones."""
    at, info = datetime(year, 1, 1, tzinfo=UTC), ZoneInfo(zone)
    yield from (at, at + timedelta(days=364))
    while at.year == year:
        if at.astimezone(info).utcoffset() != (at + HOUR).astimezone(info).utcoffset():
            yield from (at + step * HOUR for step in (-24, -1, 0, 1, 2, 24))
        at += HOUR


def test_an_object_has_its_times_in_its_persons_zone_and_defines_that() -> None:
    text = the_object("America/Toronto", datetime(2027, 3, 10, 20, tzinfo=UTC)).decode()
    assert "DTSTART;TZID=America/Toronto:20270310T150000\r\n" in text
    assert "DTEND;TZID=America/Toronto:20270310T160000\r\n" in text
    assert text.index("BEGIN:VTIMEZONE\r\nTZID:America/Toronto\r\n") < text.index("BEGIN:VEVENT")
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\n" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\n" in text
    assert text.count("BEGIN:DAYLIGHT") == text.count("BEGIN:STANDARD") == 1


@pytest.mark.parametrize("zone", ZONES)
def test_libical_reads_the_same_instants_across_both_changes_of_the_year(zone: str) -> None:
    known = library("libical3", "libical.so.3")
    for at in around_the_changes(zone, 2027):
        # Under another name libical cannot fall back on what it knows of the zone by itself.
        data = the_object(zone, at).replace(zone.encode(), b"Nowhere")
        assert libical.span(known, data) == (at, at + HOUR), at


@pytest.mark.parametrize("zone", ZONES)
def test_a_second_reader_finds_the_same_instants_and_the_named_zones_offsets(zone: str) -> None:
    for at in around_the_changes(zone, 2027):
        data = the_object(zone, at)
        assert problems(data, None) == []
        shown, read = read_calendar_object(data), second_reader.read(data)
        assert (read.starts_at, read.ends_at) == (shown.starts_at, shown.ends_at) == (at, at + HOUR)


@given(st.sampled_from(sorted(available_timezones())), st.integers(1971, 2099))
@example("Pacific/Galapagos", 1987)  # changed once, at midnight of New Year's Day 1986
@settings(max_examples=100)
def test_every_zone_is_what_the_zone_data_says_from_the_year_before_for_years(
    name: str, year: int
) -> None:
    zone = ZoneInfo(name)
    made = Timezone.from_ical(vtimezone(zone, year).to_ical())
    defined = made.to_tz(TZP(), lookup_tzid=False)
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 4, 1, 1, tzinfo=UTC)
    while at < end:
        assert (
            at.astimezone(zone).replace(tzinfo=defined).utcoffset()
            == at.astimezone(zone).utcoffset()
        ), at
        at += timedelta(days=9)


@pytest.mark.parametrize("zone", ["UTC", "Etc/UTC", "Zulu", "Mars/Olympus", "", "../UTC"])
def test_what_is_utc_or_unknown_here_is_written_in_utc(zone: str) -> None:
    data = the_object(zone, datetime(2027, 3, 10, 20, tzinfo=UTC))
    assert b"DTSTART:20270310T200000Z\r\n" in data
    assert b"VTIMEZONE" not in data


@pytest.mark.parametrize("start", [(5, 30), (6, 30), (4, 15)])
def test_a_time_that_clocks_show_twice_is_written_in_utc_and_its_other_end_with_it(
    start: tuple[int, int],
) -> None:
    """01:30 in Toronto on 1 November 2026 is 05:30 and 06:30 UTC; readers take either."""
    at = datetime(2026, 11, 1, *start, tzinfo=UTC)
    data = the_object("America/Toronto", at)
    assert b"VTIMEZONE" not in data
    read = second_reader.read(data)
    assert (read.starts_at, read.ends_at) == (at, at + HOUR)


def test_a_definition_is_a_rule_where_there_is_one() -> None:
    ruled = {zone: b"RRULE" in vtimezone(ZoneInfo(zone), 2027).to_ical() for zone in ZONES}
    assert [zone for zone, rule in ruled.items() if not rule] == [
        "Africa/Casablanca",
        "Africa/Cairo",
        "Asia/Kathmandu",
    ]


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Africa/Cairo"])
def test_changes_without_a_rule_are_no_list_of_dates(zone: str) -> None:
    """ical.js, in Thunderbird and Nextcloud, reads only the first date of an RDATE."""
    text = vtimezone(ZoneInfo(zone), 2027).to_ical()
    assert b"RDATE" not in text
    assert text.count(b"BEGIN:DAYLIGHT") >= 4


def test_a_zone_that_gave_up_its_summer_time_changes_no_more() -> None:
    """Mexico did in 2022: a rule from that year's changes would go on for ever."""
    made = vtimezone(ZoneInfo("America/Mexico_City"), 2022)
    assert b"RRULE" not in made.to_ical()
    assert made.to_ical().count(b"BEGIN:STANDARD") == 3


def test_a_rule_that_was_changed_within_its_month_is_none() -> None:
    """Adelaide changed on the last Sunday of October until 2007, since then on its first."""
    assert b"RRULE" not in vtimezone(ZoneInfo("Australia/Adelaide"), 2001).to_ical()
    assert b"BYDAY=1SU;BYMONTH=10" in vtimezone(ZoneInfo("Australia/Adelaide"), 2027).to_ical()


# --- zone data that changed since ----------------------------------------------------------------


MEXICO = "America/Mexico_City"
IN_SUMMER = datetime(2027, 6, 10, 20, tzinfo=UTC)


@pytest.fixture
def written_before(tmp_path: Path) -> bytes:
    """An object of a time when Mexico still had a summer time, read after that was given up."""
    with in_use(folder_of(tmp_path, SUMMER_IN_MEXICO)):
        return the_object(MEXICO, IN_SUMMER)


def test_an_object_that_nobody_touched_shows_what_was_written_whatever_the_zone_data_say_now(
    written_before: bytes,
) -> None:
    assert b"DTSTART;TZID=America/Mexico_City:20270610T150000\r\n" in written_before
    assert the_object(MEXICO, IN_SUMMER) != written_before
    shown = read_calendar_object(written_before)
    assert (shown.hashes, shown.starts_at) == (shown.written, IN_SUMMER)


def test_a_new_title_in_it_is_told_from_a_new_time(written_before: bytes) -> None:
    retitled = read_calendar_object(written_before.replace(b"Session 1", b"Coffee 1"))
    assert retitled.written is not None
    assert retitled.hashes.material == retitled.written.material
    assert retitled.hashes.quiet != retitled.written.quiet
    moved = read_calendar_object(written_before.replace(b"T150000\r\nD", b"T140000\r\nD"))
    assert moved.written is not None
    assert moved.hashes.material != moved.written.material


def test_a_definition_that_makes_no_sense_matters_to_nobody(written_before: bytes) -> None:
    spoilt = re.sub(b"TZOFFSETTO:.*\r\n", b"", written_before)
    assert spoilt != written_before
    assert read_calendar_object(spoilt).starts_at == IN_SUMMER + HOUR


def test_an_object_without_a_definition_of_its_zone_is_read_by_the_zone_data(
    written_before: bytes,
) -> None:
    start, end = written_before.index(b"BEGIN:VTIMEZONE"), written_before.index(b"BEGIN:VEVENT")
    shown = read_calendar_object(written_before[:start] + written_before[end:])
    assert shown.starts_at == IN_SUMMER + HOUR
