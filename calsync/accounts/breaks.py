"""Breaks that providers ask for, kept by the calls that no delivery asks for.

After a break the calls of deliveries find out whether the provider takes calls again
(`calsync/store/queue/pauses.py`). A listing or a check that comes first may be that call: it comes
alone, and what it is answered holds for all.
"""

from __future__ import annotations

from calsync.core.reconcile.claimed import provider_stop
from calsync.errors import ChannelError, TryLater
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.queue import pauses


def keep(context: Context, tenant: str, channel: str) -> None:
    """Raises TryLater while the provider's break lasts, or another call finds out whether it does:
    then nothing may be called."""
    with context.store.read() as db:
        until = pauses.asked_to_wait_until(db, tenant, channel)
        if until is None:
            return
        seconds = (until - db.now).total_seconds()
    reason = f"{channel} asked for a break until {until:%H:%M} UTC"
    raise TryLater(reason, happened="no", scope="account", after=seconds)


def begin(db: Db, tenant: str, channel: str, error: ChannelError) -> bool:
    """Where this answer asks for a break, all calls of the channel wait. True when it does."""
    stop = provider_stop(tenant, channel, error, db.now)
    if stop is not None:
        pauses.stop_channel(db, stop)
    return stop is not None
