"""Mailed invitations as an independent reader understands them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from tests.make import a_copy, an_event
from tests.providers.written_mails import part, write
from tests.second_reader import Reading, read

GOLDEN = Path(__file__).parent.parent / "golden" / "mail"
FOREIGN = Path(__file__).parent.parent / "golden" / "foreign"
LONG = "1. Grüße, 你好; \U0001f600 back\\slash\n" * 40


def expected(do: Do, event: DesiredEvent, copy: Copy) -> Reading:
    return Reading(
        method="CANCEL" if do is Do.WITHDRAW else "REQUEST",
        uid=copy.uid,
        sequence=copy.sequence,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        organizer="sessions@platform.example",
        attendees=("maya@example.org",),
        status="CANCELLED" if do is Do.WITHDRAW else "CONFIRMED",
        location=event.location,
        description=event.text,
        summary=event.title,
        url=event.url,
    )


@pytest.mark.parametrize("kind", ["text/calendar", "application/ics"])
@pytest.mark.parametrize(
    ("do", "sequence", "changes"),
    [
        (Do.CREATE, 0, {}),
        (Do.CHANGE, 3, {"title": "Moved: Grüße, 你好; a\\b"}),
        (Do.WITHDRAW, 4, {}),
        (Do.CREATE, 0, {"location": "", "url": "", "text": ""}),
        (Do.CREATE, 0, {"location": "Room 4; 2nd floor, 1 Main St", "text": LONG.strip()}),
        (Do.CREATE, 0, {"title": "\U0001f600ü" * 200}),
    ],
)
def test_what_was_meant_is_what_is_read(
    do: Do, sequence: int, changes: dict[str, Any], kind: str
) -> None:
    event, copy = an_event(**changes), a_copy(sequence=sequence)
    assert read(part(write(do, event, copy), kind)) == expected(do, event, copy)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("America/Toronto", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the first 01:30
        ("America/Toronto", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),  # the second
        ("Europe/London", datetime(2027, 3, 28, 0, 45, tzinfo=UTC)),  # ends after the jump
        ("Asia/Kathmandu", datetime(2026, 12, 3, 18, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 14, 45, tzinfo=UTC)),
    ],
)
def test_instants_around_clock_changes_are_read_as_they_were_meant(
    zone: str, start: datetime
) -> None:
    event = an_event(time_zone=zone, starts_at=start, ends_at=start + timedelta(minutes=45))
    assert read(part(write(event=event), "text/calendar")) == expected(Do.CREATE, event, a_copy())


GOLDENS = {
    "request-online.ics": (Do.CREATE, {}, {}),
    "request-update.ics": (Do.CHANGE, {"sequence": 3}, {"title": "Moved: Grüße, 你好"}),
    "request-in-person-private.ics": (
        Do.CREATE,
        {},
        {"location": "Room 4; 2nd floor, 1 Main St Toronto"},
    ),
    "request-nothing-agreed.ics": (Do.CREATE, {}, {"location": "", "url": "", "text": ""}),
    "cancel.ics": (Do.WITHDRAW, {"sequence": 1}, {}),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_golden_files_say_what_they_should(name: str) -> None:
    do, copy, event = GOLDENS[name]
    data = (GOLDEN / name).read_bytes().replace(b"\n", b"\r\n")
    assert read(data) == expected(do, an_event(**event), a_copy(**copy))


def test_every_golden_invitation_is_read() -> None:
    assert {path.name for path in GOLDEN.glob("*.ics")} == {*GOLDENS, "caldav.ics"}


@pytest.mark.parametrize(
    ("name", "method", "sequence"),
    [
        ("invitation", "REQUEST", 0),
        ("update-german", "REQUEST", 1),
        ("cancellation", "CANCEL", 2),
    ],
)
def test_golden_mails_say_what_they_should(name: str, method: str, sequence: int) -> None:
    mail = message_from_bytes((GOLDEN / f"{name}.eml").read_bytes(), policy=policy.default)
    found = [
        read(one.get_payload(decode=True))
        for one in mail.walk()
        if one.get_content_type() in {"text/calendar", "application/ics"}
    ]
    assert len(found) == 2
    assert found[0] == found[1]
    assert (found[0].method, found[0].sequence) == (method, sequence)
    assert found[0].starts_at == an_event().starts_at
    assert found[0].uid == a_copy().uid


def foreign(name: str) -> bytes:
    return (FOREIGN / f"{name}.ics").read_bytes().replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("name", "starts_at"),
    [
        ("zone-winter", datetime(2026, 12, 3, 20, 0, tzinfo=UTC)),
        ("zone-summer", datetime(2027, 7, 1, 19, 0, tzinfo=UTC)),
    ],
)
def test_the_reader_understands_time_zones_that_a_file_defines(
    name: str, starts_at: datetime
) -> None:
    assert read(foreign(name)).starts_at == starts_at


@pytest.mark.parametrize(
    ("name", "why"),
    [("bad-folding", "vobject refuses it"), ("wrong-offset", "another offset")],
)
def test_the_reader_refuses_broken_files(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(foreign(name))
