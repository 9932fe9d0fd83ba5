"""The lock that keeps a second `run` off a SQLite file; it ends with its process."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

SUFFIX = ".run"


class ProcessLock:
    """A lock on a file beside the database; never on the database itself, where closing it would
    drop SQLite's own locks (sqlite.org/howtocorrupt.html, section 2.2)."""

    def __init__(self, database: str) -> None:
        self._path = Path(database + SUFFIX)
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """False while another process has it. The system gives it back when a process dies."""
        file = self._path.open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def give_back(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
