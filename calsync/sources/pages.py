"""Records in, pages out: what every source does with what it has read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from calsync.core.booked import BookedSession
from calsync.errors import RecordError, SourceError
from calsync.ports import HttpAnswer, KnownRecords, Page
from calsync.sources.raw import RawRecord
from calsync.sources.records.notes import without_notes
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, parse

PAGE = 500
TRIED = 50  # pages
UNREADABLE = "(not shown: it is not JSON)"


@dataclass(slots=True)
class Sheet:
    """A page in the making."""

    tenant: str
    now: datetime
    strict: bool = False
    utc: bool = False
    max_participants: int = MOST_PEOPLE
    sessions: list[BookedSession] = field(default_factory=list)
    refused: list[RecordError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    without_people: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)

    def take(self, raw: Sequence[RawRecord], known: KnownRecords) -> None:
        """Parse these records, the whole page, but for those that are known as they are. An id that
        is there twice is read twice: which of the two counts is seen when both are read. So is a
        record each time that turns out to have another id than was likely."""
        times = Counter(one.id for one in raw)
        hashed = {one.id: one.hash for one in raw if one.hash and times[one.id] == 1}
        news = set(known.to_read(hashed))
        unlikely = set[str]()
        for one in raw:
            mine = hashed.get(one.id)
            if mine is not None and one.id not in news:
                self.unchanged.append(one.id)
                continue
            warned = len(self.warnings)
            session = self.add(one.load, one.where)
            if session is not None and session.id != one.id:
                unlikely.add(session.id)
            elif session is not None and mine is not None and len(self.warnings) == warned:
                self.hashes[session.id] = mine
        for ident in unlikely:
            self.hashes.pop(ident, None)

    def add(self, load: Callable[[], object], where: str) -> BookedSession | None:
        """Parse the record that `load` gives; `where` names it when it has no id of its own. None
        when it was refused."""
        try:
            session, warnings = parse(
                load(),
                tenant=self.tenant,
                now=self.now,
                strict=self.strict,
                utc=self.utc,
                max_participants=self.max_participants,
            )
        except RecordError as error:
            named = where if error.record == NO_ID else error.record
            self.refuse(named, error.field, error.reason)
            return None
        self.sessions.append(session)
        self.warnings.extend(warnings)
        return session

    def refuse(self, record: str, name: str, reason: str) -> None:
        self.refused.append(RecordError(record, name, reason))

    def page(self, cursor: str | None = None) -> Page:
        return Page(
            tuple(self.sessions),
            tuple(self.refused),
            tuple(self.warnings),
            cursor,
            self.now,
            tuple(self.without_people),
            self.hashes,
            tuple(self.unchanged),
        )


def shown(load: Callable[[], object]) -> object:
    """What `load` gives, for a person to look at: without notes. What cannot be read is not shown,
    for it may hold some."""
    try:
        return without_notes(load())[0]
    except RecordError:
        return UNREADABLE


def first_records(
    pages: Iterable[tuple[Sequence[Any], HttpAnswer]],
    limit: int,
    wrong: Callable[[str], SourceError],
) -> Iterator[tuple[Any, HttpAnswer]]:
    """The first records of these pages with the answers they came in, from no more pages than a
    person waits for. Raises what `wrong` makes where so many hold none, and more follow."""
    left = limit
    for number, (records, answer) in enumerate(pages):
        if number == TRIED and left == limit:
            raise wrong(f"its first {TRIED} pages hold no record; check its url and how pages end")
        if number == TRIED:
            return
        yield from ((one, answer) for one in records[:left])
        left -= len(records)
        if left <= 0:
            return


def newest_of(stamps: Iterable[datetime | None], now: datetime) -> datetime | None:
    """The newest of these instants, `now` at most: a cursor must not outrun time."""
    known = [one for one in stamps if one is not None]
    return min(max(known), now) if known else None
