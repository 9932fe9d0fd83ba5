"""The human event reaches people in its own words, on whatever way it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.accounts import reroute
from calsync.core.account import AccountState
from tests.account_mails import of_sessions
from tests.harness.installation import MAYA, Installation, installed

NEW = "maya.chen@example.org"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as found:
        yield found


def news(made: Installation, address: str = MAYA) -> list[str]:
    """How the subjects of all mails about sessions begin, and their methods."""
    mails = of_sessions(made.sandbox.mails(address))
    return [
        f"{mail.method or 'plain'} {mail.subject.partition(': Title of ses-1')[0]}"
        for mail in mails
    ]


def person(address: str, ident: str = "u-1") -> list[dict[str, str]]:
    return [{"id": ident, "name": "Maya Chen", "email": address}]


def test_every_event_of_a_mailed_session_has_its_own_words(made: Installation) -> None:
    made.book()
    made.sync()
    made.book(days=10)
    made.sync()
    made.book(days=10, place={"kind": "online", "url": "https://zoom.us/j/2", "label": "Zoom"})
    made.sync()
    made.book(days=10, place={"kind": "in_person", "name": "Room 4"})
    made.sync()
    made.book(days=10, place={"kind": "in_person", "name": "Room 4"}, status="cancelled")
    made.sync()
    made.book(days=10, place={"kind": "in_person", "name": "Room 4"})
    made.sync()
    made.book(days=10, place={"kind": "in_person", "name": "Room 4"}, participants=[])
    made.sync()

    assert news(made) == [
        "REQUEST Invitation",
        "REQUEST Moved",
        "REQUEST New meeting details",
        "REQUEST New place",
        "CANCEL Cancelled",
        "REQUEST Booked again",
        "CANCEL You no longer take part",
    ]


def test_a_second_change_of_one_kind_has_a_subject_of_its_own(made: Installation) -> None:
    made.book()
    made.sync()
    for number in (2, 3, 4):
        place = {"kind": "online", "url": f"https://zoom.us/j/{number}", "label": "Zoom"}
        made.book(place=place)
        made.shift += timedelta(minutes=2)
        made.sync()

    subjects = [mail.subject for mail in of_sessions(made.sandbox.mails(MAYA))]
    assert [one.partition(":")[0] for one in subjects] == [
        "Invitation",
        *["New meeting details"] * 3,
    ]
    assert len(set(subjects)) == 4
    assert ["sent" in one for one in subjects] == [False, False, True, True]


def test_who_takes_part_again_reads_of_nothing_that_was_cancelled(made: Installation) -> None:
    for participants in (person(MAYA), [], person(MAYA)):
        made.book(participants=participants)
        made.sync()

    *_, mail = of_sessions(made.sandbox.mails(MAYA))
    assert mail.subject.startswith("Booked again: Title of ses-1")
    assert "cancel" not in mail.text.lower()


def test_who_connects_a_calendar_reads_that_the_sessions_are_there_now(made: Installation) -> None:
    for ident in ("ses-1", "ses-2"):
        made.book(ident)
    made.sync()
    made.connect("google")
    made.sync()

    told = of_sessions(made.sandbox.mails(MAYA))[2:]
    assert [mail.method for mail in told] == ["CANCEL", "CANCEL"]
    for mail in told:
        assert mail.subject.startswith("Now in your calendar: Title of ses-")
        assert "nothing you need to do" in mail.text
        assert "This session has been cancelled" not in mail.text


def test_both_mailboxes_of_a_changed_address_read_of_it(made: Installation) -> None:
    made.sandbox.add_person(NEW)
    made.book()
    made.sync()
    made.book(participants=person(NEW))
    made.sync()

    assert news(made) == ["REQUEST Invitation", "CANCEL Sent to your new address"]
    assert news(made, NEW) == ["REQUEST Now sent to this address"]


def test_a_cancel_of_who_is_invited_again_comes_first_and_says_so(made: Installation) -> None:
    both = [*person(MAYA), {"id": "u-2", "name": "Maya's office", "email": MAYA}]
    made.book(participants=both)
    made.sync()
    made.book(participants=both[1:])
    made.sync()

    assert news(made) == [
        "REQUEST Invitation",
        "CANCEL Invitation replaced",
        "REQUEST Invitation",
    ]


def test_a_session_cancelled_while_the_connection_was_dead_is_told_as_cancelled(
    made: Installation,
) -> None:
    account = made.connect("google")
    made.book()
    made.sync()
    opened = made.open()
    with opened.context.store.write() as db:
        reroute.lose(opened.context, db, account, AccountState.RECONNECT, "invalid_grant")
    made.sync()
    made.book(status="cancelled")
    made.sync()
    made.shift += timedelta(days=8, hours=23)
    made.sync()

    (mail,) = (one for one in made.sandbox.mails(MAYA) if "Cancelled" in one.subject)
    assert mail.subject.startswith("Cancelled, please delete it: Title of ses-1")
    assert mail.text.index("has been cancelled") < mail.text.index("lost access to Google Calendar")
    assert "guests" not in mail.text
    assert f"({MAYA})" in mail.text


def test_who_lost_a_calendar_reads_that_a_session_comes_by_mail_now(made: Installation) -> None:
    account = made.connect("google")
    made.book()
    made.sync()
    opened = made.open()
    with opened.context.store.write() as db:
        reroute.lose(opened.context, db, account, AccountState.RECONNECT, "invalid_grant")
    made.book(days=10)
    made.sync()

    (mail,) = (one for one in of_sessions(made.sandbox.mails(MAYA)) if one.method)
    assert mail.subject.startswith("By mail from now on: Title of ses-1")
    assert "may still show an older entry" in mail.text
