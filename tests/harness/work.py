"""How much work SQLite does for something, as a number that is the same on every machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

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


@contextmanager
def most_changed_at_once(store: Store, name: str) -> Iterator[Callable[[], int]]:
    """The most rows of this table that one transaction updates, of those inside."""
    most = changed = before = 0
    updates = False  # the statement before

    def counted(conn: sa.Connection) -> None:
        nonlocal most, changed, before
        now = _all_changes(conn)
        changed += now - before if updates and store.sqlite else 0
        most, before = max(most, changed), now

    def executing(conn: sa.Connection, _cursor: object, text: str, *_: object) -> None:
        nonlocal updates
        counted(conn)
        updates = text.startswith(f"UPDATE {name} ")

    def executed(conn: sa.Connection, cursor: Any, *_: object) -> None:
        nonlocal changed
        changed += cursor.rowcount if updates and not store.sqlite else 0

    def ended(conn: sa.Connection) -> None:
        nonlocal changed, updates
        counted(conn)
        changed, updates = 0, False

    events = [("before_cursor_execute", executing), ("after_cursor_execute", executed)]
    events += [("commit", ended), ("rollback", ended)]
    for event, listener in events:
        sa.event.listen(store.engine, event, listener)
    try:
        yield lambda: most
    finally:
        for event, listener in events:
            sa.event.remove(store.engine, event, listener)


def _all_changes(conn: sa.Connection) -> int:
    """Rows that this connection to SQLite changed so far. Those of a statement with RETURNING are
    known when it has ended (sqlite.org/c3ref/total_changes.html)."""
    raw = conn.connection.driver_connection
    return raw.total_changes if isinstance(raw, sqlite3.Connection) else 0
