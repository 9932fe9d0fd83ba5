"""Requests made ready to be sent: as `requests` makes them, on a shorter way where that is safe.

Most of the time that `requests` needs goes into what an API's calls do not have: logins in URLs,
cookies, forms, addresses that people typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import requests
from requests.structures import CaseInsensitiveDict

# What every request says; a call's own headers win.
ALWAYS: Mapping[str, str] = MappingProxyType(
    {"User-Agent": "calsync", "Accept-Encoding": "gzip, deflate"}
)
# URLs that `requests` leaves as they are: a host in small letters, no login, no dot segment, no
# fragment, nothing to be escaped, and no escape that it would write otherwise (RFC 3986 6.2.2).
_ESCAPED = "%(?:2[0-9ABCF]|3[A-F]|40|5[BCDE]|60|7[BCDF]|[0189A-F][0-9A-F])"
_PORT = r"(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}))?"
_PATH = rf"(?:/(?!\.)(?:[\w.~!$&'()*+,;=:@-]|{_ESCAPED})*)+"
_PLAIN_URL = re.compile(
    rf"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*{_PORT}{_PATH}"
    rf"(?:\?(?:[\w.~!$&'()*+,;=:@/?-]|{_ESCAPED})+)?",
    re.ASCII,
)
_PLAIN_VALUE = re.compile(r"(?:[\x21-\x7e][\x20-\x7e]*)?")


class PlainRequest(requests.PreparedRequest):
    """One whose URL nobody has to change."""

    @property
    def path_url(self) -> str:
        """Path and query."""
        return f"/{(self.url or '').split('/', 3)[3]}"


def prepared(
    http: requests.Session, method: str, url: str, headers: Mapping[str, str], body: bytes | None
) -> requests.PreparedRequest:
    """What `http` would send, whose own headers are ALWAYS.

    Raises requests.RequestException for what cannot be sent.
    """
    plain = _PLAIN_URL.fullmatch(url) and all(map(_PLAIN_VALUE.fullmatch, headers.values()))
    if not plain:
        request = requests.Request(method, url, headers=dict(headers), data=body)
        return http.prepare_request(request)
    made = PlainRequest()
    made.method, made.url, made.body = method, url, body or None
    made.headers = CaseInsensitiveDict()
    for name, value in (*ALWAYS.items(), *headers.items()):
        made.headers[name] = value
    if body or method not in {"GET", "HEAD"}:
        made.headers["Content-Length"] = str(len(body or b""))
    return made
