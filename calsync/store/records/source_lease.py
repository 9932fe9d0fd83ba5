"""Who reads a source now: one poll or sweep of it at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.lease import SOURCE
from calsync.store.ledger import sessions
from calsync.store.ledger.rows import table
from calsync.store.prepared import NOW, built_once
from calsync.store.upsert import upsert


def take(db: Db, source: str, token: str, lease: timedelta) -> Row | None:
    """Begin to read this source: its row, as it is from then on. None: somebody else reads it."""
    taken = SOURCE.taken(token, db.now + lease) | {"poll_since": db.now}
    free = {"of_name": source, "now": db.now, **taken}
    if row := db.one(_free_lease(), free):
        return row
    upsert(db, table("source_cursor"), [{"name": source}])  # where it is read for the first time
    return db.one(_free_lease(), free)


def until(db: Db, source: str) -> datetime:
    """Until when somebody else has it, unless they renew it."""
    row = sessions.cursor(db, source) or {}
    return row.get("poll_until") or db.now


@built_once
def _free_lease() -> sa.Executable:
    cursors = table("source_cursor")
    mine = cursors.c.name == sa.bindparam("of_name")
    return sa.update(cursors).where(mine, SOURCE.free(NOW)).returning(cursors)


def renew(db: Db, source: str, token: str, until: datetime) -> bool:
    """Go on reading this source; False when somebody else took it. Others that would take it wait
    for the end of this transaction."""
    mine = {"of_name": source, "of_token": token}
    return bool(db.write(_own_lease(), mine | SOURCE.taken(token, until)))


def end(db: Db, source: str, token: str) -> None:
    mine = {"of_name": source, "of_token": token}
    db.write(_own_lease(), mine | SOURCE.given_back() | {"poll_since": None})


@built_once
def _own_lease() -> sa.Update:
    cursors = table("source_cursor")
    mine = cursors.c.name == sa.bindparam("of_name")
    return sa.update(cursors).where(mine, SOURCE.mine(sa.bindparam("of_token")))
