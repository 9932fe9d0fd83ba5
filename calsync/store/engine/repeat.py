"""When a transaction is done again: it lost against another one, or its connection."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from calsync.errors import CommitUnknownError, DatabaseError

# A deadlock's loser, and the loser of two that cannot have been one after the other, are to do it
# again (postgresql.org/docs/current/mvcc-serialization-failure-handling.html).
CONFLICTS = ("40P01", "40001")
TRIES = 20  # at least
LONGEST = 0.25  # seconds between two
ASK_AGAIN = 0.25  # seconds, while the database is away

D = TypeVar("D")
T = TypeVar("T")


def repeated(
    write: Callable[[], AbstractContextManager[D]],
    work: Callable[[D], T],
    patience: float = 0.0,
    unsure: Callable[[D], T] | None = None,
) -> T:
    """The result of `work` in a transaction of `write`, done again while that is certainly right.

    patience  seconds to wait for a database that went away, or to go on losing against others
    unsure    what is done instead once the answer to a COMMIT was lost, and nobody knows whether
              the work is stored; without it that is an error, CommitUnknownError
    """
    end, lost = time.monotonic() + patience, 0
    while True:
        try:
            with write() as db:
                return work(db)
        except CommitUnknownError:
            if unsure is None:
                raise
            work = unsure
        except DatabaseError as error:
            if error.sqlstate in CONFLICTS:
                lost += 1
                if lost >= TRIES and time.monotonic() >= end:
                    raise
                time.sleep(_apart(lost))
            elif error.away and time.monotonic() < end:
                time.sleep(ASK_AGAIN)
            else:
                raise


def _apart(lost: int) -> float:
    """A while by chance, ever longer, so that losers do not meet again."""
    return random.uniform(0, min(LONGEST, 0.001 * 2.0**lost))  # noqa: S311  (spreads load)
