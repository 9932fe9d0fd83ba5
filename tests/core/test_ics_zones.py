"""A calendar object is read by the zones that it defines itself, and by nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from icalendar.timezone import tzp

from calsync.core.content.icalendar import read_calendar_object
from tests.core.test_ics import one_event


def _in_zone(name: str, offset: str, *end: str) -> bytes:
    """An event at three in the afternoon of a zone that the object itself defines."""
    rule = ("BEGIN:STANDARD", "DTSTART:19700101T000000", f"TZOFFSETFROM:{offset}")
    zone = ("BEGIN:VTIMEZONE", f"TZID:{name}", *rule, f"TZOFFSETTO:{offset}", "END:STANDARD")
    times = (
        f"DTSTART;TZID={name}:20261203T150000",
        *(end or (f"DTEND;TZID={name}:20261203T154500",)),
    )
    event = ("BEGIN:VEVENT", "UID:u", *times, "END:VEVENT")
    lines = ("BEGIN:VCALENDAR", *zone, "END:VTIMEZONE", *event, "END:VCALENDAR", "")
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("name", ["My Zone", "/vendor.example/My Zone", "Customized Time Zone"])
@pytest.mark.parametrize("end", [(), ("DURATION:PT45M",)])
def test_a_zone_of_a_persons_own_object_says_nothing_of_anothers(
    name: str, end: tuple[str, ...]
) -> None:
    first = read_calendar_object(_in_zone(name, "+0200", *end))
    second = read_calendar_object(_in_zone(name, "-0500", *end))
    again = read_calendar_object(_in_zone(name, "+0200", *end))
    assert (first.starts_at.hour, second.starts_at.hour, again.starts_at.hour) == (13, 20, 13)
    for shown in (first, second):
        assert shown.ends_at - shown.starts_at == timedelta(minutes=45)
        assert shown.is_plain


def test_a_zone_that_an_object_names_and_does_not_define_is_nobody_elses() -> None:
    """Such a time is a floating one."""
    read_calendar_object(_in_zone("My Zone", "+0200"))
    shown = read_calendar_object(one_event("DTSTART;TZID=My Zone:20261203T150000"))
    assert shown.starts_at == datetime(2026, 12, 3, 15, tzinfo=UTC)
    assert shown.hashes.material.startswith("?")


def test_a_zone_that_is_defined_under_a_known_name_is_the_known_one() -> None:
    shown = read_calendar_object(_in_zone("America/Toronto", "+0900"))
    assert shown.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)


def test_a_definition_without_a_name_defines_nothing() -> None:
    data = _in_zone("My Zone", "+0200").replace(b"TZID:My Zone\r\n", b"")
    assert read_calendar_object(data).starts_at == datetime(2026, 12, 3, 15, tzinfo=UTC)


def test_the_library_keeps_no_definition_of_anybody() -> None:
    read_calendar_object(_in_zone("My Zone", "+0200"))
    assert tzp.timezone("My Zone") is None
