"""Sweeps: the whole of a source beside what is known of it.

They catch updates that polls missed, and withdraw what two complete sweeps no longer showed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from calsync.core.booked import BookedSession, Status
from calsync.ingest import nobody_left, older, zone_data
from calsync.ingest.guard.closing import Closed, close, failed, finish
from calsync.ingest.intake import Intake
from calsync.ingest.lease import SourceLease
from calsync.ingest.polled import Polled, PolledPage, polled
from calsync.ports import KnownRecords, Page, SessionSource
from calsync.runtime import zone_data as installed
from calsync.store.database import Db, Row
from calsync.store.guard import summary
from calsync.store.ledger import journal, sessions
from calsync.store.records import hashes, older_versions, presence
from calsync.store.records.shown import ShownIds


def known_records(intake: Intake) -> KnownRecords:
    """Records that this source was accepted from, by the time zone data that is in use now: by
    other data a wall time is another instant, or does not exist."""
    with intake.store.peek() as db:
        followed = zone_data.digest(db)

    def to_read(records: Mapping[str, str]) -> Collection[str]:
        with intake.store.read() as db:
            return hashes.to_read(db, intake.source, intake.tenant, records)

    return KnownRecords(repr((installed.in_use(), followed)), to_read)


def word_of(reader: str) -> str:
    """As it is stored."""
    return hashlib.sha256(reader.encode()).hexdigest()[:16]


def sweep(lease: SourceLease, source: SessionSource, gap: timedelta, reader: str) -> Polled:
    """Compare the whole source with what is known. What a sweep did not show is withdrawn when
    another one, at least `gap` ago, did not either. `reader`: what records are read with."""
    with ShownIds() as shown, ShownIds() as refused:
        return _sweep(lease, source, gap, reader, shown, refused)


def _sweep(
    lease: SourceLease,
    source: SessionSource,
    gap: timedelta,
    reader: str,
    shown: ShownIds,
    refused: ShownIds,
) -> Polled:
    intake, pages = lease.intake, list[PolledPage]()
    note = partial(older.note, source=intake.source, shown=shown)
    with intake.store.read() as db:
        began = db.now
    try:
        for page in source.sweep(known_records(intake)):
            pages.append(lease.take_in(page, note))
            for tenant, ids in ids_of(page, intake.tenant).items():
                shown.add(tenant, ids)
            errors = (*page.refused, *pages[-1].lossy)
            refused.add(intake.source, [error.record for error in errors])
    except Exception as error:
        return failed(lease, pages, error)
    if fault := nobody_left.fault(intake, pages):
        return failed(lease, pages, fault)
    agreed = older.ready(intake, began, gap)
    tenants = shown.groups()
    changed = sum(Vanished(lease, one, began, gap).withdraw(shown) for one in sorted(tenants))
    _put_right(lease, refused)

    def end(db: Db) -> tuple[list[PolledPage], Closed]:
        more = [PolledPage(changed=changed), older.take_back(db, intake, agreed)]
        older_versions.complete(db, intake.source, began)
        more.append(nobody_left.propose(db, intake, [*pages, *more], began))
        closed = close(db, intake)
        if intake.tenant not in tenants:
            _believe_none(db, intake)
        sessions.set_cursor(db, intake.source, swept_at=db.now, swept_with=word_of(reader))
        return more, closed

    more, closed = lease.transact("sweep_close", end)
    return polled(intake.source, [*pages, *more], finish(intake, closed))


def ids_of(page: Page, tenant: str) -> Mapping[str, list[str]]:
    """The ids of a page's records, by tenant; one that was refused, or not read, is there all the
    same."""
    there = [*page.unchanged, *(error.record for error in page.refused)]
    found: dict[str, list[str]] = {tenant: there}
    for session in page.sessions:
        found.setdefault(session.tenant, []).append(session.id)
    return {name: ids for name, ids in found.items() if ids}


@dataclass(frozen=True, slots=True)
class Vanished:
    """Sessions of a tenant that a complete sweep, which began then, did not show."""

    lease: SourceLease
    tenant: str
    began: datetime
    gap: timedelta

    def withdraw(self, shown: ShownIds) -> int:
        """Withdraw what is missing for the second time, range by range; returns how many deliveries
        changed."""
        intake, changed, after = self.lease.intake, 0, sessions.FROM_THE_START
        while True:
            with intake.store.read() as db:
                known = sessions.next_ahead(db, intake.source, self.tenant, after)
            if not known:
                return changed
            after = sessions.position(known[-1])
            lacking = shown.lacking(self.tenant, [row["id"] for row in known])
            back = [row["id"] for row in known if row["missing_since"] and row["id"] not in lacking]
            gone = self._gone(lacking)
            if back or gone:
                store = partial(self._store, back=back, gone=gone)
                changed += self.lease.transact("sweep_compare", store)

    def _gone(self, lacking: Collection[str]) -> list[Row]:
        """The rows of those of these that count as gone. One that was accepted while the sweep was
        reading may have been overlooked by it."""
        if not lacking:
            return []
        with self.lease.intake.store.read() as db:
            rows = sessions.stored(db, self.tenant, lacking)
        return [rows[one] for one in sorted(rows) if rows[one]["stored_at"] < self.began]

    def _store(self, db: Db, back: Sequence[str], gone: Sequence[Row]) -> int:
        intake, tenant = self.lease.intake, self.tenant
        presence.clear_missing(db, tenant, back)
        stamps = {row["id"]: row["updated_at"] for row in gone}
        once, twice = presence.mark_missing(db, tenant, stamps, self.gap)
        for ident in twice:
            journal.note(db, "session_vanished", tenant=tenant, session=ident, source=intake.source)
        vanished = [
            BookedSession(ident, tenant, stamps[ident], Status.CANCELLED) for ident in twice
        ]
        changed = intake.withdraw(db, tenant, vanished)
        presence.mark_vanished(db, tenant, twice)
        summary.forget_of(db, tenant, [*back, *once])
        return changed


def _believe_none(db: Db, intake: Intake) -> None:
    """An empty listing withdraws nothing."""
    tenant, source = intake.tenant, intake.source
    if known := sessions.count_ahead(db, source, tenant):
        journal.note(db, "sweep_empty", tenant=tenant, source=source, known=known)


def _put_right(lease: SourceLease, refused: ShownIds) -> None:
    """A complete sweep refused only these: whatever else was set aside has been mended."""
    intake, after = lease.intake, ""
    while True:
        with intake.store.read() as db:
            aside = sessions.next_aside(db, intake.source, after)
        if not aside:
            return
        after = aside[-1]
        mended = sorted(refused.lacking(intake.source, aside))
        if mended:
            take_back = partial(sessions.take_back, source=intake.source, records=mended)
            lease.transact("sweep_mended", take_back)
