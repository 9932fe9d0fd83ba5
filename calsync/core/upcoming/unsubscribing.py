"""Links by which a person turns off mails of a category, without signing in (RFC 8058).

A token says nothing of its person and needs no row to be recognised: it is made of who reads, with
a secret of the installation, and a seal that nobody else can make. So links work for as long as
that secret does, whatever became of the ledger since.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from calsync.core.address import address_key
from calsync.core.upcoming.rules import UPCOMING

CATEGORIES = (UPCOMING,)
SECRET_BYTES = 32
READER_BYTES, SEAL_BYTES = 12, 6  # 24 characters of base64, in which no sign is special in a link


def reader_of(secret: bytes, category: str, tenant: str, email: str) -> str:
    """What stands for a person of a tenant as a reader of these mails; nobody can tell who it is
    who does not know the secret."""
    who = json.dumps([category, tenant, address_key(email)])
    return _text(_keyed(secret, "reader", who)[:READER_BYTES])


def token_of(secret: bytes, category: str, reader: str) -> str:
    """The token of this reader's links: at most 24 characters, always the same."""
    return reader + _seal(secret, category, reader)


def read_token(secret: bytes, category: str, token: str) -> str | None:
    """Whose link this is; None for one that was not made by `token_of` for this category."""
    reader = token[: READER_BYTES * 4 // 3]
    try:
        whole = base64.urlsafe_b64decode(token.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(whole) != READER_BYTES + SEAL_BYTES:
        return None
    made = token_of(secret, category, reader)
    return reader if hmac.compare_digest(made.encode(), token.encode()) else None


def _seal(secret: bytes, category: str, reader: str) -> str:
    return _text(_keyed(secret, "seal", json.dumps([category, reader]))[:SEAL_BYTES])


def _keyed(secret: bytes, purpose: str, text: str) -> bytes:
    return hmac.new(secret, f"{purpose} {text}".encode(), hashlib.sha256).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii")
