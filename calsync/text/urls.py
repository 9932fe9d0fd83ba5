"""Which addresses of pages may be shown to people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from calsync.text.lines import has_unwanted

LONGEST = 2000

# As most are: nothing in it that anybody reads otherwise, no port, login or literal address.
_PLAIN = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9/._~%=&?+-]*)?")
_FORBIDDEN = re.compile(r"""[\s"<>\\]""")
# A word that a reader takes for an address: a host, alone or in a URL or a mail address.
_NAME = r"(?:[\w-]+\.)+[^\W\d_]{2,}|\d{1,3}(?:\.\d{1,3}){3}|localhost"
_SHOWN = re.compile(
    rf"(?:[^\s/@]*@)?({_NAME}|[0-9a-f]*::[0-9a-f:]*)\.?(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)
# With a scheme anything is a host; whatever stands before an @ only looks like one.
_URL = re.compile(
    r"[a-z][a-z0-9+.-]*://(?:([^\s/?#]*)@)?\[?([^\s/?#@\]]+?)\]?(?::\d+)?(?:[/?#]\S*)?", re.I
)
_DOTS = str.maketrans({"\u3002": ".", "\uff61": ".", "\\": "/"})  # as browsers read them
_AROUND = ".,;:!?()[]{}<>\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
# Names of files look like hosts; as a host's last part these would hardly be shown to mislead.
_FILE = re.compile(
    r"pdf|docx?|od[tsp]|xlsx?|pptx?|txt|md|csv|html?|js|json|ics|png|jpe?g|gif|svg|zip|mp[34]", re.I
)


# An address in a text, as people write it: with its scheme, up to a blank or a sign that no bare
# address holds. What ends the sentence does not belong to it.
_BARE = re.compile(r"\bhttps?://[^\s<>\"\\]+", re.IGNORECASE)
_ENDS = ".,;:!?*_~'\u201d\u2019\u00bb"
_PAIRS = {")": "(", "]": "["}


@lru_cache(maxsize=512)  # each participant's event asks for the session's links again
def safe_url(url: str) -> str | None:
    """The URL without white space at its ends; None when nobody should be sent there.

    Only http and https, with a host, without a login, at most 2,000 characters, and without signs
    that a browser, a mail program and a person would read differently.
    """
    url = url.strip()
    if len(url) <= LONGEST and _PLAIN.fullmatch(url):
        return url
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


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Where the addresses begin and end that stand in a text and may be followed."""
    for found in _BARE.finditer(text):
        address = _without_end(found[0])
        if safe_url(address) == address:
            yield found.start(), found.start() + len(address)


def _without_end(address: str) -> str:
    """Without what ends the sentence, or the bracket around the address
    (https://github.github.com/gfm/#extended-autolink-path-validation)."""
    open_ends = {sign: address.count(sign) - address.count(_PAIRS[sign]) for sign in _PAIRS}
    end = len(address)
    while end:
        last = address[end - 1]
        if open_ends.get(last, 0) > 0:
            open_ends[last] -= 1
        elif last not in _ENDS:
            break
        end -= 1
    return address[:end]


def misleads(label: str, href: str) -> bool:
    """The text of a link shows another host than the one that it leads to."""
    return any(_word_misleads(word.strip(_AROUND), href) for word in _as_read(label).split())


def _as_read(label: str) -> str:
    """As a person reads it: without signs that nobody sees, and with the dots of browsers."""
    seen = "".join(one for one in label if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFKC", seen).translate(_DOTS)


def _word_misleads(word: str, href: str) -> bool:
    url = _URL.fullmatch(word)
    if url is not None:
        return url[1] is not None or not _leads_to(_ascii(url[2].rstrip(".")), href)
    found = _SHOWN.fullmatch(word)
    if found is None or _FILE.fullmatch(found[1].rpartition(".")[2]):
        return False
    return not _leads_to(_ascii(found[1]), href)


def _leads_to(host: str, href: str) -> bool:
    """To the host itself, or to one below it, as `zoom.us` stands for `us02web.zoom.us`."""
    mail = href.removeprefix("mailto:")
    target = mail.rpartition("@")[2] if mail != href else urlsplit(href).hostname or ""
    return f".{_ascii(target)}".endswith(f".{host.removeprefix('www.')}")


def _ascii(host: str) -> str:
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError:
        return host.lower()


def _readable(url: str) -> bool:
    """Browsers take a backslash for a slash, so `https://good.example\\@bad.example` is bad's."""
    return 0 < len(url) <= LONGEST and not _FORBIDDEN.search(url) and not has_unwanted(url)
