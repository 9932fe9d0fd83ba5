"""Who is woken: the thread that asks the ledger when a group is to begin, and a worker for a call
that it may make now."""

from __future__ import annotations

import pytest

from calsync.core.booked import Participant
from calsync.delivery import dispatch
from calsync.delivery.dispatch import Dispatcher
from tests.harness.platform import Platform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(8)]


@pytest.fixture
def dispatcher(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    """Four workers, eight calls that wait, and a clock that stands still."""
    for one in PEOPLE:
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in PEOPLE))
    now = dispatch.time.monotonic()
    monkeypatch.setattr(dispatch.time, "monotonic", lambda: now)
    monkeypatch.setattr(dispatch, "FIRST", len(PEOPLE))
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    assert dispatcher.step(lambda: ["default"]) == len(PEOPLE)
    return dispatcher


def test_an_answer_that_may_wait_for_more_wakes_nobody(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(dispatcher._news, "notify", lambda: woken.append(len(made)))
    made = platform.calendar.calls
    for _ in PEOPLE:
        assert dispatcher.work_one()
    assert woken == [1, 7, 8], "the first, from which the time counts, and when few calls wait"


def test_to_store_answers_wakes_no_worker_that_had_not_to_wait_for_it(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[int] = []
    monkeypatch.setattr(dispatcher._handed, "notify", woken.append)
    for _ in PEOPLE:
        assert dispatcher.work_one()
    assert dispatcher.step(lambda: ["default"]) == 0
    assert sum(woken) == 0
