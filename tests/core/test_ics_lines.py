"""Calendar objects are written line by line; icalendar, which makes an object of every value, is
the oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event, vCalAddress, vText

from calsync.core.content import icalendar
from calsync.core.content.event import DesiredEvent, Details
from calsync.core.content.vtimezone import vtimezone
from calsync.core.ledger import Copy, Marker
from tests.make import NOW, a_copy, an_event

ZONES = sorted(available_timezones())[::25]
TEXTS = st.text(
    st.sampled_from([*"aZ09 ;:,=\"\\^\n\r\t'", "N", "\xe9", "\u2019", "\u2028", "\x85", "\x00"]),
    max_size=120,
)
NAMES = TEXTS | st.text("aZ0 \xe9", max_size=20)  # letters and blanks, as most are
# How icalendar escapes a title is what `_text` differs in, on purpose: a backslash.
PLAIN = TEXTS.map(lambda text: text.replace("\\", "/"))


def by_icalendar(vevent: Event, method: str | None = None, zone: Any = None) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", icalendar.PRODID)
    calendar.add("version", "2.0")
    if method:
        calendar.add("method", method)
    if zone is not None:
        calendar.add_component(zone)
    calendar.add_component(vevent)
    return bytes(calendar.to_ical())


def by_hand(copy: Copy, event: DesiredEvent, zone: ZoneInfo | None) -> Event:
    vevent = Event()
    vevent.add("uid", copy.uid)
    vevent.add("sequence", copy.sequence)
    vevent.add("dtstamp", NOW.replace(microsecond=0))
    vevent.add("dtstart", event.starts_at.astimezone(zone or UTC))
    vevent.add("dtend", event.ends_at.astimezone(zone or UTC))
    vevent.add("summary", vText(icalendar.one_line(event.title)))
    if location := icalendar.one_line(event.location):
        vevent.add("location", vText(location))
    if text := icalendar.clean(event.text):
        vevent.add("description", vText(text))
    if url := icalendar.one_line(event.url):
        vevent.add("url", url)
    if event.private or copy.marked_private:
        vevent.add("class", "PRIVATE" if event.private else "PUBLIC")
    if copy.marker is not None:
        vevent.add("x-calsync-instance", vText(copy.marker.instance))
        vevent.add("x-calsync-item", vText(copy.marker.item))
    vevent.add("transp", "OPAQUE")
    return vevent


def a_person(address: str, name: str, **params: str) -> vCalAddress:
    value = vCalAddress(f"mailto:{address}")
    if shown := icalendar.bare_name(name):
        value.params["CN"] = shown
    for key, param in params.items():
        value.params[key] = param
    return value


@given(
    title=PLAIN,
    location=PLAIN,
    text=PLAIN,
    url=PLAIN,
    name=NAMES,
    organizer_name=NAMES,
    uid=TEXTS,
    cancel=st.booleans(),
    rsvp=st.booleans(),
    private=st.booleans(),
    marked=st.booleans(),
)
def test_an_invitation_is_written_as_icalendar_writes_it(
    title: str,
    location: str,
    text: str,
    url: str,
    name: str,
    organizer_name: str,
    uid: str,
    *,
    cancel: bool,
    rsvp: bool,
    private: bool,
    marked: bool,
) -> None:
    details = Details(name=name)
    event = an_event(
        title=title, location=location, text=text, url=url, private=private, details=details
    )
    marker = Marker("1863dbf0", "c71c93b7") if marked else None
    copy = a_copy(
        uid=uid, organizer="o@example.org", marked_private=marked, marker=marker, sequence=3
    )
    vevent = by_hand(copy, event, None)
    vevent.add("status", "CANCELLED" if cancel else "CONFIRMED")
    vevent.add("organizer", a_person("o@example.org", organizer_name))
    asked = {} if cancel else {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT"}
    if not cancel:
        asked |= {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE" if rsvp else "FALSE"}
    vevent.add("attendee", a_person(copy.address, name, **asked))
    vevent.add("x-microsoft-disallow-counter", vText("TRUE"))
    written = icalendar.invitation(
        copy,
        event,
        NOW,
        method="CANCEL" if cancel else "REQUEST",
        organizer_name=organizer_name,
        rsvp=rsvp,
    )
    assert written == by_icalendar(vevent, "CANCEL" if cancel else "REQUEST")


@pytest.mark.parametrize("name", ZONES)
def test_a_calendar_object_is_written_as_icalendar_writes_it(name: str) -> None:
    starts_at = datetime(2027, 7, 6, 14, 30, tzinfo=UTC)
    event = an_event(
        title="One, two; three",
        time_zone=name,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=45),
    )
    zone = None if starts_at.astimezone(ZoneInfo(name)).tzname() == "UTC" else ZoneInfo(name)
    copy = a_copy(sequence=2)
    vevent = by_hand(copy, event, zone)
    vevent.add("status", "CONFIRMED")
    vevent.add("x-calsync-material", vText(event.material_fp))
    vevent.add("x-calsync-quiet", vText(event.quiet_fp))
    vevent.add("x-calsync-shown", vText(str(icalendar.owned_hashes(event))))
    defined = vtimezone(zone, starts_at.year) if zone is not None else None
    written = icalendar.calendar_object(copy, event, NOW)
    assert written == by_icalendar(vevent, zone=defined)
