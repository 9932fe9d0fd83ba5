"""A program that becomes discreet, or open again: calendars follow at once, mails with the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.core.booked import Participant, Program, ProgramKind
from calsync.ops import commands
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.platform import MAYA as U1
from tests.harness.platform import SAM, Platform

PIA = Participant("u-3", "Pia Lindt", "pia@example.org")
PROGRAM = {"id": "prog-7", "name": "Women in Engineering", "kind": "group"}
DISCREET = {**PROGRAM, "discreet": True}
FIELD = {"google": "visibility", "outlook": "sensitivity"}
PLAIN = {"google": "default", "outlook": "normal"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def booked(place: Installation, program: dict[str, Any]) -> None:
    place.book(title="About Sam", program=program)
    place.sync()


def event(place: Installation, provider: str) -> dict[str, Any]:
    """The one event, as its provider holds it."""
    read = place.sandbox.events if provider == "google" else place.sandbox.outlook_events
    (found,) = [one for one in read(MAYA) if one.get("status") != "cancelled"]
    return dict(found)


def hidden(place: Installation, provider: str) -> str:
    return str(event(place, provider).get(FIELD[provider], PLAIN[provider]))


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_a_switch_is_written_into_the_calendar_at_once_and_back(
    place: Installation, provider: str
) -> None:
    place.connect(provider)
    booked(place, PROGRAM)
    assert hidden(place, provider) == PLAIN[provider]
    booked(place, DISCREET)
    assert hidden(place, provider) == "private"
    assert "Sam" not in str(event(place, provider))
    booked(place, PROGRAM)
    assert hidden(place, provider) == PLAIN[provider]
    assert "About Sam" in str(place.shown())
    assert place.mails() == []


@pytest.mark.parametrize("provider", ["google", "outlook"])
def test_what_a_person_hides_themselves_stays_hidden(place: Installation, provider: str) -> None:
    place.connect(provider)
    booked(place, PROGRAM)
    (shown,) = place.sandbox.shown(MAYA)
    place.sandbox.user_edits(MAYA, shown.id, **{FIELD[provider]: "private"})
    place.book(title="Another title", program=PROGRAM)
    place.sync()
    place.shift += timedelta(minutes=1)  # Google tells first that the event has changed
    place.sync()
    assert (hidden(place, provider), place.shown()[0][1]) == (
        "private",
        "Another title · Women in Engineering",
    )


def test_a_switch_does_not_wait_until_a_roster_settles(platform: Platform) -> None:
    platform.connect(U1.email)
    group = Program("prog-7", "Women in Engineering", ProgramKind.GROUP)
    session = platform.a_session(program=group)
    platform.book(session)
    platform.deliver()
    session = platform.change(session, participants=(U1, SAM, PIA))
    platform.deliver()
    assert platform.delivery()["settle_until"] is not None
    quiet = Program("prog-7", "Women in Engineering", ProgramKind.GROUP, discreet=True)
    platform.change(session, program=quiet)
    assert platform.delivery()["settle_until"] is None
    platform.deliver()
    assert platform.copies()[-1].content.private


def test_the_next_mail_of_a_mailed_invitation_is_neutral(place: Installation) -> None:
    booked(place, PROGRAM)
    booked(place, DISCREET)
    (invited,) = place.sandbox.mails(MAYA)
    assert "About Sam" in invited.raw
    assert commands.resend(place.open().context, "ses-1", MAYA, None) == "sent"
    place.book(status="cancelled", title="About Sam", program=DISCREET)
    place.sync()
    _, resent, cancelled = place.sandbox.mails(MAYA)
    assert (resent.method, cancelled.method) == ("REQUEST", "CANCEL")
    for mail in (resent, cancelled):
        assert "Sam" not in mail.raw
        assert "Women in Engineering" not in mail.raw


def test_a_session_that_becomes_discreet_and_is_cancelled_at_once_is_cancelled_neutrally(
    place: Installation,
) -> None:
    booked(place, PROGRAM)
    place.book(status="cancelled", title="About Sam", program=DISCREET)
    place.sync()
    _, cancelled = place.sandbox.mails(MAYA)
    assert_neutral(cancelled.method, cancelled.raw)


def test_who_is_taken_out_while_their_session_becomes_discreet_is_told_so_neutrally(
    place: Installation,
) -> None:
    booked(place, PROGRAM)
    other = {"id": "u-2", "name": "Sam Okafor", "email": "sam@example.org"}
    place.book(title="About Sam", program=DISCREET, participants=[other])
    place.sync()
    _, cancelled = place.sandbox.mails(MAYA)
    assert_neutral(cancelled.method, cancelled.raw)


def test_a_cancellation_that_still_waits_when_its_session_becomes_discreet_is_neutral(
    place: Installation,
) -> None:
    booked(place, PROGRAM)
    commands.pause(place.open().context, "*", "*")
    place.book(status="cancelled", title="About Sam", program=PROGRAM)
    place.sync()
    place.book(status="cancelled", title="About Sam", program=DISCREET)
    place.sync()
    commands.resume(place.open().context, "*", "*")
    place.sync()
    _, cancelled = place.sandbox.mails(MAYA)
    assert_neutral(cancelled.method, cancelled.raw)


def assert_neutral(method: str | None, raw: str) -> None:
    assert method == "CANCEL"
    assert "Sam" not in raw
    assert "Women in Engineering" not in raw
