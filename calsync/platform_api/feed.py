"""The feed: what became of a tenant's sessions and accounts, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsync.errors import CalsyncError
from calsync.runtime.context import Context
from calsync.store.api import facts
from calsync.store.database import Row


class CursorError(CalsyncError):
    """The reader must begin anew."""


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of the feed. `cursor` continues it; `more`: there may be more right now."""

    facts: Sequence[Row]
    cursor: str
    more: bool


def changes(context: Context, tenant: str, after: int, limit: int) -> Changes:
    """Facts behind the cursor `after` (0: from the oldest on), up to `limit`, in order.

    Raises CursorError when that cursor is of no use here any more.
    """
    with context.store.read() as db:
        fresh = facts.anything_new(db, tenant)
    if fresh:
        context.transact("feed_number", lambda db: facts.number(db, tenant))
    with context.store.read() as db:
        known = facts.tail(db, tenant)
        if after > known.last:
            raise CursorError("is ahead of the feed: the database was restored or changed")
        if 0 < after < known.purged:
            raise CursorError("is too old: facts behind it were deleted meanwhile")
        link = context.tenant(tenant).reconnect_url
        found = facts.between(db, tenant, after, limit, link=link)
    cursor = found[-1]["cursor"] if found else str(after)
    return Changes(found, cursor, more=len(found) == limit)
