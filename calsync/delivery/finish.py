"""The last transaction of claims: what came out of them is stored, and lost accounts end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from calsync.accounts import reroute
from calsync.core.ledger import Attempt, DeliveryKey
from calsync.core.reconcile.claimed import ChannelStop, Finished
from calsync.runtime.context import Context
from calsync.runtime.meter import DELIVERIES, SHOWN, Meter
from calsync.store.database import Db
from calsync.store.queue import finish, pauses


def store(context: Context, db: Db, ends: Sequence[Finished]) -> None:
    """Store how these claims ended, serve the people of lost accounts elsewhere, and tell the log.

    An account that is lost gives its people's deliveries another route, and with it a new version
    that was never tried: that comes after the count of what failed on the old one.
    """
    if not ends:
        return
    stored = finish.finish(db, context.sealer, ends)
    for one in stored:
        if one.lost is not None:
            reroute.lose(context, db, one.lost.account, one.lost.state, one.lost.reason)
        if one.stop is not None:
            _log_stop(context, db, one.stop)
    db.after_commit(partial(_tell, context, stored, db.now))


def _tell(context: Context, stored: Sequence[Finished], now: datetime) -> None:
    """Count what was called, and tell the log."""
    for one in stored:
        if one.attempt is not None and one.called:
            _count(context.meter, one.attempt, one.news_since, now)
        named = names(one.claim.delivery.key) if one.log else {}
        for line in one.log:
            context.log(line.what, **named, **line.facts)


def _count(meter: Meter, attempt: Attempt, news_since: datetime | None, now: datetime) -> None:
    meter.count(DELIVERIES, attempt.channel, attempt.do.value, attempt.outcome.value)
    if news_since is not None:
        meter.observe(SHOWN, (now - news_since).total_seconds(), attempt.channel)


def stop_channel(context: Context, db: Db, stop: ChannelStop) -> None:
    """Stop claims of a channel for what an answer said."""
    if pauses.stop_channel(db, stop):
        _log_stop(context, db, stop)


def _log_stop(context: Context, db: Db, stop: ChannelStop) -> None:
    tenant = pauses.ALL if stop.everywhere else stop.tenant
    context.log_committed(
        db, "channel_stopped", tenant=tenant, channel=stop.channel, reason=stop.reason
    )


def names(key: DeliveryKey) -> dict[str, str]:
    """The delivery in a line of the log."""
    return {"tenant": key.tenant, "session": key.session, "participant": key.participant}
