"""What a mail server's answer means to us. Status codes only: texts may quote the recipient."""

from __future__ import annotations

import re

from calsync.errors import ChannelError, Happened, Refused, Scope, Setup, TryLater

# Phases in which no recipient was named yet: a final no concerns our access, not one person.
BEFORE_RECIPIENT = frozenset({"connect", "starttls", "auth", "mail"})

# 535 and 530: not logged in. With a recipient named they may be the words of a server further on,
# as may those of the 5.7 class (RFC 3463 3.8: policy): several in a row speak of the sender.
SENDER_CODES = frozenset({530, 534, 535, 538})
# 5.7.30: basic authentication is switched off at Exchange Online. 5.7.515: the sender's domain
# fails Microsoft's rules for large senders.
SETUP_STATUS = frozenset({"5.7.30", "5.7.515"})

# Servers slow a sender down with 421 and the 4.7 class (RFC 3463 3.8: policy).
SLOW_DOWN_SECONDS = 60.0

# No room for this mail now: the mailbox is full (RFC 3463 3.3, X.2.2), or the server's disk is
# (3.4, X.3.1). Servers say so with final codes as well (552 5.2.2 at Gmail and Exchange), and yet
# it passes, in hours rather than in seconds.
FULL_STATUS = frozenset({"4.2.2", "5.2.2", "5.3.1"})
FULL_CODE = 552  # "exceeded storage allocation" (RFC 5321 4.2.3), where no status says more
FULL_SECONDS = 3600.0

_OF_AN_ID = re.compile(r"[\w.=:<>\-]+")
_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})")


def refusal(phase: str, code: int, text: bytes) -> ChannelError:
    """The error for an answer that is no yes. `phase` is connect, starttls, auth, mail, rcpt, data
    or body; an answer in the phase body is the one to the whole message."""
    status = _status(text)
    reason = f"{phase}: answered {code} {status}".rstrip()
    if _is_full(phase, code, status):
        return TryLater(reason, happened="no", scope="copy", after=FULL_SECONDS)
    if 400 <= code < 500:
        return _wait(phase, code, status, reason)
    if 500 <= code < 600:
        if status in SETUP_STATUS or phase in BEFORE_RECIPIENT:
            return Setup(reason, happened="no", scope="tenant")
        refused = Refused(reason, happened="no", scope="copy")
        refused.of_address = phase == "rcpt"
        refused.of_sender = code in SENDER_CODES or status.startswith("5.7.")
        return refused
    happened: Happened = "maybe" if phase == "body" else "no"
    return TryLater(f"{phase}: not an SMTP answer", happened=happened, scope=_scope(phase))


def queue_id(text: bytes) -> str | None:
    """What the server says about the mail it took, for asking its operator: words of an id's
    letters only, so never an address."""
    words = text.decode("ascii", "replace").split()
    kept = " ".join(filter(_OF_AN_ID.fullmatch, words))
    return kept[:100] or None


def _is_full(phase: str, code: int, status: str) -> bool:
    """Said of a recipient or of a mail; where none is named yet it is about our own access."""
    known = status in FULL_STATUS or (code == FULL_CODE and not status)
    return known and 400 <= code < 600 and phase not in BEFORE_RECIPIENT


def _wait(phase: str, code: int, status: str, reason: str) -> TryLater:
    if code == 421 or status.startswith("4.7."):
        return TryLater(reason, happened="no", scope="account", after=SLOW_DOWN_SECONDS)
    return TryLater(reason, happened="no", scope=_scope(phase))


def _scope(phase: str) -> Scope:
    """A server that cannot be used now is so for everybody; later, it may be about this mail."""
    return "tenant" if phase in BEFORE_RECIPIENT - {"mail"} else "copy"


def _status(text: bytes) -> str:
    """The enhanced status code of an answer (RFC 3463), "" when it has none."""
    found = _ENHANCED.match(text.decode("ascii", "replace"))
    return found[1] if found else ""
