"""Rows that were deleted: each poll asks its source for some of the sessions that are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from calsync.core.booked import BookedSession, Status
from calsync.ingest.intake import Intake
from calsync.ingest.polled import PolledPage
from calsync.ports import SessionSource
from calsync.store.database import Db, Row
from calsync.store.guard import summary
from calsync.store.ledger import journal, sessions
from calsync.store.records import presence

MOST = 500  # sessions a poll
SOON = timedelta(hours=48)  # these go first


@dataclass(frozen=True, slots=True)
class Asked:
    """Sessions that a source was asked for, as the ledger knows them, and which of them it has.

    reached  how far the rounds have come, as columns of the source's row
    """

    rows: Mapping[str, Row] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    reached: Mapping[str, str | None] = field(default_factory=dict)


def ask(intake: Intake, source: SessionSource, row: Row) -> Asked:
    """Ask for the sessions that start soon, then round the rest. `row`: the source's. Raises
    SourceError."""
    if source.present(()) is None:
        return Asked()
    with intake.store.read() as db:
        soon = presence.next_soon(db, intake.source, row.get("asked_soon"), SOON, MOST)
        left = MOST - len(soon)
        rest = presence.next_later(db, intake.source, row.get("asked_later"), SOON, left)
    rows = {one["id"]: one for one in (*soon, *rest)}
    found = source.present(list(rows)) if rows else None
    if not found:  # an empty answer is believed of none
        return Asked()
    reached = {"asked_soon": presence.position(soon), "asked_later": presence.position(rest)}
    return Asked(rows, frozenset(found), reached)


def record(db: Db, intake: Intake, asked: Asked, gone_after: timedelta) -> PolledPage:
    """Withdraw what was missing twice, at least `gone_after` apart, and was not read in between."""
    tenant, present = intake.tenant, asked.present
    back = [one for one, row in asked.rows.items() if one in present and row["gone_since"]]
    presence.sighted(db, tenant, back)
    missing = {ident: row for ident, row in asked.rows.items() if ident not in present}
    presence.mark_gone(db, tenant, [one for one, row in missing.items() if not row["gone_since"]])
    gone = [
        ident
        for ident, row in missing.items()
        if row["gone_since"] and db.now - row["gone_since"] >= gone_after
    ]
    if not gone:
        return PolledPage()
    missing_now, _ = presence.mark_missing(db, tenant, gone, gone_after)
    for ident in gone:
        journal.note(db, "session_vanished", tenant=tenant, session=ident, source=intake.source)
    cancelled = [
        BookedSession(one, tenant, row["updated_at"], Status.CANCELLED)
        for one, row in sessions.stored(db, tenant, gone).items()
    ]
    changed = intake.withdraw(db, tenant, cancelled)
    presence.mark_vanished(db, tenant, gone)
    summary.forget_of(db, tenant, missing_now)
    return PolledPage(changed=changed)
