"""What a listing showed is taken in while a poll reads or writes the same session, on PostgreSQL,
where both may write."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from calsync.core.booked import BookedSession, Status
from calsync.core.calls import Seen, Sighting
from calsync.core.desired import wanted_of
from calsync.core.ledger import copy_uid
from calsync.ops.restore import departed
from calsync.ops.restore.listing import Listing, take_in
from calsync.store.database import Row
from calsync.store.ledger import recovery
from calsync.store.ledger.rows import account_of
from tests.harness.halting import DEADLINE, Halt, done_or_waiting, halting_poller
from tests.harness.platform import MAYA, SAM, Platform

pytestmark = pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)


@pytest.fixture
def row(platform: Platform) -> Row:
    """Maya's account."""
    platform.connect(MAYA.email)
    with platform.store.read() as db:
        (found,) = recovery.to_list(db, None, db.now, "", 2)
    return found


def a_listing(platform: Platform, row: Row, cancelled: BookedSession | None = None) -> Listing:
    """Her calendar shows an event of hers in ses-1, of which the ledger knows nothing; by its
    record she has left the session, or it is cancelled."""
    key = platform.copies_key(MAYA.id)
    uid = copy_uid(platform.context.namespace, key, account_of(row).destination, 1)
    shown = [Sighting("remote-1", Seen.LIVE, uid=uid)]
    if cancelled is not None:
        return Listing(shown, unseen={key: cancelled})
    return Listing(shown, others={uid: (key, 1)}, departed=frozenset({key}))


def newer(session: BookedSession, **changes: Any) -> BookedSession:
    return replace(session, updated_at=session.updated_at + timedelta(minutes=1), **changes)


def shows_maya(platform: Platform) -> bool:
    return bool(platform.delivery()["want"] == "present")


@pytest.mark.parametrize("status", [Status.BOOKED, Status.CANCELLED])
def test_who_is_put_in_by_a_poll_that_has_read_already_is_not_taken_for_departed(
    platform: Platform, row: Row, status: Status
) -> None:
    people = (SAM,) if status is Status.BOOKED else (MAYA,)
    known = platform.a_session(participants=people, status=status)
    platform.book(known)
    listing = a_listing(platform, row, known if status is Status.CANCELLED else None)
    booked = newer(known, participants=(MAYA, SAM), status=Status.BOOKED)
    poller, halt = halting_poller(platform, "second", booked)
    taking = partial(take_in, platform.context, row=row, listing=listing)
    with ThreadPoolExecutor(2) as threads:
        try:
            polling = threads.submit(poller.run_once)
            assert halt.arrived.wait(DEADLINE)
            listed: Future[object] = threads.submit(platform.store.transact, taking)
            done_or_waiting(platform, listed)
        finally:
            halt.go_on.set()
        assert polling.result(DEADLINE).error is None
        listed.result(DEADLINE)
    assert shows_maya(platform)


def test_who_is_put_in_while_it_is_looked_who_has_departed_stays(
    platform: Platform, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, halt = platform.a_session(participants=(SAM,)), Halt()
    platform.book(known)

    def halted(*given: Any) -> Any:
        halt()
        return wanted_of(*given)

    monkeypatch.setattr(departed, "wanted_of", halted)
    taking = partial(take_in, platform.context, row=row, listing=a_listing(platform, row))
    with ThreadPoolExecutor(2) as threads:
        try:
            listed = threads.submit(platform.store.transact, taking)
            assert halt.arrived.wait(DEADLINE)
            booked = newer(known, participants=(MAYA, SAM))
            polling: Future[object] = threads.submit(platform.book, booked)
            done_or_waiting(platform, polling)
        finally:
            halt.go_on.set()
        listed.result(DEADLINE)
        polling.result(DEADLINE)
    assert shows_maya(platform)
