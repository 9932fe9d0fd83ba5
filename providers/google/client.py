"""google-api-python-client's requests over our transport: its paths, our connections.

Under httplib2, its own choice, one insert can leave twice and shared connections crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calsync.ports import Access
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads
from calsync.untrusted.values import opaque
from providers.google.errors import error_of, request_id
from providers.google.mapping import FIELDS, zone_named
from providers.google.templates import (
    ROOT,
    EventsRequest,
    built,
    calendar_list,
    payer,
    template,
)
from providers.http.errors import unreadable
from providers.http.json_body import Reply
from providers.http.transport import Answer, Transport


@dataclass(frozen=True, slots=True)
class ListedCalendar:
    """A calendar of an account. `is_primary`: the one that is also called so."""

    ident: str
    is_primary: bool


class GoogleClient:
    """The events of Google calendars. Threads may share it.

    Every method ends by `until` and raises ChannelError; none mails anybody.
    """

    def __init__(self, transport: Transport, api_base: str = ROOT) -> None:
        self._transport, self._root = transport, f"{api_base.rstrip('/')}/"

    def insert(self, body: bytes, access: Access, until: float) -> Reply:
        return self._run(template("insert").filled(access), access, until, body=body)

    def patch(
        self, event_id: str, body: bytes, revision: str | None, access: Access, until: float
    ) -> Reply:
        """With a revision only while the event still has it."""
        request = template("patch").filled(access, event_id)
        return self._run(request, access, until, body=body, revision=revision)

    def delete(self, event_id: str, revision: str | None, access: Access, until: float) -> Reply:
        """With a revision only while the event still has it."""
        request = template("delete").filled(access, event_id)
        return self._run(request, access, until, revision=revision)

    def get(self, event_id: str, access: Access, until: float) -> Mapping[str, Any]:
        """The event, cancelled ones included."""
        return self._run(template("get").filled(access, event_id), access, until).resource

    def foreign(self, event_id: str, access: Access, until: float) -> Mapping[str, Any]:
        """An event that another system made, with what tells a series or an invitation."""
        more = f"{FIELDS},recurrence,recurringEventId,organizer(self)"
        request = built("get", eventId=event_id, fields=more, **_target(access))
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
            request = built(
                "list",
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

    def calendars(
        self, access: Access, until: float, *, most: int
    ) -> tuple[list[ListedCalendar], bool]:
        """The calendars that may be written, `most` of them, and whether these are all. Raises
        AccessLost, "403 ...", where the scopes do not include the list.
        https://developers.google.com/workspace/calendar/api/v3/reference/calendarList/list"""
        request = calendar_list(
            minAccessRole="writer",
            showHidden=True,
            maxResults=most,
            fields="items(id,primary),nextPageToken",
        )
        listed = self._run(request, access, until).resource
        return calendars_in(listed), not listed.get("nextPageToken")

    def prove_calendar(self, access: Access, until: float) -> None:
        """Return only if the calendar itself can be read."""
        request = built("list", maxResults=1, fields="etag", **_target(access))
        self._run(request, access, until)

    def _run(
        self,
        request: EventsRequest,
        access: Access,
        until: float,
        *,
        body: bytes | None = None,
        revision: str | None = None,
    ) -> Reply:
        headers = {**request.headers, "Authorization": f"Bearer {access.secret}"}
        if revision is not None:
            headers["If-Match"] = revision
        answer = self._transport.call(
            request.method, self._root + request.path, headers=headers, body=body, until=until
        )
        if not 200 <= answer.status < 300:
            raise error_of(answer, zone_named(body))
        # A removal has no answer but its status.
        resource = {} if request.method == "DELETE" else resource_of(answer)
        return Reply(resource, request_id(answer.headers))


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


@reads
def calendars_in(listed: Mapping[str, Any]) -> list[ListedCalendar]:
    """The calendars of a page; what is none is left out."""
    found = ((opaque(one.get("id")), one.get("primary") is True) for one in entries(listed))
    return [ListedCalendar(ident, is_primary) for ident, is_primary in found if ident]


def _target(access: Access) -> dict[str, str]:
    return {"calendarId": access.calendar, "quotaUser": payer(access)}
