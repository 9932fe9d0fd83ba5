"""The daemon: APScheduler wakes the workers, they look into the ledger, the ledger is the truth.

Losing or doubling a wake-up is harmless: every job only says *look now*.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from calsync.accounts import connect
from calsync.daemon import maintenance
from calsync.daemon.log_lines import DaemonLog, about
from calsync.daemon.wakeup import Wakeup
from calsync.delivery import tell
from calsync.delivery.deliver import Deliverer
from calsync.delivery.dispatch import GRACE_SECONDS, Dispatcher
from calsync.delivery.inspect import Inspector
from calsync.errors import DatabaseError, InputError
from calsync.ingest.lease import BusyError
from calsync.ingest.poll import Poller, measured
from calsync.notices.sender import Notifier
from calsync.notices.upcoming import UpcomingSender
from calsync.ops import lookup, retention, startup
from calsync.ports import NoticeSender
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.runtime.process_lock import ProcessLock
from calsync.store import instance
from calsync.store.database import Db
from calsync.store.lease import new_token
from calsync.store.queue import slots

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

BEAT_SECONDS = 10
OWNER_LEASE = timedelta(seconds=40)
IDLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something rare. `begin` runs once, before the daemon does anything else."""

    name: str
    seconds: float
    run: Callable[[], object]
    begin: Callable[[], None] | None = None


class Daemon:
    """`run()` returns after `stop()`; open calls then get 8 seconds, and what is still open stays
    unsure in the ledger, which is what a crash leaves as well."""

    def __init__(
        self,
        context: Context,
        pollers: Sequence[Poller],
        senders: Mapping[str, NoticeSender],
        jobs: Sequence[Job] = (),
        listens: Sequence[str] = (),
    ) -> None:
        self.context, self.settings, self._listens = context, context.settings, listens
        self.pollers, self.jobs = pollers, jobs
        self.dispatcher = Dispatcher(Deliverer(context), context.settings.workers)
        self.inspector = Inspector(context, context.settings.look_share)
        self.notifier = Notifier(context, senders)
        self.upcoming = UpcomingSender(context, senders)
        self.token = new_token()
        self._stopping = threading.Event()
        self._wakeup = Wakeup(context.store, self.dispatcher.wake)
        self._workers: list[threading.Thread] = []
        self._others: list[threading.Thread] = []
        self._turn = 0
        self._log = DaemonLog(context.log)
        store = context.store
        self._only = ProcessLock(str(store.engine.url.database)) if store.sqlite else None

    def stop(self) -> None:
        """Claim nothing more. Safe to call from a signal handler's thread."""
        self._stopping.set()
        self.dispatcher.close()
        self._wakeup.stop()

    def wake(self) -> None:
        """Something new may be due: look now."""
        self._wakeup.wake()

    def run(self) -> None:
        """Work until stopped. Raises InputError when another `run` has this SQLite file."""
        self._take_over()
        for poller in self.pollers:
            poller.reader()  # known from here on, whatever version is installed meanwhile
        scheduler = self._scheduler()
        scheduler.start()
        if not self.settings.dry_run:
            self._workers = [
                self._start(f"worker-{n}", self._deliver_loop) for n in range(self.settings.workers)
            ]
            self._others = [
                self._start("dispatcher", self._dispatch_loop),
                self._start("looker", self._look_loop),
                self._start("wakeup", lambda: self._wakeup.watch(self._guarded)),
            ]
        told = about(self.context, self._listens)
        self.context.log("started", **told, workers=self.settings.workers)
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
        self.context.transact(
            "take_over",
            lambda db: instance.take_over(db, self.token, OWNER_LEASE, force=True),
        )

    def _scheduler(self) -> BackgroundScheduler:
        from apscheduler.schedulers.background import (  # noqa: PLC0415  # only `run` needs it
            BackgroundScheduler,
        )

        # Without misfire_grace_time=None a run that is a second late is dropped.
        scheduler = BackgroundScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._ring(scheduler, "beat", BEAT_SECONDS, self._beat)
        self._ring(scheduler, "reap", 15, self._reap)
        for poller in self.pollers:
            name = f"poll {poller.source.name}"
            self._ring(scheduler, name, poller.every, partial(self._poll, poller))
        for job in self.jobs:
            self._ring(scheduler, job.name, job.seconds, job.run)
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
                # A job must run again whatever happened; the reason is told, never lost.
                self._log.job_failed(name, error)
                self._tell(f"job {name}", error)
            else:
                self._log.job_done(name)

        jitter = min(seconds / 10, 30) if seconds >= 30 else None
        now = datetime.now(UTC)  # the first run is at once
        scheduler.add_job(
            run, "interval", seconds=seconds, id=name, jitter=jitter, next_run_time=now
        )

    def _beat(self) -> None:
        def work(db: Db) -> bool:
            instance.beat(db)
            return self._only is None or instance.take_over(db, self.token, OWNER_LEASE)

        if not self.context.transact("beat", work):
            self.context.log("database_taken_over")
            self.stop()

    def _reap(self) -> None:
        if self.context.transact("reap_again", slots.reap):
            self._wakeup.wake()

    def _poll(self, poller: Poller) -> None:
        try:
            done = measured(self.context.meter, poller.source.name, poller.run_due)
        except BusyError as error:
            self._log.busy(poller.source.name, str(error))
            return
        self._log.polled(done)
        self._wakeup.wake()

    def _start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=body, name=name, daemon=True)
        thread.start()
        return thread

    def _tenants_in_turn(self) -> Sequence[str]:
        """Every tenant, a different one first each time."""
        names = lookup.tenants(self.context)
        self._turn += 1
        start = self._turn % len(names) if names else 0
        return names[start:] + names[:start]

    def _deliver_loop(self) -> None:
        while not self._stopping.is_set():
            self._guarded(self.dispatcher.work_one)

    def _dispatch_loop(self) -> None:
        """Until everything is stored that came of the last calls."""
        while not self.dispatcher.over:
            if not self._guarded(self._dispatch):
                self.dispatcher.wait()

    def _dispatch(self) -> bool:
        return self.dispatcher.step(self._tenants_in_turn) is not None

    def _look_loop(self) -> None:
        while not self._stopping.is_set():
            looked = self._guarded(lambda: bool(self.inspector.run_once()))
            told = self._guarded(self.notifier.run_once)
            sent = self._guarded(self.upcoming.run_once)
            if not looked and not told and not sent:
                self._wakeup.wait(IDLE_SECONDS)

    def _guarded(self, work: Callable[[], bool]) -> bool:
        """A worker outlives any error; its lease ends and the delivery is claimed again."""
        try:
            done = work()
        except Exception as error:
            self._log.worker_failed(error)
            self._tell("worker", error)
            return False
        self._log.worker_done()
        return done

    def _tell(self, area: str, error: Exception) -> None:
        """Have ops hear of what nobody foresaw, if the database can keep it."""
        with suppress(DatabaseError):
            unexpected.caught(self.context, area, error)

    def _shut_down(self, scheduler: BackgroundScheduler) -> None:
        self.stop()
        scheduler.shutdown(wait=False)
        end = time.monotonic() + GRACE_SECONDS
        for thread in (*self._workers, *self._others):
            thread.join(timeout=max(0.0, end - time.monotonic()))
        if self._only is not None:
            self.context.transact("step_down", lambda db: instance.step_down(db, self.token))
            self._only.give_back()
        still = sum(thread.is_alive() for thread in self._workers)
        self.context.log("stopped", open_calls=still)


def make_daemon(
    context: Context,
    pollers: Sequence[Poller],
    senders: Mapping[str, NoticeSender],
    jobs: Sequence[Job] = (),
    listens: Sequence[str] = (),
) -> Daemon:
    """A daemon that is ready to run, with `jobs` beside its own. Another configuration and new time
    zone data are followed first. `listens`: the addresses that the process answers on."""
    startup.begin(context)
    for job in jobs:
        if job.begin is not None:
            job.begin()
    return Daemon(context, pollers, senders, [*own_jobs(context), *jobs], listens)


def own_jobs(context: Context) -> list[Job]:
    """What every daemon does from time to time."""
    return [
        Job("telling", 60, lambda: tell.run(context)),
        Job("purge", 86_400, lambda: retention.run_once(context)),
        Job("disconnects", 60, lambda: maintenance.disconnects(context)),
        Job("held batches", 60, lambda: maintenance.count_held(context)),
        Job("unusable accounts", 3_600, lambda: connect.check_unusable(context)),
    ]
