"""When to try again: growing, spread, and never past the moment it would matter."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

STEPS = tuple(timedelta(seconds=s) for s in (5, 15, 60, 180, 600, 1800, 3600))
NEAR = timedelta(hours=2)
NEAR_MOST = timedelta(seconds=60)


def next_try(
    now: datetime,
    attempts: int,
    starts_at: datetime,
    after: float | None,
    spread: random.Random,
) -> datetime:
    """When the next call may be made.

    attempts   failed ones so far, this one included (1 or more)
    after      seconds the provider asked for; never undercut
    """
    wait = STEPS[min(attempts, len(STEPS)) - 1]
    if timedelta() < starts_at - now < NEAR:
        wait = min(wait, NEAR_MOST)
    wait *= 0.75 + spread.random() / 2
    if after is not None:
        wait = max(wait, timedelta(seconds=after))
    return now + wait
