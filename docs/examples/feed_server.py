"""A feed of booked sessions for calsync, as small as it gets: standard library only.

    FEED_TOKEN=secret python3 feed_server.py sessions.jsonl 8080

Serves a JSON-lines file, one record a line. A real platform asks its database instead; what each
answer has to hold is in docs/http-feed.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PAGE = 200
FILE, TOKEN = Path(sys.argv[1]), os.environ.get("FEED_TOKEN", "")


def records() -> list[dict]:
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line]


def order(record: dict) -> tuple[float, str]:
    """When it changed, then its id: a place in the feed that never repeats."""
    return datetime.fromisoformat(record["updated_at"]).timestamp(), record["id"]


def changes(cursor: str) -> dict:
    """What changed after the cursor, oldest first."""
    after = tuple(json.loads(cursor)) if cursor else (0.0, "")
    found = sorted((one for one in records() if order(one) > after), key=order)
    page = found[:PAGE]
    last = json.dumps(order(page[-1])) if page else cursor
    return {"sessions": page, "next": last or None, "more": len(found) > PAGE}


def everything(cursor: str) -> dict:
    """Every session by id. One that is added or deleted between two pages makes `count` differ,
    and calsync asks again later."""
    whole = sorted(records(), key=lambda one: one["id"])
    found = [one for one in whole if one["id"] > cursor]
    page, more = found[:PAGE], len(found) > PAGE
    answer = {"sessions": page, "next": page[-1]["id"] if page else None, "more": more}
    return answer if more else answer | {"complete": True, "count": len(whole)}


class Feed(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "").encode()
        if TOKEN and not hmac.compare_digest(given, f"Bearer {TOKEN}".encode()):
            return self.answer(401, b"")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        read = everything if asked.get("all") == "true" else changes
        try:
            body = json.dumps(read(asked.get("cursor", ""))).encode()
        except (ValueError, TypeError):  # a cursor that we did not give: calsync begins anew
            return self.answer(410, b"")
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if self.headers.get("If-None-Match") == tag:
            return self.answer(304, b"", tag)
        return self.answer(200, body, tag)

    def answer(self, status: int, body: bytes, tag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if tag:
            self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: a log line would hold the query."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Feed) as server:
        sys.stdout.write(f"http://127.0.0.1:{server.server_port}/\n")
        sys.stdout.flush()
        server.serve_forever()
