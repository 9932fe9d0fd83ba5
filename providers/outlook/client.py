"""Events of Microsoft Graph v1.0 over our transport.

Graph's own SDK is asynchronous and retries by itself; the few calls that are needed are made here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from calsync.errors import ChannelError, TryLater
from calsync.ports import Access
from calsync.untrusted.json_text import JsonError, parse_json
from calsync.untrusted.reading import reads
from calsync.untrusted.values import number
from providers.http.errors import unreadable
from providers.http.json_body import Reply, Resource
from providers.http.transport import Answer, Transport
from providers.outlook.errors import error_of, request_id
from providers.outlook.mapping import EXPAND, FIELDS

# Asked anew with every request, parts of a batch included: an id that stays when an event is moved.
# https://learn.microsoft.com/graph/outlook-immutable-id
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC"'
MOST_PARTS = 20
_PLAIN_ID = re.compile(r"[\w.~-]+=*", re.ASCII)
STATUSES = range(100, 600)  # RFC 9110, section 15


class GraphClient:
    """The events of one Graph. Make one per process: threads may share it.

    Every method ends by `until` and raises ChannelError; none mails anybody unless the event it
    writes has attendees, which the caller makes sure of.
    """

    def __init__(
        self, transport: Transport, graph_base: str = "https://graph.microsoft.com"
    ) -> None:
        self._transport = transport
        self._root = f"{graph_base.rstrip('/')}/v1.0"

    def create(self, body: bytes, access: Access, until: float) -> Reply:
        return self._run("POST", f"{calendar(access)}/events", access, until, body=body)

    def patch(
        self, event_id: str, body: bytes, revision: str | None, access: Access, until: float
    ) -> Reply:
        """With a revision only while the event still has it (not verified: that it matters)."""
        path = event(event_id, access)
        return self._run("PATCH", path, access, until, body=body, revision=revision)

    def delete(self, event_id: str, revision: str | None, access: Access, until: float) -> Reply:
        """With a revision only while the event still has it, as for `patch`."""
        return self._run("DELETE", event(event_id, access), access, until, revision=revision)

    def read(
        self, paths: Sequence[str], access: Access, until: float, parts: int = MOST_PARTS
    ) -> list[Resource | ChannelError]:
        """What each path answers to GET, or why it does not, in batches of at most so many `parts`.
        A listing is whole. Raises ChannelError when a batch as such fails."""
        found: list[Resource | ChannelError] = []
        for start in range(0, len(paths), parts):
            found += self._batch(paths[start : start + parts], access, until)
        return [self._whole(one, access, until) for one in found]

    def _batch(
        self, paths: Sequence[str], access: Access, until: float
    ) -> Iterator[Resource | ChannelError]:
        """https://learn.microsoft.com/graph/json-batching"""
        parts = [
            {"id": str(number), "method": "GET", "url": path, "headers": {"Prefer": PREFER}}
            for number, path in enumerate(paths)
        ]
        body = json.dumps({"requests": parts}).encode()
        reply = self._run("POST", "/$batch", access, until, body=body, reads=True)
        answers = {}
        given = reply.resource.get("responses")
        for one in given if isinstance(given, list) else ():
            if isinstance(one, dict):
                answers[str(one.get("id"))] = one
        for part in parts:
            yield _part(answers.get(str(part["id"])))

    def _whole(
        self, found: Resource | ChannelError, access: Access, until: float
    ) -> Resource | ChannelError:
        """A listing with the pages that follow; one may be short or empty."""
        if isinstance(found, ChannelError) or "value" not in found:
            return found
        entries, page = list(found["value"]), found
        while link := page.get("@odata.nextLink"):
            path = str(link).removeprefix(self._root)
            if not path.startswith("/"):
                return TryLater("a page elsewhere than the first")
            try:
                page = self._run("GET", path, access, until).resource
            except ChannelError as error:
                return error
            entries += page.get("value", ())
        return {**found, "value": entries}

    def _run(
        self,
        method: str,
        path: str,
        access: Access,
        until: float,
        *,
        body: bytes | None = None,
        revision: str | None = None,
        reads: bool = False,
    ) -> Reply:
        headers = {
            "Authorization": f"Bearer {access.secret}",
            "Accept": "application/json",
            "Prefer": PREFER,
            "client-request-id": str(uuid4()),
            "return-client-request-id": "true",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if revision is not None:
            headers["If-Match"] = revision
        answer = self._transport.call(
            method, self._root + path, headers=headers, body=body, until=until, reads=reads
        )
        if not 200 <= answer.status < 300:
            raise error_of(answer)
        resource = {} if method == "DELETE" else _resource(answer)
        return Reply(resource, request_id(answer.headers))


def owner(access: Access) -> str:
    """Whose mailbox: the token's own, or with an application's token the named person's."""
    return f"/users/{quote(access.username, safe='@')}" if access.username else "/me"


def calendar(access: Access) -> str:
    """The default calendar, where a person looks, or the one they chose."""
    chosen = access.calendar
    return owner(access) if chosen == "primary" else _calendar(chosen, access)


def _calendar(calendar_id: str, access: Access) -> str:
    return f"{owner(access)}/calendars/{quote(calendar_id, safe='')}"


def event(event_id: str, access: Access) -> str:
    return f"{owner(access)}/events/{_quoted_id(event_id)}"


def _quoted_id(event_id: str) -> str:
    """Graph's own ids are base64 for URLs, of which nothing but the padding has to be escaped:
    `quote` would look each letter up."""
    if _PLAIN_ID.fullmatch(event_id):
        return event_id.replace("=", "%3D")
    return quote(event_id, safe="")


def whole_event(event_id: str, access: Access) -> str:
    """The path of an event with the fields that calsync reads, wherever in the mailbox it is."""
    return event(event_id, access) + _whole()


@cache
def _whole() -> str:
    return _query(select=FIELDS, expand=EXPAND)


def calendar_of(event_id: str, access: Access) -> str:
    """The path of the calendar that an event lies in."""
    return f"{event(event_id, access)}/calendar" + _query(select="id")


def events_where(condition: str, access: Access, expand: str = EXPAND) -> str:
    """The path of the events for which a `$filter` holds."""
    query = _query(filter=condition, select=FIELDS, expand=expand, top="50")
    return f"{calendar(access)}/events{query}"


def ids_between(bounds: tuple[str, str], access: Access, calendar_id: str | None = None) -> str:
    """The path of what stands in a calendar between two instants: ids, nothing else, because
    other people's entries are among them."""
    where = calendar(access) if calendar_id is None else _calendar(calendar_id, access)
    start, end = (quote(one, safe="") for one in bounds)
    return f"{where}/calendarView{_ids()}&startDateTime={start}&endDateTime={end}"


@cache
def _ids() -> str:
    return _query(select="id", top="100")


def _query(**options: str) -> str:
    return "?" + "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items())


@reads
def _part(found: Mapping[str, Any] | None) -> Resource | ChannelError:
    status = number(found.get("status")) if found is not None else None
    if found is None or status is None or int(status) not in STATUSES:
        return TryLater("a part of the batch has no answer")
    given, resource = found.get("headers"), _resource_in(found.get("body"))
    if resource is not None and 200 <= status < 300:
        return resource
    headers = {
        str(name).lower(): str(value)
        for name, value in (given.items() if isinstance(given, dict) else ())
    }
    answer = Answer(int(status), headers, json.dumps(found.get("body")).encode())
    is_success = 200 <= answer.status < 300
    return unreadable(answer, request_id(headers)) if is_success else error_of(answer)


@reads
def _resource(answer: Answer) -> Resource:
    """Raises TryLater for what is no resource of Graph's."""
    try:
        resource = _resource_in(parse_json(answer.body))
    except JsonError:
        resource = None
    if resource is None:
        raise unreadable(answer, request_id(answer.headers))
    return resource


def _resource_in(found: object) -> Resource | None:
    """An object, which lists something where it is a listing; None for anything else."""
    is_one = isinstance(found, dict) and isinstance(found.get("value", []), list)
    return found if isinstance(found, dict) and is_one else None
