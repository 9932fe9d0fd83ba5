"""Lanes over which mails are sent one after the other: how many that were sent may be unstored."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress

import pytest

from calsync.delivery.concurrency import MOST_UNSTORED
from calsync.delivery.dispatch import Dispatcher
from tests.delivery.test_mail_rows import ALL_AT_ONCE, LANES, mailed, step
from tests.harness.platform import Platform

DEADLINE = 60.0
EXPOSED = LANES * MOST_UNSTORED


class NothingToSendError(Exception):
    """A worker would wait now."""


def would_wait() -> None:
    raise NothingToSendError


@pytest.fixture
def dispatcher(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    """It has claimed as many mails as share all lanes."""
    mailed(platform, ALL_AT_ONCE)
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    monkeypatch.setattr(dispatcher, "_mail_seconds", 0.001)
    assert step(dispatcher) == ALL_AT_ONCE
    return dispatcher


# --- what a crash sends again ---------------------------------------------------------------------


def send_all_that_may_be_sent(dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, suppress(NothingToSendError):
        patch.setattr(dispatcher._handed, "wait", would_wait)
        while dispatcher.work_one():
            pass


def test_a_process_that_is_killed_has_sent_no_more_than_three_mails_a_lane_that_are_sent_again(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_all_that_may_be_sent(dispatcher, monkeypatch)
    assert len(platform.mail.sent) == EXPOSED == LANES * 3
    platform.later(seconds=2 * int(platform.context.lease.total_seconds()))
    platform.deliver(workers=4)
    times = Counter(mail["uid"] for mail in platform.mail.sent)
    assert sorted(times.values()) == [1] * (ALL_AT_ONCE - EXPOSED) + [2] * EXPOSED


def test_once_they_are_stored_the_lane_sends_on(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_all_that_may_be_sent(dispatcher, monkeypatch)
    waits, wait = threading.Event(), dispatcher._handed.wait

    def waiting() -> None:
        waits.set()
        wait()

    monkeypatch.setattr(dispatcher._handed, "wait", waiting)
    worker = threading.Thread(target=dispatcher.work_one, daemon=True)
    worker.start()
    assert waits.wait(DEADLINE)
    assert step(dispatcher) == 0
    worker.join(DEADLINE)
    assert len(platform.mail.sent) == EXPOSED + 1
