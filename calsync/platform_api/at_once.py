"""A poll of one source right now, because somebody said that something has changed there."""

from __future__ import annotations

import threading
from collections.abc import Callable

from calsync.ingest.intake import Intake
from calsync.ingest.lease import BusyError
from calsync.ingest.poll import Poller, measured
from calsync.runtime import unexpected
from calsync.runtime.context import Context

NAME = "poll at once"  # of the thread


class PollAtOnce:
    """Polls when asked, in a thread of its own; who asks meanwhile is served by one further poll.

    Losing or doubling it is harmless: the daemon polls as always, and two polls of one source
    follow one another.
    """

    def __init__(self, context: Context, poller: Poller) -> None:
        self._context, self._poller = context, poller
        self._lock = threading.Lock()
        self._wanted: Callable[[], None] | None = None
        self._running = False

    @property
    def intake(self) -> Intake:
        """The source's way into the ledger."""
        return self._poller.intake

    def ask(self, done: Callable[[], None]) -> None:
        """Poll soon, and call `done` then."""
        with self._lock:
            self._wanted = done
            if self._running:
                return
            self._running = True
        threading.Thread(target=self._run, name=NAME, daemon=True).start()

    def _run(self) -> None:
        while (done := self._next()) is not None:
            try:
                measured(self._context.meter, self._poller.source.name, self._poller.run_once)
            except BusyError as error:
                name = self._poller.source.name
                self._context.log("source_busy", source=name, reason=str(error))
            except Exception as error:
                # The daemon polls again in any case; the reason is told, never lost.
                unexpected.caught(self._context, "poll at once", error)
            else:
                done()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            self._running = wanted is not None
            return wanted
