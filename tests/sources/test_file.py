"""Files: every shape, changes by date, sweeps, and files that are being written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.errors import SourceError
from calsync.ports import Page, SessionSource
from calsync.sources import files
from calsync.sources.file import FileSource
from calsync.sources.pages import PAGE
from tests.sources.records import EXAMPLE, LEAVE_OUT, NOW, a_record, lines, written


def a_source(path: Path, now: datetime = NOW, **options: Any) -> FileSource:
    return FileSource("feed", "default", path, clock=lambda: now, **options)


def ids(pages: Iterator[Page] | list[Page]) -> list[str]:
    return [one.id for page in pages for one in page.sessions]


def at(day: int, hour: int = 9) -> str:
    return f"2026-11-{day:02}T{hour:02}:00:00Z"


def numbered(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Records s-1000 ... whose updated_at grows by a second."""
    start = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    return [
        a_record(
            id=f"s-{1000 + n}", updated_at=(start + timedelta(seconds=n)).isoformat(), **changes
        )
        for n in range(count)
    ]


def test_it_is_a_session_source(tmp_path: Path) -> None:
    source: SessionSource = a_source(tmp_path)
    assert (source.name, source.tenant) == ("feed", "default")


TWO = [a_record(id="b", updated_at=at(2)), a_record(id="a", updated_at=at(3))]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(TWO),
        json.dumps(TWO, indent=2),
        json.dumps({"sessions": TWO}),
        json.dumps({"page": 1, "sessions": TWO}, indent=2),
        lines(*TWO),
        lines(*TWO).rstrip("\n"),
        "\n\n" + lines(*TWO).replace("\n", "\r\n\r\n"),
        "\ufeff" + json.dumps(TWO),
        "\ufeff" + lines(*TWO),
    ],
    ids=["array", "pretty", "object", "pretty object", "lines", "no end", "crlf", "bom", "bom2"],
)
def test_the_shape_is_told_from_the_content(tmp_path: Path, content: str) -> None:
    source = a_source(written(tmp_path / "sessions.txt", content))
    (page,) = source.changes(None)
    assert ids([page]) == ["b", "a"]  # oldest first
    assert (page.refused, page.warnings, page.now) == ((), (), NOW)
    assert ids(source.sweep()) == ["a", "b"]  # by id


def test_a_folder_is_all_its_json_files(tmp_path: Path) -> None:
    written(tmp_path / "1.json", TWO[0])
    written(tmp_path / "2.json", json.dumps([TWO[1]], indent=1))
    written(tmp_path / "3.json", lines(a_record(id="c", updated_at=at(4))))
    written(tmp_path / "notes.txt", "{")
    source = a_source(tmp_path)
    assert ids(source.changes(None)) == ["b", "a", "c"]
    assert ids(source.sweep()) == ["a", "b", "c"]


def test_a_folder_has_json_lines_too(tmp_path: Path) -> None:
    written(tmp_path / "1.jsonl", lines(TWO[0]))
    written(tmp_path / "2.ndjson", lines(TWO[1]))
    written(tmp_path / "3.JSON", [a_record(id="c", updated_at=at(4))])
    assert ids(a_source(tmp_path).changes(None)) == ["b", "a", "c"]


@pytest.mark.parametrize("path", ["", "no folder", "no file.json", "*.json"])
def test_a_path_that_matches_no_file_is_no_empty_source(tmp_path: Path, path: str) -> None:
    written(tmp_path / "sessions.csv", "id")
    source = a_source(tmp_path / path)
    for read in (lambda: source.changes(None), source.sweep):
        with pytest.raises(SourceError, match="check the source's path"):
            list(read())


def test_a_folder_that_lost_its_last_file_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", TWO)
    source = a_source(tmp_path)
    (page,) = source.changes(None)
    path.unlink()
    with pytest.raises(SourceError, match=r"contains no \.json, \.jsonl or \.ndjson file"):
        list(source.changes(page.cursor))


def test_an_unchanged_file_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = a_source(written(tmp_path / "s.json", TWO))
    (page,) = source.changes(None)
    monkeypatch.setattr(files.Files, "parts", lambda _: pytest.fail("the file was read"))
    assert list(source.changes(page.cursor)) == []


@pytest.mark.parametrize("change", ["size", "date", "inode", "one of a folder", "one more"])
def test_every_way_to_write_is_noticed(tmp_path: Path, change: str) -> None:
    path = written(tmp_path / "s.json", [a_record(id="a")])
    source = a_source(tmp_path if "one" in change else path)
    (page,) = source.changes(None)
    new = [a_record(id="b")]
    if change == "size":
        written(path, json.dumps(new) + " ")
    elif change == "inode":
        written(tmp_path / "new", new).rename(path)
    elif change == "one more":
        written(tmp_path / "t.json", new)
    else:
        written(path, new, at=1_700_000_001)
    assert "b" in ids(source.changes(page.cursor))


def test_a_file_written_just_now_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text(json.dumps([a_record(id="a")]))
    stat = path.stat()
    source = a_source(path)
    (page,) = source.changes(None)
    path.write_text(json.dumps([a_record(id="b")]))  # same size, and the same tick of the clock
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert ids(source.changes(page.cursor)) == ["b"]


def test_only_what_is_newer_than_the_newest_less_the_overlap_comes_again(tmp_path: Path) -> None:
    records = [
        a_record(id="old", updated_at="2026-11-20T09:57:59Z"),
        a_record(id="overlap", updated_at="2026-11-20T09:58:00Z"),
        a_record(id="newest", updated_at="2026-11-20T10:00:00Z"),
    ]
    path = tmp_path / "s.json"
    source = a_source(written(path, records), overlap_seconds=120)
    (page,) = source.changes(None)
    late = a_record(id="late", updated_at="2026-11-20T09:59:00Z")
    written(path, [late, *records])
    (page,) = source.changes(page.cursor)
    assert ids([page]) == ["overlap", "late", "newest"]
    assert list(source.changes(page.cursor)) == []


def test_a_date_in_the_future_does_not_hide_what_comes_after(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    ahead = a_record(id="ahead", updated_at="2031-01-01T00:00:00Z")
    source = a_source(written(path, [ahead]))
    (page,) = source.changes(None)
    assert "in the future" in page.warnings[0]
    written(path, [ahead, a_record(id="next", updated_at="2026-11-24T12:01:00Z")])
    later = a_source(path, NOW + timedelta(hours=1))
    assert "next" in ids(later.changes(page.cursor))


def test_a_touched_file_gives_a_cursor_that_is_good(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", TWO)
    source = a_source(path, overlap_seconds=0)
    (page,) = source.changes(None)
    os.utime(path, (1_700_000_009, 1_700_000_009))
    (page,) = source.changes(page.cursor)
    assert ids([page]) == ["a"]
    assert list(source.changes(page.cursor)) == []


@pytest.mark.parametrize("cursor", ["2026-11-20T10:00:00+00:00", "x", "[]", "{}", '{"newest": 1}'])
def test_a_cursor_of_another_source_begins_anew(tmp_path: Path, cursor: str) -> None:
    assert ids(a_source(written(tmp_path / "s.json", TWO)).changes(cursor)) == ["b", "a"]


@pytest.mark.parametrize("shape", ["array", "lines"])
def test_many_come_in_pages_and_each_cursor_is_good(tmp_path: Path, shape: str) -> None:
    records = numbered(2 * PAGE + 1)
    mixed = records[::-1]
    path = tmp_path / "s"
    written(path, mixed if shape == "array" else lines(*mixed))
    source = a_source(path, overlap_seconds=0)
    pages = list(source.changes(None))
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 1]
    assert ids(pages) == [one["id"] for one in mixed], "a first read, as they are there"
    assert ids(source.changes(pages[0].cursor)) == [one["id"] for one in mixed[PAGE:]]
    assert ids(source.changes(pages[1].cursor)) == [mixed[-1]["id"]]
    assert list(source.changes(pages[2].cursor)) == []
    assert ids(source.sweep()) == sorted(one["id"] for one in records)

    written(path, mixed[1:] if shape == "array" else lines(*mixed[1:]), at=1_700_000_001)
    assert ids(source.changes(pages[0].cursor)) == [one["id"] for one in mixed[1:]], "anew"


@pytest.mark.parametrize("shape", ["array", "lines"])
def test_what_was_updated_comes_in_pages_oldest_first_and_each_cursor_is_good(
    tmp_path: Path, shape: str
) -> None:
    records = numbered(2 * PAGE + 2)
    path = tmp_path / "s"
    source = a_source(written(path, records[:1]), overlap_seconds=0)
    (first,) = source.changes(None)
    mixed = records[:0:-1]
    written(path, mixed if shape == "array" else lines(*mixed), at=1_700_000_001)
    pages = list(source.changes(first.cursor))
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 1]
    assert ids(pages) == [one["id"] for one in records[1:]]
    assert ids(source.changes(pages[0].cursor)) == [one["id"] for one in records[PAGE:]]


def test_the_first_page_of_a_first_read_waits_for_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "AT_ONCE", 1)
    read: list[object] = []
    real = files._parse
    path = written(tmp_path / "s.jsonl", lines(*numbered(3 * PAGE)))

    def parse(data: bytes) -> object:
        read.append(real(data))
        return read[-1]

    monkeypatch.setattr(files, "_parse", parse)
    next(a_source(path).changes(None))
    assert len(read) <= 2 * PAGE + 2  # listed and loaded


def test_a_first_read_of_a_folder_goes_on_in_the_file_that_it_had_reached(tmp_path: Path) -> None:
    records = numbered(2 * PAGE + 2)
    written(tmp_path / "1.json", records[:3])
    written(tmp_path / "2.jsonl", lines(*records[3 : PAGE + 3]))
    written(tmp_path / "3.json", records[PAGE + 3 :])
    source = a_source(tmp_path)
    pages = list(source.changes(None))
    assert ids(pages) == [one["id"] for one in records]
    assert ids(source.changes(pages[0].cursor)) == ids(pages[1:])
    assert ids(source.changes(pages[1].cursor)) == ids(pages[2:])


def test_bad_records_are_refused_one_by_one(tmp_path: Path) -> None:
    records = [
        a_record(id="good"),
        a_record(id="bad", status="?"),
        a_record(id="undated", updated_at=LEAVE_OUT),
        a_record(id=LEAVE_OUT),
        7,
    ]
    (page,) = a_source(written(tmp_path / "s.json", records)).changes(None)
    assert ids([page]) == ["good"]
    assert {(one.record, one.field) for one in page.refused} == {
        ("bad", "status"),
        ("undated", "updated_at"),
        ("s.json record 4", "id"),
        ("s.json record 5", "record"),
    }


def test_a_bad_line_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    content = lines(TWO[0]) + '{"id": "x", "agenda": "secr\n' + lines(TWO[1])
    (page,) = a_source(written(tmp_path / "s.jsonl", content)).changes(None)
    assert ids([page]) == ["b", "a"]
    (error,) = page.refused
    assert (error.record, error.field) == ("s.jsonl line 2", "line")
    assert "secr" not in str(error)


def test_a_last_line_without_its_end_waits_for_it(tmp_path: Path) -> None:
    path, whole = tmp_path / "s.jsonl", lines(*TWO)
    source = a_source(written(path, whole[:-20]))
    (page,) = source.changes(None)
    assert (ids([page]), page.refused) == (["b"], ())
    assert "line 2" in page.warnings[0]
    written(path, whole)
    assert ids(source.changes(page.cursor)) == ["b", "a"]


@pytest.mark.parametrize("content", ["", "[", '[{"id": "a"}', '{"sessions": [', "sessions", '"x"'])
def test_an_unfinished_document_fails_the_whole_read(tmp_path: Path, content: str) -> None:
    source = a_source(written(tmp_path / "s.json", content))
    for read in (source.changes(None), source.sweep()):
        with pytest.raises(SourceError, match=r"s\.json: "):
            list(read)


def test_one_unfinished_file_of_a_folder_fails_the_whole_read(tmp_path: Path) -> None:
    written(tmp_path / "1.json", TWO)
    written(tmp_path / "2.json", "[{")
    with pytest.raises(SourceError, match=r"2\.json: is not complete JSON \(line 1\); write"):
        list(a_source(tmp_path).changes(None))


def test_bytes_that_are_no_text_are_an_error_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(b'[{"id": "\xff"}]')
    with pytest.raises(SourceError, match=r"is latin-1 \(or Windows-1252\), not UTF-8"):
        list(a_source(path).changes(None))
    path.write_text("[" * 100_000)
    with pytest.raises(SourceError, match="JSON nested too deeply"):
        list(a_source(path).changes(None))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    source = a_source(tmp_path / "none.json")
    for read in (source.changes(None), source.sweep()):
        with pytest.raises(SourceError, match=r"none\.json: No such file.*check the source's path"):
            list(read)


def test_an_empty_list_is_a_page_without_sessions(tmp_path: Path) -> None:
    source = a_source(written(tmp_path / "s.json", []))
    (page,) = source.changes(None)
    assert ids([page]) == []
    assert list(source.changes(page.cursor)) == []
    assert ids(source.sweep()) == []


def test_a_sweep_shows_the_newest_record_of_each_session(tmp_path: Path) -> None:
    content = lines(
        a_record(id="a", updated_at=at(3), title="new"),
        a_record(id="b", updated_at=at(2), title="first"),
        a_record(id="a", updated_at=at(1), title="old"),
        a_record(id="b", updated_at=at(2), title="second"),
    )
    pages = list(a_source(written(tmp_path / "s.jsonl", content)).sweep())
    assert [one.title for page in pages for one in page.sessions] == ["new", "second"]


@pytest.mark.parametrize("last", ["{oops\n", '{"id": ', '{"status": "booked"}\n'])
def test_a_sweep_that_cannot_tell_what_is_missing_fails_at_its_end(
    tmp_path: Path, last: str
) -> None:
    source = a_source(written(tmp_path / "s.jsonl", lines(*TWO) + last))
    pages = source.sweep()
    assert ids([next(pages)]) == ["a", "b"]
    with pytest.raises(SourceError, match=r"s\.jsonl line 3.*unknown which sessions are missing"):
        next(pages)


def test_a_sweep_of_a_file_written_meanwhile_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "s.jsonl", lines(*TWO))
    real = files.Files.parts

    def parts(self: files.Files, *given: files.Spot) -> Iterator[files.Part]:
        yield from real(self, *given)
        written(path, lines(EXAMPLE))

    monkeypatch.setattr(files.Files, "parts", parts)
    with pytest.raises(SourceError, match=r"s\.jsonl: was written while it was read"):
        list(a_source(path).sweep())


def test_a_bad_line_of_a_file_written_meanwhile_accuses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "s.jsonl", lines(*TWO) + "{half\n")
    real = files.Files.parts

    def parts(self: files.Files, *given: files.Spot) -> Iterator[files.Part]:
        yield from real(self, *given)
        written(path, lines(EXAMPLE))

    monkeypatch.setattr(files.Files, "parts", parts)
    with pytest.raises(SourceError, match=r"s\.jsonl: was written while it was read"):
        list(a_source(path).changes(None))


def test_lines_that_moved_between_listing_and_loading_fail_the_read(tmp_path: Path) -> None:
    records = numbered(2 * PAGE)
    path = written(tmp_path / "s.jsonl", lines(*records))
    pages = a_source(path).changes(None)
    next(pages)
    with path.open("r+b") as file:  # in place: the same file is open for reading
        file.write(lines(*records[::-1]).encode())
    with pytest.raises(SourceError, match="rewritten while it was read"):
        list(pages)


def test_strict_refuses_notes(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", [a_record(admin_notes="x")])
    (page,) = a_source(path, strict=True).changes(None)
    assert [one.field for one in page.refused] == ["admin_notes"]
