"""Whose Google account a consent belongs to, as the token endpoint's id_token says."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsync.core.address import address_key
from calsync.errors import Refused
from calsync.untrusted.json_text import parse_json
from calsync.untrusted.reading import reads
from calsync.untrusted.values import epoch_instant

ISSUERS = ("https://accounts.google.com", "accounts.google.com")


@dataclass(frozen=True, slots=True)
class Identity:
    """subject   never changes and is never given to another account (the claim `sub`)
    address   the account's verified address; "" when Google tells none
    """

    subject: str
    address: str


@reads
def identity_of(id_token: str, client_id: str, now: datetime) -> Identity:
    """Read an id_token that came straight from the token endpoint, over TLS: then its signature
    needs no check (OpenID Connect Core 1.0, section 3.1.3.7, item 6). For whom it was made, by whom
    and until when is checked (items 2, 3 and 9).

    Raises Refused (no, account) for one that is not ours, or cannot be read.
    """
    try:
        claims = _claims(id_token)
        subject, audience, issuer = claims["sub"], claims["aud"], claims["iss"]
        expires_at = epoch_instant(claims["exp"])
    except (ValueError, KeyError):
        raise _refused("cannot be read") from None
    if audience != client_id:
        raise _refused("was made for another client_id than google.client_id")
    if issuer not in ISSUERS:
        raise _refused("was not made by Google")
    if expires_at <= now:
        raise _refused("has expired; check this machine's clock")
    if not isinstance(subject, str) or not subject:
        raise _refused("names no account")
    return Identity(subject, _verified_address(claims))


def _verified_address(claims: dict[str, Any]) -> str:
    address = claims.get("email")
    verified = claims.get("email_verified") in (True, "true")
    return address_key(address) if verified and isinstance(address, str) else ""


def _claims(id_token: str) -> dict[str, Any]:
    """Raises ValueError for what is no JWT."""
    _, payload, _ = id_token.split(".")
    claims = parse_json(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    if not isinstance(claims, dict):
        raise ValueError("not a JSON object")
    return claims


def _refused(what: str) -> Refused:
    return Refused(f"Google's id_token {what}", happened="no", scope="account")
