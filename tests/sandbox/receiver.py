"""An address that Graph's notifications go to: a plain HTTP server on loopback."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.sandbox.graph_caller import GraphCaller


class Clock:
    """Stands until it is set."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(urlsplit(self.path).query)
        self.server.paths.append(self.path)
        if "validationToken" in query:
            self.server.kinds.append(self.headers["Content-Type"])
            status, kind, text = self.server.validate(query["validationToken"][0])
        else:
            status, kind, text = self.server.status(), "text/plain", ""
            if status < 300:
                self.server.taken.extend(json.loads(body)["value"])
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())


class Receiver(ThreadingHTTPServer):
    """Right as it stands; `validate` and `status` may be exchanged for wrong ones."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/hook?of=calsync"
        self.life_url = f"http://127.0.0.1:{self.server_port}/life"
        self.paths: list[str] = []
        self.kinds: list[str] = []
        self.taken: list[dict[str, Any]] = []
        self.validate: Callable[[str], tuple[int, str, str]] = right
        self.status: Callable[[], int] = lambda: 202
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Graph may hang up on a slow receiver; anything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def changes(self) -> list[tuple[str, str]]:
        """What was notified: changeType and the event's id."""
        return [
            (one["changeType"], one["resourceData"]["id"])
            for one in self.taken
            if "changeType" in one
        ]

    def events(self) -> list[str]:
        """What was told of subscriptions' lives."""
        return [one["lifecycleEvent"] for one in self.taken if "lifecycleEvent" in one]


def right(token: str) -> tuple[int, str, str]:
    return 200, "text/plain; charset=utf-8", token


def subscribe(
    caller: GraphCaller, receiver: Receiver, headers: dict[str, str] | None = None, **changes: Any
) -> Any:
    """The answer to a subscription request; a change to None leaves the property out."""
    body = {
        "changeType": "created,updated,deleted",
        "notificationUrl": receiver.url,
        "resource": f"{caller.root}/events",
        "expirationDateTime": in_days(1),
        "clientState": "secret",
    } | changes
    body = {name: one for name, one in body.items() if one is not None}
    return caller.call("POST", "/subscriptions", json=body, headers=headers)


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()
