"""After many accounts were lost at once: their people are told, and served by mail. An incident may
be of everybody, so it is done by ranges; until the last of them the batch of the changes is open,
and nothing leaves."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.notices import request_notice
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.guard import pages
from calsync.store.ledger import batches
from calsync.store.ledger.rows import account_of

RANGE = 100  # accounts whose people one transaction hands over
SOURCE = "lost accounts"  # no source's name has a space


def serve_by_mail(context: Context, tenant: str, provider: str) -> None:
    """Hand the sessions of lost accounts over to mail, and tell their people. To be repeated
    without harm; what changed waits until the guard has closed the batch of SOURCE."""
    after: str | None = ""
    while after is not None:
        work = partial(_range, context, tenant=tenant, provider=provider, after=after)
        after = context.transact("serve_by_mail", work)


def serve_late_ones(
    context: Context, db: Db, tenant: str, provider: str, since: datetime | None
) -> None:
    """The same of the few that were lost since then, in this transaction."""
    after: str | None = ""
    while after is not None:
        after = _range(context, db, tenant, provider, after, since)


def _range(
    context: Context,
    db: Db,
    tenant: str,
    provider: str,
    after: str,
    since: datetime | None = None,
) -> str | None:
    """Of the next accounts behind this id; returns the last one's, None when there are no more."""
    lost = accounts.lost(db, tenant, provider, since, after, RANGE)
    if not lost:
        return None
    for row in lost:
        if row["state"] == AccountState.RECONNECT:
            request_notice.lost(db, account_of(row), row["state_at"])
    batch = batches.open_batch(db, tenant, SOURCE)
    reroute.into(context, db, tenant, [row["email"] for row in lost], batch)
    pages.written(db, batch, None, context.tenant(tenant).guard)
    return str(lost[-1]["id"])
