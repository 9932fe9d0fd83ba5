"""Signed links: how a platform sends a person without asking calsync first.

A link carries a JSON Web Token (RFC 7519), HS256 and nothing else (RFC 8725 section 3.1), signed
with a key of the tenant.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from calsync.core.visit import Visitor
from calsync.errors import CalsyncError, InputError
from calsync.untrusted.reading import reads

ALGORITHM = "HS256"
LONGEST = timedelta(minutes=15)
AHEAD = timedelta(seconds=60)  # how far the platform's clock may be ahead of ours
NEEDED = ("iss", "aud", "sub", "tenant", "iat", "exp", "jti")
MOST = 4096  # characters


class ArrivalError(CalsyncError):
    """Nobody comes in by this. `kind`: unknown (also: not signed by the platform), expired, spent,
    or elsewhere (it would lead back to a page that is not the platform's)."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"this way in is {kind}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one tenant lets in. `keys` by key id, newest first."""

    issuer: str = "platform"
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    return_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A link whose signature is right. `jti` makes it good for once."""

    visitor: Visitor
    jti: str
    expires_at: datetime


def sign(rules: Rules, audience: str, visitor: Visitor, now: datetime) -> str:
    """A token for the visitor, good for 15 minutes. Raises InputError for a tenant without keys."""
    if not rules.keys:
        raise InputError(
            f"tenant {visitor.tenant} signs no links; write connect.keys in the configuration, or "
            "let the platform call POST /api/connect-sessions"
        )
    kid, key = next(iter(rules.keys.items()))
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": rules.issuer,
        "aud": audience,
        "sub": visitor.email,
        "tenant": visitor.tenant,
        "iat": issued,
        "exp": issued + int(LONGEST.total_seconds()),
        "jti": secrets.token_urlsafe(16),
    }
    wishes = {"name": visitor.name, "return_url": visitor.return_url, "locale": visitor.locale}
    claims |= {name: value for name, value in wishes.items() if value}
    return jwt.encode(claims, key, ALGORITHM, headers={"kid": kid})


@reads
def read(rules: Mapping[str, Rules], audience: str, token: str, now: datetime) -> Link:
    """What a signed link says. Raises ArrivalError."""
    claims = _verified(rules, audience, token)
    issued, expires = claims["iat"], claims["exp"]
    fits = isinstance(issued, int) and isinstance(expires, int) and issued < expires
    if not fits or expires - issued > LONGEST.total_seconds():
        raise ArrivalError("unknown")
    if issued > (now + AHEAD).timestamp():
        raise ArrivalError("unknown")
    if expires <= now.timestamp():
        raise ArrivalError("expired")
    words = [claims["sub"], claims["tenant"], claims["jti"]]
    wishes = [claims.get(name, "") for name in ("name", "return_url", "locale")]
    if not all(isinstance(one, str) for one in words + wishes) or not all(words):
        raise ArrivalError("unknown")
    visitor = Visitor(words[1], words[0], *wishes)
    return Link(visitor, words[2], datetime.fromtimestamp(expires, UTC))


def _verified(rules: Mapping[str, Rules], audience: str, token: str) -> dict[str, Any]:
    """The claims, signed with a key of the tenant they name. The times are the caller's to check:
    by its own clock."""
    if len(token) > MOST:
        raise ArrivalError("unknown")
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        claimed = jwt.decode(token, options={"verify_signature": False}).get("tenant")
        known = rules.get(claimed) if isinstance(claimed, str) else None
        key = known.keys.get(kid) if known and isinstance(kid, str) else None
        if known is None or key is None:
            raise ArrivalError("unknown")
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=known.issuer,
            options={"require": list(NEEDED), "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        raise ArrivalError("unknown") from None
