"""Working off everything that is due now, with several workers, and then ending."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from calsync.delivery.deliver import Deliverer
from calsync.runtime import unexpected
from calsync.store.queue import channels

MOMENT = timedelta(seconds=3)  # shorter than the first wait after a failure
TRIES = 3  # of a worker, in a row: what fails so often without a claim would fail for ever


class Drain:
    """Runs `workers` threads until none finds anything due while no other is still at work.

    An exception that nobody foresaw costs its worker one claim, and is told to ops. The lease of
    that claim ends by itself; the others go on.
    """

    def __init__(self, deliverer: Deliverer, tenants: Sequence[str], workers: int) -> None:
        self.deliverer, self.tenants, self.workers = deliverer, list(tenants), max(1, workers)
        self._changed = threading.Condition()
        self._busy = 0
        self._rounds = 0
        self._over = False
        self._error: BaseException | None = None

    def run(self, progress: Callable[[int], None] = lambda _: None) -> int:
        """Returns how many claims were worked off. An error of ours, a lost database for one, ends
        the run and is raised."""
        threads = [
            threading.Thread(target=self._loop, args=(n,), name=f"worker-{n}", daemon=True)
            for n in range(self.workers)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.1)
                progress(self._rounds)
        if self._error is not None:
            raise self._error
        return self._rounds

    def _loop(self, n: int) -> None:
        names = self.tenants[n % max(1, len(self.tenants)) :] + self.tenants
        tenants, failed = list(dict.fromkeys(names)), 0
        context, run = self.deliverer.context, self.deliverer.run_once
        try:
            while failed < TRIES and self._enter():
                worked = unexpected.survived(context, "worker", lambda: run(tenants), None)
                failed = failed + 1 if worked is None else 0
                self._leave(bool(worked))
        except BaseException as error:
            with self._changed:
                self._error, self._over = error, True
                self._changed.notify_all()

    def _soon(self) -> bool:
        """A rate limit has room again in a moment: that is still this pass."""
        with self.deliverer.context.store.read() as db:
            at = channels.next_chance(db)
            return at is not None and at - db.now < MOMENT

    def _enter(self) -> bool:
        with self._changed:
            if not self._over:
                self._busy += 1
            return not self._over

    def _leave(self, worked: bool) -> None:
        with self._changed:
            self._busy -= 1
            if worked:
                self._rounds += 1
                self._changed.notify_all()
            elif self._busy == 0 and not self._soon():
                self._over = True
                self._changed.notify_all()
            else:  # what another worker finishes may make something due
                self._changed.wait(0.2)
