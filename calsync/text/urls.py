"""Which addresses of pages may be shown to people."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urlsplit

from calsync.text.lines import has_unwanted

LONGEST = 2000

_FORBIDDEN = re.compile(r"""[\s"<>\\]""")


@lru_cache(maxsize=512)  # each participant's event asks for the session's links again
def safe_url(url: str) -> str | None:
    """The URL without white space at its ends; None when nobody should be sent there.

    Only http and https, with a host, without a login, at most 2,000 characters, and without signs
    that a browser, a mail program and a person would read differently.
    """
    url = url.strip()
    if not _readable(url):
        return None
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc:
        return None
    return url if host and any(sign.isalnum() for sign in host) else None


def safe_link(url: str) -> str | None:
    """As `safe_url`, or a mailto link reduced to its address."""
    url = url.strip()
    if url[:7].lower() != "mailto:":
        return safe_url(url)
    address = url[7:].partition("?")[0]
    if not _readable(url) or "@" not in address:
        return None
    return f"mailto:{address}"


def _readable(url: str) -> bool:
    """Browsers take a backslash for a slash, so `https://good.example\\@bad.example` is bad's."""
    return 0 < len(url) <= LONGEST and not _FORBIDDEN.search(url) and not has_unwanted(url)
