"""When a failed call is made again."""

from __future__ import annotations

import random
from datetime import timedelta

from calsync.delivery.backoff import STEPS, next_try
from tests.make import NOW

FAR = NOW + timedelta(days=5)


def waits(attempts: int, **changes: object) -> list[timedelta]:
    arguments = {"starts_at": FAR, "after": None} | changes
    return [
        next_try(NOW, attempts, spread=random.Random(seed), **arguments) - NOW  # type: ignore[arg-type]
        for seed in range(50)
    ]


def test_waits_grow_and_are_capped() -> None:
    middles = [sorted(waits(n))[25] for n in range(1, 10)]
    assert middles == sorted(middles)
    assert max(waits(50)) <= STEPS[-1] * 1.25


def test_waits_are_spread() -> None:
    assert len(set(waits(3))) > 40


def test_what_the_vendor_asks_for_is_never_undercut() -> None:
    assert min(waits(1, after=900.0)) >= timedelta(seconds=900)


def test_near_the_start_it_is_tried_at_least_every_75_seconds() -> None:
    assert max(waits(9, starts_at=NOW + timedelta(hours=1))) <= timedelta(seconds=75)
