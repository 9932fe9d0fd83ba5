"""Consents that are about to end: of accounts that nobody used, or of all accounts at one age."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.account import AccountState, Grant, GrantLife, ends_at_one_age
from calsync.core.ledger import Want
from calsync.store.database import Db
from calsync.store.ledger.rows import of_tenant, table

SAMPLE = 200  # lost accounts that are looked at


@dataclass(frozen=True, slots=True)
class EndingGrants:
    """Accounts of one tenant and provider whose consents end soon.

    why       `unused`: their refresh tokens were not used; `trial`: every consent ends at one age
    accounts  how many; sessions: how many sessions ahead are shown through them
    since     when the longest unused one was used last, or the oldest one was connected
    """

    tenant: str
    provider: str
    why: str
    accounts: int
    sessions: int
    since: datetime
    life: timedelta


def ending(db: Db, lives: Mapping[str, GrantLife], tenant: str | None = None) -> list[EndingGrants]:
    """What is about to end, of one tenant or of all; `lives` by provider."""
    found: list[EndingGrants] = []
    for provider, life in sorted(lives.items()):
        unused = db.now - (life.unused - life.warned)
        found += _grouped(db, provider, tenant, "unused", _last_used() < unused, life.unused)
        if life.trial is not None:
            found += _in_trial(db, provider, life.trial, tenant)
    return found


def longest_unused(db: Db, provider: str, before: datetime, limit: int) -> list[str]:
    """Ids of accounts that were used last before this instant, the longest unused first."""
    c = table("account").c
    query = sa.select(c.id).where(_working(provider, None), _last_used() < before)
    return [row["id"] for row in db.all(query.order_by(_last_used(), c.id).limit(limit))]


def _last_used() -> sa.ColumnElement[Any]:
    """A refresh is the use of a refresh token; its access token lasts an hour or so after that."""
    c = table("account").c
    return sa.func.coalesce(c.token_until, c.chosen_at, type_=c.chosen_at.type)


def _working(provider: str, tenant: str | None) -> sa.ColumnElement[bool]:
    c = table("account").c
    return sa.and_(
        c.provider == provider,
        c.grant == Grant.OWN.value,
        c.state == AccountState.ACTIVE.value,
        of_tenant(c, tenant),
    )


def _grouped(
    db: Db,
    provider: str,
    tenant: str | None,
    why: str,
    which: sa.ColumnElement[bool],
    life: timedelta,
) -> list[EndingGrants]:
    """By tenant: the accounts, and the sessions ahead that are shown through them."""
    c, delivery = table("account").c, table("delivery").c
    mine = sa.and_(_working(provider, tenant), which)
    since = sa.func.min(_last_used() if why == "unused" else c.chosen_at, type_=c.chosen_at.type)
    rows = db.all(
        sa.select(c.tenant, sa.func.count().label("accounts"), since.label("since"))
        .where(mine)
        .group_by(c.tenant)
        .order_by(c.tenant)
    )
    ahead = (
        sa.select(delivery.tenant, sa.func.count(sa.distinct(delivery.session)).label("sessions"))
        .where(
            delivery.account.in_(sa.select(c.id).where(mine)),
            delivery.want == Want.PRESENT.value,
            delivery.ends_at > db.now,
        )
        .group_by(delivery.tenant)
    )
    sessions = {row["tenant"]: row["sessions"] for row in db.all(ahead)} if rows else {}
    return [
        EndingGrants(
            tenant=row["tenant"],
            provider=provider,
            why=why,
            accounts=row["accounts"],
            sessions=sessions.get(row["tenant"], 0),
            since=row["since"],
            life=life,
        )
        for row in rows
    ]


def _in_trial(db: Db, provider: str, trial: timedelta, tenant: str | None) -> list[EndingGrants]:
    c = table("account").c
    lost = (
        sa.select(c.tenant, c.chosen_at, c.state_at)
        .where(
            c.provider == provider,
            c.grant == Grant.OWN.value,
            c.state == AccountState.RECONNECT.value,
            c.chosen_at.is_not(None),
            of_tenant(c, tenant),
        )
        .order_by(c.state_at.desc())
        .limit(SAMPLE)
    )
    ages: dict[str, list[timedelta]] = {}
    for row in db.all(lost):
        ages.setdefault(row["tenant"], []).append(row["state_at"] - row["chosen_at"])
    found = _grouped(db, provider, tenant, "trial", sa.true(), trial) if ages else []
    return [
        one for one in found if ends_at_one_age(ages.get(one.tenant, ()), db.now - one.since, trial)
    ]
