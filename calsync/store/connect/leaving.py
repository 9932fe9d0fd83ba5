"""Accounts on their way out: no longer chosen, cleared, disconnected, their grants taken back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.account import Account, AccountState
from calsync.core.address import spellings
from calsync.core.ledger import CopyState
from calsync.core.schedule import twice_as_long
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import journal
from calsync.store.ledger.rows import account_of, table

FORGOTTEN = ""  # the address of an account whose person is forgotten


@dataclass(frozen=True, slots=True)
class Revocation:
    """A disconnected account whose provider is still to be told.

    external_id  the provider's own id of it
    since        when it was disconnected
    """

    account: Account
    external_id: str
    since: datetime


def unchoose(db: Db, ident: str, reason: str) -> None:
    """Not used for new events any more; still opened to withdraw from it."""
    target = table("account")
    mine = target.c.id == ident
    db.run(sa.update(target).where(mine).values(chosen_at=None, reason=reason))
    tenant = db.scalar(sa.select(target.c.tenant).where(mine)) or ""
    journal.note(db, "account_unchosen", tenant=tenant, account=ident, reason=reason)


def cleared(db: Db) -> list[Account]:
    """Accounts that are not chosen any more, and in which no event of a session ahead is left."""
    account, copy, delivery = table("account"), table("copy"), table("delivery")
    busy = sa.exists().where(
        sa.or_(copy.c.account == account.c.id, copy.c.handed_to == account.c.id),
        copy.c.state.in_([CopyState.UNSURE.value, CopyState.LIVE.value]),
        copy.c.tenant == delivery.c.tenant,
        copy.c.session == delivery.c.session,
        copy.c.participant == delivery.c.participant,
        delivery.c.ends_at > db.now,
    )
    is_active = account.c.state == AccountState.ACTIVE.value
    leaving = sa.and_(account.c.chosen_at.is_(None), is_active)
    return [account_of(row) for row in db.all(sa.select(account).where(leaving, ~busy))]


def end(db: Db, ident: str, reason: str, *, revoke: bool = False) -> None:
    """Disconnected, with its credentials deleted; with `revoke` when the provider was told, see
    `claim_revocation`. Why it was being left already stays."""
    target = table("account")
    mine = sa.and_(target.c.id == ident, target.c.chosen_at.is_(None))
    left = db.scalar(sa.select(target.c.reason).where(mine))
    secret = db.scalar(sa.select(target.c.secret).where(target.c.id == ident))
    accounts.set_state(db, ident, AccountState.DISCONNECTED, left or reason)
    forget_credentials(db, ident)
    if revoke:
        kept = {"secret": secret, "check_at": db.now}
        db.run(sa.update(target).where(target.c.id == ident).values(**kept))


def forget_credentials(db: Db, ident: str) -> None:
    """A refresh that is under way finds that its version is gone, and stores nothing. Of somebody
    who is forgotten the row goes with them."""
    target = table("account")
    none: dict[str, Any] = {"secret": None, "token": None, "token_until": None}
    version = target.c.token_version + 1
    db.run(sa.update(target).where(target.c.id == ident).values(**none, token_version=version))
    db.run(sa.delete(target).where(target.c.id == ident, target.c.email == FORGOTTEN))


def of_people(db: Db, spellings: Collection[str], tenant: str | None) -> list[Row]:
    """Accounts of this person, and those that have this address; in one tenant, or in all."""
    target = table("account")
    theirs = sa.or_(target.c.email.in_(spellings), sa.func.lower(target.c.address).in_(spellings))
    here = sa.true() if tenant is None else target.c.tenant == tenant
    return db.all(sa.select(target).where(theirs, here).order_by(target.c.id))


def grant_of(row: Row) -> Revocation | None:
    """What its provider can be told to take back: not of one that is dead."""
    dead = row["state"] == AccountState.RECONNECT.value or row["secret"] is None
    return None if dead else Revocation(account_of(row), row["vendor_id"], row["state_at"])


def forget(db: Db, rows: Collection[Row], to_revoke: Collection[str]) -> None:
    """Delete these accounts. Of those whose providers are still to be told the sealed credential
    stays until then, and the provider's id where it is not an address."""
    target = table("account")
    for row in rows:
        mine = target.c.id == row["id"]
        if row["id"] not in to_revoke:
            db.run(sa.delete(target).where(mine))
            continue
        left = row["state"] == AccountState.DISCONNECTED.value
        nothing = ("address", "calendar", "endpoint", "username", "scopes")
        blank = {**dict.fromkeys(nothing, ""), "token": None, "token_until": None, "reason": None}
        values = {
            **blank,
            "email": FORGOTTEN,
            "vendor_id": row["id"] if "@" in row["vendor_id"] else row["vendor_id"],
            "state": AccountState.DISCONNECTED.value,
            "state_at": row["state_at"] if left else db.now,
            "check_at": row["check_at"] if left else db.now,
            "chosen_at": None,
            "token_version": row["token_version"] + 1,
        }
        db.run(sa.update(target).where(mine).values(**values))


def claim_revocation(db: Db, soon: timedelta) -> Revocation | None:
    """The next disconnected account whose credentials wait for the provider to be told; due again
    `soon`, and after twice as long each time."""
    target = table("account")
    due = sa.and_(
        target.c.state == AccountState.DISCONNECTED.value,
        target.c.secret.is_not(None),
        target.c.check_at <= db.now,
    )
    query = sa.select(target).where(due).order_by(target.c.check_at).limit(1)
    row = db.first(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    accounts.check_again(db, row["id"], twice_as_long(row["state_at"], db.now, soon))
    return Revocation(account_of(row), row["vendor_id"], row["state_at"])


def of_same_owner(db: Db, one: Revocation) -> list[Account]:
    """Other accounts in use, of any tenant and person, that are the same one at the provider."""
    target = table("account")
    same = sa.or_(
        target.c.vendor_id == one.external_id,
        sa.func.lower(target.c.address).in_(spellings(one.account.address)),
    )
    gone = (AccountState.RECONNECT.value, AccountState.DISCONNECTED.value)
    query = sa.select(target).where(
        target.c.provider == one.account.provider,
        target.c.id != one.account.id,
        target.c.state.not_in(gone),
        same,
    )
    return [account_of(row) for row in db.all(query)]


def is_left(db: Db, ident: str, version: int) -> bool:
    """Still disconnected, with the same credentials."""
    target = table("account")
    mine = sa.and_(target.c.id == ident, target.c.token_version == version)
    state = db.scalar(sa.select(target.c.state).where(mine))
    return bool(state == AccountState.DISCONNECTED.value)
