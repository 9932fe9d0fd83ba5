"""What a database is asked, counted at its driver, whoever asks: statements, and transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

ENDS = ("COMMIT", "ROLLBACK")
APART = ("BEGIN", "SAVEPOINT", "RELEASE", *ENDS)  # what holds statements together, and asks nothing


@dataclass
class Counts:
    """`asked`: statements sent to the server, or run by SQLite; many rows of values are one.
    `transactions`: those that were committed."""

    asked: int = 0
    transactions: int = 0


@contextmanager
def counted() -> Iterator[Counts]:
    """Counts of every engine of this process."""
    counts, lock = Counts(), threading.Lock()

    def executed(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        word = text.lstrip().partition(" ")[0].rstrip(";").upper()
        if word not in APART:
            with lock:
                counts.asked += 1

    def committed(_conn: Connection) -> None:
        with lock:
            counts.transactions += 1

    sa.event.listen(sa.Engine, "commit", committed)
    sa.event.listen(sa.Engine, "before_cursor_execute", executed)
    try:
        yield counts
    finally:
        sa.event.remove(sa.Engine, "commit", committed)
        sa.event.remove(sa.Engine, "before_cursor_execute", executed)
