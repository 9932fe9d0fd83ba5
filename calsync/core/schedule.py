"""When to try again: growing, capped, spread, and never past the moment it would matter.

Chance is handed in as a number from 0 to 1: pure code throws no dice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

LONGEST_ASKED = timedelta(hours=6)
LONGEST_FOR_ALL = timedelta(hours=1)  # where it stops more than one account: then a call finds out
NEAR = timedelta(hours=2)
NEAR_MOST = timedelta(seconds=60)
ONE_BY_ONE = timedelta(minutes=15)  # calls of an account whose server did not answer in time


def is_far(starts_at: datetime, now: datetime) -> bool:
    """What is shown of a session that starts then may wait for those that start soon."""
    return starts_at - now > NEAR


def at_least(wait: timedelta, asked: float | None, most: timedelta = LONGEST_ASKED) -> timedelta:
    """The wait, or the seconds that the other side asked for, where that is longer: up to `most`.
    What is no number of seconds asks for nothing."""
    if asked is None or not isfinite(asked) or asked <= 0:
        return wait
    return max(wait, timedelta(seconds=min(asked, most.total_seconds())))


@dataclass(frozen=True, slots=True)
class Backoff:
    """How waits grow.

    steps   the wait after each failure in a row; the last one repeats
    spread  by which share of it chance makes a wait shorter or longer, so that what failed together
            is not tried again together
    """

    steps: tuple[timedelta, ...]
    spread: float = 0.0

    def wait(
        self,
        failures: int,
        *,
        asked: float | None = None,
        most: timedelta | None = None,
        chance: float = 0.5,
    ) -> timedelta:
        """How long to wait after so many failures in a row, the last one included.

        asked   seconds that the other side asked for; never undercut
        most    a cap below the last step
        """
        wait = self.steps[min(failures, len(self.steps)) - 1]
        if most is not None:
            wait = min(wait, most)
        return at_least(wait * (1 + self.spread * (2 * chance - 1)), asked)


def _seconds(*steps: float) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=one) for one in steps)


DELIVERY = Backoff(_seconds(5, 15, 60, 180, 600, 1800, 3600), spread=0.25)
NOTICE = Backoff(_seconds(60, 300, 900, 3600))
WEBHOOK = Backoff(_seconds(*(5 * 2**n for n in range(10)), 3600), spread=0.2)
REFUSED = Backoff((*_seconds(300, 900, 3600, 4 * 3600), timedelta(days=1)))
FIND_MAILED = Backoff((timedelta(minutes=10), timedelta(hours=1), timedelta(days=1)))


def next_try(
    now: datetime, failures: int, starts_at: datetime, *, asked: float | None, chance: float
) -> datetime:
    """When the next call for a session that starts then may be made: shortly before it there is no
    long wait."""
    near = timedelta() < starts_at - now < NEAR
    most = NEAR_MOST if near else None
    return now + DELIVERY.wait(failures, asked=asked, most=most, chance=chance)


def no_later(at: datetime, moment: datetime | None, now: datetime) -> datetime:
    """`at`, or the moment by which it matters, where that comes first and is still ahead."""
    return at if moment is None or moment <= now else min(at, moment)


def twice_as_long(since: datetime, now: datetime, first: timedelta) -> datetime:
    """Again after as long as it has failed already, at least after `first`: each wait is about
    twice the one before, and nobody counts the tries."""
    return now + max(first, now - since)
