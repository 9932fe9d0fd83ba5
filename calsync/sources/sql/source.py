"""Booked sessions from a database: any SQLAlchemy URL, and a query with documented columns.

The query becomes a subquery; filter, order and pages are added around it. Nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy.engine import Connection

from calsync.core.booked import RecordWarning, Status
from calsync.errors import RecordError, SourceError
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page, Sample
from calsync.sources.pages import PAGE, Sheet, newest_of, shown
from calsync.sources.raw import Hashing, RawRecord
from calsync.sources.records.record import MOST_PEOPLE, NO_ID, identify, stamp_of
from calsync.sources.records.zones import find_zone
from calsync.sources.sql.engines import clock, connected
from calsync.sources.sql.ids import id_text
from calsync.sources.sql.people import People, PeopleQuery
from calsync.sources.sql.query import Probe, QueryError
from calsync.sources.sql.rows import answer_of, plain, plain_id, record_of, stamp_text
from calsync.sources.sql.table import STAMP_COLUMN, Key, Listing, Row, SourceTable

TWICE = "the query gives it in several rows; write one, with participants in a JSON column"
TOO_FINE = "updated_at is finer than microseconds; round it in the query"
UNDATED = "is missing or not a date; write when the row last changed, such as 2026-11-20T09:30:00Z"


@dataclass(frozen=True, slots=True)
class Queries:
    """What a read asks. `people` is None when participants are in the rows themselves."""

    table: SourceTable
    people: PeopleQuery | None
    hashing: Hashing


class SqlSource:
    """Reads `query` at `url`; the columns are those of docs/session-format.md.

    participants_query  gives session_id and a participant's columns; of the sessions in
                        `:session_ids` where it has that, else of all. With updated_at a change of
                        people is a change of their session
    overlap_seconds     how long a transaction of the platform may take to commit
    strict              refuse what holds notes
    max_participants    refuse sessions with more of them
    utc                 starts and ends without a zone are UTC, not wall times
    updated_at_zone     an updated_at without a zone is wall time there, not UTC
    """

    def __init__(
        self,
        name: str,
        tenant: str,
        url: str,
        query: str,
        *,
        participants_query: str | None = None,
        overlap_seconds: float = 120,
        strict: bool = False,
        max_participants: int = MOST_PEOPLE,
        utc: bool = False,
        updated_at_zone: str = "",
    ) -> None:
        self.name, self.tenant = name, tenant
        self._url, self._query, self._people_query = url, query, participants_query
        self._overlap = timedelta(seconds=overlap_seconds)
        self._strict, self._utc, self._most = strict, utc, max_participants
        self._zone = find_zone(updated_at_zone) if updated_at_zone else None
        self._probe: Probe | None = None
        self._last: tuple[object, SourceTable] | None = None

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Rows updated since `cursor`, oldest first; each page is one short transaction.

        Rows without an updated_at are refused in the first read and in sweeps. Raises SourceError.
        """
        newest = _instant(cursor)
        with connected(self.name, self._url) as conn:
            with conn.begin():
                asks, began = self._queries(conn, known), clock(conn)
            since = min(newest, began) - self._overlap if newest else None
            if since is not None:
                yield from self._people_changed(conn, asks, since, cursor)
            yield from self._updated(conn, asks, since, cursor, began)
        self._check(asks.people)

    def _people_changed(
        self, conn: Connection, asks: Queries, since: datetime, cursor: str | None
    ) -> Iterator[Page]:
        """Sessions whose participants changed since then. They come first, and leave the cursor
        where it is: a read that fails meanwhile begins here again."""
        if asks.people is None or asks.people.changes is None:
            return
        for ids in asks.people.changes.since(conn, since):
            page = asks.table.of(ids)
            if page is not None:
                with conn.begin():
                    sheet = self._sheet(clock(conn))
                    self._read(conn, sheet, asks, page)
                yield sheet.page(cursor)

    def _updated(
        self,
        conn: Connection,
        asks: Queries,
        since: datetime | None,
        cursor: str | None,
        began: datetime,
    ) -> Iterator[Page]:
        """Rows updated since then. Where people have dates, the cursor stays behind the beginning
        of the read: whose people change during it is found by the next one."""
        newest, after, more = _instant(cursor), None, True
        dated = asks.people is not None and asks.people.changes is not None
        while more:
            with conn.begin():
                sheet = self._sheet(clock(conn))
                if after is None:
                    sheet.warnings.extend(self._about_notes(asks.table))
                    if since is None:
                        self._read(conn, sheet, asks, asks.table.undated())
                page = asks.table.updated(since if after is None else after)
                rows = self._read(conn, sheet, asks, page)
            more = len(rows) == PAGE
            people = asks.people.newest if asks.people and not more else None
            stamps = (newest, *map(_stamp, rows), people)
            newest = newest_of(stamps, began if dated else sheet.now)
            # While nobody could be joined to any session, the next read begins here again.
            again = asks.people is not None and asks.people.problem is not None
            yield sheet.page(newest.isoformat() if newest and not again else cursor)
            if more:
                before, after = after, _key(rows[-1])
                if before == after:
                    raise self._wrong(TOO_FINE)

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """Every row by id, in one snapshot.

        Raises SourceError, at the end also when a row has no usable id: then nobody can say which
        sessions are missing.
        """
        with connected(self.name, self._url, snapshot=True) as conn, conn.begin():
            asks, now = self._queries(conn, known), clock(conn)
            last, nameless = None, 0
            while True:
                sheet = self._sheet(now)
                if last is None:
                    sheet.warnings.extend(self._about_notes(asks.table))
                rows = self._read(conn, sheet, asks, asks.table.by_id(last))
                more = len(rows) == PAGE
                last = rows[-1]["id"] if more else None
                if not more:
                    rows += self._read(conn, sheet, asks, asks.table.nameless())
                nameless += sum(identify({"id": plain_id(row["id"])}) == NO_ID for row in rows)
                yield sheet.page()
                if not more:
                    break
        if nameless:
            raise self._wrong(
                f"{nameless} rows have no usable id, so it is unknown which sessions are missing; "
                "repair them"
            )
        self._check(asks.people)

    def present(self, ids: Sequence[str]) -> set[str] | None:
        """Which of these ids, 500 at most, the query has in one snapshot, compared as the database
        compares them. Raises SourceError."""
        if len(ids) > PAGE:
            raise ValueError(f"at most {PAGE} ids can be asked for at once")
        if not ids:
            return set()
        with connected(self.name, self._url, snapshot=True) as conn, conn.begin():
            return self._table(conn).present(conn, ids)

    def samples(self, limit: int) -> Iterator[Sample]:
        """The rows that changed last, and one without a date at least where there is one; with
        their participants. Raises SourceError."""
        with connected(self.name, self._url) as conn, conn.begin():
            asks, now = self._queries(conn), clock(conn)
            rows = asks.table.rows(conn, asks.table.newest(limit))
            undated = asks.table.rows(conn, asks.table.odd(limit))
            rows[limit - min(len(undated), 1) :] = undated
            people = asks.people.of(conn, _ids_of(rows)) if asks.people else None
            twice = self._twice(conn, asks, rows[:limit])
            for number, row in enumerate(rows[:limit]):
                sheet = self._sheet(now)
                if number == 0:
                    sheet.warnings.extend(self._about_notes(asks.table))
                    sheet.warnings.extend(self._about_strangers(people))
                self._put(sheet, [row], asks, people, twice)
                listed = people.found.get(id_text(row["id"]), []) if people else None
                yield Sample(shown(partial(answer_of, row, listed)), sheet.page())

    def _wrong(self, what: str) -> SourceError:
        return SourceError(f"source {self.name}: {what}")

    def _sheet(self, now: datetime) -> Sheet:
        return Sheet(self.tenant, now, self._strict, self._utc, self._most)

    def _queries(self, conn: Connection, known: KnownRecords = NOTHING_KNOWN) -> Queries:
        try:
            table = self._table(conn)
            asked, ids = self._people_query, table.ids_query
            people = PeopleQuery(conn, asked, ids, table.present, self._zone) if asked else None
        except QueryError as error:
            raise self._wrong(str(error)) from None
        read_by = (self.tenant, self._strict, self._utc, self._most, table.names)
        return Queries(table, people, Hashing(known, "sql", *read_by))

    def _table(self, conn: Connection) -> SourceTable:
        """That of the read before, where the database still tells the same columns."""
        if self._probe is None or self._probe.dialect is not conn.dialect:
            self._probe, self._last = Probe(conn.dialect, self._query), None
        found = self._probe.types(conn)
        told = tuple(found.items())
        if self._last is None or self._last[0] != told:
            try:
                made = SourceTable(self._probe, found, self._query, utc=self._utc, zone=self._zone)
            except QueryError as error:
                raise self._wrong(str(error)) from None
            self._last = told, made
        table = self._last[1]
        if table.notes and self._strict:
            raise SourceError(self._about_notes(table)[0])
        return table

    def _check(self, people: PeopleQuery | None) -> None:
        """At the end of a read: participants that are nobody's are no answer."""
        if people is not None and people.problem is not None:
            raise self._wrong(f"nobody belongs to any session: {people.problem}")

    def _about_notes(self, table: SourceTable) -> list[str]:
        return [
            f"source {self.name}: column {name} holds notes and is not read; "
            "leave it out of the query"
            for name in table.notes
        ]

    def _read(self, conn: Connection, sheet: Sheet, asks: Queries, page: Listing) -> list[Row]:
        """The rows of `page`, which are put on the sheet as well."""
        rows = asks.table.rows(conn, page)
        ids = _ids_of(rows)
        people = asks.people.of(conn, list(dict.fromkeys(ids))) if asks.people else None
        sheet.warnings.extend(self._about_strangers(people))
        self._put(sheet, rows, asks, people, _repeated(ids))
        return rows

    def _put(
        self,
        sheet: Sheet,
        rows: Sequence[Row],
        asks: Queries,
        people: People | None,
        twice: Collection[str],
    ) -> None:
        """Rows onto the sheet, but for those whose session has several, or without a date."""
        raw, unlisted, dates = list[RawRecord](), set[str](), dict[str, list[RecordWarning]]()
        for row in rows:
            ident = id_text(row["id"])
            if row["id"] is not None and ident in twice:
                sheet.refuse(ident, "id", TWICE)
            elif row[STAMP_COLUMN] is None or row["updated_at"] is None:
                sheet.refuse(ident, "updated_at", UNDATED)
            else:
                apart = people is not None and row.get("record") is None
                listed = people is None or ident in people.found or not apart
                odd = people.about_dates(ident) if people is not None and apart else []
                doubt = people.doubt(ident) if people is not None and apart else None
                sure = listed and not odd and doubt is None
                raw.append(self._raw(row, people, asks.hashing if sure else None))
                unlisted |= set() if listed else {ident}
                dates |= {ident: odd} if odd else {}
        before = len(sheet.sessions)
        sheet.take(raw, asks.hashing.known)
        for one in sheet.sessions[before:]:
            sheet.warnings.extend(dates.get(one.id, ()))
            if one.id in unlisted and one.status is Status.BOOKED:
                sheet.without_people.append(one.id)

    def _raw(self, row: Row, people: People | None, hashing: Hashing | None) -> RawRecord:
        """The row's record. `hashing` None: it is to be read each time, as something is wrong with
        its people."""
        where, ident = f"a row of source {self.name}", identify({"id": plain_id(row["id"])})
        known_as = ""
        if hashing is not None:
            known_as = hashing.of_row(*row.values(), *_people_of(people, id_text(row["id"])))
        return RawRecord(partial(_record, row, people), where, ident, known_as)

    def _twice(self, conn: Connection, asks: Queries, rows: Sequence[Row]) -> set[str]:
        """The ids of these rows which the query gives in other rows as well."""
        page = asks.table.of(list(dict.fromkeys(_ids_of(rows))))
        return _repeated(_ids_of(asks.table.rows(conn, page))) if page is not None else set()

    def _about_strangers(self, people: People | None) -> list[str]:
        told = people is not None and people.strangers
        return [f"source {self.name}: {people.about_strangers()}"] if people and told else []


def _ids_of(rows: Sequence[Row]) -> list[str]:
    return [id_text(row["id"]) for row in rows if plain_id(row["id"]) is not None]


def _repeated(ids: Sequence[str]) -> set[str]:
    return {ident for ident, times in Counter(ids).items() if times > 1}


def _record(row: Row, people: People | None) -> object:
    """Raises RecordError when it is not certain who takes part, unless that does not matter."""
    if people is None or row.get("record") is not None:
        return record_of(row, None)
    ident = id_text(row["id"])
    doubt = people.doubt(ident)
    if doubt and plain(row.get("status")) != Status.CANCELLED:
        raise RecordError(ident, "participants", doubt)
    return record_of(row, people.found.get(ident, []), people.changed.get(ident))


def _people_of(people: People | None, ident: str) -> tuple[object, ...]:
    """What a second query gave of this session's people."""
    return (people.found.get(ident), people.changed.get(ident)) if people is not None else ()


def _key(row: Row) -> Key:
    return row[STAMP_COLUMN], row["id"]


def _stamp(row: Row) -> datetime | None:
    return stamp_of({"updated_at": stamp_text(row["updated_at"])})


def _instant(cursor: str | None) -> datetime | None:
    """What a page gave as its cursor; anything else begins anew, which loses nothing."""
    try:
        return datetime.fromisoformat(cursor or "").astimezone(UTC)
    except ValueError:
        return None
