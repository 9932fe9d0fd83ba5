"""A value of which a driver makes nothing refuses its row, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from calsync.errors import SourceError
from calsync.ports import Page
from calsync.sources import pages as paging
from calsync.sources.sql import source as sql_source
from calsync.sources.sql import table as sql_table
from tests.sources.platform import Platform, a_row, ids

DEEP = "[" * 3_000 + "]" * 3_000
DATES = (
    "infinity",
    "-infinity",
    "0044-03-15 12:00:00 BC",
    "20000-03-15 12:00:00",
)


def filled(platform: Platform, **types: str) -> None:
    platform.create(**types)
    platform.add(*(a_row(f"s-{n}", n) for n in range(4)))


def refused(found: list[Page]) -> list[tuple[str, str]]:
    return [(error.record, error.field) for page in found for error in page.refused]


def read_both_ways(platform: Platform) -> Iterator[list[Page]]:
    for read in (lambda: platform.source().changes(None), lambda: platform.source().sweep()):
        yield list(read())


@pytest.mark.parametrize("stamp", ["timestamp", "timestamptz"])
def test_a_date_that_python_does_not_have_refuses_its_session_only(
    postgres: Platform, stamp: str
) -> None:
    postgres.create(wall=stamp, stamp=stamp)
    odd = [(f"{column}-{n}", column) for column in ("starts_at", "updated_at") for n in range(4)]
    postgres.add(a_row("s-1"), *(a_row(ident) for ident, _ in odd))
    for ident, column in odd:
        postgres.run(
            f"UPDATE booking SET {column} = '{DATES[int(ident[-1])]}' WHERE id = '{ident}'"
        )
    for found in read_both_ways(postgres):
        assert ids(found) == ["s-1"]
        assert sorted(refused(found)) == sorted(odd)


def test_pages_go_on_behind_a_date_that_python_does_not_have(
    postgres: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(postgres)
    postgres.run("UPDATE booking SET updated_at = '-infinity' WHERE id IN ('s-1', 's-2')")
    for module in (paging, sql_source, sql_table):
        monkeypatch.setattr(module, "PAGE", 1)
    found = list(postgres.source().changes(None))
    assert sorted(ids(found)) == ["s-0", "s-3"]
    assert refused(found) == [("s-1", "updated_at"), ("s-2", "updated_at")]


def test_json_that_python_does_not_read_refuses_its_session_only(postgres: Platform) -> None:
    filled(postgres)
    postgres.run("ALTER TABLE booking ADD record json")
    postgres.run(f"UPDATE booking SET participants = '{DEEP}' WHERE id = 's-1'")
    postgres.run(f"UPDATE booking SET record = '{DEEP}' WHERE id = 's-2'")
    postgres.run(f"UPDATE booking SET participants = '[{'9' * 5_000}]' WHERE id = 's-3'")
    for found in read_both_ways(postgres):
        assert ids(found) == ["s-0", "s-3"]
        assert refused(found) == [("s-1", "participants"), ("s-2", "record")]


def test_a_date_of_people_that_python_does_not_have_says_nothing(postgres: Platform) -> None:
    filled(postgres)
    postgres.run(
        "CREATE TABLE person (session_id text, id int, name text, email text, updated_at timestamp)"
    )
    postgres.run("INSERT INTO person SELECT id, 1, 'Ana', 'ana@x.example', 'infinity' FROM booking")
    source = postgres.source(participants_query="SELECT * FROM person")
    first = list(source.changes(None))
    assert sorted(ids(first)) == ["s-0", "s-1", "s-2", "s-3"]
    assert set(ids(source.changes(first[-1].cursor))) >= {"s-3"}


@pytest.mark.parametrize(
    ("column", "shown"),
    [("title", ["s-0", "s-1", "s-2", "s-3"]), ("starts_at", ["s-0", "s-2", "s-3"])],
)
def test_text_that_is_not_utf_8_costs_the_others_nothing(
    sqlite: Platform, column: str, shown: list[str]
) -> None:
    filled(sqlite)
    sqlite.run(f"UPDATE booking SET {column} = CAST(x'ff41' AS TEXT) WHERE id = 's-1'")
    for found in read_both_ways(sqlite):
        assert sorted(ids(found)) == shown


def test_an_id_that_is_not_utf_8_is_none_and_hides_no_row_behind_it(
    sqlite: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(sqlite)
    sqlite.run("UPDATE booking SET id = CAST(x'41ff' AS TEXT) WHERE id = 's-0'")
    sqlite.run("UPDATE booking SET updated_at = '2026-11-01 00:00:00'")
    for module in (paging, sql_source, sql_table):
        monkeypatch.setattr(module, "PAGE", 1)
    found = list(sqlite.source().changes(None))
    assert sorted(ids(found)) == ["s-1", "s-2", "s-3"]
    assert [field for _, field in refused(found)] == ["id"]
    swept, read = ids_until_error(sqlite.source().sweep)
    assert swept == ["s-1", "s-2", "s-3"]
    assert "no usable id" in read


def ids_until_error(read: Callable[[], Iterator[Page]]) -> tuple[list[str], str]:
    found: list[str] = []
    try:
        for page in read():
            found += ids([page])
    except SourceError as error:
        return sorted(found), str(error)
    return sorted(found), ""


def test_json_text_reads_as_before(postgres: Platform) -> None:
    filled(postgres)
    people = [{"id": 1, "name": "Ana", "email": "ana@x.example"}]
    postgres.run("ALTER TABLE booking ALTER COLUMN title TYPE jsonb USING '\"Kick-off\"'::jsonb")
    postgres.run(f"UPDATE booking SET participants = '{json.dumps(people)}'")
    (page,) = postgres.source().changes(None)
    assert {one.title for one in page.sessions} == {"Kick-off"}
    assert {len(one.participants) for one in page.sessions} == {1}
