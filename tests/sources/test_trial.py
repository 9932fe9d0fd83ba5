"""`source try` says of every kind of source what a poll of it would say."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.bootstrap.sources import make_source
from calsync.config.source_section import SourceSection
from calsync.errors import SourceError
from calsync.ports import SampledSource
from calsync.sources import pages
from calsync.sources.trial import Trial, try_source
from providers.http.watchdog import Watchdog
from tests.sources.mapping.standin import StandIn, standing_in
from tests.sources.platform import Platform, a_row
from tests.sources.records import a_person, a_record

LONG = 10**399
# What platforms have written into a field, or an attacker may: one record for each.
BAD: dict[str, list[Any]] = {
    "id": [7, LONG, 1.5, True, [1], "", None, "x" * 5_000, "a\x1b[2Jb", "\ud800", " a"],
    "updated_at": [1795426202, LONG, "2026-11-20T09:30:00", "2999-01-01T00:00:00Z", "soon", None],
    "status": ["BOOKED", None, 1, ["booked"]],
    "title": [["x"], "x" * 10_000, "\u202eevil\x9b2J"],
    "starts_at": ["2099-12-03", "2027-03-14T02:30:00", "2099-12-03T25:00:00", LONG, -1, {}],
    "ends_at": ["2026-12-03T14:00:00", "2027-12-03T15:45:00", None],
    "time_zone": ["Mars/X", 3, "Eastern Standard Time"],
    "place": ["Room 4", {"kind": "online", "url": "javascript:alert(1)"}, {"kind": "zoom"}],
    "participants": [
        {"id": "u"},
        None,
        ["maya@example.org"],
        [a_person()] * 3,
        [a_person(email="nope")],
        [a_person(id=LONG)],
        [a_person(id=f"u-{n}") for n in range(1_001)],
    ],
    "agenda": [{"text": {"a": [1]}}, "text"],
    "personal_notes": ["PLANTED"],
}
RECORDS = [
    a_record(id=f"{name}-{n}") | {name: value}
    for name, values in BAD.items()
    for n, value in enumerate(values)
] + [a_record(id="good")]
FIELDS = {name: name for name in BAD if name not in ("agenda", "place", "personal_notes")}


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in(lambda _: {}) as made:
        made.headers = {"Content-Type": "application/json"}
        yield made


@pytest.fixture(params=["file", "lines", "sql", "feed", "mapped"])
def source(request: pytest.FixtureRequest, tmp_path: Path, api: StandIn) -> SampledSource:
    records, file = RECORDS, tmp_path / f"records.{request.param}"
    if request.param == "file":
        file.write_text(json.dumps(records), "utf-8")
        return made(kind="file", path=str(file))
    if request.param == "lines":
        file.write_text("".join(f"{json.dumps(one)}\n" for one in records), "utf-8")
        return made(kind="file", path=str(file))
    if request.param == "sql":
        rows = [(str(n), "2026-11-20 09:30:00", json.dumps(one)) for n, one in enumerate(records)]
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE booking (id, updated_at, record)")
            db.executemany("INSERT INTO booking VALUES (?, ?, ?)", rows)
        return made(kind="sql", url=f"sqlite:///{file}", query="SELECT * FROM booking")
    api.answer = lambda _: {"sessions": records, "complete": True, "count": len(records)}
    if request.param == "feed":
        return made(kind="http", url=f"{api.url}/feed")
    return made(kind="http", url=f"{api.url}/feed", map={"list": "sessions", "record": FIELDS})


def made(**table: Any) -> SampledSource:
    section = SourceSection.model_validate({"name": "mine"} | table)
    assert list(section.check()) == []
    return make_source(section, Watchdog())


def tried(source: SampledSource, limit: int = 100) -> Trial:
    found = try_source(source, limit)
    printed = json.dumps([one.answer for one in found.records]) + repr(found)
    assert "PLANTED" not in printed
    assert not {"\x1b", "\x9b", "\u202e"} & set("".join(one.answer for one in found.records))
    return found


def said(found: Trial) -> list[str]:
    taken = [f"taken {one.taken.id}" for one in found.records if one.taken]
    refused = [f"{one.field} {one.reason}" for kept in found.records for one in kept.refused]
    return sorted([*taken, *refused])


def polled(source: SampledSource) -> list[str]:
    read = list(source.changes(None))
    taken = [f"taken {one.id}" for page in read for one in page.sessions]
    refused = [f"{one.field} {one.reason}" for page in read for one in page.refused]
    return sorted([*taken, *refused])


def test_whatever_a_record_holds_is_tried_as_it_is_polled(source: SampledSource) -> None:
    found = tried(source)
    assert found.error is None
    assert len(found.records) == len(RECORDS)
    assert "taken good" in said(found)
    assert said(found) == polled(source)


def test_rows_without_a_date_are_shown_although_none_of_them_changed_last(
    platform: Platform,
) -> None:
    platform.create()
    platform.add(*(a_row(f"s-{n}") for n in range(4)), a_row("odd", updated_at=None))
    found = tried(platform.source(), 3)
    assert [one.taken.id if one.taken else one.refused[0].record for one in found.records] == [
        "s-0",
        "s-1",
        "odd",
    ]
    assert found.records[2].refused[0].reason.startswith("is missing or not a date; write when")
    platform.run("DELETE FROM booking WHERE updated_at IS NOT NULL")
    assert len(tried(platform.source(), 1).records) == 1


@pytest.mark.parametrize("kind", ["datetime not null", "datetime null", "timestamp not null"])
def test_a_date_that_is_none_is_among_the_rows_that_are_shown(mariadb: Platform, kind: str) -> None:
    mariadb.run(f"create table s (id int, updated_at {kind}, participants text)")
    with mariadb.engine.begin() as db:
        db.execute(sa.text("set sql_mode = ''"))
        values = ", ".join(f"({n}, '2026-11-20 09:00:0{n}', '[]')" for n in range(4))
        db.execute(sa.text(f"insert into s values {values}, (9, '0000-00-00 00:00:00', '[]')"))
    source = mariadb.source("select *, 'cancelled' as status from s")
    assert said(tried(source, 3)) == [
        "taken 2",
        "taken 3",
        "updated_at is missing or not a date; write when the row last changed, such as"
        " 2026-11-20T09:30:00Z",
    ]
    assert said(tried(source)) == polled(source)


def test_a_session_in_several_rows_is_refused_as_a_poll_refuses_it(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("twice", second=1), a_row("twice", second=9), a_row("once", second=5))
    for limit in (1, 5):
        first, *_ = tried(platform.source(), limit).records
        assert first.refused[0].reason.startswith("the query gives it in several rows")
    assert said(tried(platform.source())) == polled(platform.source())


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b" \n", "is empty; write [] when there are no sessions"),
        ("a.json", b"id,title\n1,x\n", "is not JSON, line 1; write a JSON array of records"),
        ("a.json", b"<html>PLANTED", "is not JSON, line 1; write a JSON array of records"),
        ("a.json", b"[NaN]", "it has no numbers NaN and Infinity; write a JSON array"),
        ("a.json", b'[{"id": "a"', "is not complete JSON (line 1); write the new file beside it"),
        ("a.jsonl", b'{"id": PLANTED}\n', "is not JSON; write one whole record on each line"),
        ("a.jsonl", b'{"id": "\xfc"}\n', "is latin-1 (or Windows-1252), not UTF-8; save the file"),
        ("a.jsonl", b'{"id": "PLANTED', "is not complete and waits for its end; write a newline"),
    ],
)
def test_a_file_that_is_no_json_says_what_it_is_and_shows_none_of_it(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = tried(made(kind="file", path=str(tmp_path / name)))
    told = found.error or found.records[0].refused[0].reason
    assert says in told
    assert [one.answer for one in found.records] in ([], ['"(not shown: it is not JSON)"'])


@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (b"", "application/json", "nothing at all; check the source's url"),
        (b"<!DOCTYPE html><p>PLANTED", "application/json", "an HTML page, such as one to sign in"),
        (b"<html>PLANTED", "text/html", "such as one to sign in; check the source's url and token"),
        ((400, {}), "application/json", "answered 400; check the source's url, and map.params"),
        ((429, {}), "application/json", "answered 429; it takes fewer requests; raise poll_sec"),
        ((502, {}), "application/json", "answered 502; the fault is there, and its own log"),
    ],
)
def test_an_answer_that_is_of_no_use_says_what_to_check(
    api: StandIn, answer: Any, kind: str, says: str, mapped: bool
) -> None:
    api.answer, api.headers = (lambda _: answer), {"Content-Type": kind}
    table = {"map": {"list": "sessions", "record": FIELDS}} if mapped else {}
    found = tried(made(kind="http", url=f"{api.url}/feed", **table))
    assert found.records == ()
    assert says in (found.error or "")


@pytest.mark.parametrize("mapped", [True, False])
def test_pages_without_records_are_left_before_a_person_gives_up(
    api: StandIn, mapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "TRIED", 5)
    api.answer = lambda _: {"sessions": [], "next": f"c{len(api.calls)}", "more": True}
    table = {
        "map": {"list": "sessions", "record": FIELDS, "next": "next", "params": {"c": "$cursor"}}
    }
    source = made(kind="http", url=f"{api.url}/feed", **(table if mapped else {}))
    assert "its first 5 pages hold no record" in (tried(source).error or "")
    assert len(api.calls) == 6
    api.answer = lambda _: {
        "sessions": [a_record(id="one")] if len(api.calls) == 7 else [],
        "next": f"c{len(api.calls)}",
        "more": True,
    }
    found = tried(source)
    assert (said(found), found.error) == (["taken one"], None)


def test_half_a_character_is_no_id(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([a_record(id="\ud800")]), "utf-8")
    source = made(kind="file", path=str(tmp_path / "a.json"))
    assert polled(source) == [
        "id cannot be used; write an id of 1 to 255 characters that never changes"
    ]
    with pytest.raises(SourceError, match="has no id, so it is unknown which sessions are missing"):
        list(source.sweep())
