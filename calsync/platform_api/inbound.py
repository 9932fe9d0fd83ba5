"""Webhooks of a booking system: a call that is proven is taken in, or makes its source be polled.

Where the source's mapping says nothing of bodies, none is read: what changed is asked of the source
itself. Stamps decide either way, so that a call which is repeated, old or out of order changes
nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from calsync.ingest.push import Pushed, RefusedError
from calsync.platform_api.at_once import PollAtOnce
from calsync.platform_api.inbound_records import take
from calsync.ports import BodyReader
from calsync.runtime.context import Context
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
SHOWN = 20  # fields that a log line names


@dataclass(frozen=True, slots=True)
class Inbound:
    """How one source is told that something changed.

    hmac-sha256            the header has the hexadecimal HMAC of the body, behind `sha256=` or bare
    hmac-sha256-timestamp  it has `t=SECONDS,v1=HMAC`, of the seconds, a dot and the body
    header                 it has the secret itself

    reader  None: no body is read
    """

    scheme: Scheme
    header: str
    secret: str = field(repr=False)
    context: Context
    poll: PollAtOnce
    reader: BodyReader | None = None

    def proven(self, headers: Mapping[str, str], body: bytes, now: float) -> bool:
        """Whether its sender has shown to know the secret."""
        return proves(self.scheme, self.secret, headers.get(self.header.lower(), ""), body, now)

    def take(self, body: bytes, done: Callable[[], None]) -> dict[str, Pushed]:
        """What became of each session in the body; empty when the source is polled instead, and
        `done` called then. Raises RefusedError for a body that cannot be used."""
        page = self.reader.read(body) if self.reader else None
        try:
            taken = take(self.poll.intake, page) if page else None
        except RefusedError as error:
            name, fields = self.poll.intake.source, [one.field for one in error.errors]
            self.context.log("inbound_refused", source=name, fields=fields[:SHOWN])
            raise
        if taken is None:
            self.poll.ask(done)
        return taken or {}


@reads
def proves(scheme: Scheme, secret: str, shown: str, body: bytes, now: float) -> bool:
    """Whether a header shows that its sender knows the secret, and not long ago."""
    if scheme == "header":  # which is read as Latin-1, whatever it was written in
        return _equal(shown.strip().encode("latin-1", "replace"), secret.encode())
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


def _equal(one: str | bytes, other: str | bytes) -> bool:
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str | bytes) -> bytes:
    return text.encode(errors="replace") if isinstance(text, str) else text
