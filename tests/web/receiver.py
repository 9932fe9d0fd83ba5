"""A platform that is told by webhook, over real HTTP: it remembers, and fails on cue."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """keys     by id, as the platform knows them
    answers  statuses of the next calls, then `usual`; 0 breaks the connection off unanswered
    refuses  sessions about which it takes no fact, ever
    calls    every call with a right signature: the facts in it, and what it was answered"""

    keys: dict[str, str]
    url: str = ""
    usual: int = 204
    answers: list[int] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    calls: list[tuple[list[dict[str, Any]], int]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)

    def take(self, header: str, body: bytes) -> int:
        parts = dict(part.split("=", 1) for part in header.split(","))
        key = base64.b64decode(self.keys.get(parts["kid"], ""))
        made = hmac.new(key, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(made, parts["v1"]):
            self.forged.append(header)
            return 401
        facts = json.loads(body)["facts"]
        status = self.answers.pop(0) if self.answers else self.usual
        if any(one["session"] in self.refuses for one in facts):
            status = 422
        self.calls.append((facts, status))
        return status

    def sessions(self) -> list[str]:
        """Of the facts that were taken, repetitions included."""
        return [one["session"] for facts, status in self.calls if status == 204 for one in facts]


@contextmanager
def receiving(keys: dict[str, str]) -> Iterator[Receiver]:
    receiver = Receiver(keys)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = receiver.take(self.headers["Calsync-Signature"], body)
            if status:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
