"""One poll or sweep of a source at a time, on whatever machine: two would share a batch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from calsync.errors import CalsyncError
from calsync.ingest.intake import Intake, read_only
from calsync.ingest.polled import PolledPage
from calsync.ports import Page
from calsync.store.lease import new_token
from calsync.store.ledger import sessions

LEASE = timedelta(minutes=2)  # renewed with every page
ASK_AGAIN = 0.2  # seconds


class BusyError(CalsyncError):
    """Somebody else reads this source right now; nothing is lost by letting them."""


@dataclass(frozen=True, slots=True)
class SourceLease:
    """The right to read a source, while it is renewed."""

    intake: Intake
    token: str

    def take_in(self, page: Page) -> PolledPage:
        """Take in a page in a transaction of its own, which renews the lease."""
        if not page.sessions and not page.refused:
            return read_only(page)
        with self.intake.write("poll_page") as db:
            sessions.take_lease(db, self.intake.source, self.token, LEASE)
            return self.intake.take_page(db, page)


@contextmanager
def leased(intake: Intake, patience: float) -> Iterator[SourceLease]:
    """Raises BusyError when somebody else reads the source for more than `patience` seconds."""
    token, end = new_token(), time.monotonic() + patience
    while True:
        with intake.write("lease_take") as db:
            if sessions.take_lease(db, intake.source, token, LEASE):
                break
        if time.monotonic() >= end:
            raise BusyError(f"source {intake.source} is being read by another process")
        time.sleep(ASK_AGAIN)
    try:
        yield SourceLease(intake, token)
    finally:
        with intake.write("lease_end") as db:
            sessions.end_lease(db, intake.source, token)
