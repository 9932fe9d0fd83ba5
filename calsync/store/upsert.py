"""Rows that are inserted, ON CONFLICT or not, for both databases from one construct.

PostgreSQL is given several rows as one JSON value, which it takes apart by the types of the table's
columns (postgresql.org/docs/current/functions-json.html, json_populate_recordset). A statement for
each, even when all are sent before an answer is read, costs us three times as much. For SQLite they
are values that its library binds row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from pydantic_core import to_json

from calsync.store.database import Db, Utc, in_utc
from calsync.store.prepared import built_once

Rows = Sequence[Mapping[str, Any]]


def insert(db: Db, target: sa.Table, rows: Rows) -> None:
    """Insert `rows`, which have the same columns."""
    _write(db, target, rows, None)


def upsert(db: Db, target: sa.Table, rows: Rows, update: Sequence[str] = ()) -> None:
    """Insert `rows`, which have the same columns and no key twice; where the key exists, set the
    `update` columns or leave the row as it is."""
    _write(db, target, rows, tuple(update))


def _write(db: Db, target: sa.Table, rows: Rows, update: tuple[str, ...] | None) -> None:
    if db.postgres and len(rows) > 1:
        names = tuple(rows[0])
        db.write(_of_json(target, names, update), {"of_rows": _as_json(target, names, rows)})
    else:
        db.write(_of_values(target, update, postgres=db.postgres), list(rows))


def inserting(target: sa.Table, *, postgres: bool) -> Any:
    """An INSERT that may say ON CONFLICT. A dialect is loaded where a ledger of its kind is used:
    PostgreSQL's is a tenth of what `status` loads."""
    if postgres:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(target)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert(target)


@built_once
def _of_values(target: sa.Table, update: tuple[str, ...] | None, *, postgres: bool) -> Any:
    return _on_conflict(inserting(target, postgres=postgres).inline(), target, update)


@built_once
def _of_json(target: sa.Table, names: tuple[str, ...], update: tuple[str, ...] | None) -> Any:
    rows = sa.cast(sa.bindparam("of_rows", type_=sa.Text()), sa.JSON())
    of_table: sa.ColumnElement[Any] = sa.literal_column(f'NULL::"{target.name}"')
    taken = sa.func.json_populate_recordset(of_table, rows)
    given = taken.table_valued(*(sa.column(name) for name in names), name="given")
    statement = inserting(target, postgres=True).from_select(names, sa.select(*given.c))
    return _on_conflict(statement, target, update)


def _on_conflict(statement: Any, target: sa.Table, update: tuple[str, ...] | None) -> Any:
    keys = [column.name for column in target.primary_key]
    if update is None:
        return statement
    if not update:
        return statement.on_conflict_do_nothing(index_elements=keys)
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)


def _as_json(target: sa.Table, names: tuple[str, ...], rows: Rows) -> str:
    odd = _odd(target, names)
    return to_json([{**row, **{name: _fit(row[name]) for name in odd}} for row in rows]).decode()


@cache
def _odd(target: sa.Table, names: tuple[str, ...]) -> list[str]:
    """Of these columns those whose values are not written as they are."""
    return [name for name in names if isinstance(target.c[name].type, Utc | sa.LargeBinary)]


def _fit(value: object) -> object:
    """As PostgreSQL reads it from a text. Raises ValueError for a datetime without a zone."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    return in_utc(value) if isinstance(value, datetime) else value
