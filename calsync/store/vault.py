"""Sealing: nothing secret is readable in a stolen database, or of use when moved to another row.

A sealed value is `version (1 byte) | length of the key id (1 byte) | key id | nonce (12 bytes) |
AES-256-GCM ciphertext and tag`. Its associated data are that header, the purpose and the place, so
bytes opened for another row or another purpose are refused. The key is derived per purpose with
HKDF-SHA256, hence a configured key never touches data itself.

Nonces are random: one key may seal up to 2**32 values (NIST SP 800-38D, section 8.3). Put a new
key first in `security.keys` long before that.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from calsync.errors import ConfigError, SealError

VERSION = 1
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")
MAKE_ONE = "make one with: echo k1:$(openssl rand -base64 32)"


def new_key() -> str:
    """A fresh key as `security.keys` takes it: a random id and 32 random bytes."""
    return f"{os.urandom(4).hex()}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


class Vault:
    """Seals with the first key, opens with any of them. Safe to share between threads.

    Raises ConfigError with every key that cannot be used.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys, problems = read_keys(keys)
        if problems:
            raise ConfigError([f"security.keys: {problem}" for problem in problems])
        self._newest = next(iter(self._keys))
        self._derived: dict[tuple[str, str], bytes] = {}

    def __repr__(self) -> str:
        return "Vault(...)"

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, newest first."""
        return tuple(self._keys)

    def fingerprint(self, kid: str) -> str:
        """64 hex digits that are the same for the same bytes of this key, and tell nothing of
        them."""
        return hmac.new(self._key(kid, "canary"), b"", hashlib.sha256).hexdigest()

    @property
    def newest_header(self) -> bytes:
        """What every value begins with that the newest key sealed, and no other."""
        kid = self._newest.encode()
        return bytes([VERSION, len(kid)]) + kid

    def seal(self, purpose: str, place: str, data: bytes) -> bytes:
        """Bytes that only `open` with the same purpose and place (table:row:column) turns back."""
        header = self.newest_header
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(self._key(self._newest, f"seal {purpose}"))
        return header + nonce + cipher.encrypt(nonce, data, _bound(header, purpose, place))

    def open(self, purpose: str, place: str, sealed: bytes) -> bytes:
        """What was sealed. Raises SealError: unknown key, other place or purpose, changed bytes."""
        kid, header, rest = _split(sealed)
        if kid not in self._keys:
            raise SealError(
                f"a value was sealed with key {kid!r}, which security.keys does not list; "
                "put that key back, after the newest"
            )
        cipher = AESGCM(self._key(kid, f"seal {purpose}"))
        nonce, ciphertext = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return cipher.decrypt(nonce, ciphertext, _bound(header, purpose, place))
        except InvalidTag:
            raise SealError(
                f"{place}: the sealed bytes were changed, belong to another place, or key {kid!r} "
                "has another value than before; restore the key or the row"
            ) from None

    def key_id(self, sealed: bytes) -> str | None:
        """The id of the key that sealed this; None for bytes that are no sealed value."""
        try:
            return _split(sealed)[0]
        except SealError:
            return None

    def keyed_hash(self, purpose: str, text: str) -> str:
        """64 hex digits that stand for `text` and tell nothing about it without the key.

        The same for the same newest key; another after a new key was put first.
        """
        key = self._key(self._newest, f"hash {purpose}")
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def _key(self, kid: str, purpose: str) -> bytes:
        known = self._derived.get((kid, purpose))
        if known is None:
            info = f"calsync {VERSION} {purpose}".encode()
            derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
            known = self._derived[kid, purpose] = derive.derive(self._keys[kid])
        return known


def _bound(header: bytes, purpose: str, place: str) -> bytes:
    """Associated data. A NUL keeps ("a", "bc") and ("ab", "c") apart."""
    return b"\0".join((header, purpose.encode(), place.encode()))


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    """Key id, header, and nonce with ciphertext. Raises SealError for anything else."""
    end = 2 + sealed[1] if len(sealed) > 1 else 0
    kid = sealed[2:end].decode("ascii", "replace")
    whole = len(sealed) >= end + NONCE_BYTES + TAG_BYTES
    if not whole or sealed[0] != VERSION or not KEY_ID.fullmatch(kid):
        raise SealError(
            "these bytes are not a sealed value, or only a part of one; restore the row"
        )
    return kid, sealed[:end], sealed[end:]


def read_keys(keys: Sequence[str], *, longer: bool = False) -> tuple[dict[str, bytes], list[str]]:
    """The keys by id, newest first, and what is wrong with any; problems repeat no key. `longer`:
    one may have more bytes than sealing takes."""
    known: dict[str, bytes] = {}
    problems = [] if keys else [f"no key is set; {MAKE_ONE}"]
    for number, text in enumerate(keys, start=1):
        kid, key, problem = _read_key(text, longer=longer)
        if not problem and kid in known:
            problem = f"the id {kid!r} is used twice; give each key its own"
        if problem:
            problems.append(f"key {number}: {problem}")
        else:
            known[kid] = key
    return known, problems


def _read_key(text: str, *, longer: bool) -> tuple[str, bytes, str]:
    """The id, the bytes, and what is wrong with them; the text itself is never repeated."""
    kid, colon, encoded = text.strip().partition(":")
    if not colon or not KEY_ID.fullmatch(kid):
        return "", b"", f"does not start with an id and a colon; {MAKE_ONE}"
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return kid, b"", f"is not base64 after the colon; {MAKE_ONE}"
    if len(key) < KEY_BYTES or (len(key) > KEY_BYTES and not longer):
        return kid, b"", f"has {len(key)} bytes and must have {KEY_BYTES}; {MAKE_ONE}"
    return kid, key, ""
