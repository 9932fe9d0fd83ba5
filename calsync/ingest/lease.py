"""One poll or sweep of a source at a time, on whatever machine: two would share a batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from calsync.core.booked import BookedSession, RecordWarning
from calsync.errors import CalsyncError
from calsync.ingest.intake import Intake
from calsync.ingest.polled import PolledPage, read_only, summed
from calsync.ingest.prepared import Prepared
from calsync.ports import Page
from calsync.runtime.renewing import renewed
from calsync.store.database import Db, Row
from calsync.store.lease import new_token
from calsync.store.ledger import sessions
from calsync.store.records import source_lease
from calsync.text.instants import iso

LEASE = timedelta(seconds=10)  # what a process that was killed keeps others from reading
RENEW = 3.0  # seconds
MOST = 50  # records that one transaction takes in: others wait for it
ASK_AGAIN = 0.2  # seconds

T = TypeVar("T")


class BusyError(CalsyncError):
    """Somebody else reads this source right now; nothing is lost by letting them."""


@dataclass(slots=True)
class SourceLease:
    """The right to read a source, while it is renewed.

    token   None: nobody else can see what is written, so there is nothing to lease
    row     the source's, as it was when the lease was taken
    over    it was given back
    """

    intake: Intake
    token: str | None
    row: Row
    over: bool = False

    @property
    def began(self) -> datetime:
        """When it was taken, by the database's clock."""
        found: datetime = self.row["poll_since"]
        return found

    def transact(
        self, name: str, work: Callable[[Db], T], *, last: Callable[[T], bool] = lambda _: False
    ) -> T:
        """The result of `work` in a write transaction of the poll. Raises BusyError when the lease
        is lost: whoever took it reads the source from where the last page ended, so nothing may be
        written any more. `last`: whether, by this result, nothing more is to be written; then the
        same transaction gives the lease back."""

        def leased_work(db: Db) -> tuple[T, bool]:
            began = time.monotonic()
            self._renew(db, db.now)
            done = work(db)
            ends = self.token is not None and last(done)
            if ends:
                source_lease.end(db, self.intake.source, str(self.token))
            else:
                # Others wait for this row; the transaction may have lasted longer than a lease.
                self._renew(db, db.now + timedelta(seconds=time.monotonic() - began))
            return done, ends

        done, self.over = self.intake.transact(name, leased_work)
        return done

    def take_in(
        self,
        page: Page,
        also: Callable[[Db, Prepared], None] = lambda _db, _prepared: None,
        *,
        reached: str | None = None,
    ) -> PolledPage:
        """Take in a page in a transaction of its own, in which `also` is done. `reached`: the
        cursor behind it, with which the next poll goes on when this process dies; a page with
        sessions that lost their people is read again."""
        if not page.sessions and not page.refused:
            return read_only(page)
        *before, last = _parts(page)
        taken = [self._take_in(part, also) for part in before]
        if any(one.emptied for one in taken):
            reached = None
        return summed([*taken, self._take_in(last, also, reached)])

    def _take_in(
        self, page: Page, also: Callable[[Db, Prepared], None], reached: str | None = None
    ) -> PolledPage:
        prepared = self.intake.prepare(page.sessions, page.warnings, page.hashes)

        def work(db: Db) -> PolledPage:
            done = self.intake.take_page(db, page, prepared)
            also(db, prepared)
            if reached is not None and not done.emptied:
                sessions.set_cursor(db, self.intake.source, cursor=reached)
            return done

        return self.transact("poll_page", work)

    def _renew(self, db: Db, now: datetime) -> None:
        if self.token is None:
            return
        if not source_lease.renew(db, self.intake.source, self.token, now + LEASE):
            raise BusyError(
                f"source {self.intake.source}: this process was held up for so long that another "
                "one began to read it; nothing more is written here"
            )


def _parts(page: Page) -> Iterator[Page]:
    """The page in parts that one transaction takes in: a feed sends as much at once as it likes."""
    if len(page.sessions) + len(page.refused) <= MOST:
        yield page
        return
    about: dict[str | None, list[str]] = {}
    for one in page.warnings:
        about.setdefault(one.session if isinstance(one, RecordWarning) else None, []).append(one)
    general = about.pop(None, [])
    same = page.unchanged
    for part in _together(page.sessions):
        own = [one for ident in dict.fromkeys(s.id for s in part) for one in about.pop(ident, [])]
        yield replace(page, sessions=part, refused=(), warnings=(*general, *own), unchanged=same)
        general, same = [], ()
    for start in range(0, len(page.refused), MOST):
        refused = page.refused[start : start + MOST]
        yield replace(page, sessions=(), refused=refused, warnings=tuple(general), unchanged=same)
        general, same = [], ()


def _together(sessions: Sequence[BookedSession]) -> Iterator[list[BookedSession]]:
    """About MOST of them at a time, those of one id together: which of its versions counts is seen
    where all of them are."""
    versions: dict[tuple[str, str], list[BookedSession]] = {}
    for one in sessions:
        versions.setdefault((one.tenant, one.id), []).append(one)
    part: list[BookedSession] = []
    for some in versions.values():
        if part and len(part) + len(some) > MOST:
            yield part
            part = []
        part += some
    if part:
        yield part


@contextmanager
def leased(intake: Intake, patience: float) -> Iterator[SourceLease]:
    """Raises BusyError when somebody else reads the source for more than `patience` seconds."""
    token, end = new_token(), time.monotonic() + patience
    while True:
        row = intake.transact(
            "lease_take", lambda db: source_lease.take(db, intake.source, token, LEASE)
        )
        if row is not None:
            break
        if time.monotonic() >= end:
            with intake.store.peek() as db:
                until = source_lease.until(db, intake.source)
            raise BusyError(
                f"source {intake.source} is being read by another process; its lease lasts until "
                f"{iso(until)} and is renewed while that process lives. Try again then"
            )
        time.sleep(ASK_AGAIN)

    def renew(db: Db) -> bool:
        return source_lease.renew(db, intake.source, token, db.now + LEASE)

    lease = SourceLease(intake, token, row)
    try:
        with renewed(intake.store, renew, RENEW):
            yield lease
    finally:
        if not lease.over:
            intake.transact("lease_end", lambda db: source_lease.end(db, intake.source, token))


def unleased(intake: Intake) -> SourceLease:
    """To read a source into a ledger that nobody else sees."""
    with intake.store.peek() as db:
        row = sessions.cursor(db, intake.source) or {"cursor": None}
        return SourceLease(intake, None, row | {"poll_since": db.now})
