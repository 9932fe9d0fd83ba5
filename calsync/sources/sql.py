"""Booked sessions in a database: any SQLAlchemy URL, and a query or view in documented columns.

The query becomes a subquery, filtered and paged here; nothing is ever written there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url

from calsync.core.booked import BookedSession
from calsync.errors import RecordError, SourceError
from calsync.ports import Page
from calsync.sources.record import parse

PAGE = 500
NESTED = ("program", "place", "agenda")
PLAIN = ("id", "tenant", "status", "title", "time_zone", "url")
WALL = ("starts_at", "ends_at")


class SqlSource:
    """See `calsync.ports.SessionSource`; the columns are described in docs/session-format.md.

    participants_query  yields session_id and a participant's columns for `:session_ids`
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
    ) -> None:
        self.name, self.tenant = name, tenant
        self._query = query.strip().rstrip(";")
        self._participants = participants_query
        self._overlap, self._strict = timedelta(seconds=overlap_seconds), strict
        try:
            parsed = make_url(url)
        except sa.exc.ArgumentError as error:
            raise SourceError(f"source {name}: url is no SQLAlchemy URL") from error
        self._engine = sa.create_engine(parsed, pool_pre_ping=True, pool_size=1, max_overflow=2)

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """Rows newer than the cursor, oldest first; each page is a transaction of its own."""
        since = datetime.fromisoformat(cursor) if cursor else None
        after: tuple[datetime, str] | None = None
        newest, now = since, datetime.now(UTC)
        while True:
            with self._connected() as conn:
                now = self._now(conn)
                rows = self._rows(conn, since, after)
                people = self._people(conn, rows)
            if not rows:
                return
            stamps = [_utc(row["updated_at"]) for row in rows]
            known = [stamp for stamp in stamps if stamp is not None]
            newest = max([*known, *([newest] if newest else [])], default=None)
            reached = min(newest, now) - self._overlap if newest else None
            done = len(rows) < PAGE
            yield self._page(rows, people, now, reached.isoformat() if done and reached else cursor)
            if done or stamps[-1] is None:
                return
            after = (stamps[-1], str(rows[-1]["id"]))

    def sweep(self) -> Iterator[Page]:
        """Every row by id, in one snapshot."""
        with self._connected(snapshot=True) as conn:
            last: str | None = None
            while True:
                source = self._source()
                query = sa.select(source).order_by(source.c.id).limit(PAGE)
                if last is not None:
                    query = query.where(source.c.id > last)
                rows = [dict(row) for row in conn.execute(query).mappings()]
                if not rows:
                    return
                yield self._page(rows, self._people(conn, rows), self._now(conn), None)
                last = rows[-1]["id"]

    @contextmanager
    def _connected(self, *, snapshot: bool = False) -> Iterator[Connection]:
        """A connection in one read transaction. Errors tell neither the password nor data."""
        options: dict[str, Any] = {}
        if snapshot and self._engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self._engine.connect().execution_options(**options) as conn, conn.begin():
                if snapshot and self._engine.dialect.name == "postgresql":
                    conn.exec_driver_sql("SET TRANSACTION READ ONLY")
                yield conn
        except sa.exc.SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            what = str(cause).splitlines()[0][:200] if isinstance(cause, Exception) else ""
            password = self._engine.url.password
            what = what.replace(str(password), "***") if password else what
            raise SourceError(
                f"{type(cause).__name__}: {what}; check source {self.name}: url and query"
            ) from None

    def _source(self) -> sa.Subquery:
        """The user's query with its columns as the database names them."""
        columns = [sa.column(name) for name in self._columns()]
        return sa.text(self._query).columns(*columns).subquery("sessions")

    def _columns(self) -> list[str]:
        if not hasattr(self, "_known"):
            with self._engine.connect() as conn:
                probe = conn.execute(sa.text(f"SELECT * FROM ({self._query}) AS s LIMIT 0"))  # noqa: S608
                self._known = list(probe.keys())
        missing = [name for name in ("id", "updated_at") if name not in self._known]
        if missing:
            raise SourceError(f"source {self.name}: the query lacks {', '.join(missing)}")
        return self._known

    def _rows(
        self, conn: Connection, since: datetime | None, after: tuple[datetime, str] | None
    ) -> list[dict[str, Any]]:
        source = self._source()
        stamp, ident = source.c.updated_at, source.c.id
        query = sa.select(source).order_by(stamp, ident).limit(PAGE)
        if after is not None:
            at = self._literal(after[0])
            query = query.where(sa.or_(stamp > at, sa.and_(stamp == at, ident > after[1])))
        elif since is not None:
            query = query.where(stamp > self._literal(since))
        return [dict(row) for row in conn.execute(query).mappings()]

    def _literal(self, at: datetime) -> Any:
        """An instant as the database compares it: SQLite has texts, the others have types."""
        if self._engine.dialect.name == "sqlite":
            return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
        return at

    def _people(self, conn: Connection, rows: list[dict[str, Any]]) -> dict[str, list[object]]:
        if self._participants is None or not rows:
            return {}
        ids = [row["id"] for row in rows]
        query = sa.text(self._participants).bindparams(sa.bindparam("session_ids", expanding=True))
        found: dict[str, list[object]] = {}
        for row in conn.execute(query, {"session_ids": ids}).mappings():
            one = dict(row)
            found.setdefault(str(one.pop("session_id")), []).append(one)
        return found

    def _now(self, conn: Connection) -> datetime:
        if self._engine.dialect.name == "sqlite":
            return datetime.now(UTC)
        found = conn.execute(sa.select(sa.func.current_timestamp())).scalar_one()
        return _utc(found) or datetime.now(UTC)

    def _page(
        self,
        rows: list[dict[str, Any]],
        people: Mapping[str, list[object]],
        now: datetime,
        cursor: str | None,
    ) -> Page:
        sessions: list[BookedSession] = []
        refused: list[RecordError] = []
        warnings: list[str] = []
        for row in rows:
            try:
                record = _record(row, people.get(str(row["id"])))
                session, warned = parse(record, tenant=self.tenant, now=now, strict=self._strict)
            except RecordError as error:
                refused.append(error)
                continue
            sessions.append(session)
            warnings += warned
        return Page(sessions, refused, warnings, cursor, now)


def _utc(value: Any) -> datetime | None:
    """An instant; without an offset it counts as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _record(row: Mapping[str, Any], people: list[object] | None) -> object:
    """The row as the JSON format has it."""
    if row.get("record") is not None:
        return _json(row["record"], row, "record")
    record: dict[str, Any] = {name: str(row[name]) for name in PLAIN if row.get(name) is not None}
    stamp = _utc(row["updated_at"])
    if stamp is not None:
        record["updated_at"] = stamp.isoformat()
    for name in WALL:
        value = row.get(name)
        if value is not None:
            record[name] = value.isoformat() if isinstance(value, date) else str(value)
    for part in NESTED:
        fields = {
            name.removeprefix(part + "_"): value
            for name, value in row.items()
            if name.startswith(part + "_") and value is not None
        }
        if fields:
            record[part] = fields
    if "discreet" in record.get("program", {}):
        record["program"]["discreet"] = bool(record["program"]["discreet"])
    given = people if people is not None else row.get("participants")
    record["participants"] = _json(given, row, "participants") if given is not None else []
    return record


def _json(value: Any, row: Mapping[str, Any], field: str) -> Any:
    if not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise RecordError(str(row.get("id")), field, "is no JSON; give a JSON column") from error
