"""Authorization codes: short-lived, good for once, bound to what they were asked with (RFC 6749
section 4.1, RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from calsync.sandbox.switches import Switches

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


class CodeError(Exception):
    """A code cannot be redeemed. `why`: unknown, used, expired, redirect (another address) or
    verifier (somebody else asked for it)."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"code: {why}")


class Codes:
    """One provider's codes. Callers hold the sandbox's lock."""

    def __init__(self, switches: Switches, clock: Callable[[], datetime]) -> None:
        self._switches, self._clock = switches, clock
        self._codes: dict[str, Granted] = {}
        self._used: set[str] = set()

    def issue(self, asked: Asked, person: str, scopes: frozenset[str]) -> str:
        code = f"4/{secrets.token_urlsafe(32)}"
        lasts = LASTS if self._switches["codes"] == "live" else timedelta()
        self._codes[code] = Granted(asked, person, scopes, self._clock() + lasts)
        return code

    def owner(self, code: str) -> str:
        """Who allowed it, "" for a code that is not there any more."""
        return self._codes[code].person if code in self._codes else ""

    def redeem(self, code: str, redirect_uri: str, verifier: str) -> Granted:
        """What was allowed; the code is gone. Raises CodeError."""
        granted = self._codes.pop(code, None)
        if granted is None:
            raise CodeError("used" if code in self._used else "unknown")
        self._used.add(code)
        if granted.expires_at <= self._clock():
            raise CodeError("expired")
        if redirect_uri != granted.asked.redirect_uri:
            raise CodeError("redirect")
        digest = hashlib.sha256(verifier.encode()).digest()
        shown = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        challenge = granted.asked.challenge
        if shown != challenge if challenge else verifier:
            raise CodeError("verifier")
        return granted

    def expire(self) -> None:
        """Every code that is out is too old from now on."""
        self._codes = {
            code: replace(one, expires_at=self._clock()) for code, one in self._codes.items()
        }
