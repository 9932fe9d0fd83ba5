"""A Graph for unit tests of the Outlook channel: answers each path as it is told, also in batches,
and remembers what it was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import responses

from calsync.core.calls import PreparedRequest
from calsync.core.ledger import Copy, Do
from calsync.ports import Access
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from tests.make import NOW, a_copy, an_event

ROOT = "https://graph.microsoft.com/v1.0"
ACCESS = Access(account="maya@contoso.example", secret="secret-token")
Answer = tuple[int, dict[str, str], Any]


def graph_error(code: str, message: str = "Words of Microsoft's", **more: Any) -> dict[str, Any]:
    """https://learn.microsoft.com/graph/errors"""
    inner = {"date": "2026-11-24T12:00:00", "request-id": "r-inner"}
    return {"error": {"code": code, "message": message, "innerError": inner, **more}}


def stored(prepared: PreparedRequest, ident: str = "AAMk-1_", **changes: Any) -> dict[str, Any]:
    """The event as Graph holds it after a create."""
    body = {**json.loads(prepared.body), "id": ident, "@odata.etag": 'W/"1"', "isOrganizer": True}
    return {**body, "iCalUId": "0400", "type": "singleInstance", **changes}


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    query: dict[str, list[str]]
    body: Any = None


@dataclass
class Graph:
    """`events` can be read by id, `listed` stand in the calendar, `moved` in another one."""

    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    failing: dict[str, Answer] = field(default_factory=dict)  # by the path's last word
    asked: list[Asked] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    def put(self, event: dict[str, Any], *, listed: bool = True) -> None:
        self.events[event["id"]] = event
        if listed:
            self.listed.add(event["id"])

    def write(self, method: str, path: str, status: int, body: Any = None, **headers: str) -> None:
        """What one write is answered."""
        responses.add(method, ROOT + path, json=body, status=status, headers=headers)

    def serve(self) -> Graph:
        responses.add_callback("POST", f"{ROOT}/$batch", callback=self._batch)
        return self

    def _batch(self, request: Any) -> tuple[int, dict[str, str], str]:
        parts = json.loads(request.body)["requests"]
        self.batches.append(len(parts))
        answers = []
        for part in reversed(parts):  # answers come in any order
            status, headers, body = self._answer(part)
            answers.append({"id": part["id"], "status": status, "headers": headers, "body": body})
        return 200, {"request-id": "r-batch"}, json.dumps({"responses": answers})

    def _answer(self, part: dict[str, Any]) -> Answer:
        split = urlsplit(part["url"])
        path = unquote(split.path)
        asked = Asked(part["method"], path, part["headers"], parse_qs(split.query))
        self.asked.append(asked)
        *_, owner, last = path.split("/")
        if last in self.failing:
            return self.failing[last]
        if last == "calendarView":
            ids = self.moved if owner == "cal-2" else self.listed
            return 200, {}, {"value": [{"id": one} for one in sorted(ids)]}
        if last == "calendar":
            return self._found({"id": "cal-2"} if owner in self.moved else None)
        if last == "events":
            return 200, {}, {"value": [one for one in self.events.values() if _fits(one, asked)]}
        return self._found(self.events.get(last))

    @staticmethod
    def _found(body: Any) -> Answer:
        return (404, {}, graph_error("ErrorItemNotFound")) if body is None else (200, {}, body)


def _fits(event: dict[str, Any], asked: Asked) -> bool:
    """Whether the `$filter` names this event's key or iCalUId."""
    values = [one["value"] for one in event["singleValueExtendedProperties"]]
    (condition,) = asked.query["$filter"]
    return any(f"'{value}'" in condition for value in (*values, event["iCalUId"]))


def live(
    graph: Graph, prepared: PreparedRequest, ident: str = "AAMk-1_", n: int = 1, **changes: Any
) -> Copy:
    """A copy whose event stands in the calendar."""
    graph.put(stored(prepared, ident, **changes))
    return a_copy(n, channel="outlook", remote_id=ident, revision='W/"1"', content=an_event())


@contextmanager
def graph_served() -> Iterator[Graph]:
    """Graph answers every request while the block runs."""
    with responses.mock:
        yield Graph().serve()


def a_channel() -> OutlookChannel:
    return OutlookChannel(GraphClient(Transport(Watchdog())))


def soon() -> float:
    return time.monotonic() + 30


def made(channel: OutlookChannel, copy: Copy | None = None, **changes: Any) -> PreparedRequest:
    return channel.prepare(Do.CREATE, copy or a_copy(), an_event(**changes), NOW)


def send(channel: OutlookChannel, do: Do, copy: Copy, **changes: Any) -> Any:
    prepared = channel.prepare(do, copy, an_event(**changes), NOW)
    return channel.send(prepared, copy, ACCESS, soon())


def writes() -> list[Any]:
    """The requests made, batches of reads left out."""
    calls = [call.request for call in responses.calls]
    return [one for one in calls if not str(one.url).endswith("/$batch")]
