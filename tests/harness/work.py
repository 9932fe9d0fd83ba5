"""How much work SQLite does for something, as a number that is the same on every machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from calsync.store.database import Db, Store

EVERY = 10  # instructions between two counts


@contextmanager
def _counted(db: Db) -> Iterator[Callable[[], int]]:
    raw = db.conn.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0  # anything else would end the statement (sqlite.org/c3ref/progress_handler.html)

    raw.set_progress_handler(tick, EVERY)
    try:
        yield lambda: ticks * EVERY
    finally:
        raw.set_progress_handler(None, 0)


def steps(
    store: Store, work: Callable[[Db], object], after: Callable[[Db], object] = lambda _: None
) -> int:
    """About how many instructions SQLite's virtual machine takes for `work`, when `after` is done
    already. Both are rolled back."""
    with store.engine.connect().execution_options(calsync_write=True) as conn:
        with store.read() as read:
            now = read.now
        db = Db(conn, now)
        with conn.begin() as transaction:
            after(db)
            with _counted(db) as taken:
                work(db)
            transaction.rollback()
            return taken()
