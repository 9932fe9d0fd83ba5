"""Graph's $batch: up to 20 requests in one, each with its own answer.
https://learn.microsoft.com/graph/json-batching"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from calsync.sandbox.microsoft.graph import GraphApi
from calsync.sandbox.microsoft.graph_error import GraphError
from calsync.sandbox.microsoft.graph_events import PREFIX
from calsync.sandbox.reply import Incoming, Reply
from calsync.sandbox.switches import Switches

MOST = 20
AT_ONCE = 4  # parts that Graph sends to Outlook at a time
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


class Batch:
    """Answers envelopes; `answer_part` answers one request as if it had come alone."""

    def __init__(
        self, api: GraphApi, switches: Switches, answer_part: Callable[[Incoming], Reply]
    ) -> None:
        self._api = api
        self._switches = switches
        self._answer_part = answer_part

    def answer(self, asked: Incoming) -> Reply:
        """200 with `responses`, last part first; 400 when the envelope itself is wrong."""
        try:
            self._api.opened(asked)
            parts = in_order(self._read(asked))
        except GraphError as error:
            if error.status == 400:
                self._api.note(asked, error.message)
            return Reply(error.status, error.to_json())
        answers: dict[str, dict[str, Any]] = {}
        busy: Counter[str] = Counter()
        for part in parts:
            answers[part["id"]] = self._part(asked, part, answers, busy)
        return Reply(200, {"responses": list(answers.values())[::-1]})

    def _read(self, asked: Incoming) -> list[dict[str, Any]]:
        try:
            parts = json.loads(asked.body)["requests"]
        except (ValueError, KeyError, TypeError) as error:
            raise malformed("Invalid batch payload format.") from error
        if not isinstance(parts, list) or not 1 <= len(parts) <= MOST:
            raise malformed(f"The number of batch requests must be from 1 to {MOST}.")
        seen: set[str] = set()
        for one in parts:
            if not isinstance(one, dict) or not isinstance(one.get("id"), str):
                raise malformed("Each batch request needs an id.")
            if one["id"].casefold() in seen:
                raise malformed(f"The id {one['id']} is there twice.")
            if one.get("method") not in METHODS or not isinstance(one.get("url"), str):
                raise malformed("Each batch request needs a method and a url.")
            if not set(one.get("dependsOn", ())) <= {two["id"] for two in parts}:
                raise malformed("dependsOn names an id that is not there.")
            seen.add(one["id"].casefold())
        return parts

    def _part(
        self,
        asked: Incoming,
        part: dict[str, Any],
        answers: dict[str, dict[str, Any]],
        busy: Counter[str],
    ) -> dict[str, Any]:
        before = [answers[one] for one in part.get("dependsOn", ())]
        request = self._request(asked, part)
        if any(one["status"] >= 400 for one in before):
            error = GraphError(424, "FailedDependency", "A request it depends on has failed.")
            return told(part["id"], Reply(424, error.to_json()))
        if not part.get("dependsOn"):
            mailbox = self._api.owner_of(request)
            busy[mailbox] += 1
            if self._switches["batch_same_mailbox"] == "throttled" and busy[mailbox] > AT_ONCE:
                error = GraphError(429, "ApplicationThrottled")
                return told(part["id"], Reply(429, error.to_json(), {"Retry-After": "1"}))
        return told(part["id"], self._answer_part(request))

    def _request(self, asked: Incoming, part: dict[str, Any]) -> Incoming:
        """The part as a request of its own: only the token comes from the envelope."""
        path, _, query = part["url"].partition("?")
        given = part.get("headers") or {}
        known = {name.lower(): str(value) for name, value in given.items()}
        names = ("Prefer", "Content-Type", "If-Match", "client-request-id")
        headers = {name: known[name.lower()] for name in names if name.lower() in known}
        headers["Authorization"] = asked.headers.get("Authorization") or ""
        body = b"" if part.get("body") is None else json.dumps(part["body"]).encode()
        return Incoming(part["method"], PREFIX + path.lstrip("/"), query, headers, body)


def in_order(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each part after those that it depends on. Raises GraphError 400 when they wait in a ring."""
    ordered: list[dict[str, Any]] = []
    waiting = parts
    while waiting:
        done = {one["id"] for one in ordered}
        ready = [one for one in waiting if done.issuperset(one.get("dependsOn", ()))]
        if not ready:
            raise malformed("dependsOn goes in a ring.")
        ordered += ready
        waiting = [one for one in waiting if one not in ready]
    return ordered


def malformed(message: str) -> GraphError:
    return GraphError(400, "BadRequest", message)


def told(name: str, reply: Reply) -> dict[str, Any]:
    """One part of the answer."""
    answer: dict[str, Any] = {"id": name, "status": reply.status, "headers": reply.headers}
    if reply.payload is not None:
        answer["headers"] = {"Content-Type": "application/json", **reply.headers}
        answer["body"] = reply.payload
    return answer
