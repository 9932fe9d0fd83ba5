"""Who is told of an account by a plain mail: once per connection."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from calsync.core.account import Account, Grant
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import notices

OWNER_WAIT = timedelta(minutes=5)


def connected(db: Db, ident: str, before: Collection[str] = ()) -> None:
    """Have a person told that this calendar is connected now, and whoever it served `before`
    that it is theirs no longer."""
    account = accounts.by_ids(db, [ident])[ident]
    notices.want(db, account.tenant, notices.CONNECTED, account.email, _connection(account))
    for email in before:
        notices.want(db, account.tenant, notices.DISCONNECTED, email, _connection(account))


def disconnected(db: Db, account: Account) -> None:
    """Have a person told that their calendar is used no longer. A domain's are its operator's."""
    if account.grant is Grant.OWN:
        notices.want(db, account.tenant, notices.DISCONNECTED, account.email, _connection(account))


def lost(db: Db, account: Account) -> None:
    """Have a person told that their calendar must be connected again."""
    notices.want(db, account.tenant, notices.LOST, account.email, _connection(account))


def owner_lost(context: Context, db: Db, account: Account) -> None:
    """Have the integration's owner told that an account is lost: in some minutes, when it is not
    the first of many."""
    owner = context.tenant(account.tenant).owner
    if owner:
        key = _connection(account)
        notices.want(db, account.tenant, notices.OWNER_LOST, owner, key, after=OWNER_WAIT)


def owner_many_lost(context: Context, db: Db, tenant: str, provider: str) -> None:
    """Have the owner told of the incident that many lost accounts are, and of none of them."""
    owner = context.tenant(tenant).owner
    notices.drop(db, tenant, notices.OWNER_LOST)
    if owner:
        notices.want(db, tenant, notices.OWNER_MANY, owner, f"{provider} {db.now.isoformat()}")


def _connection(account: Account) -> str:
    """One connection of an account: connecting it again is another one."""
    return f"{account.id} {account.chosen_at.isoformat() if account.chosen_at else ''}"
