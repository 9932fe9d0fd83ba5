"""While the limit of all accounts is used up, calls are claimed and stored a few at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calsync.core.booked import Participant
from calsync.core.ledger import Rate
from calsync.delivery import dispatch
from calsync.delivery.concurrency import InFlight
from calsync.delivery.dispatch import FIRST, Dispatcher
from calsync.delivery.groups import TOGETHER, Groups, Work
from calsync.store.queue import limiter
from tests.delivery.test_dispatch import Clock
from tests.harness.counted import counted
from tests.harness.platform import SAM, Platform
from tests.harness.platform_fixtures import MakePlatform

A_MINUTE = 6_000  # which is 9 in `TOGETHER`
FEW = 9
PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(60)]


@pytest.fixture
def platform(make_platform: MakePlatform) -> Platform:
    """A session for each of many people with calendars, and no room left in the limit. The
    ledger's clock stands still."""
    platform = make_platform(rates={"google": Rate(A_MINUTE, None)})
    platform.stop_clock(platform.clock())
    for one in PEOPLE:
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in PEOPLE))
    with platform.store.write() as db:
        found = limiter.rooms(db, [("google:default", A_MINUTE)])
        assert limiter.spend(db, "google:default", A_MINUTE, calls=found[0].calls) is None
    return platform


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(dispatch.time, "monotonic", clock.monotonic)
    return clock


def step(dispatcher: Dispatcher) -> int | None:
    return dispatcher.step(lambda: ["default"])


def go_on(platform: Platform, clock: Clock, seconds: float) -> None:
    platform.later(seconds=seconds)
    clock.now += seconds


def test_nothing_is_claimed_until_a_limit_has_room_for_a_few(platform: Platform) -> None:
    groups = Groups(platform.deliverer)
    work = Work([], [], 64, ["default"], InFlight(lambda _: {}).rooms)
    platform.ahead += TOGETHER / 2
    begun = groups.run(work)

    assert (begun.claims, begun.dry, begun.held) == (0, True, {("default", "google")})
    assert begun.room_in == TOGETHER
    platform.ahead += TOGETHER / 2 + timedelta(milliseconds=1)
    begun = groups.run(work)
    assert begun.claims >= FEW


def test_a_limit_with_less_than_one_call_in_that_time_lets_each_go_by_itself() -> None:
    assert limiter.calls_within(TOGETHER, 60) == 1


def test_what_a_limit_lets_go_together_is_claimed_by_one_group(
    platform: Platform, clock: Clock
) -> None:
    """Unlike after a pause, when the first groups are small."""
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    assert [step(dispatcher), step(dispatcher)] == [0, None]
    claims = []
    for _ in range(2):
        go_on(platform, clock, 0.15)
        claims.append(step(dispatcher))
        while dispatcher._waiting:
            assert dispatcher.work_one()
    assert claims == [2 * FIRST, 4 * FIRST]


def test_answers_wait_for_the_next_claims_where_a_limit_holds_those(
    platform: Platform, clock: Clock
) -> None:
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    go_on(platform, clock, 0.1)
    claimed = step(dispatcher)
    assert claimed
    assert step(dispatcher) == 0, "nothing more"
    with counted() as counts:
        for _ in range(claimed):
            assert dispatcher.work_one()
            assert step(dispatcher) is None
        go_on(platform, clock, TOGETHER.total_seconds())
        assert step(dispatcher)
    assert counts.transactions == 1, "all of them are stored by the group that claims more"


@pytest.mark.parametrize("by", ["another channel", "a wake-up"])
def test_answers_that_others_may_wait_for_are_stored_at_once(
    platform: Platform, clock: Clock, by: str
) -> None:
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    go_on(platform, clock, 0.1)
    claimed = step(dispatcher)
    assert claimed
    assert step(dispatcher) == 0
    for _ in range(claimed):
        assert dispatcher.work_one()
    assert step(dispatcher) is None
    if by == "a wake-up":
        dispatcher.wake()
        assert step(dispatcher) == 0
        return
    platform.book(platform.a_session("s-sam", participants=(SAM,)))
    dispatcher.wake()
    assert step(dispatcher) == 1, "a mail, which has no limit"
    assert dispatcher.work_one()
    assert step(dispatcher) == 0


def test_calls_share_transactions_while_a_limit_is_used_up(
    platform: Platform, clock: Clock
) -> None:
    """Two processes that look for room again and again, each with a call that ends now and then."""
    both = [Dispatcher(platform.deliverer, workers=16) for _ in range(2)]
    with counted() as counts:
        while len(platform.calendar.calls) < 50:
            for one in both:
                while step(one) is not None:
                    pass
                if one._waiting:
                    assert one.work_one()
            go_on(platform, clock, 0.005)
    assert counts.transactions <= 50 / 2
