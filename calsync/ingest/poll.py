"""Polling: booked sessions in, what is wanted written down. Makes no call but to the source."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from calsync.ingest import nobody_left, presence
from calsync.ingest.guard.closing import Closed, close, failed, finish
from calsync.ingest.intake import Intake
from calsync.ingest.lease import BusyError, SourceLease, leased, unleased
from calsync.ingest.polled import Polled, PolledPage, polled, with_sweep
from calsync.ingest.sweep import known_records, sweep, word_of
from calsync.ports import SessionSource
from calsync.runtime import failpoints, zone_data
from calsync.runtime.meter import POLL_TIME, POLLS, Meter
from calsync.store.database import Db, Row, Store
from calsync.store.ledger import sessions

SWEEP_AGAIN = timedelta(minutes=15)  # after one that failed


class Poller:
    """Reads one source into the ledger. Two pollers of one source at a time are harmless.

    sweep_gap  between two sweeps; what two of them did not show is withdrawn
    gone_after  between two polls that asked for a session in vain, after which it is withdrawn
    every      after how many seconds a daemon reads the source again
    patience   seconds to wait for somebody else who reads the source
    code       one word for the code that this process reads records with
    """

    def __init__(
        self,
        intake: Intake,
        source: SessionSource,
        *,
        sweep_gap: timedelta,
        gone_after: timedelta = timedelta(minutes=10),
        every: float = 30.0,
        patience: float = 30.0,
        code: Callable[[], str] = lambda: "",
    ) -> None:
        self.intake, self.source, self.code = intake, source, code
        self.gone_after = gone_after
        self.sweep_gap, self.every, self.patience = sweep_gap, every, patience

    def run_due(
        self, progress: Callable[[int], None] = lambda _: None, *, again: bool = False
    ) -> Polled:
        """`run_once`, then a sweep when one is due; what both did. `again`: a sweep that failed is
        not waited for."""
        with leased(self.intake, self.patience) as lease:
            done = self._poll(lease, self.source, progress)
        if done.error is not None or not self._overdue(lease.row, lease.began, again=again):
            return done
        return with_sweep(done, self.sweep())

    def run_once(self, progress: Callable[[int], None] = lambda _: None) -> Polled:
        """Take in what changed since the last poll. A source that cannot be read changes nothing;
        pages read before it failed stay, the next poll goes on after them, and their work waits
        for a complete one. Raises BusyError."""
        with leased(self.intake, self.patience) as lease:
            return self._poll(lease, self.source, progress)

    def try_out(self, store: Store, source: SessionSource) -> Polled:
        """What `run_due` would do, on a ledger that nobody else sees and nothing remains of.

        `source`: this poller's own, watched."""
        lease = unleased(replace(self.intake, store=store, at=failpoints.nowhere))
        done = self._poll(lease, source, lambda _: None)
        if done.error is not None or not self.sweep_due():
            return done
        return with_sweep(done, sweep(lease, source, self.sweep_gap, self.reader()))

    def _poll(
        self, lease: SourceLease, source: SessionSource, progress: Callable[[int], None]
    ) -> Polled:
        intake, pages, seen = lease.intake, list[PolledPage](), 0
        known = cursor = lease.row["cursor"]
        try:
            for page in source.changes(cursor, known_records(self.intake)):
                # Of a session that lost its people, what comes of it is decided at the end.
                behind = None if any(one.emptied for one in pages) else page.cursor
                pages.append(lease.take_in(page, reached=behind))
                cursor, seen = page.cursor, seen + pages[-1].seen
                if known is None and len(pages) == 1:
                    intake.store.learn_sizes()
                progress(seen)
            asked = presence.ask(self.intake, source, lease.row)
        except Exception as error:
            return failed(lease, pages, error, cursor=cursor)
        if known is None and (fault := nobody_left.fault(intake, pages)):
            return failed(lease, pages, fault, cursor=None)

        def end(db: Db) -> tuple[list[PolledPage], Closed]:
            withdrawn = [
                nobody_left.propose(db, intake, pages, lease.began),
                presence.record(db, intake, asked, self.gone_after),
            ]
            closed = close(db, intake)
            fine = {"last_ok": db.now, "last_error": None, "failing_since": None}
            sessions.set_cursor(db, intake.source, cursor=cursor, **fine, **asked.reached)
            return withdrawn, closed

        withdrawn, closed = lease.transact("poll_close", end, last=lambda done: not done[1].large)
        parts = [*pages, *withdrawn]
        return polled(intake.source, parts, finish(intake, closed), before=known is not None)

    def reader(self) -> str:
        """One word for all that this process reads records with. Of two that differ in it, each
        reads every record anew that the other has read."""
        return repr((self.code(), zone_data.in_use()))

    def sweep_due(self, *, again: bool = False) -> bool:
        """Whether the gap is over since the last whole sweep. One that failed waits a little, but
        not where it is asked for `again`; nor does one then wait for the process that made the
        last, if that reads with something else."""
        with self.intake.store.peek() as db:
            row = sessions.cursor(db, self.intake.source)
            return row is None or self._overdue(row, db.now, again=again)

    def _overdue(self, row: Row, now: datetime, *, again: bool) -> bool:
        """`sweep_due` by the source's row."""
        tried = row["sweep_tried_at"]
        if tried is not None and row["sweep_error"]:
            if again:
                return True
            if now - tried < SWEEP_AGAIN:
                return False
        if row["swept_at"] is None:
            return True
        over: timedelta = now - row["swept_at"] - self.sweep_gap
        if over < timedelta() or again or row["swept_with"] is None:
            return over >= timedelta()
        theirs = row["swept_with"] != word_of(self.reader())
        leave = min(self.sweep_gap, max(SWEEP_AGAIN, timedelta(seconds=2 * self.every)))
        return not theirs or over >= leave

    def sweep(self) -> Polled:
        """Compare the whole source with what is known, see `ingest.sweep`. Raises BusyError."""
        with leased(self.intake, self.patience) as lease:
            done = sweep(lease, self.source, self.sweep_gap, self.reader())

            def tried(db: Db) -> None:
                sessions.set_cursor(db, done.source, sweep_tried_at=db.now, sweep_error=done.error)

            lease.transact("sweep_tried", tried)
            return done


def measured(meter: Meter, source: str, poll: Callable[[], Polled]) -> Polled:
    """What `poll` did, timed, and counted by whether the source could be read. Raises what it
    raises."""
    began, outcome = time.monotonic(), "failed"
    try:
        done = poll()
        outcome = "failed" if done.error is not None else "ok"
    except BusyError:
        outcome = "busy"
        raise
    finally:
        meter.count(POLLS, source, outcome)
    meter.observe(POLL_TIME, time.monotonic() - began, source)
    return done
