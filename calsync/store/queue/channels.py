"""Which channels have work that may be done now. Asked first, so that what waits in a paused
channel costs a claim nothing, however much it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.engine.among import each
from calsync.store.ledger.rows import table
from calsync.store.prepared import NOW, built_once
from calsync.store.queue import slots


def unpaused(now: Any) -> sa.ColumnElement[bool]:
    """For slot: nothing stops its tenant and channel."""
    slot = table("slot")
    return _unpaused(slot.c.tenant, slot.c.channel, now)


def _unpaused(tenant: Any, channel: Any, now: Any) -> sa.ColumnElement[bool]:
    pause = table("pause")
    return ~sa.exists().where(
        sa.or_(pause.c.tenant == tenant, pause.c.tenant == "*"),
        sa.or_(pause.c.channel == channel, pause.c.channel == "*"),
        sa.or_(pause.c.until.is_(None), pause.c.until > now),
    )


def to_inspect(db: Db, channels: Collection[str]) -> list[tuple[str, str]]:
    """Tenant and channel, of these channels, where nothing stops it and an event is to be looked
    at; the one that waits longest first."""
    rows = db.all(_to_inspect(), {"now": db.now})
    found = [(row["tenant"], row["channel"]) for row in rows]
    return [one for one in found if one[1] in channels]


def tenants(db: Db) -> list[str]:
    """Every tenant that something was or is to be delivered for."""
    return [row["tenant"] for row in db.all(_all_tenants())]


def with_due(db: Db, tenants: Sequence[str]) -> list[list[str]]:
    """Channels of each of these tenants that nothing stops, with something due and a lane free for
    it; the one that waits longest first. What waits in other channels is not looked at."""
    asked = [{"tenant": one, "now": db.now} for one in tenants]
    found = db.all_of_each(_with_due(of_tenant=True), asked)
    return [[row["channel"] for row in rows] for rows in found]


def anything_due(db: Db) -> bool:
    """Some slot has something due, and a lane free for it."""
    return db.first(_with_due(of_tenant=False), {"now": db.now}) is not None


def next_chance(db: Db) -> datetime | None:
    """When a claim that finds nothing now may find something: a limit has room again, or the next
    delivery is due. None: nothing is waiting."""
    found = db.scalar(_next_chance(), {"now": db.now})
    return found if isinstance(found, datetime) else None


@built_once
def _all_tenants() -> sa.Select[Any]:
    names = _names_of_tenants()
    return sa.select(names.c.tenant).where(names.c.tenant.is_not(None))


def _names_of_tenants() -> sa.CTE:
    return each(table("slot").c.tenant, "tenants")


def _names_of_channels(tenants: sa.FromClause) -> sa.CTE:
    """The channels of these tenants, from each to the next."""
    c = table("slot").c
    first = sa.select(sa.func.min(c.channel)).where(c.tenant == tenants.c.tenant)
    names = sa.select(tenants.c.tenant, first.scalar_subquery().label("channel")).cte(
        "channels", recursive=True
    )
    following = sa.select(sa.func.min(c.channel)).where(
        c.tenant == names.c.tenant, c.channel > names.c.channel
    )
    more = sa.select(names.c.tenant, following.scalar_subquery())
    return names.union_all(more.where(names.c.channel.is_not(None)))


@built_once
def _with_due(*, of_tenant: bool) -> sa.Select[Any]:
    c = table("slot").c
    one = sa.select(sa.bindparam("tenant", type_=sa.String()).label("tenant")).cte("one")
    names = _names_of_channels(one if of_tenant else _names_of_tenants())
    waits_since = (
        sa.select(c.next_due)
        .select_from(slots.with_lanes())
        .where(
            c.tenant == names.c.tenant,
            c.channel == names.c.channel,
            c.next_due <= NOW,
            slots.free(NOW),
        )
        .order_by(c.next_due)
        .limit(1)
        .scalar_subquery()
    )
    found = (
        sa.select(names.c.channel, waits_since.label("since"))
        .where(names.c.channel.is_not(None), _unpaused(names.c.tenant, names.c.channel, NOW))
        .subquery()
    )
    return sa.select(found.c.channel).where(found.c.since.is_not(None)).order_by(found.c.since)


@built_once
def _next_chance() -> sa.Select[Any]:
    c, names = table("slot").c, _names_of_channels(_names_of_tenants())
    here = (c.tenant == names.c.tenant, c.channel == names.c.channel)
    first = sa.select(sa.func.min(c.next_due)).where(*here).scalar_subquery()
    chances = (
        sa.select(first.label("at"))
        .where(names.c.channel.is_not(None), _unpaused(names.c.tenant, names.c.channel, NOW))
        .subquery()
    )
    return sa.select(sa.func.min(chances.c.at))


@built_once
def _to_inspect() -> sa.Select[Any]:
    c, names = table("delivery").c, _names_of_channels(_names_of_tenants())
    since = sa.select(sa.func.min(c.look_at)).where(
        c.tenant == names.c.tenant, c.channel == names.c.channel, c.look_at <= NOW
    )
    found = (
        sa.select(names.c.tenant, names.c.channel, since.scalar_subquery().label("since"))
        .where(names.c.channel.is_not(None), _unpaused(names.c.tenant, names.c.channel, NOW))
        .subquery()
    )
    due = sa.select(found.c.tenant, found.c.channel).where(found.c.since.is_not(None))
    return due.order_by(found.c.since)
