"""Sessions that the platform sends: taken in at once, like a poll of one record.

Nothing is called here: what is wanted is written down, and the workers see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calsync.core.booked import BookedSession, RecordWarning, Status
from calsync.errors import RecordError
from calsync.ingest.guard.closing import Closed, close, finish
from calsync.ingest.intake import Intake
from calsync.ingest.polled import PolledPage
from calsync.ports import RecordReader
from calsync.store.database import Db
from calsync.store.ledger import batches, sessions


@dataclass(frozen=True, slots=True)
class Pushed:
    """What became of one call.

    outcome   accepted | unchanged | older (a newer version is known, nothing was changed) |
              held (a batch of the guard waits for a person; `batch` says which)
    warnings  what was left out or cut, as (field, reason)
    """

    outcome: str
    batch: int | None = None
    digest: str | None = None
    warnings: tuple[str, ...] = field(default_factory=tuple)


class RefusedError(RecordError):
    """The record cannot be used; `errors` has everything that is wrong with it."""

    def __init__(self, errors: list[RecordError]) -> None:
        first = errors[0]
        super().__init__(first.record, first.field, first.reason)
        self.errors = errors


class Pusher:
    """Takes in what the platform sends for one tenant."""

    def __init__(self, intake: Intake, reader: RecordReader) -> None:
        self.intake, self.reader = intake, reader

    def put(self, ident: str, record: object) -> Pushed:
        """Take in the session's record. Raises RefusedError for one that cannot be used."""
        try:
            session, warnings = self.reader.read(ident, record)
        except RecordError as error:
            self._refuse(error)
            raise RefusedError(self.reader.faults(record, error)) from None
        return self._taken(session, warnings)

    def cancel(self, ident: str, updated_at: datetime | None) -> Pushed:
        """Take the session as cancelled, and remember that, whoever knew it before.

        updated_at  when the platform cancelled; None: now
        Raises RefusedError for an id that cannot be one.
        """
        try:
            self.reader.check(ident)
        except RecordError as error:
            raise RefusedError([error]) from None
        tenant = self.intake.tenant
        with self.intake.store.read() as db:
            row = sessions.stored(db, tenant, [ident]).get(ident)
            stamp = min(updated_at or db.now, db.now)
        if row is not None and row["status"] == Status.CANCELLED.value:
            return self._answer(ident, PolledPage(), ())
        if row is not None and updated_at is None:
            stamp = max(stamp, row["updated_at"])
        return self._taken(BookedSession(ident, tenant, stamp, Status.CANCELLED), ())

    def _refuse(self, error: RecordError) -> None:
        """An update that cannot be used. Of a session nobody knows nothing is remembered."""

        def refuse(db: Db) -> None:
            if sessions.stored(db, self.intake.tenant, [error.record]):
                self.intake.set_aside(db, [error])

        self.intake.transact("push_refused", refuse)

    def _taken(self, session: BookedSession, warnings: Sequence[RecordWarning]) -> Pushed:
        done = self._take(session, warnings)
        if done.lossy:
            raise RefusedError(list(done.lossy))
        return self._answer(session.id, done, tuple(warnings))

    def _take(self, session: BookedSession, warnings: Sequence[RecordWarning]) -> PolledPage:
        """One session by itself, in one transaction; those of this source follow one another."""
        intake = self.intake
        prepared = intake.prepare([session], warnings)

        def take(db: Db) -> tuple[PolledPage, Closed]:
            sessions.set_cursor(db, intake.source, last_ok=db.now)
            done = intake.take_sessions(db, session.tenant, prepared)
            closed = close(db, intake)
            for batch in closed.batches:
                batches.drop_harmless(db, batch)
            return done, closed

        done, closed = intake.transact("push", take)
        finish(intake, closed)  # of a session with very many people
        return done

    def _answer(self, ident: str, done: PolledPage, warnings: tuple[str, ...]) -> Pushed:
        if done.older:
            return Pushed("older", warnings=warnings)
        with self.intake.store.read() as db:
            held = batches.held_with(db, self.intake.tenant, ident)
        if held is not None:
            return Pushed("held", held.id, held.checksum, warnings)
        return Pushed("accepted" if done.news else "unchanged", warnings=warnings)
