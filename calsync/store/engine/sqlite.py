"""SQLite: how its file is opened."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from calsync.errors import InputError
from calsync.store.engine import texts
from calsync.store.engine.postgres import OVERFLOW

MAKE_LEDGER = (
    "for a new installation run `calsync init`, which writes a configuration as well, or "
    "`calsync db upgrade`, which makes the ledger"
)
NO_LEDGER = (
    f"{MAKE_LEDGER}; otherwise check that the path is right (a relative one begins where calsync "
    "is run) and that its volume is mounted"
)
BUSY_SECONDS = 30
CHANGES = 500  # rows that are changed between two checkpoints, of four pages each, at most
LOG_PAGES = 4_000  # of 4 KiB: SQLite looks after a log by itself that is longer
BEGIN, BEGIN_WRITING = texts.plain("BEGIN"), texts.plain("BEGIN IMMEDIATE")
WRITER_KIB, READER_KIB = 16_000, 2_000  # of pages that a connection keeps

_SEEN = "calsync_changes"  # by which a connection remembers how many it had made


def open_sqlite(url: URL, size: int, *, make: bool) -> Engine:
    """Connections to a file of SQLite. Raises InputError for one that cannot be used.

    make  a file that is missing is made, with its folder
    """
    if url.database in (None, "", ":memory:"):
        raise InputError("database.url must name a file: sqlite:///calsync.db")
    file = Path(str(url.database))
    if not make and not file.exists():
        raise InputError(f"database.url: {file.absolute()} does not exist; {NO_LEDGER}")
    folder = file.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"database.url: the folder {folder} cannot be made ({error.strerror}); name a file "
            "in a folder that calsync may write"
        ) from error
    if not file.exists():
        _make_private(file)
    engine = sa.create_engine(
        url,
        pool_size=size,
        max_overflow=OVERFLOW,
        pool_use_lifo=True,  # few connections are enough for most, and know what they read
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )
    sa.event.listen(engine, "connect", _connected)
    sa.event.listen(engine, "begin", _begun)
    return engine


def _make_private(file: Path) -> None:
    """An empty file that its owner alone may read and write; SQLite gives its log and index the
    same mode (sqlite.org/src/doc/trunk/src/os_unix.c, findCreateFileMode)."""
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise InputError(
            f"database.url: {file} cannot be made ({error.strerror}); name a file in a folder that "
            "calsync may write"
        ) from error


def _connected(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    raw.isolation_level = None
    cursor = raw.cursor()
    _to_wal(cursor)
    # What is blanked or deleted is overwritten, not only let go (sqlite.org/pragma.html).
    pragmas = (
        *("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"),
        f"wal_autocheckpoint={LOG_PAGES}",
    )
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class Checkpoints:
    """What was committed is moved from the write-ahead log into the file by whoever committed it,
    once others may write. SQLite would do it within COMMIT: its own lock is free by then
    (sqlite.org/wal.html, section 3.2), but threads of this process wait for the end of that."""

    def __init__(self) -> None:
        self._changed, self._lock = 0, threading.Lock()

    def after(self, conn: Connection) -> None:
        """This connection's transaction is committed; `conn` is in none. Never fails: the next
        one finds what is left."""
        raw: Any = conn.connection.driver_connection
        before, conn.info[_SEEN] = conn.info.get(_SEEN, 0), raw.total_changes
        with self._lock:
            self._changed += raw.total_changes - before
            if self._changed < CHANGES:
                return
            self._changed = 0
        with suppress(sqlite3.Error), closing(raw.cursor()) as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _to_wal(cursor: Any) -> None:
    """Turning a new file to WAL fails at once while another connection does the same: that lock
    does not wait for the busy time-out (sqlite.org/wal.html, section 9)."""
    end = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= end:
                raise
            time.sleep(0.02)


def _begun(conn: Connection) -> None:
    # A deferred transaction that turns writer later can fail with "database is locked" at once,
    # whatever the time-out; a writer says so first (sqlite.org/lang_transaction.html).
    write = bool(conn.get_execution_options().get("calsync_write", False))
    keep_pages(conn, WRITER_KIB if write else READER_KIB)
    texts.run(conn, BEGIN_WRITING if write else BEGIN, {}).close()


def keep_pages(conn: Connection, kib: int) -> None:
    """Pages are kept by connection: there is one writer at a time, and a process has many readers
    (sqlite.org/pragma.html#pragma_cache_size). A connection that wrote lets go what is too much
    when it reads; it is the first to be used again."""
    if conn.info.get("calsync_kib") != kib:
        cursor = conn.connection.cursor()
        cursor.execute(f"PRAGMA cache_size=-{kib}")
        cursor.close()
        conn.info["calsync_kib"] = kib
