"""Who is told of an account by a plain mail: each once per connection."""

from __future__ import annotations

from collections.abc import Collection

from calsync.core.ledger import Account, Grant
from calsync.store import accounts, notices
from calsync.store.database import Db


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


def _connection(account: Account) -> str:
    """One connection of an account: connecting it again is another one."""
    return f"{account.id} {account.chosen_at.isoformat() if account.chosen_at else ''}"
