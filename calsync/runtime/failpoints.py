"""Named points before and after every transaction and call; tests kill the process there.

Production gives an `at` that does nothing, and there is no switch for another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from calsync.store.database import Db, Store

At = Callable[[str], None]
T = TypeVar("T")


def nowhere(_: str) -> None:
    """Production's `at`."""


def transact(
    store: Store,
    at: At,
    name: str,
    work: Callable[[Db], T],
    *,
    patience: float = 0.0,
    unsure: Callable[[Db], T] | None = None,
) -> T:
    """`Store.transact` between two points: what is done again is done again between them."""
    at(f"{name}.before")
    done = store.transact(work, patience=patience, unsure=unsure)
    at(f"{name}.after")
    return done


@contextmanager
def call(at: At, name: str) -> Iterator[None]:
    """A call over a network between two points; the second is passed after an error as well."""
    at(f"{name}.before")
    try:
        yield
    finally:
        at(f"{name}.after")
