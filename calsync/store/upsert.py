"""INSERT .. ON CONFLICT for both databases from one construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from calsync.store.database import Db


def upsert(
    db: Db, target: sa.Table, rows: Sequence[Mapping[str, Any]], update: Sequence[str] = ()
) -> None:
    """Insert `rows`; where the key exists, set the `update` columns or leave the row as it is."""
    if not rows:
        return
    make = postgresql.insert if db.postgres else sqlite.insert
    statement = make(target)
    keys = [column.name for column in target.primary_key]
    if update:
        changes = {name: statement.excluded[name] for name in update}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changes)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    db.run(statement, [dict(row) for row in rows])
