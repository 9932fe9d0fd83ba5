"""Dates of a database: which are instants, and when a row changed, as a column that every database
compares and orders as instants in UTC."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from calsync.sources.records.times import STAMP, WALL
from calsync.sources.sql.query import QueryError, Types
from calsync.text.sql import MYSQL

# Types of an instant, as the drivers tell them: timestamptz (pg_type.dat), TIMESTAMP (mysql_com.h).
INSTANTS: dict[str, tuple[int, ...]] = {"postgresql": (1184,), **dict.fromkeys(MYSQL, (7, 17))}

# enum_field_types of mysql_com.h, which the drivers hand on.
TIMESTAMP = (7, 17)
DATETIME = (12, 18)
TYPES = (*range(19), *range(242, 256))

# PostgreSQL compares no other type with an instant: date, timestamp and timestamptz of pg_type.dat.
DATES = (1082, 1114, 1184)
NO_DATE = "is not a date in the database; convert it in the query, such as updated_at::timestamptz"
NO_WALL = "is a type that holds an instant, not wall time; remove updated_at_zone of the source"


class StampColumn:
    """An `updated_at` of a query. `comparable` is what to select and order by.

    zone  what a value without a zone is the wall time of; None: it is UTC
    """

    def __init__(
        self, backend: str, column: sa.ColumnElement[Any], zone: ZoneInfo | None = None
    ) -> None:
        self._column, self._sqlite, self._zone = column, backend == "sqlite", zone
        # SQLite keeps dates as text in several notations; this compares them all, in UTC.
        as_text = sa.func.strftime("%Y-%m-%d %H:%M:%f", column)
        self.comparable: sa.ColumnElement[Any] = as_text if self._sqlite else column

    def later(self) -> sa.ColumnElement[bool]:
        """Whether the row changed at an instant, whose `bounds` are the parameters, or later; where
        clocks were set back meanwhile, some that changed before it as well."""
        start = sa.bindparam("since", None, type_=sa.String() if self._sqlite else sa.DateTime())
        if not self._sqlite:
            return self.comparable >= start
        # Days compare rightly in every notation and offset, so an index can serve the first half.
        first_day = sa.bindparam("since_day", None, type_=sa.String())
        return sa.and_(self._column >= first_day, self.comparable >= start)

    def bounds(self, instant: datetime) -> dict[str, object]:
        """The values of the parameters of `later`."""
        start = first_wall(instant, self._zone) if self._zone else _utc(instant)
        if not self._sqlite:
            return {"since": start}  # naive is UTC, for the connection's zone is UTC
        day = (start - timedelta(days=1)).date().isoformat()
        return {"since_day": day, "since": start.isoformat(sep=" ", timespec="milliseconds")}

    def instant(self, value: object) -> object:
        """A value of the column; an instant where it was a wall time in the zone."""
        if self._zone is None:
            return value
        wall: object = value
        with suppress(ValueError, OverflowError):  # what is no date is told where it is read
            if isinstance(value, str) and re.fullmatch(WALL, value):
                wall = None if re.fullmatch(STAMP, value) else datetime.fromisoformat(value)
            if isinstance(wall, datetime) and wall.tzinfo is None:
                return instant_of(wall, self._zone)
        return value


def instants_of(backend: str, driver: str, types: Types) -> frozenset[str]:
    """Those of the columns in `types` whose values without a zone are instants in UTC: MySQL's
    TIMESTAMP. The server gives it in the connection's zone, which is UTC (`engines`). A DATETIME is
    what a clock shows, and its values look the same.

    Raises QueryError when the driver does not say which they are, and for a start and an end of two
    kinds: a DATETIME that is computed from a TIMESTAMP is in UTC, and no wall time.
    """
    if backend not in MYSQL:
        return frozenset()
    for name, code in types.items():
        if code not in TYPES and (code is datetime or not isinstance(code, type)):
            raise QueryError(
                f"the driver {driver} does not say whether {name} is a TIMESTAMP, which is an "
                'instant, or a DATETIME; use mysql+pymysql, or times = "utc" where both are UTC'
            )
    instants = [name for name, code in types.items() if code in TIMESTAMP]
    walls = [name for name, code in types.items() if code in DATETIME]
    if instants and walls:
        raise QueryError(
            f"{instants[0]} is a TIMESTAMP, which is an instant, and {walls[0]} a DATETIME, which "
            'is wall time; write both as one of them, or times = "utc" where both are UTC'
        )
    return frozenset(instants)


def stamp_problem(backend: str, type_code: object, *, walls: bool) -> str | None:
    """Why a column of this type cannot say when rows changed; None when it can. `walls`: what it
    holds without a zone is to be read as wall time."""
    if backend == "postgresql" and type_code not in DATES:
        return NO_DATE
    return NO_WALL if walls and is_instant(backend, type_code) else None


def is_instant(backend: str, type_code: object) -> bool:
    """Whether values of this type are instants, whatever clocks show."""
    return type_code in INSTANTS.get(backend, ())


def first_wall(instant: datetime, zone: ZoneInfo) -> datetime:
    """The earliest time that clocks in the zone show at this instant or later."""
    local = instant.astimezone(zone)
    wall = local.replace(tzinfo=None, fold=0)
    again = wall.replace(tzinfo=zone, fold=1)
    first = local.utcoffset() or timedelta(0)
    second = again.utcoffset() or timedelta(0)
    return wall - (first - second) if second < first else wall


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """When clocks in the zone show this, in UTC. Of an hour that comes twice it is the second: a
    change is then never older than one before it, and what is ahead of now counts as now."""
    return wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)
