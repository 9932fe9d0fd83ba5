"""What the platform may ask for: its tokens, and what they open."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from calsync.errors import CalsyncError, InputError
from calsync.ingest.push import Pusher
from calsync.ops import metrics
from calsync.platform_api.webhook import Webhook
from calsync.runtime.context import Context
from calsync.selfservice.actions import SelfService
from calsync.selfservice.entry import Arrivals
from calsync.selfservice.oauth import Consents
from calsync.store.api import facts, tokens, webhooks
from calsync.store.api.tokens import Caller, Scope
from calsync.text.instants import iso

Data = dict[str, Any]


class CursorError(CalsyncError):
    """The reader must begin anew."""


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of the feed. `cursor` continues it; `more`: there may be more right now."""

    facts: list[Data]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class WebSettings:
    """How calsync is reached; nothing is served without a public_url."""

    host: str = "127.0.0.1"
    port: int = 8080
    ops_port: int = 0
    public_url: str = ""
    calls_per_minute: int = 1200


@dataclass(frozen=True)
class Platform:
    """The platform's side of the service.

    pushers  by tenant, for those with a source of kind push
    """

    context: Context
    tenants: Sequence[str]
    web: WebSettings
    pushers: Mapping[str, Pusher]
    webhook: Webhook
    arrivals: Arrivals
    self_service: SelfService
    consents: Consents

    # --- ops -------------------------------------------------------------------------------------

    def figures(self) -> dict[str, float]:
        """What a graph of operations shows, by name."""
        with self.context.store.read() as db:
            return metrics.figures(db)

    # --- the feed --------------------------------------------------------------------------------

    def changes(self, tenant: str, after: int, limit: int) -> Changes:
        """Facts behind the cursor `after` (0: from the oldest on), up to `limit`, in order.

        Raises CursorError when that cursor is of no use here any more.
        """
        with self.context.store.read() as db:
            fresh = facts.anything_new(db, tenant)
        if fresh:
            with self.context.write("feed_number") as db:
                facts.number(db, tenant)
        with self.context.store.read() as db:
            known = facts.tail(db, tenant)
            if after > known.last:
                raise CursorError("is ahead of the feed: the database was restored or changed")
            if 0 < after < known.purged:
                raise CursorError("is too old: facts behind it were deleted meanwhile")
            link = self.context.tenant(tenant).reconnect_url
            found = facts.between(db, tenant, after, limit, link=link)
        cursor = found[-1]["cursor"] if found else str(after)
        return Changes(found, cursor, more=len(found) == limit)

    def webhooks(self) -> Data:
        """How far every webhook is, and the dead letters."""
        with self.context.store.read() as db:
            known, dead = webhooks.listed(db), webhooks.dead(db, None)
        return {
            "webhooks": [
                {
                    "tenant": row["tenant"],
                    "waiting": row["waiting"],
                    "attempts": row["attempts"],
                    "failing_since": iso(row["failing_since"]),
                    "last_error": row["last_error"],
                }
                for row in known
            ],
            "dead": [
                {
                    "id": row["id"],
                    "tenant": row["tenant"],
                    "facts": row["last"] - row["first"] + 1,
                    "attempts": row["attempts"],
                    "at": iso(row["at"]),
                    "reason": row["reason"],
                }
                for row in dead
            ],
        }

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
        with self.context.write("token_create") as db:
            ident, token = tokens.create(db, tenant, name, [Scope(one) for one in scopes])
        return {"id": ident, "tenant": tenant, "scopes": sorted(set(scopes)), "token": token}

    def tokens(self, tenant: str | None) -> list[Data]:
        with self.context.store.read() as db:
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
        with self.context.write("token_revoke") as db:
            tokens.revoke(db, ident)

    def caller(self, token: str) -> Caller | None:
        """Who shows this token; None when it is not valid."""
        with self.context.store.read() as db:
            found = tokens.verify(db, token)
        if found is None:
            return None
        caller, news = found
        if news:
            with self.context.write("token_used") as db:
                tokens.used(db, caller.token_id)
        return caller
