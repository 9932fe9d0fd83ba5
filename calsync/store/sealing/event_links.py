"""Links at which a person gets one of their sessions as a calendar file.

A token holds which delivery it is of, encrypted with the secret of the installation, so that links
work for as long as that secret does, need no rows, and tell nobody anything. AES-SIV (RFC 5297)
needs no nonce: the same delivery has the same link, always.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from calsync.core.ledger import DeliveryKey

PURPOSE = b"event link"
LONGEST = 4000  # more than the ids of a delivery can need


def token_of(secret: bytes, key: DeliveryKey) -> str:
    """The token of this delivery's link, of signs that mean nothing in a URL."""
    names = json.dumps([key.tenant, key.session, key.participant], ensure_ascii=False)
    sealed = _cipher(secret).encrypt(names.encode(), [PURPOSE])
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def read_token(secret: bytes, token: str) -> DeliveryKey | None:
    """Whose link this is; None for one that was not made by `token_of`."""
    if len(token) > LONGEST:
        return None
    try:
        sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        opened = _cipher(secret).decrypt(sealed, [PURPOSE])
    except (binascii.Error, ValueError, InvalidTag):
        return None
    return DeliveryKey(*json.loads(opened))


def _cipher(secret: bytes) -> AESSIV:
    return AESSIV(hmac.new(secret, PURPOSE, hashlib.sha512).digest())
