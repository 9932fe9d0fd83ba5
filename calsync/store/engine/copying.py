"""An online copy of a SQLite ledger (https://www.sqlite.org/backup.html)."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store.database import Store, open_engine
from calsync.store.ledger import recovery

PAGES = 1_000  # copied at once; writers get their turn between


def copy_to(store: Store, file: Path) -> None:
    """Copy the ledger while others write to it. The copy is paused and marked as one, readable to
    its owner alone, and complete: whoever sees it under its name sees all of it.

    Raises InputError for a file that exists or cannot be made.
    """
    part = file.with_name(f"{file.name}.part")
    _claim(file)
    try:
        _claim(part)
        try:
            _copy(store, part)
            _mark(part)
            part.replace(file)
        finally:
            for rest in ("", "-wal", "-shm"):
                part.with_name(part.name + rest).unlink(missing_ok=True)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _claim(file: Path) -> None:
    """Make the file, which nobody else may have made. Raises InputError."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise InputError(f"{file} exists, and a backup overwrites nothing; name another") from None
    except OSError as error:
        raise InputError(f"{file} cannot be made ({error.strerror}); name another file") from None


def _copy(store: Store, file: Path) -> None:
    with store.engine.connect() as connection, closing(sqlite3.connect(file)) as target:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise RuntimeError("only a SQLite ledger is copied")
        source.backup(target, pages=PAGES)


def _mark(file: Path) -> None:
    made = Store(open_engine(f"sqlite:///{file}"))
    try:
        with made.write() as db:
            recovery.mark_copy(db)
        with made.engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    finally:
        made.close()
