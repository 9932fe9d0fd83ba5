"""Who is told of an account by a plain mail: once per connection, of the fact as it was then."""

from __future__ import annotations

from datetime import datetime, timedelta

from calsync.core.account import Account, AccountState, Grant
from calsync.core.content.notices import AccountFact, Cause
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import notices

OWNER_WAIT = timedelta(minutes=5)


def connected(db: Db, ident: str, cause: Cause, before: Account | None = None) -> None:
    """Have a person told that this calendar is connected now, and whoever it served `before`
    that it is theirs no longer."""
    account = accounts.by_ids(db, [ident])[ident]
    key, fact = _connection(account), fact_of(account, cause, db.now)
    notices.want(db, account.tenant, notices.CONNECTED, account.email, key, fact=fact)
    if before is not None:
        theirs = fact_of(before, Cause.TAKEN_OVER, db.now)
        notices.want(db, account.tenant, notices.DISCONNECTED, before.email, key, fact=theirs)


def disconnected(db: Db, account: Account, cause: Cause) -> None:
    """Have a person told that their calendar is used no longer. A domain's are its operator's."""
    if account.grant is Grant.OWN:
        key, fact = _connection(account), fact_of(account, cause, db.now)
        notices.want(db, account.tenant, notices.DISCONNECTED, account.email, key, fact=fact)


def lost(db: Db, account: Account, since: datetime) -> None:
    """Have a person told that their calendar must be connected again."""
    key, fact = _connection(account), fact_of(account, Cause.REFUSED, since)
    notices.want(db, account.tenant, notices.LOST, account.email, key, fact=fact)


def owner_lost(context: Context, db: Db, account: Account) -> None:
    """Have the integration's owner told that an account is lost: in some minutes, when it is not
    the first of many."""
    owner = context.tenant(account.tenant).owner
    if owner:
        key, fact = _connection(account), fact_of(account, Cause.REFUSED, db.now)
        kind = notices.OWNER_LOST
        notices.want(db, account.tenant, kind, owner, key, after=OWNER_WAIT, fact=fact)


def owner_many_lost(context: Context, db: Db, tenant: str, provider: str) -> None:
    """Have the owner told of the incident that many lost accounts are, and of none of them."""
    owner = context.tenant(tenant).owner
    notices.drop(db, tenant, notices.OWNER_LOST)
    if owner:
        notices.want(db, tenant, notices.OWNER_MANY, owner, f"{provider} {db.now.isoformat()}")


def _connection(account: Account) -> str:
    """One connection of an account: connecting it again is another one."""
    return f"{account.id} {account.chosen_at.isoformat() if account.chosen_at else ''}"


def fact_of(account: Account, cause: Cause, at: datetime) -> AccountFact:
    """What happened to an account, as it is now."""
    return AccountFact(
        provider=account.provider,
        address=account.address,
        calendar=account.endpoint,
        person=account.email,
        at=at,
        cause=cause,
        writes=account.state is not AccountState.FREE_BUSY_ONLY,
    )
