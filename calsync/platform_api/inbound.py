"""Webhooks of a booking system: a call that is proven makes its source be polled at once.

Nothing is read from the body. What changed is asked of the source itself, where stamps decide, so
that a call which is repeated, old or out of order costs one poll and changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from calsync.platform_api.at_once import PollAtOnce
from calsync.untrusted.reading import reads

Scheme = Literal["hmac-sha256", "hmac-sha256-timestamp", "header"]
USUAL_HEADERS: Mapping[Scheme, str] = {
    "hmac-sha256": "X-Signature",
    "hmac-sha256-timestamp": "X-Signature",
    "header": "X-Webhook-Secret",
}
OLD_SECONDS = 300
MOST_SIGNATURES = 5  # a sender that changes its key signs with both
PREFIX = "sha256="


@dataclass(frozen=True, slots=True)
class Inbound:
    """How one source is told that something changed.

    hmac-sha256            the header has the hexadecimal HMAC of the body, behind `sha256=` or bare
    hmac-sha256-timestamp  it has `t=SECONDS,v1=HMAC`, of the seconds, a dot and the body
    header                 it has the secret itself
    """

    scheme: Scheme
    header: str
    secret: str = field(repr=False)
    poll: PollAtOnce

    def take(
        self, headers: Mapping[str, str], body: bytes, now: float, done: Callable[[], None]
    ) -> bool:
        """Have the source polled, and call `done` then; False for a call that proves nothing."""
        shown = headers.get(self.header.lower(), "")
        if not proves(self.scheme, self.secret, shown, body, now):
            return False
        self.poll.ask(done)
        return True


@reads
def proves(scheme: Scheme, secret: str, shown: str, body: bytes, now: float) -> bool:
    """Whether a header shows that its sender knows the secret, and not long ago."""
    if scheme == "header":
        return _equal(shown.strip(), secret)
    if scheme == "hmac-sha256":
        return _equal(shown.strip().lower().removeprefix(PREFIX), _made(secret, body))
    parts = [part.strip().partition("=") for part in shown[:1_000].split(",")]
    stamp = next((value for name, _, value in parts if name == "t"), "")
    given = [value.lower() for name, _, value in parts if name == "v1"][:MOST_SIGNATURES]
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= 12):
        return False
    made = _made(secret, stamp.encode() + b"." + body)
    known = [_equal(one, made) for one in given]  # all of them: how long it takes tells nothing
    return any(known) and abs(now - int(stamp)) <= OLD_SECONDS


def _made(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(errors="replace"), other.encode())
