"""Booked sessions from a database: any SQLAlchemy URL, and a query with documented columns.

The query becomes a subquery; filter, order and pages are added around it. Nothing is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.errors import SourceError
from calsync.ports import Page
from calsync.sources.pages import PAGE, Sheet, newest_of
from calsync.sources.records.record import NO_ID, identify, stamp_of
from calsync.sources.sql.engines import clock, connected
from calsync.sources.sql.rows import person_of, plain, record_of, stamp_text
from calsync.sources.sql.table import STAMP_COLUMN, Key, Row, SourceTable, verbatim

TWICE = "the query gives it in several rows; write one, with participants in a JSON column"
UNDATED = "is missing or no date; write when the row last changed, such as 2026-11-20T09:30:00Z"


class SqlSource:
    """Reads `query` at `url`; the columns are those of docs/session-format.md.

    participants_query  gives session_id and a participant's columns for `:session_ids`
    overlap_seconds     how long a transaction of the platform may take to commit
    strict              refuse what holds notes
    utc                 starts and ends without a zone are UTC, not wall times
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
        utc: bool = False,
    ) -> None:
        self.name, self.tenant = name, tenant
        self._url, self._query, self._people_query = url, query, participants_query
        self._overlap = timedelta(seconds=overlap_seconds)
        self._strict, self._utc = strict, utc

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Rows updated since `cursor`, oldest first; each page is one short transaction.

        Rows without an updated_at are refused in the first read and in sweeps. Raises SourceError.
        """
        newest = _instant(cursor)
        with connected(self.name, self._url) as conn:
            with conn.begin():
                table, now = self._table(conn), clock(conn)
            since = min(newest, now) - self._overlap if newest else None
            after: Key | None = None
            while True:
                with conn.begin():
                    sheet = self._sheet(clock(conn))
                    if after is None:
                        sheet.warnings.extend(self._about_notes(table))
                    if after is None and newest is None:
                        self._read(conn, sheet, table.undated())
                    rows = self._read(conn, sheet, table.updated(since if after is None else after))
                stamps = [stamp_of({"updated_at": stamp_text(row["updated_at"])}) for row in rows]
                newest = newest_of([newest, *stamps], sheet.now)
                yield sheet.page(newest.isoformat() if newest else cursor)
                if len(rows) < PAGE:
                    return
                before, after = after, (rows[-1][STAMP_COLUMN], rows[-1]["id"])
                if before == after:
                    raise SourceError(
                        f"source {self.name}: updated_at is finer than microseconds; "
                        "round it in the query"
                    )

    def sweep(self) -> Iterator[Page]:
        """Every row by id, in one snapshot.

        Raises SourceError, at the end also when a row has no usable id: then nobody can say which
        sessions are missing.
        """
        with connected(self.name, self._url, snapshot=True) as conn, conn.begin():
            table, now = self._table(conn), clock(conn)
            last, nameless = None, 0
            while True:
                sheet = self._sheet(now)
                rows = self._read(conn, sheet, table.by_id(last))
                more = len(rows) == PAGE
                last = rows[-1]["id"] if more else None
                if not more:
                    rows += self._read(conn, sheet, table.nameless())
                nameless += sum(identify({"id": plain(row["id"])}) == NO_ID for row in rows)
                yield sheet.page()
                if not more:
                    break
        if nameless:
            raise SourceError(
                f"source {self.name}: {nameless} rows have no usable id, so it is unknown which "
                "sessions are missing; repair them"
            )

    def _sheet(self, now: datetime) -> Sheet:
        return Sheet(self.tenant, now, self._strict, self._utc)

    def _table(self, conn: Connection) -> SourceTable:
        try:
            table = SourceTable(conn, self._query)
        except LookupError as error:
            raise SourceError(f"source {self.name}: {error.args[0]}") from None
        if table.notes and self._strict:
            raise SourceError(self._about_notes(table)[0])
        return table

    def _about_notes(self, table: SourceTable) -> list[str]:
        return [
            f"source {self.name}: column {name} holds notes and is not read; "
            "leave it out of the query"
            for name in table.notes
        ]

    def _read(self, conn: Connection, sheet: Sheet, query: sa.Select[Any]) -> list[Row]:
        """The rows of `query`, which are put on the sheet as well."""
        rows: list[Row] = [dict(row) for row in conn.execute(query).mappings()]
        people = self._people(conn, [row["id"] for row in rows if row["id"] is not None])
        times = Counter(plain(row["id"]) for row in rows)
        for row in rows:
            ident = plain(row["id"])
            if ident is not None and times[ident] > 1:
                sheet.refuse(str(ident), "id", TWICE)
            elif row[STAMP_COLUMN] is None:
                sheet.refuse(str(ident), "updated_at", UNDATED)
            else:
                given = people.get(ident, []) if people is not None else None
                sheet.add(partial(record_of, row, given), f"a row of source {self.name}")
        return rows

    def _people(
        self, conn: Connection, ids: Sequence[object]
    ) -> dict[object, list[dict[str, object]]] | None:
        """Participants by session; None when they are in the rows themselves."""
        if self._people_query is None:
            return None
        found: dict[object, list[dict[str, object]]] = {}
        if not re.search(r":session_ids\b", self._people_query):
            raise SourceError(
                f"source {self.name}: participants_query has no :session_ids; "
                "write WHERE session_id IN :session_ids"
            )
        if not ids:
            return found
        text = sa.text(verbatim(self._people_query, keep="session_ids"))
        query = text.bindparams(sa.bindparam("session_ids", expanding=True))
        for row in conn.execute(query, {"session_ids": list(ids)}).mappings():
            lower = {name.lower(): value for name, value in row.items()}
            if "session_id" not in lower:
                raise SourceError(
                    f"source {self.name}: participants_query has no column session_id; add it"
                )
            found.setdefault(plain(lower["session_id"]), []).append(person_of(lower))
        for people in found.values():
            people.sort(key=lambda one: str(one["id"]))  # the database promises no order
        return found


def _instant(cursor: str | None) -> datetime | None:
    """What a page gave as its cursor; anything else begins anew, which loses nothing."""
    try:
        return datetime.fromisoformat(cursor or "").astimezone(UTC)
    except ValueError:
        return None
