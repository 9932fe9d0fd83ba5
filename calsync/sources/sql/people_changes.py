"""Sessions whose participants changed, where a source's participants_query says when.

A platform that adds a person seldom touches the session itself. Such sessions are found by the
people's own `updated_at`, oldest change first, a page at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from calsync.sources.pages import PAGE
from calsync.sources.sql.ids import id_text
from calsync.sources.sql.loading import given_back
from calsync.sources.sql.query import QueryError, Types
from calsync.sources.sql.stamps import StampColumn, stamp_problem


class PeopleChanges:
    """All rows of a participants' query; `text` is asked for no session in particular.

    stamp  when each row changed
    """

    def __init__(
        self, backend: str, text: sa.TextClause, types: Types, zone: ZoneInfo | None
    ) -> None:
        table = text.columns(*(sa.column(name) for name in types)).subquery("people")
        named = {name.lower(): name for name in types}
        self._session = table.c[named["session_id"]]
        stamp = named["updated_at"]
        problem = stamp_problem(backend, types[stamp], walls=zone is not None)
        if problem:
            raise QueryError(f"updated_at of participants_query {problem}")
        self.stamp = StampColumn(backend, table.c[stamp], zone)

    def since(self, conn: Connection, instant: datetime) -> Iterator[list[str]]:
        """Ids of sessions with a row that changed since then, PAGE at most each time. Each is read
        in a transaction of its own."""
        newest = sa.func.max(self.stamp.comparable)
        query = (
            sa.select(self._session, newest)
            .where(self._session.is_not(None), self.stamp.later())
            .group_by(self._session)
            .order_by(newest, self._session)
            .limit(PAGE)
            .params(self.stamp.bounds(instant))
        )
        page = query
        while True:
            with conn.begin():
                rows: list[Any] = list(conn.execute(page).all())
            yield [id_text(session) for session, _ in rows]
            if len(rows) < PAGE:
                return
            last, stamp = (given_back(one) for one in rows[-1])
            later = sa.or_(newest > stamp, sa.and_(newest == stamp, self._session > last))
            page = query.having(later)
