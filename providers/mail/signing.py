"""Signing mails by DKIM (RFC 6376), where no relay does it: over the bytes as they are sent."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

from calsync.errors import Setup
from providers.mail.settings import Dkim

# What a reader sees or a client acts on. Both of the last two must be covered for one-click
# unsubscription (RFC 8058, section 4).
SIGNED = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
# Signed once more than they are there, so that a second one, which some clients show in place of
# the first, breaks the signature (RFC 6376, 8.15).
ONCE = ("from", "to", "subject", "date", "reply-to", "content-type")


def signed(message: bytes, dkim: Dkim) -> bytes:
    """The message with a signature before it. Its lines end as they will be sent. Raises Setup (no)
    for a key that cannot sign it."""
    import dkim as library  # noqa: PLC0415  # an extra, and slow to import

    signer = library.DKIM(message)
    there = [name.decode("ascii").lower() for name, _ in signer.headers]
    names = [name for name in SIGNED for _ in range(there.count(name))] + list(ONCE)
    try:
        header: bytes = signer.sign(
            dkim.selector.encode(),
            dkim.domain.encode(),
            dkim.key.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in names],
        )
    except (library.DKIMException, ValueError):
        reason = "mail.dkim_key cannot sign this mail"
        raise Setup(reason, happened="no", scope="tenant") from None
    return header + message


def public_key(dkim: Dkim) -> str:
    """The public key that belongs to ours, as the DNS has it: base64 of its DER."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # only the doctor asks
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )

    public = load_pem_private_key(dkim.key.encode(), None).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def verifies(message: bytes, ask: Callable[[str, str], Sequence[str]]) -> bool:
    """Whether a receiver who asks this DNS believes the message's signature. Raises what `ask`
    raises."""
    import dkim as library  # noqa: PLC0415  # an extra, and slow to import

    def txt(name: bytes, timeout: int = 5) -> bytes:
        found = ask(name.decode("ascii").rstrip("."), "TXT")
        return found[0].encode() if found else b""

    return bool(library.verify(message, dnsfunc=txt))
