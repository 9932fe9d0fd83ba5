"""The platform's second way out: a feed of booked sessions on loopback (docs/http-feed.md)."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    url: str
    token: str = field(repr=False)


@contextmanager
def serving(records: Callable[[], list[Record]]) -> Iterator[Feed]:
    """Serve what `records` gives, as it is at each request."""
    token = secrets.token_urlsafe(24)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            allowed = self.headers.get("Authorization") == f"Bearer {token}"
            body = json.dumps(_page(records(), asked)).encode() if allowed else b""
            self.send_response(200 if allowed else 401)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The demo tells its story by itself."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="feed", daemon=True)
        thread.start()
        try:
            yield Feed(f"http://127.0.0.1:{server.server_port}/", token)
        finally:
            server.shutdown()
            thread.join()


def _page(records: list[Record], asked: Mapping[str, list[str]]) -> dict[str, Any]:
    """A platform this small needs one page."""
    if asked.get("all") == ["true"]:
        return {"sessions": records, "complete": True, "count": len(records)}
    cursor = asked.get("cursor", [""])[0]
    fresh = [one for one in records if one["updated_at"] > cursor]
    newest = max((one["updated_at"] for one in fresh), default=cursor)
    return {"sessions": sorted(fresh, key=lambda one: one["updated_at"]), "next": newest or None}
