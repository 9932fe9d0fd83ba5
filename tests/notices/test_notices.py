"""Notices: each plain mail once per key, the same bytes however often it is sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.content.event import DesiredEvent, Told
from calsync.core.content.notices import AccountFact, AccountNews, OwnerNews
from calsync.delivery import tell
from calsync.errors import AccessLost, ChannelError, Refused, Setup, TryLater
from calsync.notices.sender import GIVE_UP, Notifier
from calsync.ops import commands
from calsync.store.ledger import notices
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses
from tests.harness.platform import MAYA, Platform
from tests.harness.platform_fixtures import MakePlatform


class FakeSender:
    """Remembers notices; errors are taken from the front, one per send."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.prepared: list[tuple[str, str]] = []
        self.errors: list[ChannelError] = []
        self.told: list[Told | None] = []

    def prepare_notice(
        self, kind: str, to: str, key: str, event: DesiredEvent, now: datetime
    ) -> bytes:
        self.prepared.append((kind, event.locale))
        self.told.append(event.told)
        return f"{kind} to {to} about {event.title} {key} {now}".encode()

    def prepare_account_notice(
        self, kind: str, to: str, key: str, news: AccountNews, link: str
    ) -> bytes:
        self.prepared.append((kind, news.locale))
        return f"{kind} to {to} about {news.fact.address} {key} {link}".encode()

    def prepare_owner_notice(self, to: str, key: str, news: OwnerNews) -> bytes:
        return f"owner {to} about {news.account or news.count}".encode()

    def prepare_digest(
        self, to: str, key: str, events: Sequence[DesiredEvent], now: datetime
    ) -> bytes:
        self.prepared.append(("digest", events[0].locale))
        return f"digest to {to} about {', '.join(one.title for one in events)}".encode()

    def prepare_upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        return f"upcoming to {to} about {event.title} {unsubscribe} {event.text}".encode()

    def send_notice(self, body: bytes, to: str, until: float) -> None:
        self.sent.append((to, body))
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


def notify(platform: Platform, sender: FakeSender) -> int:
    tell.run(platform.context)
    notifier, count = Notifier(platform.context, {"default": sender}), 0
    while notifier.run_once():
        count += 1
    return count


def lose(platform: Platform, account: str) -> None:
    with platform.store.write() as db:
        reroute.lose(platform.context, db, account, AccountState.RECONNECT, "invalid_grant")


def want(platform: Platform, kind: str = "account_lost", key: str = "acc") -> None:
    with platform.store.write() as db:
        notices.want(db, "default", kind, "maya@example.org", key, fact=a_fact(db.now))


def a_fact(at: datetime) -> AccountFact:
    return AccountFact("google", "maya@gmail.example", "", "maya@example.org", at)


def test_a_lost_account_is_told_once_and_once_more_after_a_new_connection(
    platform: Platform, sender: FakeSender
) -> None:
    maya = platform.connect("maya@example.org")
    for _ in range(2):
        lose(platform, maya)
        notify(platform, sender)
    assert len(sender.sent) == 1
    platform.later(days=1)
    platform.connect("maya@example.org")
    lose(platform, maya)
    notify(platform, sender)

    assert [to for to, _ in sender.sent] == ["maya@example.org", "maya@example.org"]


def test_a_lost_account_is_told_in_the_language_of_its_person(
    platform: Platform, sender: FakeSender
) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(dataclasses.replace(MAYA, locale="fr"),)))
    lose(platform, maya)
    platform.connect("sam@example.org", "google-sam")
    lose(platform, "google-sam")
    notify(platform, sender)

    assert sorted(sender.prepared) == [("account_lost", "en"), ("account_lost", "fr")]


def test_who_cannot_be_reached_before_the_start_is_told_once(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.calendar.failures = [TryLater("503", happened="no") for _ in range(200)]
    platform.deliver()
    for _ in range(6):
        platform.later(days=1, hours=15, minutes=40)
        platform.deliver()
        notify(platform, sender)

    assert [body.split()[0] for _, body in sender.sent] == [b"unreachable"]


def test_who_could_not_be_reached_is_told_again_when_the_session_has_moved(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.calendar.failures = [TryLater("503", happened="no") for _ in range(200)]
    platform.deliver()
    platform.later(days=9, hours=22, minutes=40)
    platform.deliver()
    notify(platform, sender)
    assert session.starts_at is not None
    platform.change(session, starts_at=session.starts_at - timedelta(minutes=10))
    for _ in range(2):
        platform.later(minutes=11)
        platform.deliver()
        notify(platform, sender)

    assert [body.split()[0] for _, body in sender.sent] == [b"unreachable", b"unreachable"]


def test_a_session_told_of_before_an_upgrade_is_not_told_again(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    want(platform, "unreachable", "ses-1")  # keyed by the session alone, as it was
    with platform.store.write() as db:
        db.run(sa.update(table("delivery")).values(wanted_since=None))
    notify(platform, sender)
    platform.calendar.failures = [TryLater("503", happened="no") for _ in range(200)]
    platform.deliver()
    platform.later(days=9, hours=22, minutes=40)
    platform.deliver()
    notify(platform, sender)

    assert [body.split()[0] for _, body in sender.sent] == [b"unreachable"]


def test_an_entry_that_stays_with_its_guests_is_told_once(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    for entry in platform.calendar.entries.values():
        entry.guests = True
    platform.later(days=9, hours=1)
    platform.inspector.run_once()
    session = platform.change(session, participants=())
    platform.deliver()
    commands.resync(platform.context, Selection())
    platform.deliver()
    notify(platform, sender)

    assert [body.split()[0] for _, body in sender.sent] == [b"entry_may_remain"]


def test_a_notice_whose_answer_was_lost_is_sent_again_byte_for_byte(
    platform: Platform, sender: FakeSender
) -> None:
    want(platform)
    sender.errors = [TryLater("lost", happened="maybe")]
    notify(platform, sender)
    platform.later(minutes=10)
    notify(platform, sender)
    notify(platform, sender)

    (first, second) = sender.sent
    assert first == second
    assert len(sender.prepared) == 1


def test_a_notice_outlives_an_outage_of_days_and_is_given_up_after_a_week(
    platform: Platform, sender: FakeSender
) -> None:
    want(platform)
    sender.errors = [TryLater("451", happened="no") for _ in range(100)]
    for _ in range(20):
        notify(platform, sender)
        platform.later(hours=2)
    assert len(sender.sent) == 20
    platform.ahead += GIVE_UP
    for _ in range(3):
        notify(platform, sender)
        platform.later(hours=2)

    assert len(sender.sent) == 21


def test_a_notice_about_a_session_is_not_tried_again_when_that_is_over(
    platform: Platform, sender: FakeSender
) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    want(platform, "unreachable", "ses-1")
    sender.errors = [TryLater("451", happened="no")]
    notify(platform, sender)
    platform.later(days=11)
    notify(platform, sender)

    assert len(sender.sent) == 1


def test_a_refused_address_is_not_tried_again(platform: Platform, sender: FakeSender) -> None:
    want(platform)
    error = Refused("rcpt: answered 550", happened="no")
    error.of_address = True
    sender.errors = [error]
    for _ in range(3):
        notify(platform, sender)
        platform.later(days=1)

    assert len(sender.sent) == 1


def test_a_refused_mail_about_an_account_goes_again_with_longer_waits_for_a_week(
    platform: Platform, sender: FakeSender
) -> None:
    want(platform)
    sender.errors = [Refused("body: answered 554", happened="no") for _ in range(50)]
    sent = []
    for hours in (0, 0.09, 0.26, 1.1, 4.1, 24.1, 24.1, 24.1, 24.1, 24.1, 24.1, 24.1, 24.1):
        platform.later(hours=hours)
        notify(platform, sender)
        sent.append(len(sender.sent))

    assert sent[:6] == [1, 2, 3, 4, 5, 6]
    assert sent[-2:] == [12, 12]
    assert len({body for _, body in sender.sent}) == 1


def test_a_notice_whose_address_could_not_be_written_is_written_anew(
    platform: Platform, sender: FakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(platform)
    sender.errors = [Refused("no address", happened="no")]
    with monkeypatch.context() as patched:
        patched.setattr(sender, "prepare_account_notice", lambda *_: b"")
        notify(platform, sender)
    platform.later(minutes=6)
    notify(platform, sender)

    assert [body.split()[:1] for _, body in sender.sent] == [[], [b"account_lost"]]


def test_an_operators_mistake_loses_no_notice(platform: Platform, sender: FakeSender) -> None:
    want(platform)
    sender.errors = [Setup("535 authentication", happened="no", scope="tenant")]
    notify(platform, sender)
    platform.later(hours=2)
    notify(platform, sender)

    assert len(sender.sent) == 2


def test_a_crash_after_the_bytes_were_stored_sends_the_same_bytes(
    platform: Platform, sender: FakeSender
) -> None:
    class Killed(BaseException):
        pass

    want(platform)
    sender.errors = [Killed()]  # type: ignore[list-item]
    with pytest.raises(Killed):
        notify(platform, sender)
    assert notify(platform, sender) == 0
    platform.later(minutes=5)
    notify(platform, sender)

    assert sender.sent[0] == sender.sent[1]


def test_a_pause_holds_notices_back_as_well(platform: Platform, sender: FakeSender) -> None:
    want(platform)
    with platform.store.write() as db:
        pauses.stop(db, "default", "mail", "ops", "paused by ops")
    assert notify(platform, sender) == 0
    commands.resume(platform.context, "default", "mail")

    assert notify(platform, sender) == 1


def test_nobody_outside_only_to_gets_a_notice(
    make_platform: MakePlatform, sender: FakeSender
) -> None:
    platform = make_platform(only_to=("*@corp.example",))
    want(platform)
    notify(platform, sender)

    assert sender.sent == []


def test_the_bytes_of_a_notice_are_sealed(platform: Platform, sender: FakeSender) -> None:
    want(platform)
    sender.errors = [TryLater("lost", happened="maybe")]
    notify(platform, sender)
    with platform.store.read() as db:
        prepared = db.scalar(sa.select(table("notice").c.wire))

    assert prepared
    assert b"maya" not in prepared


def test_the_bytes_of_a_notice_leave_once_it_is_sent(
    platform: Platform, sender: FakeSender
) -> None:
    want(platform)
    assert notify(platform, sender) == 1

    with platform.store.read() as db:
        row = db.one(sa.select(table("notice")))
    assert row is not None
    assert (row["state"], row["wire"]) == ("sent", None)


def test_a_lost_account_is_noticed_by_the_call_that_fails(
    platform: Platform, sender: FakeSender
) -> None:
    maya = platform.connect("maya@example.org")
    platform.authorizer.errors[maya] = AccessLost("invalid_grant", happened="no", scope="account")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    notify(platform, sender)

    assert [body.split()[0] for _, body in sender.sent] == [b"account_lost"]
    assert [m["to"] for m in platform.mail.sent] == ["maya@example.org"]
