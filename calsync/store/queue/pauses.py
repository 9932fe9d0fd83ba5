"""What stops claims: ops, a Setup error, or a provider that asked us to wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import MAIL, Route
from calsync.core.reconcile.claimed import BY_PROVIDER, BY_SETUP, ChannelStop
from calsync.store.database import Db, Row
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert

ALL = "*"
SAME_STOP = timedelta(minutes=15)
BY_COPY, BY_RECOVERY, BY_REPAIRED = "copy", "recovery", "repaired"


def stop(
    db: Db, tenant: str, channel: str, by: str, reason: str, until: datetime | None = None
) -> bool:
    """Stop claims for a tenant and channel ("*": every one). True when it was not stopped so."""
    pause = table("pause")
    mine = sa.and_(pause.c.tenant == tenant, pause.c.channel == channel, pause.c.by == by)
    known = db.one(sa.select(pause).where(mine))
    if known is not None and _is_over(known, reason, db.now):
        known = None
    if known is not None and until is not None and known["until"] is not None:
        until = max(until, known["until"])
    row = {
        "tenant": tenant,
        "channel": channel,
        "by": by,
        "reason": reason,
        "since": known["since"] if known else db.now,
        "until": until,
    }
    upsert(db, pause, [row], ["reason", "since", "until"])
    return known is None or known["reason"] != reason


def _is_over(known: Row, reason: str, now: datetime) -> bool:
    """That stop has ended, and this is a new one. What is stopped for the same reason by the first
    call after it was never working."""
    until: datetime | None = known["until"]
    lasts = SAME_STOP if known["reason"] == reason else timedelta()
    return until is not None and until + lasts <= now


def stop_channel(db: Db, stop_of: ChannelStop) -> bool:
    """Stop claims because of an answer. True where that is news for operators: the journal tells
    them of a configuration that does not work, and not of a provider that asks for a break."""
    tenant = ALL if stop_of.everywhere else stop_of.tenant
    is_new = stop(db, tenant, stop_of.channel, stop_of.by, stop_of.reason, stop_of.until)
    if not is_new or stop_of.by != BY_SETUP:
        return False
    journal.note(
        db,
        "channel_stopped",
        tenant=stop_of.tenant,
        channel=stop_of.channel,
        reason=stop_of.reason,
    )
    return True


ON_PURPOSE = ("ops", "baseline")  # who pauses because they want nothing to happen


def is_paused_by_operator(db: Db, tenant: str, route: Route | None) -> bool:
    """An operator stopped what goes this way."""
    c = table("pause").c
    channels = [ALL, *([route.channel] if route is not None else [])]
    query = sa.select(c.by).where(
        c.tenant.in_([ALL, tenant]),
        c.channel.in_(channels),
        c.by.in_(ON_PURPOSE),
        sa.or_(c.until.is_(None), c.until > db.now),
    )
    return db.first(query.limit(1)) is not None


def stops_mail(db: Db, tenant: str) -> bool:
    """Something stops the tenant's mails now, whoever did it."""
    c = table("pause").c
    query = sa.select(c.by).where(
        c.tenant.in_([ALL, tenant]),
        c.channel.in_([ALL, MAIL]),
        sa.or_(c.until.is_(None), c.until > db.now),
    )
    return db.first(query.limit(1)) is not None


def asked_to_wait(slot: sa.Table) -> sa.ColumnElement[bool]:
    """For a slot that nothing stops: its provider asked for a break, which is over, and nobody has
    called it since."""
    return sa.exists().where(_by_provider(slot.c.tenant, slot.c.channel))


def asked_to_wait_until(db: Db, tenant: str, channel: str) -> datetime | None:
    """Until when the provider's break lasts, or another call finds out whether it does; None: it
    does not."""
    until = table("pause").c.until
    query = sa.select(sa.func.max(until).label("until"))
    found = db.first(query.where(_by_provider(tenant, channel), until > db.now))
    return found["until"] if found is not None else None


def begin_probe(db: Db, tenant: str, channel: str, until: datetime) -> bool:
    """Stop claims once more, until `until` at most, for one call that finds out; False when another
    claim does that already."""
    pause = table("pause")
    over = sa.and_(_by_provider(tenant, channel), pause.c.until <= db.now)
    return bool(db.run(sa.update(pause).where(over).values(until=until)).rowcount)


def end_probe(db: Db, tenant: str, channel: str, *, works: bool) -> None:
    """The provider `works` again: everybody goes on; else the next claim finds out."""
    pause, mine = table("pause"), _by_provider(tenant, channel)
    if works:
        db.run(sa.delete(pause).where(mine))
    else:
        db.run(sa.update(pause).where(mine).values(until=db.now))


def _by_provider(tenant: Any, channel: Any) -> sa.ColumnElement[bool]:
    pause = table("pause")
    here = sa.or_(pause.c.tenant == tenant, pause.c.tenant == ALL)
    return sa.and_(here, pause.c.channel == channel, pause.c.by == BY_PROVIDER)


def lift(db: Db, tenant: str, channel: str, by: str | None = None) -> int:
    """Let claims go on; returns how many stops were lifted. "*" lifts those of every name. The one
    of a restore that is not repaired ends with the repair alone, by its own name."""
    pause = table("pause")
    query = sa.delete(pause)
    if tenant != ALL:
        query = query.where(pause.c.tenant == tenant)
    if channel != ALL:
        query = query.where(pause.c.channel == channel)
    query = query.where(pause.c.by == by if by is not None else pause.c.by != BY_RECOVERY)
    return int(db.run(query).rowcount)


def active(db: Db) -> list[Row]:
    """Stops in force, oldest first."""
    pause = table("pause")
    query = sa.select(pause).where(sa.or_(pause.c.until.is_(None), pause.c.until > db.now))
    return db.all(query.order_by(pause.c.since))
