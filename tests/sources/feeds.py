"""Feeds that follow a test's script, and what they were asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from calsync.demo.servers import ending
from calsync.errors import SourceError
from calsync.ports import Page
from calsync.sources.http import HttpSource
from tests.dripping import Dripping, Script, Visitor
from tests.sources.records import NOW

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "feed_server.py"
TOKEN = "feed-token-that-nobody-may-read"
MOST = 200_000
JSON = b"Content-Type: application/json"
DATE = b"Date: Tue, 24 Nov 2026 12:00:00 GMT"


@dataclass
class Asked:
    """One request as the feed saw it."""

    query: dict[str, str]
    headers: dict[str, str]

    @classmethod
    def read(cls, raw: bytes) -> Asked:
        first, *lines = raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        query = parse_qs(urlsplit(first.split()[1]).query)
        pairs = (line.split(": ", 1) for line in lines)
        return cls({n: v[0] for n, v in query.items()}, {n.lower(): v for n, v in pairs})


@dataclass
class Feed:
    """A running feed and the source that reads it."""

    server: Dripping
    source: HttpSource
    now: list[datetime] = field(default_factory=lambda: [NOW])

    def changes(self, cursor: str | None = None) -> list[Page]:
        return list(self.source.changes(cursor))

    def asked(self) -> list[Asked]:
        return [Asked.read(one) for one in self.server.requests]


Serve = Callable[..., Feed]


def page(*records: Any, **rest: Any) -> bytes:
    return json.dumps({"sessions": records, **rest}).encode()


def says(*bodies: bytes, status: bytes = b"200 OK", headers: tuple[bytes, ...] = (JSON,)) -> Script:
    """Answer each request of a connection with the next body, and the last one from then on."""

    def script(visitor: Visitor) -> None:
        left = list(bodies)
        while visitor.request():
            visitor.answer(left.pop(0) if len(left) > 1 else left[0], *headers, status=status)

    return script


def by_cursor(pages: dict[str, bytes], *headers: bytes) -> Script:
    """Answer by the cursor that is asked for."""

    def script(visitor: Visitor) -> None:
        while raw := visitor.request():
            visitor.answer(pages[Asked.read(raw).query.get("cursor", "")], JSON, *headers)

    return script


def ids(pages: list[Page]) -> list[str]:
    return [session.id for one in pages for session in one.sessions]


def refused(feed: Feed, cursor: str | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        feed.changes(cursor)
    text = str(caught.value)
    assert text.startswith("source f: ")
    assert TOKEN not in text
    return text


@contextmanager
def example_feed(file: Path, token: str) -> Iterator[str]:
    """The server of docs/examples over this JSON-lines file, as a process; yields its address."""
    command = [sys.executable, str(EXAMPLE), str(file), "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={"FEED_TOKEN": token})
    with process, ending(process):
        assert process.stdout is not None
        yield process.stdout.readline().decode().strip()
