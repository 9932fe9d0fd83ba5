"""Booked sessions that the platform sends by itself: one record for each call of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from calsync.core.booked import BookedSession, RecordWarning
from calsync.errors import RecordError
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page, Sample
from calsync.sources.records.faults import faults_of
from calsync.sources.records.reading import WRITE
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, identify, parse


class PushSource:
    """Has nothing to poll, and is never swept: what was not sent again is still booked."""

    def __init__(
        self,
        name: str,
        tenant: str,
        *,
        strict: bool = False,
        max_participants: int = MOST_PEOPLE,
        utc: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name, self.tenant = name, tenant
        self._strict, self._utc, self._clock = strict, utc, clock
        self._most = max_participants

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page((), cursor=cursor)

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(())

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """None: what was not sent again is still booked."""
        return None

    def samples(self, limit: int) -> Iterator[Sample]:
        """None: nothing is here before the platform sends it."""
        yield from ()

    def check(self, ident: str) -> None:
        """Raises RecordError for what cannot be a session's id."""
        if identify({"id": ident}) == NO_ID:
            raise RecordError(NO_ID, "id", f"cannot be used; {WRITE['id']}")

    def read(self, ident: str, record: object) -> tuple[BookedSession, list[RecordWarning]]:
        """The session in this record, sent for the id, and the warnings about it. Raises
        RecordError."""
        self.check(ident)
        if isinstance(record, dict) and identify({"id": ident, **record}) != ident:
            raise RecordError(ident, "id", "is not the one in the address; leave it out")
        named = {**record, "id": ident} if isinstance(record, dict) else record
        now = self._clock()
        return parse(
            named,
            tenant=self.tenant,
            now=now,
            strict=self._strict,
            utc=self._utc,
            max_participants=self._most,
        )

    def faults(self, record: object, first: RecordError) -> list[RecordError]:
        """The refusal, and whatever else in the record would be refused next."""
        return faults_of(record, first, utc=self._utc)
