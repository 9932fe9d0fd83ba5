"""A small API of somebody else: answers JSON by a function, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from calsync.bootstrap.sources import make_source
from calsync.config.source_section import SourceSection
from calsync.ports import Page, SampledSource
from providers.http.watchdog import Watchdog


@dataclass
class Call:
    """One request."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


Answer = Callable[[Call], Any]  # JSON, or (status, JSON)


@dataclass
class StandIn:
    """A running API. `answer` may be changed; `headers` go with every answer."""

    answer: Answer
    calls: list[Call] = field(default_factory=list)
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def source(self, path: str = "/bookings", **table: Any) -> SampledSource:
        """A source of this API, checked as a configuration is."""
        given = {"name": "api", "kind": "http", "url": self.url + path} | table
        section = SourceSection.model_validate(given)
        assert list(section.check()) == []
        return make_source(section, Watchdog())


@contextmanager
def standing_in(answer: Answer) -> Iterator[StandIn]:
    made = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(where.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, where.path, query, headers, body)
            made.calls.append(call)
            found = made.answer(call)
            status, value = found if isinstance(found, tuple) else (200, found)
            text = value if isinstance(value, bytes) else json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            for name, told in made.headers.items():
                self.send_header(name, told)
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ids(pages: list[Page]) -> list[str]:
    return [one.id for page in pages for one in page.sessions]


def refusals(pages: list[Page]) -> dict[str, str]:
    return {one.record: f"{one.field}: {one.reason}" for page in pages for one in page.refused}
