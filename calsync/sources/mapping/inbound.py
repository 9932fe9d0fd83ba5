"""The bodies of a booking system's webhook, read by the mapping of its source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from calsync.core.booked import BookedSession, RecordWarning
from calsync.errors import RecordError
from calsync.ports import Page
from calsync.sources.mapping.expressions import ExpressionError
from calsync.sources.mapping.mapping import Mapping, MapSettings
from calsync.sources.records.faults import faults_of
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, parse
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads

MOST = 100  # records in a body; of more the source itself is asked


class MappedBodies:
    """Reads what is sent to one source. Nothing is asked of the booking system: expressions see no
    `detail`.

    strict, utc, max_participants  as of the source
    """

    def __init__(
        self,
        tenant: str,
        settings: MapSettings,
        *,
        strict: bool = False,
        utc: bool = False,
        max_participants: int = MOST_PEOPLE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tenant, self._mapping, self._clock = tenant, Mapping(settings), clock
        self._strict, self._utc, self._most = strict, utc, max_participants

    @reads
    def read(self, body: bytes) -> Page | None:
        """The sessions in a body, or all that is wrong with its records: then no sessions. None
        where it holds no record, and only says that something has changed."""
        if not body.strip():
            return None
        try:
            items = self._items(parse_json(body))
        except JsonError as error:
            why = f"cannot be read as JSON ({error}); send the body as JSON in UTF-8"
            return Page((), [RecordError(NO_ID, "body", why)])
        except ExpressionError as error:
            return Page((), [RecordError(NO_ID, "map.inbound", str(error))])
        kept = [one for one in items if self._mapping.keeps(one)]
        page = self._page(kept) if 0 < len(kept) <= MOST else None
        return None if page is None or _is_ahead(page) else page

    def _items(self, found: object) -> list[Any]:
        """Raises ExpressionError where `map.inbound` gives what is no record."""
        assert self._mapping.inbound is not None
        items = self._mapping.inbound.of(found)
        if not items:
            return []
        if isinstance(items, dict | list):
            return items if isinstance(items, list) else [items]
        raise ExpressionError("gives neither a record nor a list of records; correct it")

    def _page(self, items: list[Any]) -> Page:
        now, sessions = self._clock(), list[BookedSession]()
        refused, warnings = list[RecordError](), list[RecordWarning]()
        for number, item in enumerate(items):
            try:
                session, about = self._parse(self._mapping.record(item), now)
                sessions.append(session)
                warnings += about
            except RecordError:
                where = f"[{number}]." if len(items) > 1 else ""
                refused += self._faults(item, now, where)
        return Page(() if refused else tuple(sessions), refused, warnings, now=now)

    def _parse(self, record: object, now: datetime) -> tuple[BookedSession, list[RecordWarning]]:
        return parse(
            record,
            tenant=self._tenant,
            now=now,
            strict=self._strict,
            utc=self._utc,
            max_participants=self._most,
        )

    def _faults(self, item: object, now: datetime, where: str) -> Iterator[RecordError]:
        """Everything for which this record is refused, each field once."""
        record, first = self._mapping.readable(item)
        found = {one.field: one for one in first}
        try:
            self._parse(record, now)
        except RecordError as error:
            for one in faults_of(record, error, utc=self._utc):
                found.setdefault(one.field, self._mapping.explained(one))
        for one in found.values():
            yield RecordError(one.record, where + one.field, one.reason)


def _is_ahead(page: Page) -> bool:
    """The stamp of a record lies in the future, and the present was taken for it. Such a stamp is a
    later one whenever the same body comes again: it decides nothing."""
    about = (one.field for one in page.warnings if isinstance(one, RecordWarning))
    return not page.refused and "updated_at" in about
