"""Mail addresses in the one form every mail server knows."""

from __future__ import annotations

import re

_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}", re.ASCII)
_DOMAIN = re.compile(r"(?=.{1,190}$)[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII | re.IGNORECASE)


def ascii_address(address: str) -> str:
    """The address with its domain in IDNA form.

    Raises ValueError when it has none: a name before the @ beyond ASCII needs SMTPUTF8, which too
    few servers speak, and quoted names are not used by people.
    """
    local, _, domain = address.strip().rpartition("@")
    try:
        known = domain.encode("idna").decode("ascii")
    except UnicodeError:
        known = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(known):
        raise ValueError("not an address mail servers know; correct it on the platform")
    return f"{local}@{known}"


def is_ascii_address(address: str) -> bool:
    """Whether the address is in that form already."""
    try:
        return ascii_address(address) == address
    except ValueError:
        return False
