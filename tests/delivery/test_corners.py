"""Corners in which a session, a wake-up or a word to somebody was once lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.accounts import disconnect
from calsync.core.booked import Status
from calsync.delivery import tell
from calsync.errors import AccessLost, InputError, Refused
from calsync.store.connect import accounts
from calsync.store.ledger import notices
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses, slots
from tests.harness.platform import MAYA, SAM, Platform


def wanted_notices(platform: Platform) -> list[tuple[str, str]]:
    found = []
    with platform.store.write() as db:
        while (one := notices.claim(db, timedelta(hours=1))) is not None:
            found.append((one.kind, one.person))
    return found


def test_a_wake_up_that_a_refresh_wrote_over_is_found_by_the_reaper(platform: Platform) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    with platform.store.write() as db:
        db.run(sa.update(table("slot")).values(next_due=None))
    assert platform.deliver() == 0
    with platform.store.write() as db:
        assert slots.reap(db) == 1
    platform.deliver()
    assert len(platform.mail.sent) == 1


def test_a_mistyped_participant_keeps_what_is_shown_and_makes_the_session_stale(
    platform: Platform,
) -> None:
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    platform.change(session, participants=(MAYA,), set_aside=("u-2",))
    platform.later(minutes=10)
    platform.deliver()
    assert [m["method"] for m in platform.mail.sent] == ["REQUEST", "REQUEST"]
    with platform.store.read() as db:
        stale = db.scalar(sa.select(table("booked_session").c.stale))
    assert "u-2" in stale


def test_a_session_corrected_into_the_past_takes_its_future_event_away(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.change(
        session,
        starts_at=platform.now - timedelta(days=2),
        ends_at=platform.now - timedelta(days=2) + timedelta(hours=1),
    )
    platform.deliver()
    assert platform.calendar.live(maya) == []


def test_a_token_that_dies_while_disconnecting_ends_the_account_and_is_told_as_no_loss(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert disconnect.disconnect(platform.context, maya) == "withdrawing"
    platform.authorizer.errors[maya] = AccessLost("invalid_grant", happened="no", scope="account")
    platform.deliver()
    with platform.store.read() as db:
        row = next(row for row in accounts.listed(db) if row["id"] == maya)
    assert (row["state"], row["secret"]) == ("disconnected", None)
    assert wanted_notices(platform) == [("account_disconnected", "maya@example.org")]


def test_a_refused_session_is_told_by_a_plain_mail_at_once(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.calendar.failures = [Refused("400 invalid", happened="no")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert wanted_notices(platform) == []
    tell.run(platform.context)
    platform.later(days=9, hours=22, minutes=30)
    tell.run(platform.context)
    assert wanted_notices(platform) == [("unreachable", "maya@example.org")]


def test_resend_shows_what_was_sent_before_and_not_what_is_still_settling(
    platform: Platform,
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    assert session.starts_at is not None
    assert session.ends_at is not None
    later = timedelta(hours=5)
    platform.change(session, starts_at=session.starts_at + later, ends_at=session.ends_at + later)
    assert platform.deliverer.resend(platform.copies_key("u-2"), 1) == "sent"
    first, again = platform.mail.sent
    assert again["sequence"] == first["sequence"]
    assert again["starts_at"] == session.starts_at.isoformat()
    platform.later(minutes=10)
    platform.deliver()
    assert int(str(platform.mail.sent[-1]["sequence"])) > int(str(first["sequence"]))


def test_a_cancelled_session_is_not_sent_again(platform: Platform) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    platform.change(session, participants=())
    with pytest.raises(InputError, match="cancelled"):
        platform.deliverer.resend(platform.copies_key("u-2"), 1)


def test_the_same_incident_is_news_again_when_it_was_over(platform: Platform) -> None:
    with platform.store.write() as db:
        until = db.now + timedelta(minutes=5)
        assert pauses.stop(db, "default", "google", "setup", "invalid_client", until)
        assert not pauses.stop(db, "default", "google", "setup", "invalid_client", until)
    platform.later(days=30)
    with platform.store.write() as db:
        assert pauses.stop(
            db, "default", "google", "setup", "invalid_client", until + timedelta(days=31)
        )


def test_a_session_cancelled_in_a_lost_calendar_is_told_once(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    platform.authorizer.errors[maya] = AccessLost("invalid_grant", happened="no", scope="account")
    session = platform.change(session, title="Another title")
    platform.deliver()
    assert wanted_notices(platform) == [("account_lost", "maya@example.org")]
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    tell.run(platform.context)
    assert wanted_notices(platform) == []
    for _ in range(2):
        platform.later(days=9, hours=22, minutes=30)
        tell.run(platform.context)
    first = ("account_lost", "maya@example.org")  # claimed for an hour above
    assert wanted_notices(platform) == [first, ("entry_may_remain", "maya@example.org")]
