"""Failures that nobody foresaw: how often and when an exception came from which place of the code.
There are only so many places, so the table stays small."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.errors import Origin
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once
from calsync.store.upsert import inserting


def count(db: Db, area: str, origin: Origin, key: DeliveryKey) -> None:
    """One more from there, of this delivery; where none is concerned the key's parts are ""."""
    row = {
        "area": area,
        "error": origin.error,
        "function": origin.function,
        "line": origin.line,
        "count": 1,
        "first_at": db.now,
        "last_at": db.now,
        "tenant": key.tenant,
        "session": key.session,
        "participant": key.participant,
    }
    db.write(_counted(postgres=db.postgres), row)


@built_once
def _counted(*, postgres: bool) -> Any:
    failure = table("unexpected_failure")
    statement = inserting(failure, postgres=postgres)
    newest = ("last_at", "tenant", "session", "participant")
    changes = {name: statement.excluded[name] for name in newest}
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in failure.primary_key],
        set_={"count": failure.c.count + 1, **changes},
    )


def since(db: Db, began: datetime, most: int) -> list[Row]:
    """Those of which there was one since then, the newest first."""
    failure = table("unexpected_failure")
    query = sa.select(failure).where(failure.c.last_at >= began)
    return db.all(query.order_by(failure.c.last_at.desc()).limit(most))


def purge(db: Db, before: datetime) -> None:
    """Forget those of which there was none since."""
    failure = table("unexpected_failure")
    db.run(sa.delete(failure).where(failure.c.last_at < before))
