"""google-api-python-client's requests, each built once in a process and filled in for every call.

The library takes 0.2 ms to build one. It still says what a request is like: its path and query,
its headers, how often an id is escaped.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any, TypeVar
from urllib.parse import quote

from calsync.ports import Access
from providers.google.mapping import FIELDS

ROOT = "https://www.googleapis.com/"
# Stand in a request for what differs from call to call; made of signs that nothing escapes.
CALENDAR, EVENT, PAYER = "calsync-calendar", "calsync-event", "calsync-payer"
BODY = frozenset({"insert", "patch"})

Made = TypeVar("Made")
_MAKING = threading.RLock()  # one makes what another one needs


def once(make: Callable[..., Made]) -> Callable[..., Made]:
    """`cache`, where only one thread makes what several ask for at the same time: the first calls
    of all workers come together, and reading the library's description of an API takes 20 ms."""
    known = cache(make)

    @wraps(make)
    def made(*given: str) -> Made:
        with _MAKING:
            return known(*given)

    return made


@dataclass(frozen=True, slots=True)
class EventsRequest:
    """What is sent, apart from the token and the body. `path` is below the API's root."""

    method: str
    path: str = field(repr=False)
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EventsTemplate:
    """A request with gaps for what differs from call to call."""

    method: str
    path: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, request: EventsRequest) -> EventsTemplate:
        path = request.path.replace("%", "%%")
        for gap in (CALENDAR, EVENT, PAYER):
            path = path.replace(gap, f"%({gap})s")
        return cls(request.method, path, request.headers)

    def filled(self, access: Access, event_id: str = "") -> EventsRequest:
        """For this calendar and event."""
        ids = {CALENDAR: quote(access.calendar, safe=""), EVENT: quote(event_id, safe="")}
        path = self.path % {**ids, PAYER: payer(access)}
        return EventsRequest(self.method, path, self.headers)


def built(method: str, **parameters: Any) -> EventsRequest:
    """The library's request for this method of the events of a calendar."""
    return _of(getattr(resource("events"), method)(**parameters))


def calendar_list(**parameters: Any) -> EventsRequest:
    """The library's request for the calendars of an account."""
    return _of(resource("calendarList").list(**parameters))


def _of(request: Any) -> EventsRequest:
    return EventsRequest(request.method, request.uri.removeprefix(ROOT), request.headers)


@once
def template(method: str) -> EventsTemplate:
    """An insert, patch, delete or get that mails nobody, to be `filled`."""
    parameters: dict[str, Any] = {"calendarId": CALENDAR, "quotaUser": PAYER}
    if method != "get":
        parameters["sendUpdates"] = "none"
    if method != "delete":
        parameters["fields"] = FIELDS
    if method != "insert":
        parameters["eventId"] = EVENT
    if method in BODY:
        parameters["body"] = {}
    return EventsTemplate.of(built(method, **parameters))


def payer(access: Access) -> str:
    """Whose quota pays: a service account's calls would otherwise count as one user's. An opaque
    name, because the parameter takes 40 characters at most.
    https://developers.google.com/workspace/calendar/api/guides/quota"""
    return hashlib.sha256(access.account.encode()).hexdigest()[:32]


@once
def resource(name: str) -> Any:
    """The methods of `events` or `calendarList`; the library makes them anew each time, in 1 ms."""
    return getattr(library(), name)()


@once
def library() -> Any:
    """The library's methods, made once in a process (5 ms, and every tenant has a client): their
    requests are for Google's own root, which each client replaces by its own."""
    from googleapiclient.discovery import build  # noqa: PLC0415  # half a second to import

    # `http` is a stand-in that keeps the library from making its own: it sends nothing.
    return build(
        "calendar",
        "v3",
        http=object(),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": f"{ROOT}calendar/v3/"},
    )
