"""The daemon: APScheduler rings the bell, workers look into the ledger, the ledger is the truth.

Losing or doubling a ring is harmless: every job only says *look now*.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from calsync.daemon.process_lock import ProcessLock
from calsync.daemon.wakeup import Wakeup
from calsync.delivery.deliver import Deliverer
from calsync.delivery.inspect import Inspector
from calsync.errors import InputError
from calsync.ingest.poll import Poller
from calsync.notices.sender import Notifier
from calsync.runtime import failpoints
from calsync.store import instance
from calsync.store.database import Db, Store
from calsync.store.queue import slots

BEAT_SECONDS = 10
OWNER_LEASE = timedelta(seconds=40)
IDLE_SECONDS = 1.0
GRACE_SECONDS = 8.0


@dataclass(frozen=True)
class Parts:
    """What the daemon turns. `chores` are rare jobs: (name, every seconds, what)."""

    store: Store
    pollers: Sequence[tuple[Poller, float]]
    deliverer: Deliverer
    inspector: Inspector
    notifier: Notifier
    tenants: Callable[[], Sequence[str]]
    workers: int
    deliver: bool = True  # False: dry run, nothing leaves
    chores: Sequence[tuple[str, float, Callable[[], object]]] = ()
    log: Callable[..., None] = field(default=lambda *_args, **_fields: None)
    at: failpoints.At = failpoints.nowhere

    def write(self, name: str) -> AbstractContextManager[Db]:
        return failpoints.write(self.store, self.at, name)


class Daemon:
    """`run()` returns after `stop()`; open calls then get 8 seconds, and what is still open stays
    unsure in the ledger, which is what a crash leaves as well."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.token = secrets.token_hex(8)
        self._stopping = threading.Event()
        self._bell = Wakeup(parts.store)
        self._threads: list[threading.Thread] = []
        self._turn = 0
        self._only = (
            ProcessLock(str(parts.store.engine.url.database)) if parts.store.sqlite else None
        )

    def stop(self) -> None:
        """Claim nothing more. Safe to call from a signal handler's thread."""
        self._stopping.set()
        self._bell.stop()

    def ring(self) -> None:
        """Something new may be due: look now."""
        self._bell.ring()

    def run(self) -> None:
        """Work until stopped. Raises InputError when another `run` has this SQLite file."""
        self._take_over()
        scheduler = self._scheduler()
        scheduler.start()
        if self.parts.deliver:
            self._threads = [
                self._start(f"worker-{n}", self._deliver_loop) for n in range(self.parts.workers)
            ]
            self._threads.append(self._start("looker", self._look_loop))
            self._threads.append(self._start("bell", lambda: self._bell.watch(self._guarded)))
        self.parts.log("started", workers=self.parts.workers)
        try:
            while not self._stopping.wait(60):
                pass
        finally:
            self._shut_down(scheduler)

    def _take_over(self) -> None:
        if self._only is None:
            return
        if not self._only.take():
            raise InputError(
                "another `calsync run` works on this SQLite file; stop it first, or use "
                "PostgreSQL for several"
            )
        with self.parts.write("take_over") as db:
            instance.take_over(db, self.token, OWNER_LEASE, force=True)

    def _scheduler(self) -> BackgroundScheduler:
        # Without misfire_grace_time=None a ring that is a second late is dropped.
        scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._ring(scheduler, "beat", BEAT_SECONDS, self._beat)
        self._ring(scheduler, "reap", 15, self._reap)
        for poller, seconds in self.parts.pollers:
            name = f"poll {poller.source.name}"
            self._ring(scheduler, name, seconds, partial(self._poll, poller))
        for name, seconds, chore in self.parts.chores:
            self._ring(scheduler, name, seconds, chore)
        return scheduler

    def _ring(
        self,
        scheduler: BackgroundScheduler,
        name: str,
        seconds: float,
        job: Callable[[], object],
    ) -> None:
        def run() -> None:
            if self._stopping.is_set():
                return
            try:
                job()
            except Exception as error:
                # A bell must ring again whatever happened; the reason is told, never lost.
                self.parts.log("job_failed", job=name, error=type(error).__name__)

        jitter = min(seconds / 10, 30) if seconds >= 30 else None
        now = datetime.now(UTC)  # the first ring is at once
        scheduler.add_job(
            run, "interval", seconds=seconds, id=name, jitter=jitter, next_run_time=now
        )

    def _beat(self) -> None:
        with self.parts.write("beat") as db:
            instance.beat(db)
            if self._only is not None and not instance.take_over(db, self.token, OWNER_LEASE):
                self.parts.log("database_taken_over")
                self.stop()

    def _reap(self) -> None:
        with self.parts.write("reap_again") as db:
            reaped = slots.reap(db)
        if reaped:
            self._bell.ring()

    def _poll(self, poller: Poller) -> None:
        done = poller.run_due()
        if done.error is not None:
            self.parts.log("source_failed", source=done.source, reason=done.error)
        elif done.changed or done.refused or done.warnings:
            self.parts.log(
                "polled",
                source=done.source,
                seen=done.seen,
                changed=done.changed,
                refused=done.refused,
                held=len(done.held),
                warnings=len(done.warnings),
            )
        self._bell.ring()

    def _start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=body, name=name, daemon=True)
        thread.start()
        return thread

    def _tenants_in_turn(self) -> Sequence[str]:
        """Every tenant, a different one first each time."""
        names = list(self.parts.tenants())
        self._turn += 1
        start = self._turn % len(names) if names else 0
        return names[start:] + names[:start]

    def _deliver_loop(self) -> None:
        while not self._stopping.is_set():
            heard = self._bell.rings
            if self._guarded(lambda: self.parts.deliverer.run_once(self._tenants_in_turn())):
                continue
            self._bell.wait(heard=heard)

    def _look_loop(self) -> None:
        while not self._stopping.is_set():
            looked = self._guarded(lambda: bool(self.parts.inspector.run_once()))
            told = self._guarded(self.parts.notifier.run_once)
            if not looked and not told:
                self._bell.wait(IDLE_SECONDS)

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """A worker outlives any error; its lease ends and the delivery is claimed again."""
        try:
            return work()
        except Exception as error:
            self.parts.log("worker_failed", error=f"{type(error).__name__}")
            return False

    def _shut_down(self, scheduler: BackgroundScheduler) -> None:
        self.stop()
        scheduler.shutdown(wait=False)
        end = time.monotonic() + GRACE_SECONDS
        for thread in self._threads:
            thread.join(timeout=max(0.0, end - time.monotonic()))
        if self._only is not None:
            with self.parts.write("step_down") as db:
                instance.step_down(db, self.token)
            self._only.give_back()
        still = sum(thread.is_alive() for thread in self._threads)
        self.parts.log("stopped", open_calls=still)
