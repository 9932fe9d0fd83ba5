"""An answer that no rule could judge parks nothing: what is known of it decides, and the rest is
found out later."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from calsync.core.booked import Status
from calsync.delivery import deliver, tell
from calsync.errors import Refused
from calsync.ops import commands
from tests.delivery.test_unexpected import attempts, leases
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.surprises import raising


def test_an_answer_that_can_never_be_judged_keeps_no_lease_and_is_looked_up_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "after_call", raising(ZeroDivisionError()))
        platform.deliver()
    assert attempts(platform) == [("maybe", "undecided: ZeroDivisionError")]
    assert leases(platform) == []
    assert platform.delivery()["parked"] is None

    platform.later(minutes=11)
    platform.deliver()
    assert platform.states() == ["google live"]
    assert len(platform.calendar.live(maya)) == 1


def test_a_mail_whose_answer_can_never_be_judged_is_not_sent_again_and_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    monkeypatch.setattr(deliver, "after_call", raising(ZeroDivisionError()))
    for _ in range(5):
        platform.deliver()
        platform.later(hours=2)
    assert len(platform.mail.sent) == 1
    assert leases(platform) == []
    assert platform.delivery(participant="u-2")["parked"] is None
    assert platform.states(participant="u-2") == ["mail live"], "its server has accepted it"


def test_after_a_mail_that_could_not_be_judged_the_next_change_and_resend_go(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "after_call", raising(ZeroDivisionError()))
        platform.deliver()
    assert commands.resend(platform.context, "ses-1", "u-2", None) == "sent"

    platform.later(minutes=5)
    later = session.starts_at + timedelta(hours=1)
    platform.change(session, starts_at=later, ends_at=later + timedelta(minutes=45))
    platform.later(minutes=2)
    platform.deliver()
    first, again, moved = platform.mail.sent
    assert first["uid"] == again["uid"] == moved["uid"]
    assert first["sequence"] == again["sequence"]
    assert int(str(moved["sequence"])) > int(str(first["sequence"]))
    assert moved["starts_at"] == later.isoformat()


def test_a_cancellation_that_could_not_be_judged_is_not_sent_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    platform.change(session, status=Status.CANCELLED)
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "after_call", raising(ZeroDivisionError()))
        for _ in range(3):
            platform.deliver()
            platform.later(hours=2)
    assert [one["method"] for one in platform.mail.sent] == ["REQUEST", "CANCEL"]
    assert platform.states(participant="u-2") == ["mail gone"]


def test_a_mail_that_may_have_arrived_and_cannot_be_judged_is_repeated_four_times_at_most(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    platform.mail.failures = ["lost"] * 9
    monkeypatch.setattr(deliver, "after_call", raising(ZeroDivisionError()))
    waits = []
    for _ in range(5):
        platform.deliver()
        row = platform.delivery(participant="u-2")
        if row["due_at"] is not None:
            waits.append((row["due_at"] - platform.clock()).total_seconds() // 60)
        platform.later(hours=5)
    assert waits == [4, 14, 59], "after 5 and 15 minutes, and an hour"
    assert len(platform.mail.sent) == 4
    assert len({json.dumps(one) for one in platform.mail.sent}) == 1, "byte for byte"
    assert platform.states(participant="u-2") == ["mail live"]


def test_a_mail_that_certainly_did_not_leave_goes_when_its_answer_can_be_judged(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    platform.mail.failures = [Refused("550", happened="no") for _ in range(6)]
    with monkeypatch.context() as broken:
        broken.setattr(deliver, "after_call", raising(ZeroDivisionError()))
        for _ in range(6):
            platform.deliver()
            platform.later(hours=25)
    assert platform.mail.sent == []
    assert platform.states(participant="u-2") == ["mail unsure"], "never taken as sent"
    platform.deliver()
    assert len(platform.mail.sent) == 1
    assert platform.states(participant="u-2") == ["mail live"]


def test_somebody_whose_mail_cannot_be_judged_is_told_before_the_start(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    platform.mail.failures = [Refused("550", happened="no") for _ in range(99)]
    monkeypatch.setattr(deliver, "after_call", raising(ZeroDivisionError()))
    platform.deliver()
    platform.later(days=9, hours=22, minutes=30)
    platform.deliver()
    tell.run(platform.context)
    assert platform.delivery(participant="u-2")["told"] == "unreachable"
