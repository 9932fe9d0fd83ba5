"""The example server of docs/examples as a process, read by the source it is written for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calsync.errors import SourceError
from calsync.sources.http import FeedCursor, HttpSource
from providers.http.transport import Transport, retry_after
from providers.http.watchdog import Watchdog
from tests.sources.feeds import TOKEN, example_feed, ids
from tests.sources.records import a_record


class Example:
    """The server, its file, and a source that reads it."""

    def __init__(self, file: Path, url: str) -> None:
        self.file = file
        self.source = HttpSource("f", "default", url, TOKEN, Transport(Watchdog()), retry_after)

    def write(self, *records: dict[str, Any]) -> None:
        text = "".join(json.dumps(one) + "\n" for one in records)
        self.file.write_text(text, encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Iterator[Example]:
    file = tmp_path / "sessions.jsonl"
    file.touch()
    with example_feed(file, TOKEN) as url:
        yield Example(file, url)


def at(minute: int) -> str:
    return f"2026-11-20T{minute // 60:02}:{minute % 60:02}:00Z"


def test_the_example_server_serves_changes_in_pages_and_then_only_news(example: Example) -> None:
    records = [a_record(id=f"s-{n:03}", updated_at=at(n)) for n in range(450)]
    example.write(*reversed(records))
    pages = list(example.source.changes(None))
    assert ids(pages) == [one["id"] for one in records]
    assert len(pages) == 3
    (idle,) = example.source.changes(pages[-1].cursor)
    assert ids([idle]) == []
    assert list(example.source.changes(idle.cursor)) == []
    example.write(*records, a_record(id="new", updated_at=at(500)))
    assert ids(list(example.source.changes(idle.cursor))) == ["new"]


def test_the_example_server_serves_everything_for_a_sweep(example: Example) -> None:
    example.write(*(a_record(id=f"s-{n:03}") for n in range(450)))
    assert len(set(ids(list(example.source.sweep())))) == 450


def test_the_example_server_refuses_strangers_and_cursors_that_it_did_not_give(
    example: Example,
) -> None:
    example.write(a_record())
    (found,) = example.source.changes(FeedCursor("not mine").write())
    assert (ids([found]), "410" in found.warnings[0]) == (["ses-1001"], True)
    example.source.token = "another"
    with pytest.raises(SourceError, match="401"):
        list(example.source.changes(None))
