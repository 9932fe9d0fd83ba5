"""google-api-python-client over our transport: its requests and paths, our connections.

Under httplib2, its own choice, one insert can leave twice and shared connections crash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from calsync.ports import Access
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads
from providers.google.errors import error_of, request_id
from providers.google.mapping import FIELDS, zone_named
from providers.http.errors import unreadable
from providers.http.json_body import Reply
from providers.http.transport import Answer, Transport

ROOT = "https://www.googleapis.com/"


class GoogleClient:
    """The events of Google calendars. Threads may share it.

    Every method ends by `until` and raises ChannelError; none mails anybody.
    """

    def __init__(self, transport: Transport, api_base: str = ROOT) -> None:
        self._transport, self._root = transport, f"{api_base.rstrip('/')}/"
        self._events = _events()

    def insert(self, body: bytes, access: Access, until: float) -> Reply:
        request = self._events.insert(
            body=json.loads(body), sendUpdates="none", fields=FIELDS, **_target(access)
        )
        return self._run(request, access, until, body=body)

    def patch(
        self, event_id: str, body: bytes, revision: str | None, access: Access, until: float
    ) -> Reply:
        """With a revision only while the event still has it."""
        request = self._events.patch(
            eventId=event_id,
            body=json.loads(body),
            sendUpdates="none",
            fields=FIELDS,
            **_target(access),
        )
        return self._run(request, access, until, body=body, revision=revision)

    def delete(self, event_id: str, revision: str | None, access: Access, until: float) -> Reply:
        """With a revision only while the event still has it."""
        request = self._events.delete(eventId=event_id, sendUpdates="none", **_target(access))
        return self._run(request, access, until, revision=revision)

    def get(self, event_id: str, access: Access, until: float) -> Mapping[str, Any]:
        """The event, cancelled ones included."""
        request = self._events.get(eventId=event_id, fields=FIELDS, **_target(access))
        return self._run(request, access, until).resource

    def by_uid(self, uid: str, access: Access, until: float) -> Iterator[Mapping[str, Any]]:
        """The events with this iCalUID that are not deleted. A page may be short or empty while
        there is a next one."""
        return self._listed(access, until, iCalUID=uid)

    def by_marker(
        self, name: str, value: str, since: datetime, access: Access, until: float
    ) -> Iterator[Mapping[str, Any]]:
        """The events with this private property that are not deleted and not over by `since`.
        https://developers.google.com/workspace/calendar/api/guides/extended-properties"""
        query = {"privateExtendedProperty": f"{name}={value}", "timeMin": since.isoformat()}
        return self._listed(access, until, maxResults=250, **query)

    def ids(self, since: datetime, access: Access, until: float) -> Iterator[str]:
        """The ids of all events that are not deleted and not over by `since`, and nothing else:
        most of them are the person's own."""
        query = {"timeMin": since.isoformat(), "maxResults": 2500}
        for one in self._listed(access, until, read="id", **query):
            yield str(one.get("id"))

    def _listed(
        self, access: Access, until: float, *, read: str = FIELDS, **query: Any
    ) -> Iterator[Mapping[str, Any]]:
        page: str | None = None
        while True:
            request = self._events.list(
                pageToken=page,
                fields=f"items({read}),nextPageToken",
                **query,
                **_target(access),
            )
            listed = self._run(request, access, until).resource
            yield from entries(listed)
            page = listed.get("nextPageToken")
            if not isinstance(page, str) or not page:
                return

    def prove_calendar(self, access: Access, until: float) -> None:
        """Return only if the calendar itself can be read."""
        request = self._events.list(maxResults=1, fields="etag", **_target(access))
        self._run(request, access, until)

    def _run(
        self,
        request: Any,
        access: Access,
        until: float,
        *,
        body: bytes | None = None,
        revision: str | None = None,
    ) -> Reply:
        request.uri = self._root + request.uri.removeprefix(ROOT)
        http = _CallHttp(self._transport, access.secret, until, body)
        if revision is not None:
            request.headers["If-Match"] = revision
        try:
            request.execute(http=http, num_retries=0)
        except HttpError:
            # `from None`: the library's text holds the URL.
            raise error_of(http.answer, zone_named(body)) from None
        # A removal has no answer but its status.
        resource = {} if request.method == "DELETE" else resource_of(http.answer)
        return Reply(resource, request_id(http.answer.headers))


@reads
def resource_of(answer: Answer) -> dict[str, Any]:
    """The resource in an answer. Raises TryLater for what is none."""
    try:
        found = parse_json(answer.body)
    except JsonError:
        found = None
    if not isinstance(found, dict):
        raise unreadable(answer, request_id(answer.headers))
    return found


@reads
def entries(listed: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of a page; what is no entry is left out."""
    found = listed.get("items")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


@cache
def _events() -> Any:
    """The library's methods, made once in a process (5 ms, and every tenant has a client): their
    requests are for Google's own root, which each client replaces by its own."""
    # `http` is a stand-in that keeps the library from making its own; each call brings one.
    return build(
        "calendar",
        "v3",
        http=object(),
        static_discovery=True,
        cache_discovery=False,
        client_options={"api_endpoint": f"{ROOT}calendar/v3/"},
    ).events()


def _target(access: Access) -> dict[str, str]:
    """The calendar, and whose quota pays: a service account's calls would otherwise count as one
    user's. An opaque name, because the parameter takes 40 characters at most.
    https://developers.google.com/workspace/calendar/api/guides/quota"""
    payer = hashlib.sha256(access.account.encode()).hexdigest()[:32]
    return {"calendarId": access.calendar, "quotaUser": payer}


class _CallHttp:
    """Acts like `httplib2.Http` for one call: adds the token, keeps the answer. The library is told
    its status alone: it would read a body of any depth, and quote it in its errors."""

    def __init__(self, transport: Transport, token: str, until: float, body: bytes | None) -> None:
        self._transport, self._token, self._until, self._body = transport, token, until, body
        self.answer = Answer(0, {}, b"")

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any
    ) -> tuple[httplib2.Response, bytes]:
        """Send the stored bytes; `body` is the same content as the library would write it."""
        sent = {name: value for name, value in headers.items() if name != "content-length"}
        sent["Authorization"] = f"Bearer {self._token}"
        self.answer = self._transport.call(
            method, uri, headers=sent, body=self._body, until=self._until
        )
        response = httplib2.Response({"status": str(self.answer.status)})
        return response, b"{}"
