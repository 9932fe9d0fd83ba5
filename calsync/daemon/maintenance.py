"""What is done from time to time: by the daemon on its clock, by a single pass once."""

from __future__ import annotations

from calsync.accounts import connect, disconnect
from calsync.ops import queries
from calsync.ops.restore import listing
from calsync.runtime.context import Context
from calsync.store.ledger import batches
from calsync.store.queue import slots


def once(context: Context) -> None:
    """Everything that a pass should not leave behind."""
    context.transact("reap", slots.reap)
    connect.check_unusable(context)
    listing.list_waiting(context)


def count_held(context: Context) -> None:
    """Count held batches of which too little is kept to be told, so that no look at them has to:
    after an upgrade, when somebody was forgotten, when their nearest changes are gone."""
    with context.store.read() as db:
        found = batches.uncounted(db)
    if found:
        queries.remember_shown(context, found, seen=False)


def disconnects(context: Context) -> None:
    """End accounts from which the last event is withdrawn, and what their provider knows of us."""
    context.transact("disconnects", lambda db: disconnect.finish(context, db))
    disconnect.revoke(context)
