"""E-mail addresses, as far as they can be judged without asking a server."""

from __future__ import annotations

import re

import idna

# RFC 5321 section 4.5.3.1: 64 before the @, 254 for the whole.
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")


def read_address(text: str) -> str | None:
    """The address trimmed, its domain in lower-case ASCII (IDNA 2008); None when it is none."""
    local, _, domain = text.strip().partition("@")
    if not _LOCAL.fullmatch(local) or domain.endswith("."):
        return None
    try:
        # UTS 46 lowers and maps what people type; it also turns ideographic full stops into dots.
        ascii_domain = idna.encode(domain, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address) <= 254 else None
