"""The lock that keeps a second `run` off a SQLite file; it ends with its process."""

from __future__ import annotations

import fcntl
import time
from pathlib import Path
from typing import IO

SUFFIX = ".run"
TRIES, SECONDS = 5, 0.05  # whoever asks whether it is taken holds it for a moment


def is_taken(database: str) -> bool:
    """Whether a process has the lock of this database now."""
    path = Path(database + SUFFIX)
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


class ProcessLock:
    """A lock on a file beside the database; never on the database itself, where closing it would
    drop SQLite's own locks (sqlite.org/howtocorrupt.html, section 2.2)."""

    def __init__(self, database: str) -> None:
        self._path = Path(database + SUFFIX)
        self._file: IO[bytes] | None = None

    def take(self) -> bool:
        """False while another process has it. The system gives it back when a process dies."""
        file = self._path.open("ab")
        for last in (*(False,) * (TRIES - 1), True):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not last:
                    time.sleep(SECONDS)
            else:
                self._file = file
                return True
        file.close()
        return False

    def give_back(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
