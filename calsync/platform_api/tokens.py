"""The platform's API tokens: made, listed, revoked, and shown by whoever calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.store.api import tokens
from calsync.store.api.tokens import Caller, Scope


@dataclass(frozen=True, slots=True)
class CreatedToken:
    """A new token. `token` is what callers show; it is not stored."""

    id: str
    tenant: str
    scopes: Sequence[str]
    token: str


@dataclass(frozen=True, slots=True)
class TokenListing:
    """A token as it is stored, without what callers show."""

    id: str
    tenant: str
    name: str
    scopes: Sequence[str]
    created: datetime
    last_used: datetime | None
    revoked: datetime | None


def create(context: Context, tenant: str, name: str, scopes: Collection[str]) -> CreatedToken:
    """A new token, shown this once. Raises InputError for an unknown tenant or scope."""
    tenants = context.settings.tenants
    if tenant not in tenants:
        raise InputError(f"there is no tenant {tenant}; choose one of {', '.join(tenants)}")
    known = {one.value for one in Scope}
    unknown = sorted(set(scopes) - known)
    if unknown or not scopes:
        what = f"there is no scope {unknown[0]}" if unknown else "no scope is named"
        raise InputError(f"{what}; choose one or more of {', '.join(sorted(known))}")
    chosen = [Scope(one) for one in scopes]
    ident, token = context.transact(
        "token_create", lambda db: tokens.create(db, tenant, name, chosen)
    )
    return CreatedToken(ident, tenant, sorted(set(scopes)), token)


def listed(context: Context, tenant: str | None) -> list[TokenListing]:
    """Every token of this tenant, or of all, the revoked ones too; oldest first."""
    with context.store.read() as db:
        found = tokens.listed(db, tenant)
    return [TokenListing(**{**row, "scopes": row["scopes"].split()}) for row in found]


def revoke(context: Context, ident: str) -> None:
    """Make a token worthless, at once. Raises InputError when there is none of this id."""
    context.transact("token_revoke", lambda db: tokens.revoke(db, ident))


def caller(context: Context, token: str) -> Caller | None:
    """Who shows this token; None when it is not valid."""
    with context.store.read() as db:
        found = tokens.verify(db, token)
    if found is None:
        return None
    known, news = found
    if news:
        context.transact("token_used", lambda db: tokens.used(db, known.token_id))
    return known
