"""iCalendar text: what we write holds for a strict reader, what calendars hold is understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsync.core.content.event import DesiredEvent, Details
from calsync.core.content.icalendar import (
    Method,
    ShownEvent,
    calendar_file,
    calendar_object,
    invitation,
    owned_hashes,
    read_calendar_object,
)
from calsync.core.ledger import Copy, Marker
from tests.itip import lines, problems
from tests.make import NOW, a_copy, an_event

GOLDEN = Path(__file__).parent.parent / "golden" / "mail"

CASES: dict[str, tuple[Method | None, dict[str, Any], dict[str, Any]]] = {
    "request-online": ("REQUEST", {}, {}),
    "request-update": ("REQUEST", {"sequence": 3}, {"title": "Moved: Grüße, 你好"}),
    "request-in-person-private": (
        "REQUEST",
        {},
        {"location": "Room 4; 2nd floor, 1 Main St\nToronto", "join_url": "", "private": True},
    ),
    "request-nothing-agreed": ("REQUEST", {}, {"location": "", "url": "", "text": ""}),
    "cancel": ("CANCEL", {"sequence": 1}, {}),
    "caldav": (None, {}, {"private": True}),
}

anything = st.text(max_size=200)


def written(
    method: Method | Literal[""] | None, copy: Copy, event: DesiredEvent, name: str = "Sessions"
) -> bytes:
    if method is None:
        return calendar_object(copy, event, NOW)
    if not method:
        return calendar_file(copy.uid, copy.sequence, event, NOW)
    return invitation(copy, event, NOW, method=method, organizer_name=name)


def values(data: bytes, name: str) -> list[str]:
    return [line.value for line in lines(data) if line.name == name]


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    method, copy, event = CASES[case]
    data = written(method, a_copy(**copy), an_event(**event))
    assert problems(data, method) == []
    assert data.replace(b"\r\n", b"\n") == (GOLDEN / f"{case}.ics").read_bytes()


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.ics")} == set(CASES)


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "", None])
@given(title=anything, location=anything, description=anything, url=anything, name=anything)
@settings(max_examples=60, deadline=None)
def test_whatever_people_type_the_text_stays_strict(
    method: Method | Literal[""] | None,
    title: str,
    location: str,
    description: str,
    url: str,
    name: str,
) -> None:
    event = an_event(title=title, location=location, text=description, url=url)
    assert problems(written(method, a_copy(), event, name), method) == []


def test_typed_line_ends_make_no_second_property() -> None:
    evil = "x\r\nATTENDEE:mailto:eve@example.org\rMETHOD:CANCEL\u2028X-A:1\x85X-B:2"
    event = an_event(title=evil, location=evil, text=evil, url=f"https://a.example/{evil}")
    data = written("REQUEST", a_copy(), event, name=f'Eve" ;CN="x{evil}')
    assert problems(data, "REQUEST") == []
    assert values(data, "ATTENDEE") == ["mailto:maya@example.org"]
    assert values(data, "METHOD") == ["REQUEST"]


def test_the_attendee_has_the_name_that_the_platform_knows() -> None:
    event = an_event(details=Details(name='Zoë "Z" Chen'))
    data = invitation(a_copy(), event, NOW, method="REQUEST", organizer_name="")
    (attendee,) = [line for line in lines(data) if line.name == "ATTENDEE"]
    assert attendee.params["CN"] == "Zoë Z Chen"


def test_the_recipient_is_the_only_attendee_and_is_asked_to_answer() -> None:
    data = written("REQUEST", a_copy(address="o'neil+x@example.org"), an_event())
    (attendee,) = [line for line in lines(data) if line.name == "ATTENDEE"]
    assert attendee.value == "mailto:o'neil+x@example.org"
    assert attendee.params == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
    }


@pytest.mark.parametrize(
    ("organizer", "name", "address"),
    [
        ("a@platform.example", "Sessions", "mailto:a@platform.example"),
        ('"Old Name" <a@platform.example>', "Old Name", "mailto:a@platform.example"),
        (r'"The \"Old\" Name" <a@platform.example>', "The Old Name", "mailto:a@platform.example"),
        ("mailto:a@platform.example", "Sessions", "mailto:a@platform.example"),
        (
            '"Grüße; von: A, B" <a@platform.example>',
            "Grüße; von: A, B",
            "mailto:a@platform.example",
        ),
    ],
)
def test_the_organizer_is_what_the_copy_was_given(organizer: str, name: str, address: str) -> None:
    data = written("CANCEL", a_copy(organizer=organizer), an_event())
    (line,) = [line for line in lines(data) if line.name == "ORGANIZER"]
    assert (line.params["CN"], line.value) == (name, address)


@pytest.mark.parametrize(
    "address",
    ["", "maya", "a@b@c", "maya@example.org\r\nX-A:1", "a b@example.org", "a@example.org;x=1"],
)
def test_an_address_that_cannot_be_written_is_an_error(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        written("REQUEST", a_copy(address=address), an_event())


@pytest.mark.parametrize("organizer", ["", "nobody", "A <b", "a b@c@d"])
def test_an_organizer_without_an_address_is_an_error(organizer: str) -> None:
    with pytest.raises(ValueError, match="address"):
        written("REQUEST", a_copy(organizer=organizer), an_event())


@given(organizer=anything)
@settings(max_examples=60, deadline=None)
def test_an_organizer_text_never_writes_a_second_property(organizer: str) -> None:
    copy = a_copy(organizer=f"{organizer}<a@platform.example>")
    try:
        data = written("REQUEST", copy, an_event())
    except ValueError:
        return
    assert problems(data, "REQUEST") == []


def test_an_instant_is_written_alike_whatever_zone_it_comes_in() -> None:
    zone = datetime.now().astimezone().tzinfo  # the tests' own odd zone
    event = an_event()
    local = an_event(starts_at=event.starts_at.astimezone(zone), ends_at=event.ends_at)
    assert written(None, a_copy(), local) == written(None, a_copy(), event)
    with pytest.raises(ValueError, match="aware"):
        written(None, a_copy(), an_event(starts_at=event.starts_at.replace(tzinfo=None)))


def test_a_strict_reader_notices_what_is_wrong() -> None:
    """The checker itself: every planted error is found."""
    good = written("REQUEST", a_copy(), an_event(private=True))
    planted = [
        (b"METHOD:REQUEST", b"METHOD:CANCEL"),
        (b"STATUS:CONFIRMED", b"STATUS:CANCELLED"),
        (b"DTSTART:20261203T200000Z", b"DTSTART:20261203T200000"),
        (b"DTSTART:2026", b"DTSTART:2027"),
        (b"ATTENDEE;", b"X-ATTENDEE;"),
        (b"mailto:sessions", b"sessions"),
        (b"UID:", b"UID:1\r\nUID:"),
        (b"SEQUENCE:0", b"SEQUENCE:-1"),
        (b"END:VEVENT", b"BEGIN:VALARM\r\nEND:VALARM\r\nEND:VEVENT"),
        (b"CLASS:PRIVATE", b"CLASS:PRIVATE\nX-A:1"),
        (b"SUMMARY:", b"SUMMARY:;"),
        (b"SUMMARY:", b"SUMMARY:" + b"x" * 70),
        (b"SUMMARY:", b"SUMMARY:\x07"),
        (b"PARTSTAT=NEEDS-ACTION", b"PARTSTAT=UNKNOWN"),
        (b"TRANSP:OPAQUE", b"X-MICROSOFT-CDO-APPT-SEQUENCE:1"),
    ]
    assert problems(good, "REQUEST") == []
    for old, new in planted:
        assert old in good
        assert problems(good.replace(old, new, 1), "REQUEST"), new


# --- reading -----------------------------------------------------------------------------------


START = b"DTSTART;TZID=America/Toronto:20261203T150000"
END = b"DTEND;TZID=America/Toronto:20261203T154500"


def read(data: bytes, *changes: tuple[bytes, bytes]) -> ShownEvent:
    for old, new in changes:
        assert old in data
        data = data.replace(old, new)
    return read_calendar_object(data)


def test_a_backslash_before_a_letter_stays_what_was_typed() -> None:
    typed = r"C:\New\notes, \; \\N"
    event = an_event(title=typed, location=typed, text=typed)
    shown = read(calendar_object(a_copy(), event, NOW))
    assert (shown.summary, shown.location, shown.description) == (typed, typed, typed)
    assert rb"C:\\New\\notes\, " in calendar_object(a_copy(), event, NOW)


def test_mails_and_calendar_objects_carry_the_marker_of_their_copy() -> None:
    copy = a_copy(marker=Marker("ours", "this"))
    shown = read(calendar_object(copy, an_event(), NOW))
    assert (shown.instance, shown.item) == ("ours", "this")
    mail = invitation(copy, an_event(), NOW, method="REQUEST", organizer_name="")
    assert not problems(mail, "REQUEST")
    shown = read(mail)
    assert (shown.instance, shown.item) == ("ours", "this")
    assert read(calendar_object(a_copy(), an_event(), NOW)).item is None


def test_what_was_written_is_read_back() -> None:
    event = an_event(title="Grüße; a, b\\c", text="1\n\n2, 3; 4\\n")
    shown = read(calendar_object(a_copy(), event, NOW))
    assert (shown.uid, shown.summary, shown.description) == (a_copy().uid, event.title, event.text)
    assert (shown.starts_at, shown.ends_at) == (event.starts_at, event.ends_at)
    assert (shown.location, shown.attendees, shown.organizer) == (event.location, (), "")
    assert (shown.material_fp, shown.quiet_fp) == ("1.material", "1.quiet")
    assert shown.written == shown.hashes == owned_hashes(event)


@given(title=anything, location=anything, description=anything)
@settings(max_examples=100, deadline=None)
def test_nothing_people_type_looks_edited_when_it_comes_back(
    title: str, location: str, description: str
) -> None:
    event = an_event(title=title, location=location, text=description)
    shown = read(calendar_object(a_copy(), event, NOW))
    assert shown.written == shown.hashes == owned_hashes(event)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (START, b"DTSTART:20261203T201500Z"),
        (START, START.replace(b"T15", b"T16")),
        (START, START.replace(b"Toronto", b"New_York").replace(b"1203", b"1204")),
        (END, b"DTEND:20261203T204600Z"),
        (END, b"DURATION:PT30M"),
        (b"SUMMARY:Session 1", b"SUMMARY:My session"),
        (b"LOCATION:https", b"LOCATION:http"),
        (b"DESCRIPTION:Join", b"DESCRIPTION:Do join"),
        (START, b"DTSTART:20261203T200000"),
        (b"STATUS:", b"RRULE:FREQ=DAILY\r\nSTATUS:"),
        (b"X-CALSYNC-SHOWN", b"X-OTHER"),
    ],
)
def test_an_edited_field_shows(old: bytes, new: bytes) -> None:
    shown = read(calendar_object(a_copy(), an_event(), NOW), (old, new))
    assert shown.written != shown.hashes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (END, b"DURATION:PT45M"),
        (START, b"DTSTART;TZID=Europe/Paris:20261203T210000"),
        (START, b"DTSTART:20261203T200000Z"),
        (b"STATUS:", b"COLOR:red\r\nCATEGORIES:work\r\nSTATUS:"),
        (b"TRANSP:OPAQUE", b"TRANSP:TRANSPARENT"),
        (
            b"END:VEVENT",
            b"BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT",
        ),
        (b"- Goals", b"- Goals  \\n"),
    ],
)
def test_what_belongs_to_the_user_is_no_edit(old: bytes, new: bytes) -> None:
    shown = read(calendar_object(a_copy(), an_event(), NOW), (old, new))
    assert shown.written == shown.hashes


def test_guests_and_their_organizer_are_seen() -> None:
    guests = (
        b"ORGANIZER:MAILTO:maya@example.org\r\n"
        b"ATTENDEE:mailto:a@b.example\r\nATTENDEE;CN=C:mailto:c@d.example\r\n"
    )
    shown = read(calendar_object(a_copy(), an_event(), NOW), (b"STATUS:", guests + b"STATUS:"))
    assert shown.organizer == "maya@example.org"
    assert shown.attendees == ("a@b.example", "c@d.example")


def test_a_day_long_event_is_an_edit_with_readable_times() -> None:
    data = calendar_object(a_copy(), an_event(), NOW)
    shown = read(
        data,
        (START, b"DTSTART;VALUE=DATE:20261203"),
        (END, b"DTEND;VALUE=DATE:20261204"),
    )
    assert shown.written is not None
    assert shown.hashes.material == f"?{shown.hashes.material[1:]}"
    assert shown.hashes.quiet == shown.written.quiet
    assert shown.starts_at == datetime(2026, 12, 3, tzinfo=UTC)
    assert shown.ends_at - shown.starts_at == timedelta(days=1)


def test_of_a_series_the_first_definition_is_read() -> None:
    data = calendar_object(a_copy(), an_event(), NOW)
    event = data[data.index(b"BEGIN:VEVENT") : data.index(b"END:VCALENDAR")]
    override = event.replace(b"UID:", b"RECURRENCE-ID:20261203T200000Z\r\nUID:")
    shown = read(data.replace(event, override.replace(b"SUMMARY:", b"SUMMARY:Other ") + event))
    assert shown.summary == an_event().title


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>Not found</html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:secret\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:secret\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:secret\r\nDTSTART:secret\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:secret",
    ],
)
def test_what_is_no_event_is_a_value_error_that_quotes_nothing(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a readable calendar object") as caught:
        read_calendar_object(data)
    assert "secret" not in str(caught.value)


def test_a_text_is_never_taken_for_the_name_of_a_file() -> None:
    with pytest.raises(TypeError):
        read_calendar_object("/etc/hostname")  # type: ignore[arg-type]


def test_the_repr_of_a_shown_event_hides_its_content() -> None:
    shown = repr(read(calendar_object(a_copy(), an_event(), NOW)))
    assert "zoom" not in shown
    assert "Introductions" not in shown


@pytest.mark.parametrize(
    ("private", "marked_private", "expected"),
    [(True, False, "PRIVATE"), (True, True, "PRIVATE"), (False, True, "PUBLIC")],
)
def test_an_event_is_opened_again_only_where_we_hid_it(
    private: bool, marked_private: bool, expected: str
) -> None:
    copy = replace(a_copy(), marked_private=marked_private)
    assert f"CLASS:{expected}" in calendar_object(copy, an_event(private=private), NOW).decode()
    assert b"CLASS" not in calendar_object(a_copy(), an_event(), NOW)


@pytest.mark.parametrize(
    ("line", "year"),
    [
        ("DTSTART;TZID=Asia/Tokyo:00010101T000000", 1),
        ("DTSTART;TZID=America/New_York:99991231T235959", 9999),
    ],
)
def test_an_event_at_the_edge_of_the_calendar_is_drift_like_any_other(line: str, year: int) -> None:
    shown = read_calendar_object(one_event(line))
    assert shown.starts_at.year == year


@pytest.mark.parametrize("digits", [9, 400, 5_000])
def test_a_duration_beyond_the_calendar_cannot_be_read(digits: int) -> None:
    with pytest.raises(ValueError, match="not a readable calendar object"):
        read_calendar_object(one_event("DTSTART:20261203T150000Z", f"DURATION:P{'9' * digits}D"))


def one_event(*lines: str) -> bytes:
    event = ("BEGIN:VEVENT", "UID:u", *lines, "END:VEVENT")
    return "\r\n".join(("BEGIN:VCALENDAR", *event, "END:VCALENDAR", "")).encode()
