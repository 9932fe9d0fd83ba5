"""Sweeps: the whole of a source beside what is known of it.

They catch updates that polls missed, and withdraw what two complete sweeps no longer showed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from calsync.core.booked import BookedSession, Status
from calsync.ingest import nobody_left, older
from calsync.ingest.guard.closing import Closed, close, failed, finish
from calsync.ingest.intake import Intake
from calsync.ingest.lease import SourceLease
from calsync.ingest.polled import Polled, PolledPage, polled
from calsync.ports import Page, SessionSource
from calsync.store.database import Db
from calsync.store.ledger import journal, sessions
from calsync.store.records import older_versions


def sweep(lease: SourceLease, source: SessionSource, gap: timedelta) -> Polled:
    """Compare the whole source with what is known. What a sweep did not show is withdrawn when
    another one, at least `gap` ago, did not either."""
    intake, pages = lease.intake, list[PolledPage]()
    shown, refused = dict[str, set[str]](), set[str]()
    with intake.store.read() as db:
        began = db.now
    try:
        for page in source.sweep():
            pages.append(lease.take_in(page, partial(older.note, source=intake.source)))
            for tenant, ident in _shown(page, intake.tenant):
                shown.setdefault(tenant, set()).add(ident)
            refused |= {error.record for error in (*page.refused, *pages[-1].lossy)}
    except Exception as error:
        return failed(lease, pages, error)
    if fault := nobody_left.fault(intake, pages):
        return failed(lease, pages, fault)
    agreed = older.ready(intake, began, gap)

    def end(db: Db) -> tuple[list[PolledPage], Closed]:
        more = [older.take_back(db, intake, agreed)]
        older_versions.complete(db, intake.source, began)
        more.append(nobody_left.propose(db, intake, [*pages, *more], began))
        for tenant in sorted({*shown, intake.tenant}):
            changed = _compare(db, intake, tenant, shown.get(tenant, set()), began, gap)
            more.append(PolledPage(changed=changed))
        closed = close(db, intake)
        sessions.keep_aside(db, intake.source, refused)
        sessions.set_cursor(db, intake.source, swept_at=db.now)
        return more, closed

    more, closed = lease.transact("sweep_close", end)
    return polled(intake.source, [*pages, *more], finish(intake, closed))


def _shown(page: Page, tenant: str) -> Iterable[tuple[str, str]]:
    """Tenant and id of every record of a page; a refused one is there all the same."""
    yield from ((session.tenant, session.id) for session in page.sessions)
    yield from ((tenant, error.record) for error in page.refused)


def _compare(
    db: Db,
    intake: Intake,
    tenant: str,
    shown: Collection[str],
    began: datetime,
    gap: timedelta,
) -> int:
    """Withdraw what vanished; returns how many deliveries changed. An empty listing of a tenant
    is believed of none."""
    known = sessions.future(db, intake.source, tenant)
    if known and not shown:
        journal.note(db, "sweep_empty", tenant=tenant, source=intake.source, known=len(known))
        return 0
    missing = [one for one, row in known.items() if one not in shown and row["stored_at"] < began]
    sessions.clear_missing(db, tenant, intake.source, shown)
    gone = sessions.mark_missing(db, tenant, missing, gap)
    for ident in gone:
        journal.note(db, "session_vanished", tenant=tenant, session=ident, source=intake.source)
    vanished = [
        BookedSession(one, tenant, known[one]["updated_at"], Status.CANCELLED) for one in gone
    ]
    changed = intake.withdraw(db, tenant, vanished)
    sessions.mark_vanished(db, tenant, gone)
    return changed
