"""Authorization codes: short-lived, good for once, bound to what they were asked with (RFC 6749
section 4.1, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser came with. `scopes` as they were spelt, in their order."""

    redirect_uri: str
    scopes: tuple[str, ...] = ()
    state: str = ""
    challenge: str = field(default="", repr=False)
    nonce: str = ""
    hint: str = ""
    offline: bool = False
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """What a person allowed, until the code is redeemed."""

    asked: Asked
    person: str
    scopes: frozenset[str]
    expires_at: datetime


class Codes:
    """One vendor's codes. Callers hold the sandbox's lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._codes: dict[str, Granted] = {}

    def issue(self, asked: Asked, person: str, scopes: frozenset[str]) -> str:
        code = f"4/{secrets.token_urlsafe(32)}"
        self._codes[code] = Granted(asked, person, scopes, self._clock() + LASTS)
        return code

    def owner(self, code: str) -> str:
        """Who allowed it, "" for a code that is not there any more."""
        return self._codes[code].person if code in self._codes else ""

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted | None:
        """What was allowed. None: unknown, used before, expired, or asked for by somebody else; the
        code is gone in every case."""
        granted = self._codes.pop(code, None)
        if granted is None or granted.expires_at <= self._clock():
            return None
        digest = hashlib.sha256(verifier.encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        challenge = granted.asked.challenge
        fits = shown == challenge if challenge else not verifier
        return granted if fits and redirect_uri == granted.asked.redirect_uri else None

    def expire(self) -> None:
        """Every code is too old from now on."""
        self._codes.clear()
