"""When a row changed, as a column that every database compares and orders as instants in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa


class StampColumn:
    """An `updated_at` of a query. `comparable` is what to select and order by."""

    def __init__(self, backend: str, column: sa.ColumnElement[Any]) -> None:
        self._column, self._sqlite = column, backend == "sqlite"
        # SQLite keeps dates as text in several notations; this compares them all, in UTC.
        as_text = sa.func.strftime("%Y-%m-%d %H:%M:%f", column)
        self.comparable: sa.ColumnElement[Any] = as_text if self._sqlite else column

    def since(self, instant: datetime) -> sa.ColumnElement[bool]:
        """Whether the row changed at this instant or later."""
        utc = instant.astimezone(UTC).replace(tzinfo=None)
        if not self._sqlite:
            return self.comparable >= utc  # naive is UTC, for the connection's zone is UTC
        # Days compare rightly in every notation and offset, so an index can serve the first half.
        day = (utc - timedelta(days=1)).date().isoformat()
        text = utc.isoformat(sep=" ", timespec="milliseconds")
        return sa.and_(self._column >= day, self.comparable >= text)
