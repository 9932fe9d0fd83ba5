"""When a failed call is made again."""

from __future__ import annotations

import math
import random
from datetime import timedelta

import pytest

from calsync.core.schedule import (
    DELIVERY,
    FIND_MAILED,
    LONGEST_FOR_ALL,
    NOTICE,
    WEBHOOK,
    Backoff,
    at_least,
    is_far,
    next_try,
    no_later,
    twice_as_long,
)
from tests.make import NOW

FAR = NOW + timedelta(days=5)
HOUR = timedelta(hours=1)


def waits(failures: int, **changes: object) -> list[timedelta]:
    arguments = {"starts_at": FAR, "asked": None} | changes
    return [
        next_try(NOW, failures, chance=random.Random(seed).random(), **arguments) - NOW  # type: ignore[arg-type]
        for seed in range(50)
    ]


def test_waits_grow_and_are_capped() -> None:
    middles = [sorted(waits(n))[25] for n in range(1, 10)]
    assert middles == sorted(middles)
    assert max(waits(50)) <= DELIVERY.steps[-1] * 1.25


def test_waits_are_spread() -> None:
    assert len(set(waits(3))) > 40


def test_what_the_vendor_asks_for_is_never_undercut() -> None:
    assert min(waits(1, asked=900.0)) >= timedelta(seconds=900)


def test_near_the_start_it_is_tried_at_least_every_75_seconds() -> None:
    assert max(waits(9, starts_at=NOW + HOUR)) <= timedelta(seconds=75)


@pytest.mark.parametrize(
    ("backoff", "seconds"),
    [
        (DELIVERY, [5, 15, 60, 180, 600, 1800, 3600, 3600]),
        (NOTICE, [60, 300, 900, 3600, 3600]),
        (WEBHOOK, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]),
        (FIND_MAILED, [600, 3600, 86_400, 86_400]),
    ],
    ids=["deliveries", "notices", "webhooks", "what a mail client made"],
)
def test_each_kind_of_call_has_its_own_waits(backoff: Backoff, seconds: list[int]) -> None:
    found = [backoff.wait(failures) for failures in range(1, len(seconds) + 1)]
    assert found == [timedelta(seconds=one) for one in seconds]


def test_chance_moves_a_wait_by_its_share_either_way_and_no_further() -> None:
    assert WEBHOOK.wait(3, chance=0.0) == timedelta(seconds=16)
    assert WEBHOOK.wait(3, chance=1.0) == timedelta(seconds=24)
    assert NOTICE.wait(3, chance=0.0) == NOTICE.wait(3, chance=1.0)


def test_nobody_is_asked_again_sooner_than_they_said() -> None:
    assert at_least(HOUR, None) == at_least(HOUR, 60) == HOUR
    assert at_least(HOUR, 7200) == 2 * HOUR
    assert NOTICE.wait(1, asked=7200) == 2 * HOUR


def test_a_try_comes_before_the_moment_by_which_it_matters() -> None:
    late = NOW + 2 * HOUR
    assert no_later(late, NOW + HOUR, NOW) == NOW + HOUR
    assert no_later(late, NOW + 3 * HOUR, NOW) == late
    assert no_later(late, NOW - HOUR, NOW) == late
    assert no_later(late, None, NOW) == late


def test_what_fails_for_long_is_tried_ever_more_seldom() -> None:
    since, now, times = NOW, NOW, []
    for _ in range(5):
        now = twice_as_long(since, now, timedelta(minutes=1))
        times.append((now - since) / timedelta(minutes=1))
    assert times == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        (None, 1),
        (0, 1),
        (-(10.0**300), 1),
        (math.inf, 1),
        (math.nan, 1),
        (7_200, 2),
        (10.0**14, 6),
        (1.7e308, 6),
    ],
)
def test_nobody_is_put_off_for_longer_than_six_hours_whatever_is_asked(
    asked: float | None, waited: int
) -> None:
    assert at_least(HOUR, asked) == waited * HOUR
    assert at_least(HOUR, asked, LONGEST_FOR_ALL) == HOUR


@pytest.mark.parametrize(("minutes", "far"), [(-5, False), (119, False), (120, False), (121, True)])
def test_sessions_within_two_hours_start_soon(minutes: int, far: bool) -> None:
    assert is_far(NOW + timedelta(minutes=minutes), NOW) is far
