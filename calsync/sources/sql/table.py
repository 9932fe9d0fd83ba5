"""A platform's query as a table to read from: its columns, its order, its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.sources.pages import PAGE
from calsync.sources.records.notes import is_forbidden
from calsync.sources.sql.ids import IdColumn, id_text
from calsync.sources.sql.loading import given_back
from calsync.sources.sql.query import AsText, Probe, QueryError, Question, Types, as_ids
from calsync.sources.sql.rows import COLUMNS, TIMES, is_zero
from calsync.sources.sql.stamps import StampColumn, instants_of, stamp_problem
from calsync.text.sql import MYSQL

STAMP_COLUMN = "calsync_stamp"
WHOLE = ("participants", "record")  # columns of JSON
BLANKS = " \t\n\r"  # that JSON may stand between
JSON_TYPES = (114, 3802)  # json and jsonb, as PostgreSQL numbers them (pg_type.dat)

Row = Mapping[str, Any]
Listing = sa.Select[Any] | AsText  # what is asked for a page
Key = tuple[Any, Any]  # a row's place in time: STAMP_COLUMN and id, as the database gave them


class SourceTable:
    """The query with its columns found out. Raises QueryError when it cannot be used. It holds no
    connection, and serves each read for which its columns are the same.

    found      its columns, as `probe` tells them
    names      of those that are read
    ids_query  a SELECT of its ids alone, to stand in another query

    Only columns that the format knows are read; `notes` names those that must not be there.

    utc   starts and ends without a zone are UTC, so that it does not matter what they are
    zone  an updated_at without a zone is wall time there; None: it is UTC
    """

    def __init__(
        self,
        probe: Probe,
        found: Types,
        query: str,
        *,
        utc: bool = False,
        zone: ZoneInfo | None = None,
    ) -> None:
        named = {name.lower(): name for name in found}
        for name in ("id", "updated_at"):
            if name not in named:
                raise QueryError(f"the query has no column {name}; add it")
        self.notes = [name for name in found if is_forbidden(name)]
        times = {name: found[named[name]] for name in TIMES if name in named}
        dialect = probe.dialect
        self._instants = instants_of(dialect.name, dialect.driver, {} if utc else times)
        source = probe.text.columns(*(sa.column(name) for name in named.values())).subquery(
            "sessions"
        )
        self._id = source.c[named["id"]]
        self._ids = IdColumn(dialect.name, self._id, found[named["id"]])
        stamp = named["updated_at"]
        problem = stamp_problem(dialect.name, found[stamp], walls=zone is not None)
        if problem:
            raise QueryError(f"updated_at {problem}")
        self._changed = StampColumn(dialect.name, source.c[stamp], zone)
        self._stamp = self._changed.comparable
        self._zero = dialect.name in MYSQL
        self.names = [name for name in COLUMNS if name in named]
        known = [
            _unread(dialect.name, source.c[named[name]], name, found[named[name]]).label(name)
            for name in self.names
        ]
        self.ids_query = as_ids(query, dialect, named["id"])
        self._rows = sa.select(*known, self._stamp.label(STAMP_COLUMN)).limit(PAGE)
        self._asking = self._ids.asking(dialect, sa.select(self._id))
        self._counting = self._ids.asking(dialect, sa.select(sa.func.count(self._id.distinct())))
        self._later = Question(dialect, self._in_time(self._changed.later()))

    def rows(self, conn: Connection, page: Listing) -> list[Row]:
        """What is on this page."""
        found = page.run(conn) if isinstance(page, AsText) else conn.execute(page)
        return [self._row(dict(one)) for one in found.mappings()]

    def _row(self, row: dict[str, Any]) -> Row:
        if self._zero:
            for name in (*TIMES, "updated_at"):
                if is_zero(row.get(name)):
                    row[name] = None
        row["updated_at"] = self._changed.instant(row["updated_at"])
        for name in self._instants:
            if isinstance(row[name], datetime):
                row[name] = row[name].replace(tzinfo=UTC)
        return row

    def present(self, conn: Connection, ids: Sequence[str]) -> set[str]:
        """Those of the ids that the query has, as the database compares them; a row that is spelt
        exactly like one of them is that one only."""
        usual = self._ids.usual(ids)
        # Nearly always all are there, and as many different ones are found as were asked for: one
        # number tells it, in place of all of them.
        if len(usual) == len(ids) and self._counting(usual).run(conn).scalar() == len(ids):
            return set(ids)
        spelt = self._spelt(conn, usual)
        spelt |= self._spelt(conn, self._ids.unusual(set(ids) - spelt))
        found = spelt.intersection(ids)
        if spelt - found:  # equal to one that was asked for, in the column's collation or type
            for ident in set(ids) - found:
                one = self._ids.values([ident])
                if one and self._asking(one).run(conn).first():
                    found.add(ident)
        return found

    def _spelt(self, conn: Connection, values: Sequence[object]) -> set[str]:
        """The ids that are equal to one of these values, as the query spells them."""
        if not values:
            return set()
        found = self._asking(values).run(conn).all()
        return {one.rstrip(" ") if type(one) is str else id_text(one) for (one,) in found}

    def updated(self, after: datetime | Key | None) -> Listing:
        """A page of rows from this instant on, or after this key; the oldest first."""
        if isinstance(after, datetime):
            return self._later.given(self._changed.bounds(after))
        if after is None:
            return self._in_time()
        stamp, ident = after
        last = given_back(stamp)
        later = sa.or_(self._stamp > last, self._id > given_back(ident))
        return self._in_time(self._stamp >= last, later)

    def _in_time(self, *where: sa.ColumnElement[bool]) -> sa.Select[Any]:
        dated = self._rows.where(self._id.is_not(None), self._stamp.is_not(None), *where)
        return dated.order_by(self._stamp, self._id)

    def undated(self) -> sa.Select[Any]:
        """A page of rows whose updated_at is missing or cannot be compared."""
        none: sa.ColumnElement[bool] = self._stamp.is_(None)
        if self._zero:  # IS NULL finds zero dates there as well, which `updated` has already
            none = self._stamp.is_not_distinct_from(None)
        return self._rows.where(none).order_by(self._id)

    def of(self, ids: Sequence[str]) -> sa.Select[Any] | None:
        """A page of the rows of these ids, PAGE at most; None when the column can hold none of
        them."""
        values = self._ids.values(ids)
        return self._rows.where(self._ids.among(values)).order_by(self._id) if values else None

    def newest(self, limit: int) -> sa.Select[Any]:
        """The rows that changed last."""
        dated = self._rows.where(sa.not_(self._odd()))
        return dated.order_by(self._stamp.desc(), self._id).limit(limit)

    def odd(self, limit: int) -> sa.Select[Any]:
        """Rows whose updated_at is missing, cannot be compared, or is MySQL's date that is none."""
        return self._rows.where(self._odd()).order_by(self._id).limit(limit)

    def _odd(self) -> sa.ColumnElement[bool]:
        none = self._stamp.is_(None)
        return sa.or_(none, self._stamp == sa.literal_column("0")) if self._zero else none

    def by_id(self, last: object | None) -> sa.Select[Any]:
        """A page of rows by id, after the id `last`."""
        where = self._id > given_back(last) if last is not None else self._id.is_not(None)
        return self._rows.where(where).order_by(self._id)

    def nameless(self) -> sa.Select[Any]:
        """A page of rows without id."""
        return self._rows.where(self._id.is_(None))


def _unread(
    backend: str, column: sa.ColumnElement[Any], name: str, type_code: object
) -> sa.ColumnElement[Any]:
    """The column. JSON of PostgreSQL that is a record, or a part of one, comes as its text: the
    driver would read what may be known. JSON's null is none."""
    if backend == "postgresql" and name in WHOLE and type_code in JSON_TYPES:
        return sa.func.nullif(sa.func.btrim(sa.cast(column, sa.Text), BLANKS), "null")
    return column
