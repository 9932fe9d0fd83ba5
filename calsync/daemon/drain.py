"""Working off everything that is due now, with several workers, and then ending."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from calsync.delivery.deliver import Deliverer
from calsync.delivery.dispatch import GRACE_SECONDS, Dispatcher
from calsync.errors import DatabaseError
from calsync.runtime import unexpected
from calsync.store.queue import channels

MOMENT = timedelta(seconds=3)  # shorter than the first wait after a failure
LOOK_SECONDS = 0.2  # while something is due in a moment
PROGRESS_SECONDS = 0.1
TRIES = 3  # of a group, in a row: what fails so often would fail for ever


class Drain:
    """Runs `workers` threads until nothing is due while none of them is at work. The caller's
    thread asks the ledger for all of them.

    An exception that nobody foresaw costs its worker one claim, and is told to ops. The lease of
    that claim ends by itself; the others go on.
    """

    def __init__(self, deliverer: Deliverer, tenants: Sequence[str], workers: int) -> None:
        self._context, self.tenants, self.workers = (
            deliverer.context,
            list(tenants),
            max(1, workers),
        )
        self._dispatcher = Dispatcher(deliverer, self.workers)
        self._turn = 0
        self._error: BaseException | None = None

    def run(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Returns how many claims were worked off. An error of ours, a lost database for one, ends
        the run and is raised."""
        if not self._soon():
            return 0  # no worker is started for nothing
        threads = [
            threading.Thread(target=self._loop, name=f"worker-{n}", daemon=True)
            for n in range(self.workers)
        ]
        for thread in threads:
            thread.start()
        try:
            return self._until_dry(progress)
        finally:
            self._end()

    def _until_dry(self, progress: Callable[[int], None]) -> int:
        claims = failed = 0
        while self._error is None:
            claimed = unexpected.survived(self._context, "worker", self._step, None)
            failed = failed + 1 if claimed is None else failed * (claimed == 0)
            if failed >= TRIES:
                return claims
            claims += claimed or 0
            progress(claims)
            if not self._dispatcher.idle:
                self._dispatcher.wait(PROGRESS_SECONDS)
            elif self._soon():
                self._dispatcher.wait(LOOK_SECONDS)
                self._dispatcher.wake()
            else:
                return claims
        raise self._error

    def _step(self) -> int:
        return self._dispatcher.step(self._tenants_in_turn) or 0

    def _end(self) -> None:
        """What is claimed and was not sent goes back; after an error, open calls are waited for."""
        end = time.monotonic() + GRACE_SECONDS
        self._dispatcher.close()
        with suppress(DatabaseError):
            while not self._dispatcher.over and time.monotonic() < end:
                if unexpected.survived(self._context, "worker", self._step, None) is None:
                    return
                self._dispatcher.wait(PROGRESS_SECONDS)

    def _tenants_in_turn(self) -> Sequence[str]:
        self._turn += 1
        start = self._turn % max(1, len(self.tenants))
        return [*self.tenants[start:], *self.tenants[:start]]

    def _loop(self) -> None:
        try:
            while unexpected.survived(self._context, "worker", self._dispatcher.work_one, True):
                pass
        except BaseException as error:
            self._error = error
            self._dispatcher.wake()

    def _soon(self) -> bool:
        """Something may be due, now or in a moment, as when a rate limit has room again: that is
        still this pass."""
        with self._context.store.read() as db:
            at = channels.next_chance(db)
            return at is not None and at - db.now < MOMENT
