"""Mail addresses: read once where they come in, and compared in one way everywhere.

The part before the @ stays as it was written, because only its mail server knows whether case
matters there; no two people are told apart by it, as no large server does. A domain has one
spelling: lower case, and beyond ASCII its IDNA form (RFC 5891), which is what mail servers and
most providers are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

import idna

from calsync.errors import InputError

LONGEST = 254  # RFC 5321 section 4.5.3.1.3, without the brackets; 64 of it before the @
EXAMPLE = "maya@example.org"
WRITE_ONE = f"write one plain address, like {EXAMPLE}"

# A quoted local part is used by nobody, and one beyond ASCII needs SMTPUTF8, which too few mail
# servers speak (RFC 6531).
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")


NOT_SUPPORTED = "has letters beyond ASCII before the @, which is not supported"


class AddressError(InputError, ValueError):
    """A text is not an address that mail servers know."""


class UnsupportedAddressError(AddressError):
    """An address that only mail servers with SMTPUTF8 know."""


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox, as `read` gives it.

    local   what stands before the @, as it was written
    domain  in lower case, in its IDNA form
    """

    local: str
    domain: str

    @classmethod
    def read(cls, text: str) -> Address:
        """The address that somebody wrote, blanks around it left out. Raises AddressError."""
        return _read(text)

    def __str__(self) -> str:
        """As servers are given it, and as it is stored to be sent to."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """What it is compared by, and found by in the database."""
        return str(self).lower()


@lru_cache(maxsize=4096)  # people are in many sessions, and each is asked for four times in one
def _read(text: str) -> Address:
    local, _, domain = text.strip().partition("@")
    known = ascii_domain(domain)
    if known and _LOCAL.fullmatch(_as_ascii(local)) and not local.isascii():
        raise UnsupportedAddressError(f"{text!r} {NOT_SUPPORTED}; write another address")
    if not _LOCAL.fullmatch(local) or not known or len(local) + 1 + len(known) > LONGEST:
        raise AddressError(f"{text!r} is not an address; {WRITE_ONE}")
    return Address(local, known)


def _as_ascii(local: str) -> str:
    """With a plain letter for each one beyond ASCII."""
    return "".join("x" if not one.isascii() and one.isalnum() else one for one in local)


@lru_cache(maxsize=4096)
def address_key(text: str) -> str:
    """What two spellings of one address have in common.

    Defined for every text: older versions stored what `Address.read` refuses, and a participant's
    id may stand where an address is expected. Every text without an @ is its own lower case.
    """
    text = text.strip()
    local, at, domain = text.rpartition("@")
    known = "" if text.isascii() else ascii_domain(domain)
    return f"{local}{at}{known or domain}".lower()


def in_unicode(text: str) -> str:
    """An address, or a domain alone, as people read it; other texts stay as they are.

    Not where two addresses are to be told apart: letters of two scripts may look alike.
    """
    local, at, domain = text.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}" if "xn--" in domain else text
    except idna.IDNAError:
        return text


def spellings(text: str) -> tuple[str, ...]:
    """How the address may stand somewhere in lower case: its key first, then with the domain in
    Unicode where that differs."""
    key = address_key(text)
    return tuple(dict.fromkeys((key, in_unicode(key).lower())))


def ascii_domain(text: str) -> str:
    """A mail domain in lower case, in its IDNA form; "" for a text that is none."""
    return "" if len(text) > LONGEST or text.endswith(".") else _idna(text)


@lru_cache(maxsize=4096)  # a platform's people share few domains, and each poll reads them all
def _idna(domain: str) -> str:
    try:
        # UTS 46 lowers and maps what people type; it also turns ideographic full stops into dots.
        return idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        return ""


def matches_any(email: str, patterns: Iterable[str]) -> bool:
    """Whether an address fits one of the patterns, in which * and ? stand for any letters."""
    key = address_key(email)
    return any(fnmatchcase(key, pattern_key(one)) for one in patterns)


def pattern_key(pattern: str) -> str:
    """A pattern of addresses, spelt as `address_key` spells what it is to fit: the parts of its
    domain without a wildcard are in their IDNA form."""
    local, at, domain = pattern.strip().rpartition("@")
    labels = [one if one.isascii() else ascii_domain(one) or one for one in domain.split(".")]
    return f"{local}{at}{'.'.join(labels)}".lower()
