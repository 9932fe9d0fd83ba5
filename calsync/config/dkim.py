"""What is wrong with the settings for signing mails by DKIM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec

from calsync.config.checks import Problem
from calsync.core.address import ascii_domain

LEAST_BITS = 1024  # RFC 8301, 3.2
LABELS = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
NOT_INSTALLED = (
    "is set, and the package that signs is not installed; run `pip install 'calsync[dkim]'`"
)


def dkim_problems(selector: str, domain: str, key: str, sender: str) -> Iterator[Problem]:
    """Problems of mail.dkim_selector, dkim_domain ("" for the sender's) and dkim_key."""
    if bool(selector) != bool(key):
        missing = "dkim_key" if selector else "dkim_selector"
        yield missing, "is needed: a selector and its private key go together"
    if selector and not LABELS.fullmatch(selector):
        yield "dkim_selector", "write the name alone, like 2026a, not the whole DNS name"
    if domain and not _aligned(domain, sender):
        yield "dkim_domain", "is not the domain of mail.sender, nor one above it; write that"
    if key:
        if find_spec("dkim") is None:
            yield "dkim_key", NOT_INSTALLED
        problem = _of_key(key)
        if problem:
            yield "dkim_key", problem


def _aligned(domain: str, sender: str) -> bool:
    """Relaxed alignment (RFC 7489, 3.1.1), as far as it can be told without a list of suffixes."""
    of_sender = sender.rpartition("@")[2].lower()
    return bool(ascii_domain(domain)) and f".{of_sender}".endswith(f".{domain.lower()}")


def _of_key(key: str) -> str | None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415 - slow
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - slow
        load_pem_private_key,
    )

    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError):  # TypeError: it is encrypted
        return "is not a private key in PEM without a password; `openssl genrsa 2048` makes one"
    if not isinstance(found, RSAPrivateKey):
        return "is not an RSA key; `openssl genrsa 2048` makes one"
    return None if found.key_size >= LEAST_BITS else "is too short; take 2048 bits"
