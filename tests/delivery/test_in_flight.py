"""Calls at once: no more than a tenant's limit for a channel, and nobody else waits for it."""

from __future__ import annotations

import threading

import pytest

from calsync.core.booked import Participant
from calsync.delivery.concurrency import InFlight
from calsync.errors import TryLater
from tests.harness.platform import Platform
from tests.harness.platform_fixtures import MakePlatform

DEADLINE = 30.0


class Crowd:
    """How many calls are being made at once, each lasting until `wanted` are, or as long as
    `patience`: where that many must not come it need not be long."""

    def __init__(self, wanted: int, patience: float) -> None:
        self._wanted, self._patience, self._now, self.most = wanted, patience, 0, 0
        self._changed = threading.Condition()

    def join(self) -> None:
        with self._changed:
            self._now += 1
            self.most = max(self.most, self._now)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.most >= self._wanted, timeout=self._patience)
            self._now -= 1


def people(count: int) -> list[Participant]:
    return [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(count)]


def booked(platform: Platform, count: int) -> None:
    for one in people(count):
        platform.connect(one.email)
        platform.book(platform.a_session(f"s-{one.id}", participants=(one,)))


@pytest.mark.parametrize(("limits", "most"), [({"google": 2}, 2), ({}, 4), ({"outlook": 1}, 4)])
def test_a_channel_is_called_as_often_at_once_as_its_limit_says(
    make_platform: MakePlatform, limits: dict[str, int], most: int
) -> None:
    platform = make_platform(in_flight=limits)
    booked(platform, 8)
    crowd = Crowd(4, patience=DEADLINE if most == 4 else 0.3)
    platform.calendar.during = crowd.join
    platform.deliver(workers=4)
    assert crowd.most == most
    states = [platform.states(f"s-{one.id}", one.id) for one in people(8)]
    assert states == [["google live"]] * 8


def test_while_one_channel_is_full_the_others_go_on(make_platform: MakePlatform) -> None:
    platform = make_platform(in_flight={"google": 1})
    booked(platform, 2)
    mailed = Participant("m", "M", "m@example.org")
    platform.book(platform.a_session("s-m", participants=(mailed,)))
    sent = threading.Event()
    seen: list[bool] = []
    platform.mail.during = sent.set
    platform.calendar.during = lambda: seen.append(sent.wait(DEADLINE))
    platform.deliver(workers=2)
    assert seen == [True, True]
    assert platform.states("s-m", "m") == ["mail live"]


@pytest.mark.parametrize("error", [TryLater("503", happened="no"), RuntimeError("a bug")])
def test_a_place_comes_back_whatever_became_of_the_call(
    make_platform: MakePlatform, error: Exception
) -> None:
    platform = make_platform(in_flight={"google": 1})
    booked(platform, 2)

    def fail() -> None:
        platform.calendar.during = lambda: None
        raise error

    platform.calendar.during = fail
    platform.deliver()
    assert len(platform.calendar.entries) == 1


def test_a_full_channel_is_claimed_once_more_and_called_when_a_call_is_over() -> None:
    flights = InFlight(lambda _: {"x": 1})
    via, one, other = ("a", "x"), ("account:1", 0), ("account:2", 0)
    assert flights.rooms("a", {}) == {"x": 2}
    assert flights.rooms("a", {via: 2}) == {"x": 0}
    flights.claim(via, one)
    flights.claim(via, other)
    assert flights.rooms("a", {}) == {"x": 0}
    assert flights.rooms("b", {}) == {"x": 2}
    assert flights.may_begin(via, one)
    flights.begin(via, one)
    assert not flights.may_begin(via, other)
    assert flights.may_begin(("a", "y"), other)
    flights.end(via, one)
    assert flights.may_begin(via, other)
    flights.give_back(via, other)
    assert flights.rooms("a", {via: 1}) == {"x": 1}


def test_what_shares_a_lane_needs_one_worker_and_is_called_for_in_turn() -> None:
    flights = InFlight(lambda _: {})
    via, lane = ("a", "mail"), ("mail:a", 1)
    flights.claim(via, lane)
    flights.claim(via, lane)
    flights.claim(via, ("mail:a", 2))
    assert flights.lines == 2
    flights.begin(via, lane)
    assert not flights.may_begin(via, lane)
    flights.end(via, lane)
    assert flights.may_begin(via, lane)
    assert flights.lines == 2
    flights.give_back(via, lane)
    assert flights.lines == 1
