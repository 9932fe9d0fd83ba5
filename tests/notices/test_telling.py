"""Told by a plain mail: what stands wrong shortly before a session, once, and nothing that is
corrected in time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.account import AccountState
from calsync.core.booked import BookedSession, Status
from calsync.core.ledger import DeliveryKey
from calsync.daemon.drain import Drain
from calsync.delivery import tell
from calsync.errors import ChannelError, Refused, TryLater
from calsync.ops import commands, queries, verdict
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import claims, pauses
from tests.harness.platform import MAYA, SAM, Platform
from tests.notices.test_notices import FakeSender, notify

QUOTA = TryLater("403 quotaExceeded", happened="no", scope="account", after=6 * 3600.0)
INVALID = Refused("400 invalid", happened="no")
ODD = Refused("403 odd", happened="maybe")
BODY = Refused("body: answered 554", happened="no")


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


def shown_at(platform: Platform, minutes: float = 600) -> BookedSession:
    """Maya's calendar shows a session that starts in so many minutes."""
    platform.connect(MAYA.email)
    session = moved(platform, platform.a_session(participants=(MAYA,)), minutes)
    platform.book(session)
    platform.deliver()
    return session


def moved(platform: Platform, session: BookedSession, minutes: float) -> BookedSession:
    """A newer version of the session, which starts in so many minutes."""
    start = (platform.clock() + timedelta(minutes=minutes)).replace(microsecond=0)
    newer = session.updated_at + timedelta(minutes=1)
    end = start + timedelta(minutes=45)
    return replace(session, starts_at=start, ends_at=end, updated_at=newer)


def kinds(sender: FakeSender) -> list[str]:
    return [body.split()[0].decode() for _, body in sender.sent]


def passes(platform: Platform, sender: FakeSender, minutes: Iterable[float]) -> None:
    """So many minutes go by, with a pass after each."""
    for one in minutes:
        platform.later(minutes=one)
        platform.deliver()
        notify(platform, sender)


# --- a calendar that shows the old time -----------------------------------------------------------


@pytest.mark.parametrize("answer", [QUOTA, INVALID, ODD], ids=["quota", "refused", "unforeseen"])
def test_who_sees_the_old_time_of_a_moved_session_is_told_once(
    platform: Platform, sender: FakeSender, answer: ChannelError
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [answer] * 50
    platform.book(moved(platform, session, 70))
    platform.deliver()
    passes(platform, sender, [0.5, 6, 5, 5, 10, 20])
    assert kinds(sender) == ["could_not_update"]

    status = queries.status(platform.context)
    assert [(one.person, one.told) for one in status.told] == [(MAYA.email, "could_not_update")]
    assert status.alerts[0].detail["kind"] == "could_not_update"


def test_a_second_plain_mail_about_a_session_has_a_subject_of_its_own(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 50
    for _ in range(2):
        session = moved(platform, session, 70)
        platform.book(session)
        platform.deliver()
        passes(platform, sender, [0.5, 6, 5, 5])
    assert kinds(sender) == ["could_not_update"] * 2
    assert [told is not None and told.repeated for told in sender.told] == [False, True]


def test_operators_hear_when_the_mail_that_tells_a_person_is_refused_as_well(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 9
    platform.book(moved(platform, session, 70))
    platform.deliver()
    tell.run(platform.context)
    assert [one.mail for one in queries.status(platform.context).told] == ["due"]
    sender.errors = [Refused("554", happened="no")]
    notify(platform, sender)
    assert [one.mail for one in queries.status(platform.context).told] == ["refused"]
    (finding,) = [one for one in verdict.verdict(platform.context) if one.kind == "told"]
    assert "tell the people in another way" in finding.text


def test_a_plain_mail_that_is_refused_goes_again_until_it_is_taken(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 9
    platform.book(moved(platform, session, 70))
    sender.errors = [BODY, BODY]
    passes(platform, sender, [0, 5.1, 5.1, 15.1])
    assert kinds(sender) == ["could_not_update"] * 3
    assert [one.mail for one in queries.status(platform.context).told] == ["sent"]


def test_a_plain_mail_that_may_be_refused_for_its_sender_goes_again(
    platform: Platform, sender: FakeSender
) -> None:
    """The address is good, and a relay denies access: for good, if nobody sent it again."""
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 9
    platform.book(moved(platform, session, 70))
    denied = Refused("rcpt: answered 550 5.7.1", happened="no")
    denied.of_address = denied.of_sender = True
    sender.errors = [denied]
    passes(platform, sender, [0, 5.1, 5.1])
    assert [one.mail for one in queries.status(platform.context).told] == ["sent"]


def test_a_plain_mail_that_is_refused_goes_daily_until_its_session_is_over(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 99
    sender.errors = [BODY] * 99
    platform.book(moved(platform, session, 9.5 * 24 * 60))
    passes(platform, sender, [0, 5.1, 5.1, 15.1, 61, 241, *[24 * 60 + 1] * 8])
    assert len(sender.sent) == 13
    assert [one.mail for one in queries.status(platform.context).told] == ["refused"]
    passes(platform, sender, [24 * 60 + 1] * 3)
    assert len(sender.sent) == 14


def test_a_stopped_channel_keeps_nobody_from_being_told(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    with platform.store.write() as db:
        pauses.stop(db, "default", "google", "setup", "invalid_client")
    platform.book(moved(platform, session, 70))
    passes(platform, sender, [1, 10, 10])
    assert kinds(sender) == ["could_not_update"]


def test_what_an_operator_pauses_is_told_to_nobody(platform: Platform, sender: FakeSender) -> None:
    session = shown_at(platform)
    with platform.store.write() as db:
        pauses.stop(db, "default", "google", "ops", "paused by ops")
    platform.book(moved(platform, session, 70))
    passes(platform, sender, [1, 10, 10])
    assert kinds(sender) == []

    commands.resume(platform.context, "default", "google")
    passes(platform, sender, [1, 10, 10])
    assert kinds(sender) == []


def test_nobody_is_told_while_a_call_is_made_that_may_correct_it(platform: Platform) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID]
    platform.book(moved(platform, session, 70))
    platform.deliver()
    context, key = platform.context, DeliveryKey("default", "ses-1", "u-1")
    context.transact("test", lambda db: claims.take_one(db, context.lease, key))
    assert tell.run(context) == 0
    platform.later(seconds=context.lease.total_seconds() + 1)
    assert tell.run(context) == 1


def test_a_pause_keeps_a_mail_back_that_was_wanted_before_it(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID]
    platform.book(moved(platform, session, 70))
    platform.deliver()
    assert tell.run(platform.context) == 1
    commands.pause(platform.context, "default", "google")
    notify(platform, sender)
    assert sender.sent == []

    commands.resume(platform.context, "default", "google")
    passes(platform, sender, [11])
    assert kinds(sender) == ["could_not_update"]


def test_a_hundred_moves_that_succeed_tell_nobody_anything(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect(MAYA.email)
    sessions = [
        moved(platform, platform.a_session(f"ses-{n}", participants=(MAYA,)), 600)
        for n in range(100)
    ]
    platform.book(*sessions)
    platform.deliver()
    platform.book(*[moved(platform, one, 90) for one in sessions])
    tell.run(platform.context)
    notify(platform, sender)  # before anything is moved: later ones are dropped unsent
    Drain(platform.deliverer, ["default"], 1).run()
    passes(platform, sender, [1, 10, 10, 20])
    assert (sender.sent, platform.mail.sent) == ([], [])
    assert [one[0] for one in platform.calendar.calls].count("change") == 100


def test_a_mail_is_dropped_when_the_entry_is_corrected_before_it_is_sent(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [QUOTA]
    platform.book(moved(platform, session, 70))
    platform.deliver()
    platform.later(minutes=11)
    assert tell.run(platform.context) == 1
    with platform.store.write() as db:
        db.run(sa.update(table("slot")).values(cooling_until=None, next_due=db.now))
    commands.resync(platform.context, Selection())
    platform.deliver()
    notify(platform, sender)
    assert sender.sent == []
    assert queries.status(platform.context).told == []


def test_each_version_that_stands_wrong_is_told(platform: Platform, sender: FakeSender) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 9
    session = moved(platform, session, 500)
    platform.book(session)
    passes(platform, sender, [1, 1])
    platform.book(moved(platform, session, 400))
    passes(platform, sender, [1, 1])
    assert kinds(sender) == ["could_not_update"] * 2


# --- what cannot be taken away --------------------------------------------------------------------


def test_a_cancelled_session_that_stays_in_the_calendar_is_told(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    platform.calendar.failures = [INVALID] * 9
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    passes(platform, sender, [1])
    assert kinds(sender) == []
    passes(platform, sender, [5, 1, 20])
    assert kinds(sender) == ["could_not_remove"]

    platform.calendar.failures = []
    passes(platform, sender, [60])
    assert queries.status(platform.context).told == []


def test_guests_added_and_then_moved_is_told_at_once(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform, 1500)
    for entry in platform.calendar.entries.values():
        entry.guests = True
    platform.later(minutes=61)
    platform.inspector.run_once()
    assert platform.states() == ["google taken"]

    platform.book(moved(platform, session, 2000))
    platform.deliver()
    notify(platform, sender)
    assert kinds(sender) == ["could_not_update"]


# --- a mass loss of accounts ----------------------------------------------------------------------


def test_a_mass_loss_withholds_invitations_until_shortly_before_the_start(
    platform: Platform, sender: FakeSender
) -> None:
    session = shown_at(platform)
    ident = platform.delivery()["account"]
    platform.book(moved(platform, session, 200))
    with platform.store.write() as db:
        pauses.stop(db, "default", "google", "incident", "many accounts lost")
        db.run(
            sa.update(table("account"))
            .where(table("account").c.id == ident)
            .values(state=AccountState.RECONNECT.value)
        )
    passes(platform, sender, [1, 15, 40])
    assert platform.mail.sent == []

    passes(platform, sender, [30, 1])
    assert [one["method"] for one in platform.mail.sent] == ["REQUEST"]
    assert kinds(sender) == []
    assert platform.states() == ["google stranded", "mail live"]


# --- mail that is refused -------------------------------------------------------------------------


def test_an_invitation_whose_text_is_refused_is_replaced_by_plain_mails(
    platform: Platform, sender: FakeSender
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.mail.failures = [BODY] * 9
    platform.deliver()
    notify(platform, sender)
    assert kinds(sender) == ["unreachable"], "at once"
    passes(platform, sender, [1, 10])
    assert kinds(sender) == ["unreachable"]

    start = session.starts_at
    assert start is not None
    session = platform.change(session, starts_at=start - timedelta(days=1))
    platform.deliver()
    passes(platform, sender, [1, 10])
    assert kinds(sender) == ["unreachable"] * 2

    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    passes(platform, sender, [1, 10])
    assert kinds(sender) == ["unreachable", "unreachable", "could_not_remove"]


def test_a_refused_recipient_gets_no_plain_mail(platform: Platform, sender: FakeSender) -> None:
    error = Refused("rcpt: answered 550 5.1.1", happened="no")
    error.of_address = True
    platform.mail.failures = [error]
    session = moved(platform, platform.a_session(participants=(SAM,)), 100)
    platform.book(session)
    platform.deliver()
    passes(platform, sender, [1, 20])
    assert sender.sent == []
    assert platform.delivery(participant="u-2")["parked"] == "refused"


def test_a_refused_cancellation_is_told_after_the_second_refusal(
    platform: Platform, sender: FakeSender
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    platform.mail.failures = [BODY] * 2
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()
    passes(platform, sender, [1])
    assert kinds(sender) == []
    passes(platform, sender, [5, 1])
    assert kinds(sender) == ["could_not_remove"]
