"""What is refused comes again by itself, and nothing of it is left where nobody wants it."""

from __future__ import annotations

from datetime import timedelta

from calsync.accounts import reroute
from calsync.core.account import Account
from calsync.core.booked import Status
from calsync.errors import Refused
from calsync.ops import commands
from calsync.store.connect import accounts
from calsync.store.ledger.selection import Selection
from tests.harness.platform import MAYA, Platform

CANCEL_REFUSED = Refused("body: answered 554", happened="no")
ODD = Refused("403 odd", happened="maybe")


def connect(platform: Platform, name: str) -> str:
    """Maya's sessions go to her calendar of this name from now on."""
    there = Account(name, "default", MAYA.email, "google", f"maya@{name}.example")
    with platform.store.write() as db:
        found = accounts.connect(db, platform.vault, there, f"id of {name}", {"refresh_token": "r"})
        reroute.reroute(platform.context, db, "default", [MAYA.email])
    return found


def test_a_cancellation_that_is_refused_once_is_mailed_five_minutes_later(
    platform: Platform,
) -> None:
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.mail.failures = [CANCEL_REFUSED]
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    assert list(platform.mail.events(MAYA.email)) != []
    assert platform.delivery()["parked"] is None

    platform.later(minutes=5, seconds=1)
    platform.deliver()
    assert platform.mail.events(MAYA.email) == {}
    assert platform.states() == ["mail gone"]


def test_an_unforeseen_answer_to_a_removal_leaves_no_second_entry(platform: Platform) -> None:
    first = connect(platform, "home")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    second = connect(platform, "work")
    platform.calendar.failures = ["", ODD]
    platform.deliver()
    assert (len(platform.calendar.live(first)), len(platform.calendar.live(second))) == (1, 1)

    platform.later(minutes=5, seconds=1)
    platform.deliver()
    assert (platform.calendar.live(first), len(platform.calendar.live(second))) == ([], 1)


def test_an_unforeseen_answer_to_a_change_is_followed_by_the_change(platform: Platform) -> None:
    account = platform.connect(MAYA.email)
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.calendar.failures = [ODD, ODD]
    platform.change(session, title="Session 2")
    platform.deliver()
    platform.later(minutes=5, seconds=1)
    platform.deliver()
    assert platform.calendar.live(account)[0]["title"] == "Session 1"
    platform.later(minutes=15, seconds=1)
    platform.deliver()
    assert platform.calendar.live(account)[0]["title"] == "Session 2"


def test_a_newer_version_does_not_wait_for_an_older_one_that_was_refused(
    platform: Platform,
) -> None:
    account = platform.connect(MAYA.email)
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.calendar.failures = [ODD]
    session = platform.change(session, title="Session 2")
    platform.deliver()
    platform.change(session, title="Session 3")
    platform.later(minutes=1)
    platform.deliver()
    assert platform.calendar.live(account)[0]["title"] == "Session 3"


def test_a_resync_repeats_a_refused_call_at_once(platform: Platform) -> None:
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.mail.failures = [CANCEL_REFUSED]
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    commands.resync(platform.context, Selection())
    platform.deliver()
    assert platform.mail.events(MAYA.email) == {}


def test_an_entry_at_a_later_time_goes_although_the_session_is_over(platform: Platform) -> None:
    """Moved to an earlier time and answered in a way nobody foresaw, it stood there for ever."""
    account = platform.connect(MAYA.email)
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.calendar.failures = [ODD] * 4
    start = platform.now + timedelta(hours=1)
    platform.change(session, starts_at=start, ends_at=start + timedelta(minutes=45))
    platform.deliver()
    platform.later(hours=2)
    platform.deliver()
    assert str(platform.calendar.live(account)[0]["starts_at"]) > platform.clock().isoformat()

    platform.calendar.failures = []
    platform.later(hours=4)
    platform.deliver()
    assert platform.calendar.live(account)[0]["starts_at"] == start.isoformat()
    assert platform.delivery()["due_at"] is None
