"""What is done from time to time: by the daemon on its clock, by a single pass once."""

from __future__ import annotations

from calsync.accounts import connect, disconnect
from calsync.ops.restore import listing
from calsync.runtime.context import Context
from calsync.store.queue import slots


def once(context: Context) -> None:
    """Everything that a pass should not leave behind."""
    context.transact("reap", slots.reap)
    connect.check_unusable(context)
    listing.list_waiting(context)


def disconnects(context: Context) -> None:
    """End accounts from which the last event is withdrawn, and what their provider knows of us."""
    context.transact("disconnects", lambda db: disconnect.finish(context, db))
    disconnect.revoke(context)
