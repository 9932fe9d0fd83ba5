"""What the platform may ask for: its tokens, and what they open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from calsync.errors import InputError
from calsync.store import tokens
from calsync.store.database import Store
from calsync.store.tokens import Caller, Scope
from calsync.work.report import iso

Data = dict[str, Any]


@dataclass(frozen=True)
class Platform:
    """The platform's side of the service, over its store."""

    store: Store
    tenants: Sequence[str]

    # --- tokens ----------------------------------------------------------------------------------

    def create_token(self, tenant: str, name: str, scopes: Collection[str]) -> Data:
        """A new token, shown this once. Raises InputError for an unknown tenant or scope."""
        if tenant not in self.tenants:
            raise InputError(f"no tenant {tenant}; there are {', '.join(self.tenants)}")
        known = {one.value for one in Scope}
        unknown = sorted(set(scopes) - known)
        if unknown or not scopes:
            what = f"no scope {unknown[0]}" if unknown else "name a scope"
            raise InputError(f"{what}; there are {', '.join(sorted(known))}")
        with self.store.write() as db:
            ident, token = tokens.create(db, tenant, name, [Scope(one) for one in scopes])
        return {"id": ident, "tenant": tenant, "scopes": sorted(set(scopes)), "token": token}

    def tokens(self, tenant: str | None) -> list[Data]:
        with self.store.read() as db:
            found = tokens.listed(db, tenant)
        return [
            {
                **row,
                "scopes": row["scopes"].split(),
                "created": iso(row["created"]),
                "last_used": iso(row["last_used"]),
                "revoked": iso(row["revoked"]),
            }
            for row in found
        ]

    def revoke_token(self, ident: str) -> None:
        with self.store.write() as db:
            tokens.revoke(db, ident)

    def caller(self, token: str) -> Caller | None:
        """Who shows this token; None when it is not valid."""
        with self.store.read() as db:
            found = tokens.verify(db, token)
        if found is None:
            return None
        caller, news = found
        if news:
            with self.store.write() as db:
                tokens.used(db, caller.token_id)
        return caller
