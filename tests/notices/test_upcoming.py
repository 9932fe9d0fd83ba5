"""Upcoming Session mails: one for each person, session and start, when everything fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import BookedSession, Status
from calsync.core.ledger import Rate
from calsync.core.upcoming.rules import UpcomingRules, UpcomingTo
from calsync.errors import ChannelError, Refused, Setup, TryLater
from calsync.notices.upcoming import UpcomingSender
from calsync.ops import commands
from calsync.store.ledger.rows import table
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform
from tests.notices.test_notices import FakeSender

ALL = UpcomingRules(UpcomingTo.ALL, 24)
MAILED = UpcomingRules(UpcomingTo.MAILED, 24)


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


@pytest.fixture
def platform(make_platform: MakePlatform) -> Platform:
    return make_platform(upcoming=ALL)


def remind(platform: Platform, sender: FakeSender) -> list[str]:
    """Everybody who is mailed now."""
    before, upcoming = len(sender.sent), UpcomingSender(platform.context, {"default": sender})
    while upcoming.run_once():
        pass
    return [to for to, _ in sender.sent[before:]]


def booked(platform: Platform, hours: float = 30, **changes: Any) -> BookedSession:
    """A session of Maya's and Sam's that starts in so many hours, delivered; mails were switched on
    before."""
    remind(platform, FakeSender())
    start = (platform.clock() + timedelta(hours=hours)).replace(microsecond=0)
    end = start + timedelta(minutes=45)
    session = platform.a_session(starts_at=start, ends_at=end, **changes)
    platform.book(session)
    platform.deliver()
    return session


def rows(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.read() as db:
        return db.all(sa.select(table("notice")))


def states(platform: Platform) -> list[str]:
    c = table("notice").c
    with platform.store.read() as db:
        return [row["state"] for row in db.all(sa.select(c.state).order_by(c.person))]


def test_everybody_gets_one_mail_when_the_session_is_near(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect(MAYA.email)
    booked(platform)
    assert remind(platform, sender) == []
    platform.later(hours=6, minutes=1)
    assert sorted(remind(platform, sender)) == [MAYA.email, SAM.email]
    platform.later(hours=1)
    assert remind(platform, sender) == []
    assert states(platform) == ["sent", "sent"]


def test_only_who_is_invited_by_mail_gets_one_where_the_tenant_says_so(
    make_platform: MakePlatform, sender: FakeSender
) -> None:
    platform = make_platform(upcoming=MAILED)
    platform.connect(MAYA.email)
    booked(platform)
    platform.later(hours=7)
    assert remind(platform, sender) == [SAM.email]


def test_nothing_is_sent_where_it_was_not_switched_on(
    make_platform: MakePlatform, sender: FakeSender
) -> None:
    platform = make_platform()
    booked(platform)
    platform.later(hours=7)
    assert remind(platform, sender) == []


def test_a_cancelled_session_is_announced_to_nobody(platform: Platform, sender: FakeSender) -> None:
    session = booked(platform)
    platform.change(session, status=Status.CANCELLED)
    platform.later(hours=7)
    assert remind(platform, sender) == []


def test_a_session_that_is_booked_again_for_the_same_time_is_announced(
    platform: Platform, sender: FakeSender
) -> None:
    session = booked(platform, participants=(SAM,))
    cancelled = platform.change(session, status=Status.CANCELLED)
    platform.later(hours=7)
    assert remind(platform, sender) == []
    platform.change(cancelled, status=Status.BOOKED)
    platform.deliver()
    assert remind(platform, sender) == []
    platform.later(hours=2, minutes=1)
    assert remind(platform, sender) == [SAM.email]


def test_a_session_that_moves_is_announced_for_its_new_start_alone(
    platform: Platform, sender: FakeSender
) -> None:
    session = booked(platform, participants=(SAM,))
    assert session.starts_at is not None
    assert session.ends_at is not None
    later = timedelta(days=3)
    platform.change(session, starts_at=session.starts_at + later, ends_at=session.ends_at + later)
    platform.later(hours=7)
    platform.deliver()
    assert remind(platform, sender) == []
    platform.later(days=3)
    assert remind(platform, sender) == [SAM.email]


def test_a_session_that_moves_after_its_mail_is_announced_once_more(
    platform: Platform, sender: FakeSender
) -> None:
    session = booked(platform, participants=(SAM,))
    platform.later(hours=7)
    assert remind(platform, sender) == [SAM.email]
    assert session.starts_at is not None
    assert session.ends_at is not None
    later = timedelta(hours=1)
    platform.change(session, starts_at=session.starts_at + later, ends_at=session.ends_at + later)
    platform.later(minutes=5)
    platform.deliver()
    assert remind(platform, sender) == []
    platform.later(hours=3)
    assert remind(platform, sender) == [SAM.email]


def test_a_session_booked_within_the_window_is_announced_two_hours_later(
    platform: Platform, sender: FakeSender
) -> None:
    booked(platform, hours=6, participants=(SAM,))
    assert remind(platform, sender) == []
    platform.later(hours=1, minutes=59)
    assert remind(platform, sender) == []
    platform.later(minutes=2)
    assert remind(platform, sender) == [SAM.email]


def test_a_session_booked_for_the_next_two_hours_is_not_announced(
    platform: Platform, sender: FakeSender
) -> None:
    booked(platform, hours=1.5, participants=(SAM,))
    assert remind(platform, sender) == []
    platform.later(hours=2, minutes=1)
    assert remind(platform, sender) == []


def test_a_first_switch_on_announces_nothing_that_starts_within_two_hours(
    platform: Platform, sender: FakeSender
) -> None:
    for ident, hours in (("near", 28), ("far", 32)):
        start = (platform.clock() + timedelta(hours=hours)).replace(microsecond=0)
        platform.book(
            platform.a_session(ident, starts_at=start, ends_at=start + timedelta(hours=1))
        )
    platform.deliver()
    platform.later(hours=26, minutes=30)
    assert len(remind(platform, sender)) == 2
    assert {body.split()[4] for _, body in sender.sent} == {b"Session"}
    with platform.store.read() as db:
        c = table("notice").c
        assert {row["subject_key"].split()[0] for row in db.all(sa.select(c.subject_key))} == {
            "far"
        }


def test_the_nearest_go_first_within_the_limit_of_the_mail_server(
    make_platform: MakePlatform, sender: FakeSender
) -> None:
    platform = make_platform(upcoming=ALL, rates={"mail": Rate(60)})
    remind(platform, sender)
    for n, hours in enumerate((33, 31, 34, 32, 30)):
        start = (platform.now + timedelta(hours=hours)).replace(microsecond=0)
        end = start + timedelta(hours=1)
        title = f"In_{hours}"
        one = platform.a_session(
            f"s-{n}", starts_at=start, ends_at=end, title=title, participants=(SAM,)
        )
        platform.book(one)
    platform.later(days=1)
    with platform.store.write() as db:
        db.run(sa.delete(table("limiter")))
    platform.stop_clock(platform.clock())
    remind(platform, sender)
    platform.later(minutes=1)
    remind(platform, sender)
    titles = [body.split()[4].decode() for _, body in sender.sent]
    assert titles[0] == "In_30"
    assert titles == sorted(titles)
    assert 3 <= len(titles) <= 5


def test_what_is_held_paused_stale_or_unsure_waits_and_is_sent_when_that_ends(
    platform: Platform, sender: FakeSender
) -> None:
    session = booked(platform, participants=(SAM,))
    platform.later(hours=7)
    for hold, free in (
        (
            lambda: update(platform, "delivery", batch=7),
            lambda: update(platform, "delivery", batch=None),
        ),
        (
            lambda: update(platform, "booked_session", stale="title: missing"),
            lambda: update(platform, "booked_session", stale=None),
        ),
        (
            lambda: commands.pause(platform.context, "default", "mail"),
            lambda: commands.resume(platform.context, "default", "mail"),
        ),
        (
            lambda: update(platform, "copy", state="unsure"),
            lambda: update(platform, "copy", state="live"),
        ),
    ):
        hold()
        assert remind(platform, sender) == []
        free()
        platform.later(minutes=11)
    assert remind(platform, sender) == [SAM.email]
    assert session.status is Status.BOOKED


def update(platform: Platform, name: str, **values: object) -> None:
    with platform.store.write() as db:
        db.run(sa.update(table(name)).values(**values))


def test_the_mail_has_the_agenda_as_it_is_now(platform: Platform, sender: FakeSender) -> None:
    session = booked(platform, participants=(SAM,))
    assert session.agenda is not None
    platform.change(session, agenda=replace(session.agenda, html="<p>Bring your CV</p>"))
    platform.deliver()
    assert len(platform.mail.sent) == 1
    platform.later(hours=7)
    remind(platform, sender)
    assert b"Bring your CV" in sender.sent[0][1]


def test_a_program_says_when_its_sessions_are_announced(
    platform: Platform, sender: FakeSender
) -> None:
    session = platform.a_session()
    assert session.program is not None
    booked(platform, 60, participants=(SAM,), program=replace(session.program, upcoming_hours=48))
    assert remind(platform, sender) == []
    platform.later(hours=13)
    assert remind(platform, sender) == [SAM.email]


def test_after_a_restore_what_may_have_been_sent_is_not_sent_again(
    platform: Platform, sender: FakeSender
) -> None:
    session = booked(platform, participants=(SAM,))
    later = booked(platform, 60, ident="ses-2", participants=(SAM,))
    platform.later(hours=7)
    update(platform, "instance", recovered_at=platform.clock())
    assert remind(platform, sender) == []
    platform.later(hours=30)
    assert remind(platform, sender) == [SAM.email]
    assert [row["subject_key"].split()[0] for row in rows(platform)] == [later.id]
    assert session.id != later.id


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [TryLater("451", happened="no"), Setup("535", happened="no", scope="tenant")],
    ids=["later", "set-up"],
)
def test_what_certainly_was_not_sent_is_tried_again(
    platform: Platform, sender: FakeSender, error: ChannelError
) -> None:
    booked(platform, participants=(SAM,))
    platform.later(hours=7)
    sender.errors = [error]
    remind(platform, sender)
    assert states(platform) == ["dropped"]
    platform.later(minutes=2)
    assert remind(platform, sender) == [SAM.email]
    assert states(platform) == ["sent"]


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (TryLater("lost", happened="maybe"), "maybe"),
        (Refused("554", happened="no"), "refused"),
    ],
    ids=["unknown", "refused"],
)
def test_what_may_have_arrived_or_is_refused_is_not_sent_again(
    platform: Platform, sender: FakeSender, error: ChannelError, state: str
) -> None:
    booked(platform, participants=(SAM,))
    platform.later(hours=7)
    sender.errors = [error]
    remind(platform, sender)
    for _ in range(3):
        platform.later(hours=5)
        assert remind(platform, sender) == []
    assert states(platform) == [state]


class DyingSender(FakeSender):
    def send_notice(self, body: bytes, to: str, until: float) -> None:
        super().send_notice(body, to, until)
        raise KeyboardInterrupt


def test_a_process_that_dies_while_it_sends_leaves_a_mail_that_is_not_sent_again(
    platform: Platform, sender: FakeSender
) -> None:
    booked(platform, participants=(SAM,))
    platform.later(hours=7)
    with pytest.raises(KeyboardInterrupt):
        remind(platform, DyingSender())
    assert states(platform) == ["unsure"]
    platform.later(minutes=10)
    assert remind(platform, sender) == []
    assert states(platform) == ["maybe"]


class Unwritable(FakeSender):
    def prepare_upcoming(self, *_: object) -> bytes:
        raise ValueError("a title that nothing can write")


def test_one_mail_that_cannot_be_written_keeps_no_other_back(
    platform: Platform, sender: FakeSender
) -> None:
    booked(platform, participants=(SAM,))
    platform.later(hours=7)
    assert remind(platform, Unwritable()) == []
    assert states(platform) == ["refused"]
    with platform.store.read() as db:
        found = db.all(sa.select(table("unexpected_failure")))
    assert [(row["area"], row["error"]) for row in found] == [("notice", "ValueError")]


def test_two_ids_of_one_mailbox_in_a_session_are_one_reader(
    platform: Platform, sender: FakeSender
) -> None:
    """They see the same calendar entry or invitation; the key is the person, not the id."""
    booked(platform, participants=(SAM, replace(SAM, id="u-9")))
    update(platform, "delivery", covered_by=None)
    platform.later(hours=7)
    assert remind(platform, sender) == [SAM.email]
