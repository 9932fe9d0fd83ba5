"""The platform merges two accounts of a person: another id, the same name and address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.booked import BookedSession, Status
from calsync.ops import commands
from calsync.store.ledger.selection import Selection
from tests.harness.platform import MAYA, SAM, Platform

BEHIND, BEFORE = replace(SAM, id="u-9"), replace(SAM, id="a-1")  # in the order of ids


def mails(platform: Platform) -> list[tuple[str, object]]:
    platform.later(minutes=10)
    platform.deliver()
    return [(str(one["to"]), one["method"]) for one in platform.mail.sent]


@pytest.fixture
def session(platform: Platform) -> BookedSession:
    """Of Maya and Sam, who were invited."""
    booked = platform.a_session()
    platform.book(booked)
    assert sorted(mails(platform)) == [(MAYA.email, "REQUEST"), (SAM.email, "REQUEST")]
    platform.mail.sent.clear()
    return booked


@pytest.mark.parametrize("merged", [BEHIND, BEFORE])
def test_another_id_of_the_same_person_mails_nobody(
    platform: Platform, session: BookedSession, merged: object
) -> None:
    session = platform.change(session, participants=(MAYA, merged))
    assert mails(platform) == []
    session = platform.change(session, title="Session 2")
    commands.resync(platform.context, Selection(), rewrite=True)
    assert mails(platform) == []


@pytest.mark.parametrize("merged", [BEHIND, BEFORE])
def test_a_merged_person_gets_updates_and_the_cancellation_of_their_one_invitation(
    platform: Platform, session: BookedSession, merged: object
) -> None:
    session = platform.change(session, participants=(MAYA, merged))
    assert session.starts_at is not None
    assert session.ends_at is not None
    hour = timedelta(hours=1)
    session = platform.change(
        session, starts_at=session.starts_at + hour, ends_at=session.ends_at + hour
    )
    assert sorted(mails(platform)) == [(MAYA.email, "REQUEST"), (SAM.email, "REQUEST")]
    assert [len(platform.mail.events(one.email)) for one in (MAYA, SAM)] == [1, 1]
    platform.change(session, status=Status.CANCELLED)
    mails(platform)
    assert [platform.mail.events(one.email) for one in (MAYA, SAM)] == [{}, {}]


def test_a_merged_person_who_leaves_is_told_so(platform: Platform, session: BookedSession) -> None:
    session = platform.change(session, participants=(MAYA, BEHIND))
    platform.change(session, participants=(MAYA,))
    assert (SAM.email, "CANCEL") in mails(platform)
    assert platform.mail.events(SAM.email) == {}


def test_the_event_in_a_calendar_stays_as_it_is(platform: Platform) -> None:
    account = platform.connect(SAM.email)
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    before = platform.calendar.live(account)
    platform.change(session, participants=(MAYA, BEHIND))
    platform.deliver()
    assert platform.calendar.live(account) == before


@pytest.mark.parametrize(
    "other", [replace(BEHIND, name="Kim Park"), replace(BEHIND, email="sam@other.example")]
)
def test_another_name_or_address_is_another_person(
    platform: Platform, session: BookedSession, other: object
) -> None:
    platform.change(session, participants=(MAYA, other))
    assert (SAM.email, "CANCEL") in mails(platform)
