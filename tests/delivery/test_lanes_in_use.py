"""Lanes over which mails are sent one after the other: how many that were sent may be unstored, and
who may send over them while a call is being made."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
import sqlalchemy as sa

from calsync.delivery import dispatch
from calsync.delivery.concurrency import MOST_UNSTORED, ROW, ROW_SECONDS, MailPace
from calsync.delivery.dispatch import Dispatcher
from calsync.store.ledger.rows import table
from tests.delivery.test_mail_rows import ALL_AT_ONCE, LANES, fast, lanes_taken, mailed, step
from tests.harness.platform import Platform

DEADLINE = 60.0
EXPOSED = LANES * MOST_UNSTORED


class NothingToSendError(Exception):
    """A worker would wait now."""


def would_wait() -> None:
    raise NothingToSendError


def rows_of(table_name: str, platform: Platform, *, leased: bool = False) -> int:
    found = table(table_name)
    query = sa.select(sa.func.count()).select_from(found)
    with platform.store.read() as db:
        return int(db.scalar(query.where(found.c.lease_token.is_not(None)) if leased else query))


@pytest.fixture
def dispatcher(platform: Platform) -> Dispatcher:
    """It has claimed as many mails as share all lanes."""
    mailed(platform, ALL_AT_ONCE)
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    fast(dispatcher)
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


# --- a call that is being made --------------------------------------------------------------------


@contextmanager
def a_call_over_each_lane(platform: Platform, dispatcher: Dispatcher) -> Iterator[None]:
    """Made, and not answered before the end."""
    begun, answered = threading.Barrier(LANES + 1, timeout=DEADLINE), threading.Event()

    def during() -> None:
        begun.wait()
        answered.wait(DEADLINE)

    platform.mail.during = during
    workers = [threading.Thread(target=dispatcher.work_one, daemon=True) for _ in range(LANES)]
    for worker in workers:
        worker.start()
    begun.wait()
    try:
        yield
    finally:
        platform.mail.during = lambda: None
        answered.set()
        for worker in workers:
            worker.join(DEADLINE)


def test_a_lane_is_not_free_while_a_mail_is_still_sent_over_it_when_all_sending_ends(
    platform: Platform, dispatcher: Dispatcher
) -> None:
    with a_call_over_each_lane(platform, dispatcher):
        dispatcher.close()
        assert step(dispatcher) == 0
        assert len(lanes_taken(platform)) == LANES
        assert rows_of("delivery", platform, leased=True) == 2 * LANES, "and one that waits behind"
        assert step(dispatcher) is None
        assert not dispatcher.over
        other = Dispatcher(platform.deliverer, workers=16)
        assert step(other) == 0
    assert step(dispatcher) == 0
    assert dispatcher.over
    assert lanes_taken(platform) == set()
    assert rows_of("delivery", platform, leased=True) == 0
    platform.deliver()
    times = Counter(mail["uid"] for mail in platform.mail.sent)
    assert list(times.values()) == [1] * ALL_AT_ONCE


def test_of_a_server_that_stops_answering_no_more_mails_are_claimed(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, 2 * ALL_AT_ONCE)
    attempts, now = rows_of("attempt", platform), dispatch.time.monotonic()
    monkeypatch.setattr(dispatch.time, "monotonic", lambda: now)
    with a_call_over_each_lane(platform, dispatcher):
        for _ in range(3):
            now += dispatch.AHEAD_SECONDS
            dispatcher.wake()
            step(dispatcher)
            assert len(lanes_taken(platform)) == LANES
        assert rows_of("attempt", platform) == attempts
    step(dispatcher)
    leased = rows_of("delivery", platform, leased=True)
    assert leased == LANES, "one over each lane, of a server that was so slow"


# --- how many may share a lane --------------------------------------------------------------------


def test_a_fast_server_of_one_tenant_says_nothing_of_that_of_another() -> None:
    pace = MailPace()
    pace.took("a", 0.001)
    assert (pace.row("a", 0.0), pace.row("b", 0.0)) == (ROW, 1)


def test_a_call_that_lasts_counts_before_it_ends() -> None:
    pace, lane = MailPace(), ("mail:a", 0)
    pace.took("a", 0.001)
    pace.took("b", 0.001)
    pace.begin("a", lane, 10.0)
    assert pace.row("a", 10.0 + ROW_SECONDS / 2) == ROW
    long = 10.0 + ROW_SECONDS * 2
    assert (pace.row("a", long), pace.row("b", long)) == (1, ROW)
    pace.end(lane, long)
    assert pace.row("a", long) == int(ROW_SECONDS / (0.001 + (2 * ROW_SECONDS - 0.001) / 5))
