"""The requests of a mapped source: where each page is asked for, and what is filled in."""

from __future__ import annotations

import base64
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from calsync.sources.mapping.mapping import MapSettings

# What a parameter or the body may hold; one that has no value yet leaves its parameter out.
FILLED = ("$since_epoch", "$since", "$cursor", "$page", "$offset", "$yesterday")
PAGING = ("$cursor", "$page", "$offset")


@dataclass(frozen=True, slots=True)
class PageAt:
    """Where a read is.

    since   changes from then on; None: everything
    link    the address of this page, where the page before named one
    cursor  what the page before gave for the next one
    """

    since: datetime | None
    now: datetime
    page: int
    offset: int = 0
    cursor: str | None = None
    link: str | None = None

    def after(self, items: int, found: str | None) -> PageAt:
        """The page that follows one with so many records, and with this in `next`."""
        link = found if found and found.startswith(("http://", "https://", "/")) else None
        onward = replace(self, page=self.page + 1, offset=self.offset + items, link=link)
        return replace(onward, cursor=None if link else found)

    def values(self) -> dict[str, str | None]:
        """By its sign, what is filled in."""
        yesterday = self.now - timedelta(days=1)
        return {
            "$since_epoch": str(int(self.since.timestamp())) if self.since else None,
            "$since": _iso(self.since) if self.since else None,
            "$cursor": self.cursor,
            "$page": str(self.page),
            "$offset": str(self.offset),
            "$yesterday": _iso(yesterday),
        }


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    body: bytes | None


def request_of(url: str, settings: MapSettings, place: PageAt) -> Request:
    """What to ask for this page."""
    values = place.values()
    body = _filled(settings.body, values) if settings.body else None
    sent = body.encode() if body else None
    if place.link:
        return Request(settings.method, place.link, sent)
    params = {name: _filled(text, values) for name, text in settings.params.items()}
    known = {name: text for name, text in params.items() if text is not None}
    return Request(settings.method, with_params(url, known), sent)


def turns_pages(settings: MapSettings) -> bool:
    """Whether the request for a page differs from the one before."""
    texts = (*settings.params.values(), settings.body)
    return bool(settings.next) or any(sign in text for sign in PAGING for text in texts)


def asks_for_changes(settings: MapSettings) -> bool:
    """Whether the API can be asked for what changed since an instant."""
    return any("$since" in text for text in (*settings.params.values(), settings.body))


def headers_of(settings: MapSettings, token: str) -> dict[str, str]:
    """The headers of every request, with the credentials in one of them."""
    headers = {"Accept": "application/json", **settings.headers}
    if settings.body:
        headers["Content-Type"] = "application/json"
    if settings.username:
        login = f"{settings.username}:{settings.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
    elif token and settings.token_header:
        headers[settings.token_header] = token
    elif token:
        headers["Authorization"] = f"Bearer {token}"
    return headers


def with_params(url: str, params: Pairs[str, str]) -> str:
    """The address with these parameters added to those that it has."""
    if not params:
        return url
    bare = url.partition("#")[0]
    return f"{bare}{'&' if urlsplit(bare).query else '?'}{urlencode(params)}"


def _filled(text: str, values: Pairs[str, str | None]) -> str | None:
    """The text with its signs filled in; None when one of them has no value."""
    for sign in FILLED:
        if sign in text:
            value = values[sign]
            if value is None:
                return None
            text = text.replace(sign, value)
    return text


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")
