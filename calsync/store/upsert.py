"""INSERT .. ON CONFLICT for both databases from one construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.prepared import built_once


def upsert(
    db: Db, target: sa.Table, rows: Sequence[Mapping[str, Any]], update: Sequence[str] = ()
) -> None:
    """Insert `rows`; where the key exists, set the `update` columns or leave the row as it is."""
    if rows:
        statement = _upsert(target, tuple(update), postgres=db.postgres)
        db.write(statement, dict(rows[0]) if len(rows) == 1 else [dict(row) for row in rows])


def inserting(target: sa.Table, *, postgres: bool) -> Any:
    """An INSERT that may say ON CONFLICT. A dialect is loaded where a ledger of its kind is used:
    PostgreSQL's is a tenth of what `status` loads."""
    if postgres:
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(target)
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return sqlite.insert(target)


@built_once
def _upsert(target: sa.Table, update: tuple[str, ...], *, postgres: bool) -> Any:
    statement = inserting(target, postgres=postgres).inline()
    keys = [column.name for column in target.primary_key]
    if not update:
        return statement.on_conflict_do_nothing(index_elements=keys)
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=keys, set_=changes)
