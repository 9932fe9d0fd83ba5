"""Sessions for which no participant came from where participants are listed: no answer is not
"nobody". What is shown of them stays until a person approves that it is withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from calsync.core.booked import BookedSession, Status
from calsync.errors import SourceError
from calsync.ingest.intake import Intake
from calsync.ingest.polled import PolledPage
from calsync.store.database import Db
from calsync.store.ledger import sessions

MOST = 500  # sessions a read whose withdrawals are handed to the guard; later reads go on


def fault(intake: Intake, pages: Sequence[PolledPage]) -> SourceError | None:
    """Why a complete read, of these pages, has failed: every session of the source that is shown
    lost its people. None: it has not."""
    if not any(one.emptied for one in pages):
        return None
    with intake.store.read() as db:
        shown, lost = sessions.shown_and_lost(db, intake.source)
    if lost < shown:
        return None
    these = "the only session that is" if shown == 1 else f"any of the {shown} sessions that are"
    return SourceError(
        f"source {intake.source}: nobody is listed for {these} shown; that counts as a fault of "
        "the source and withdraws nothing. Check participants_query"
    )


def propose(db: Db, intake: Intake, pages: Sequence[PolledPage], began: datetime) -> PolledPage:
    """Put the withdrawals of the sessions that this read, of these pages, showed without people
    into the batch, where the guard holds them."""
    if not any(one.emptied for one in pages):
        return PolledPage()
    rows, changed = sessions.without_people(db, intake.source, began, MOST), 0
    for tenant in sorted({row["tenant"] for row in rows}):
        emptied = [
            BookedSession(row["id"], tenant, row["updated_at"], Status.CANCELLED)
            for row in rows
            if row["tenant"] == tenant
        ]
        changed += intake.withdraw(db, tenant, emptied)
    return PolledPage(changed=changed)
