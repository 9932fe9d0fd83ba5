"""Records that a booking system's webhook brings: taken in at once, like a poll of these alone.

A call may come late, twice, or out of order. What it brings is taken where its stamp is newer than
what is known; whatever cannot be told from that is asked of the source, which knows.
"""

from __future__ import annotations

from collections.abc import Sequence

from calsync.core.booked import RecordWarning
from calsync.ingest import changes
from calsync.ingest.guard.closing import Closed, close, finish
from calsync.ingest.intake import Intake
from calsync.ingest.lease import BusyError, SourceLease, leased
from calsync.ingest.prepared import Prepared
from calsync.ingest.push import Pushed, RefusedError
from calsync.ports import Page
from calsync.store.database import Db
from calsync.store.ledger import batches, recovery, sessions

Outcomes = dict[str, changes.Outcome]

PATIENCE = 1.0  # seconds for whoever reads the source; after that it is asked once more


class _AskError(Exception):
    """The source itself has to say how things are."""


def take(intake: Intake, page: Page) -> dict[str, Pushed] | None:
    """What became of each session of the page, all of one tenant. None: nothing was stored, the
    source has to be polled. Raises RefusedError, of which nothing is stored either."""
    if page.refused:
        raise RefusedError(list(page.refused))
    prepared = intake.prepare(page.sessions, page.warnings)
    try:
        with leased(intake, PATIENCE) as lease:
            said, closed = _taken(lease, prepared)
    except (BusyError, _AskError):
        return None
    finish(intake, closed)  # of a session with very many people
    return {
        ident: _answer(intake, ident, outcome, prepared.warnings.get(ident, ()))
        for ident, outcome in said.items()
    }


def _taken(lease: SourceLease, prepared: Prepared) -> tuple[Outcomes, Closed]:
    intake = lease.intake

    def work(db: Db) -> tuple[Outcomes, Closed]:
        said = _outcomes(db, intake, prepared)
        done = intake.take_sessions(db, intake.tenant, prepared)
        if done.lossy:
            raise RefusedError(list(done.lossy))  # and nothing of the call is stored
        closed = close(db, intake)
        for batch in closed.batches:
            batches.drop_harmless(db, batch)
        return said, closed

    return lease.transact("inbound", work)


def _outcomes(db: Db, intake: Intake, prepared: Prepared) -> Outcomes:
    """What is to become of each session. Raises _AskError for what only the source can tell, and
    while what a poll has read of it is not complete."""
    row = sessions.cursor(db, intake.source)
    found = prepared.sessions[intake.tenant]
    known = sessions.stored(db, intake.tenant, found)
    said = {ident: changes.outcome(one, known.get(ident)) for ident, one in found.items()}
    unread = row is None or row["last_ok"] is None or batches.left_open(db, intake.source)
    if unread or recovery.lost_time(db, intake.source) or None in said.values():
        raise _AskError
    return {ident: outcome for ident, outcome in said.items() if outcome}


def _answer(
    intake: Intake, ident: str, outcome: changes.Outcome, about: Sequence[RecordWarning]
) -> Pushed:
    warnings = tuple(map(str, about))
    with intake.store.read() as db:
        held = batches.held_with(db, intake.tenant, ident) if outcome != "older" else None
    if held is not None:
        return Pushed("held", held.id, held.checksum, warnings)
    return Pushed(outcome, warnings=warnings)
