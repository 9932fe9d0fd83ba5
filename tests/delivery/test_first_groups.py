"""The first groups after a pause are small: nobody waits until all of a burst is claimed."""

from __future__ import annotations

import threading

import pytest

from calsync.core.booked import Participant
from calsync.delivery.dispatch import FIRST, Dispatcher
from tests.harness.platform import Platform

WORKERS = 4 * FIRST  # and as many deliveries


@pytest.fixture
def people(platform: Platform) -> list[Participant]:
    """Each has a calendar."""
    found = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(WORKERS)]
    for one in found:
        platform.connect(one.email)
    return found


def book(platform: Platform, people: list[Participant], burst: str) -> None:
    """A session for each of them."""
    found = [platform.a_session(f"{burst}-{one.id}", participants=(one,)) for one in people]
    platform.book(*found)


def step(dispatcher: Dispatcher) -> int | None:
    return dispatcher.step(lambda: ["default"])


def test_calls_of_a_burst_begin_before_all_of_it_is_claimed(
    platform: Platform, people: list[Participant]
) -> None:
    book(platform, people, "first")
    dispatcher = Dispatcher(platform.deliverer, WORKERS)
    assert step(dispatcher) == FIRST
    assert dispatcher.work_one()
    assert len(platform.calendar.calls) == 1
    assert step(dispatcher) == 2 * FIRST
    assert step(dispatcher) == FIRST, "all that are left"


def test_after_a_pause_the_first_group_is_small_again(
    platform: Platform, people: list[Participant]
) -> None:
    dispatcher = Dispatcher(platform.deliverer, WORKERS)
    for burst in ("first", "second"):
        book(platform, people, burst)
        dispatcher.wake()
        claims = [step(dispatcher) for _ in range(3)]
        assert claims == [FIRST, 2 * FIRST, FIRST]
        for _ in people:
            assert dispatcher.work_one()
        while step(dispatcher) is not None:
            pass
        assert dispatcher.idle


def test_answers_that_wait_to_be_stored_are_no_pause(
    platform: Platform, people: list[Participant]
) -> None:
    book(platform, people, "first")
    dispatcher = Dispatcher(platform.deliverer, WORKERS)
    assert step(dispatcher) == FIRST
    for _ in range(FIRST):
        assert dispatcher.work_one()
    assert step(dispatcher) == 2 * FIRST


def test_a_pass_with_nothing_to_deliver_starts_no_worker(
    platform: Platform, people: list[Participant], monkeypatch: pytest.MonkeyPatch
) -> None:
    started, start = list[str](), threading.Thread.start

    def told(self: threading.Thread) -> None:
        if self.name.startswith("worker-"):
            started.append(self.name)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", told)
    assert platform.deliver(2) == 0
    assert started == []
    book(platform, people[:1], "first")
    assert platform.deliver(2) == 1
    assert started == ["worker-0", "worker-1"]
