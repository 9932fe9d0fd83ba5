"""Wake-ups: idle workers sleep until something may be due, and one thread looks for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

from calsync.store.database import Store
from calsync.store.queue import channels, notify

LOOK_SECONDS = 1.0


class Wakeup:
    """Losing or doubling a wake-up is harmless: it only says *look now*.

    tell  called with every wake-up as well
    """

    def __init__(self, store: Store, tell: Callable[[], None] = lambda: None) -> None:
        self._store, self._tell = store, tell
        self._changed = threading.Condition()
        self._stopped = False

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
        self._tell()

    def stop(self) -> None:
        """Wake everybody, for good."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def wait(self, seconds: float | None = None) -> None:
        """Return at the next wake-up, or after so many seconds; at once when stopped."""
        with self._changed:
            if not self._stopped:
                self._changed.wait(seconds)

    def watch(self, guarded: Callable[[Callable[[], bool]], bool]) -> None:
        """Wake whenever something is due, until stopped: seen by a look every second, and on
        PostgreSQL when another process tells. `guarded` runs a look and outlives its errors."""
        while not self._stopped:
            guarded(self._look)
            self.wait(LOOK_SECONDS)

    def _look(self) -> bool:
        """Once, or while other processes can be heard."""
        found = self._due()
        for told in notify.heard(self._store, LOOK_SECONDS):
            if self._stopped:
                break
            found = self._due(told=told)
        return found

    def _due(self, *, told: bool = False) -> bool:
        with self._store.peek() as db:
            found = told or channels.anything_due(db)
        if found:
            self.wake()
        return found
