"""What is ours is written, what is the person's stays."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from icalendar import Calendar

from calsync.core.content.icalendar import calendar_object, read_calendar_object
from providers.caldav.mapping import merged
from tests import second_reader
from tests.make import NOW, a_copy, an_event

EDITED = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Some app//EN\r
METHOD:PUBLISH\r
BEGIN:VTIMEZONE\r
TZID:Odd\r
BEGIN:STANDARD\r
DTSTART:19700101T000000\r
TZOFFSETFROM:+0000\r
TZOFFSETTO:+0000\r
END:STANDARD\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261101T000000Z\r
LAST-MODIFIED:20261101T000000Z\r
DTSTART;TZID=Odd:20261203T100000\r
DURATION:PT1H\r
RRULE:FREQ=DAILY\r
SUMMARY;LANGUAGE=en:Mine now\r
DESCRIPTION:Old\r
X-ALT-DESC;FMTTYPE=text/html:<p>Old</p>\r
X-APPLE-STRUCTURED-LOCATION;VALUE=URI:geo:1,1\r
SEQUENCE:7\r
CATEGORIES:Mentoring,Women\r
COLOR:red\r
TRANSP:TRANSPARENT\r
ATTACH;FMTTYPE=text/plain:https://x.example/very/long/address/that/is/folded/over/t\r
 wo/lines\r
X-APP-NOTE:caf\u00e9 \u2028 stays\r
BEGIN:VALARM\r
ACTION:DISPLAY\r
DESCRIPTION:Wake up\r
TRIGGER:-PT10M\r
END:VALARM\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20261101T000000Z\r
RECURRENCE-ID;TZID=Odd:20261204T100000\r
DTSTART;TZID=Odd:20261204T120000\r
SUMMARY:An exception\r
END:VEVENT\r
END:VCALENDAR\r
"""


def the_merged(theirs: str = EDITED, *, marked_private: bool = False, **changes: object) -> bytes:
    copy = replace(a_copy(), marked_private=marked_private)
    ours = calendar_object(copy, an_event(**changes), NOW)
    return merged(theirs.format(uid=copy.uid).encode(), ours)


def test_the_persons_own_properties_and_alarms_stay() -> None:
    (event,) = Calendar.from_ical(the_merged()).walk("VEVENT")
    assert [str(one) for one in event["CATEGORIES"].cats] == ["Mentoring", "Women"]
    assert (event["COLOR"], event["TRANSP"]) == ("red", "TRANSPARENT")
    assert str(event["ATTACH"]).endswith("/folded/over/two/lines")
    assert event["X-APP-NOTE"] == "caf\u00e9 \u2028 stays"
    (alarm,) = event.walk("VALARM")
    assert alarm["DESCRIPTION"] == "Wake up"


def test_our_fields_are_as_sent_and_the_series_is_one_event_again() -> None:
    event = an_event(title="New: a; b, c")
    shown = read_calendar_object(the_merged(title="New: a; b, c"))
    assert (shown.summary, shown.description) == (event.title, event.text)
    assert (shown.starts_at, shown.ends_at) == (event.starts_at, event.ends_at)
    assert shown.material_fp == event.material_fp
    assert shown.hashes == shown.written


def test_what_clients_would_show_instead_of_our_fields_goes() -> None:
    text = re.sub("(?s)BEGIN:VTIMEZONE.*END:VTIMEZONE", "", the_merged().decode())
    for name in ("DURATION", "RRULE", "RECURRENCE-ID", "X-ALT-DESC", "X-APPLE", "METHOD", "Mine"):
        assert f"\n{name}" not in text


def test_the_sequence_never_goes_down() -> None:
    assert "\nSEQUENCE:7\r\n" in the_merged().decode()
    assert "\nSEQUENCE:0\r\n" in the_merged(EDITED.replace("SEQUENCE:7\r\n", "")).decode()


def test_a_field_that_is_empty_now_is_taken_away() -> None:
    (event,) = Calendar.from_ical(the_merged(text="", location="", url="")).walk("VEVENT")
    assert {"DESCRIPTION", "LOCATION", "URL"}.isdisjoint(event)


def zones(data: bytes) -> list[str]:
    return [str(one["TZID"]) for one in Calendar.from_ical(data).walk("VTIMEZONE")]


def test_the_zone_of_our_times_is_defined_and_one_that_nobody_names_goes() -> None:
    assert zones(the_merged()) == ["America/Toronto"]
    assert second_reader.read(the_merged()).starts_at == an_event().starts_at


def test_a_zone_that_a_property_of_the_persons_names_stays_defined() -> None:
    kept = EDITED.replace("COLOR:red", 'X-NOTED;TZID="Odd":20261203T100000')
    assert zones(the_merged(kept)) == ["Odd", "America/Toronto"]


def test_another_definition_of_our_zone_gives_way_to_ours() -> None:
    merged_now = the_merged(EDITED.replace("Odd", "America/Toronto"))
    assert zones(merged_now) == ["America/Toronto"]
    assert second_reader.read(merged_now).starts_at == an_event().starts_at


def test_times_in_utc_need_no_zone() -> None:
    merged_now = the_merged(time_zone="UTC")
    assert zones(merged_now) == []
    assert second_reader.read(merged_now).ends_at == an_event().ends_at


@pytest.mark.parametrize(
    ("marked_private", "private", "theirs", "after"),
    [
        (False, False, "CONFIDENTIAL", "CONFIDENTIAL"),
        (False, True, "CONFIDENTIAL", "PRIVATE"),
        (True, True, "PUBLIC", "PRIVATE"),
        (True, False, "PRIVATE", "PUBLIC"),
    ],
)
def test_the_class_is_ours_only_while_we_set_it(
    marked_private: bool, private: bool, theirs: str, after: str
) -> None:
    edited = EDITED.replace("COLOR:red", f"CLASS:{theirs}")
    (event,) = Calendar.from_ical(
        the_merged(edited, marked_private=marked_private, private=private)
    ).walk("VEVENT")
    assert event["CLASS"] == after


def test_what_is_no_content_line_is_not_written_again() -> None:
    assert b"(null)" not in the_merged(EDITED.replace("COLOR:red", "(null)"))


def test_lines_stay_short_enough_for_every_reader() -> None:
    assert max(len(line) for line in the_merged().split(b"\r\n")) <= 75


def test_an_object_without_an_event_is_not_merged() -> None:
    with pytest.raises(ValueError, match="no event"):
        the_merged("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
