"""Files that are larger than memory may be are put in order on disk."""

from __future__ import annotations

import json
import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest

from calsync.sources import ordered
from calsync.sources.file import FileSource
from calsync.sources.files import Files
from calsync.sources.ordered import Ids, Ordered

PEAK = 1_600_000  # bytes: more than a page takes, and less than 3,000 entries do


def lines(file: Path, *stamped: tuple[str, str | None]) -> Path:
    file.write_text(
        "".join(json.dumps({"id": ident, "updated_at": at}) + "\n" for ident, at in stamped)
    )
    return file


def test_entries_come_in_the_order_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordered, "AT_ONCE", 2)
    day = "2026-11-0{}T00:00:00.000001Z".format
    stamped = [("b", day(3)), ("a", day(2)), ("b", day(1)), ("c", None), ("a", day(2))]
    file = lines(tmp_path / "a.jsonl", *stamped)
    with Files(file) as files, Ordered(files) as found:
        for one in files.entries():
            found.add(one)
        oldest_first = [(one.id, one.where[-1]) for one in found.by_stamp()]
        newest = [(one.id, one.where[-1], one.stamp) for one in found.newest_by_id()]
        loaded = [one.load() for one in found.newest_by_id()]

    assert len(found) == 5
    assert oldest_first == [("c", "4"), ("b", "3"), ("a", "2"), ("a", "5"), ("b", "1")]
    assert newest == [
        ("a", "5", datetime.fromisoformat(day(2))),
        ("b", "1", datetime.fromisoformat(day(3))),
        ("c", "4", None),
    ]
    assert loaded[1] == {"id": "b", "updated_at": day(3)}


def test_ids_are_counted_once() -> None:
    with Ids() as found:
        found.update(["a", "b", "a"])
        found.update(["b"])
        assert len(found) == 2


@pytest.mark.parametrize("read", ["changes", "sweep"])
def test_the_entries_of_a_file_are_never_all_in_memory(tmp_path: Path, read: str) -> None:
    stamp = "2026-11-01T00:00:00Z"
    file = lines(tmp_path / "large.jsonl", *((f"ses-{n}", stamp) for n in range(3_000)))
    source = FileSource("file", "default", file)
    tracemalloc.start()
    try:
        pages = source.changes(None) if read == "changes" else source.sweep()
        seen = sum(len(page.sessions) + len(page.refused) for page in pages)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (seen, peak < PEAK) == (3_000, True)
