"""Every kind of source hashes what it was given, gives the same hash for the same, and does not
read what is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from calsync.ports import KnownRecords, Page, SessionSource
from calsync.sources import files
from calsync.sources.file import FileSource
from calsync.sources.sql import rows
from calsync.sources.sql.source import SqlSource
from tests.sources.mapping.standin import standing_in
from tests.sources.mapping.test_mapping import a_booking, a_map
from tests.sources.platform import Platform
from tests.sources.records import a_record

IDS = ("ses-1", "ses-2", "ses-3")


@dataclass
class Written:
    """A source, and what changes the last of its three records."""

    source: SessionSource
    change: Callable[[], object]


def of_lines(folder: Path, _stack: ExitStack) -> Written:
    path, records = folder / "s.jsonl", [a_record(id=one) for one in IDS]

    def write() -> None:
        path.write_text("\n".join(json.dumps(one) for one in records))

    def change() -> None:
        records[-1]["title"] = "Another"
        write()

    write()
    return Written(FileSource("f", "default", path), change)


def of_document(folder: Path, _stack: ExitStack) -> Written:
    path, records = folder / "s.json", [a_record(id=one) for one in IDS]
    path.write_text(json.dumps(records, indent=1))
    records[-1] = a_record(id=IDS[-1], title="Another")
    return Written(FileSource("f", "default", path), lambda: path.write_text(json.dumps(records)))


def of_rows(folder: Path, stack: ExitStack) -> Written:
    made = Platform(f"sqlite:///{folder / 's.db'}")
    stack.callback(made.engine.dispose)
    made.run(
        "CREATE TABLE s (id text, updated_at text, status text, title text, starts_at text,"
        " ends_at text, time_zone text)"
    )
    made.run("CREATE TABLE a (session_id text, id text, name text, email text)")
    for one in IDS:
        made.run(
            f"INSERT INTO s VALUES ('{one}', '2026-11-20T09:30:00Z', 'booked', 'Title',"
            " '2026-12-03 15:00:00', '2026-12-03 15:45:00', 'America/Toronto')"
        )
        made.run(f"INSERT INTO a VALUES ('{one}', 'u-1', 'Maya', 'maya@example.org')")
    source = SqlSource(
        "db", "default", made.url, "SELECT * FROM s", participants_query="SELECT * FROM a"
    )
    return Written(source, lambda: made.run("UPDATE a SET name = 'Mia' WHERE session_id = 'ses-3'"))


def of_feed(_folder: Path, stack: ExitStack) -> Written:
    records = [a_record(id=one) for one in IDS]
    answer: dict[str, Any] = {"sessions": records, "next": "c", "complete": True, "count": 3}
    api = stack.enter_context(standing_in(lambda _: answer))
    api.headers["Content-Type"] = "application/json"
    return Written(api.source(), lambda: records[-1].update(title="Another"))


def of_mapping(_folder: Path, stack: ExitStack) -> Written:
    bookings = [a_booking(one) for one in IDS]
    api = stack.enter_context(standing_in(lambda _: {"bookings": bookings}))
    return Written(api.source(map=a_map()), lambda: bookings[-1].update(name="Another"))


@pytest.fixture(params=[of_lines, of_document, of_rows, of_feed, of_mapping])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Written]:
    with closing(ExitStack()) as stack:
        yield request.param(tmp_path, stack)


def hashes(found: Iterator[Page]) -> dict[str, str]:
    return {ident: one for page in found for ident, one in page.hashes.items()}


def read_and_known(found: Iterator[Page]) -> tuple[list[str], list[str]]:
    pages = list(found)
    assert not any(page.refused for page in pages)
    read = [one.id for page in pages for one in page.sessions]
    return read, [one for page in pages for one in page.unchanged]


def test_what_a_poll_or_a_sweep_has_read_is_known_until_it_changes(written: Written) -> None:
    source = written.source
    known = hashes(source.sweep())
    assert sorted(known) == list(IDS)
    assert len(set(known.values())) == 3
    assert hashes(source.changes(None)) == known

    def to_read(found: Mapping[str, str]) -> Collection[str]:
        return [ident for ident, one in found.items() if known.get(ident) != one]

    records = KnownRecords(to_read=to_read)
    for found in (source.sweep(records), source.changes(None, records)):
        assert read_and_known(found) == ([], list(IDS))
    other = hashes(source.sweep(KnownRecords(rules="other")))
    assert not {*other.values()} & {*known.values()}

    written.change()
    assert read_and_known(source.sweep(records)) == ([IDS[-1]], list(IDS[:-1]))


def test_a_value_that_json_does_not_know_costs_no_other_row(postgres: Platform) -> None:
    """A driver gives an array of anything as a list."""
    columns = (
        "id text, updated_at timestamptz, status text, title text, starts_at text, ends_at text"
    )
    postgres.run(f"CREATE TABLE s ({columns}, time_zone text, participants uuid[])")
    for one, people in (("ses-1", "'00000000-0000-4000-8000-000000000001'::uuid"), ("ses-2", "")):
        postgres.run(
            f"INSERT INTO s VALUES ('{one}', '2026-11-20T09:30:00Z', 'booked', 'Title',"
            " '2026-12-03 15:00:00', '2026-12-03 15:45:00', 'America/Toronto',"
            f" ARRAY[{people}]::uuid[])"
        )
    source = SqlSource("db", "default", postgres.url, "SELECT * FROM s")
    pages = list(source.changes(None))
    assert [one.id for page in pages for one in page.sessions] == ["ses-1", "ses-2"]
    assert list(hashes(iter(pages))) == ["ses-2"]


def of_known(path: Path) -> tuple[FileSource, KnownRecords]:
    """The source of this file, and what is known once it was swept."""
    source = FileSource("f", "default", path)
    found = hashes(source.sweep())
    return source, KnownRecords(
        to_read=lambda asked: [one for one in asked if found.get(one) != asked[one]]
    )


def swept(found: Iterator[Page]) -> tuple[list[str], list[str]]:
    """What was read, by title, and what was known."""
    pages = list(found)
    read = [one.title for page in pages for one in page.sessions]
    return read, [one for page in pages for one in page.unchanged]


ODD_IDS = ("ses-1", "SES-1", "ses 1", 'ses"1', "ses\\1", "séance", "12", "id", "ses-1, ses-2")


def test_a_record_is_known_whatever_its_id_and_wherever_that_is_written(tmp_path: Path) -> None:
    path, records = tmp_path / "s.jsonl", [a_record(id=one) for one in ODD_IDS]
    records[2] = {name: records[2][name] for name in reversed(records[2])}
    records[6]["id"] = 12
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records))
    source, known = of_known(path)
    read, same = swept(source.sweep(known))
    assert (read, sorted(same)) == ([], sorted(ODD_IDS))


def test_no_line_that_is_known_is_read_as_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(a_record(id=one)) + "\n" for one in IDS))
    source, known = of_known(path)
    monkeypatch.setattr(files, "_parse", lambda _: pytest.fail("a line was read"))
    assert swept(source.sweep(known)) == ([], list(IDS))


def test_beside_a_known_record_the_newest_one_of_its_session_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is the known one or another, and wherever the two are in the file."""
    path = tmp_path / "s.jsonl"

    def line(day: int, title: str, ident: str = "ses-1") -> str:
        stamp = f"2026-11-{day:02}T09:00:00Z"
        return json.dumps(a_record(id=ident, updated_at=stamp, title=title)) + "\n"

    mine, other = line(5, "known"), line(5, "other", "ses-2")
    path.write_text(mine + other)
    source, known = of_known(path)
    for more, read in (
        (mine + other + line(4, "older"), []),
        (line(4, "older") + mine + other, []),
        (mine + other + line(6, "newer"), ["newer"]),
        (line(6, "newer") + mine + other, ["newer"]),
        (mine + other + line(5, "as new, later"), ["as new, later"]),
        (line(5, "as new, before") + mine + other, []),
        (mine + other + mine, []),
    ):
        path.write_text(more)
        for at_once in (1, 10_000):  # each in a part of its own, and all in one
            monkeypatch.setattr(files, "AT_ONCE", at_once)
            found, same = swept(source.sweep(known))
            assert (found, {*same} - {"ses-1"}) == (read, {"ses-2"})
            assert read or "ses-1" in same


@pytest.mark.parametrize("row_id", ["before", "zz-after"])
def test_a_row_whose_record_has_another_id_is_read_each_time(tmp_path: Path, row_id: str) -> None:
    """Nor is the session known by a row of its own: which of two counts is seen in both."""
    made = Platform(f"sqlite:///{tmp_path / 's.db'}")
    made.run("CREATE TABLE s (id text, updated_at text, record text)")
    for ident, title in (("ses-1", "own"), (row_id, "other"), ("ses-2", "alone")):
        record = a_record(id="ses-2" if ident == "ses-2" else "ses-1", title=title)
        text = json.dumps(record).replace("'", "''")
        made.run(f"INSERT INTO s VALUES ('{ident}', '{record['updated_at']}', '{text}')")
    made.engine.dispose()
    source = SqlSource("db", "default", made.url, "SELECT * FROM s")
    found = hashes(source.sweep())
    assert list(found) == ["ses-2"]
    asked: list[str] = []
    known = KnownRecords(to_read=lambda records: asked.extend(records) or ["ses-1", row_id])
    read, same = swept(source.sweep(known))
    assert (sorted(read), same, len(asked)) == (["other", "own"], ["ses-2"], 3)


def test_json_of_postgres_is_read_only_where_its_row_changed(
    postgres: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns_of = "id text, updated_at timestamptz, record json, participants jsonb"
    postgres.run(f"CREATE TABLE s ({columns_of})")
    for one in IDS[:2]:
        text = json.dumps(a_record(id=one)).replace("'", "''")
        postgres.run(f"INSERT INTO s VALUES ('{one}', '2026-11-20T09:30:00Z', '{text}', '[]')")
    columns = {name: value for name, value in a_record().items() if isinstance(value, str)}
    names = ("status", "title", "starts_at", "ends_at", "time_zone")
    for name in names:
        postgres.run(f"ALTER TABLE s ADD {name} text")
    values = ", ".join(f"'{columns[name]}'" for name in names)
    postgres.run(
        f"INSERT INTO s VALUES ('ses-3', '2026-11-20T09:30:00Z', ' null ', '[]', {values})"
    )
    source = SqlSource("db", "default", postgres.url, "SELECT * FROM s")
    found = hashes(source.sweep())
    assert sorted(found) == list(IDS)

    known = KnownRecords(to_read=lambda asked: [one for one in asked if found[one] != asked[one]])
    postgres.run("UPDATE s SET participants = '[{}]' WHERE id = 'ses-2'")
    parsed: list[object] = []
    monkeypatch.setattr(rows, "parse_json", lambda text: parsed.append(text) or json.loads(text))
    assert read_and_known(source.sweep(known)) == (["ses-2"], ["ses-1", "ses-3"])
    assert len(parsed) == 1
