"""Participants from a query of their own: joined as the database joins them, and never lost."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calsync.errors import SourceError
from calsync.ports import Page
from calsync.sources.pages import PAGE
from calsync.sources.sql.source import SqlSource
from tests.sources.platform import Platform

FIXTURES = {"sqlite": "sqlite", "postgresql": "postgres", "mariadb": "mariadb"}
TEXT = {"mysql": "varchar(40) COLLATE utf8mb4_bin"}  # text alone is compared without case there
SESSIONS = (
    "SELECT n AS id, changed AS updated_at, status, '2026-12-03T15:00:00' AS starts_at,"
    " '2026-12-03T15:45:00' AS ends_at, 'America/Toronto' AS time_zone FROM base"
)
# All of a table, and the sessions that are asked for.
ALL = "select * from attendee"
ASKED = "SELECT session_id, id, name, email FROM attendee WHERE session_id IN :session_ids"
STAMP = "2026-11-01 00:00:00"


def tables(platform: Platform, id_type: str = "", session_type: str = "") -> None:
    text = TEXT.get(platform.kind, "text")
    platform.run(f"CREATE TABLE base (n {id_type or text}, changed timestamp, status varchar(20))")
    platform.run(
        f"CREATE TABLE attendee (session_id {session_type or text}, id varchar(20),"
        " name varchar(40), email varchar(40))"
    )


def books(platform: Platform, *ids: object, **changes: Any) -> None:
    row = {"changed": STAMP, "status": "booked"} | changes
    rows = [row | {"n": ident} for ident in ids]
    platform.run("INSERT INTO base VALUES (:n, :changed, :status)", rows)


def attends(platform: Platform, *pairs: tuple[object, str]) -> None:
    """Pairs of a session_id and a person's name."""
    rows = [{"s": s, "id": f"u-{n}", "name": n, "email": "p@x.example"} for s, n in pairs]
    platform.run("INSERT INTO attendee VALUES (:s, :id, :name, :email)", rows)


def a_source(platform: Platform, people: str = ALL, **options: Any) -> SqlSource:
    return platform.source(SESSIONS, participants_query=people, **options)


def reads(source: SqlSource) -> Iterator[list[Page]]:
    yield list(source.changes(None))
    yield list(source.sweep())


def names(pages: list[Page]) -> dict[str, list[str]]:
    found = [one for page in pages for one in page.sessions]
    return {one.id: [person.name for person in one.participants] for one in found}


def refusals(pages: list[Page]) -> dict[str, str]:
    return {one.record: one.reason for page in pages for one in page.refused}


UUIDS = ("6f1c4b4e-2f4d-4c7b-9a53-0e4f8f0c7d11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
NUMBERS = {
    "sqlite": ["integer", "bigint", "text", "varchar(40)", "char(40)", "numeric", "blob", ""],
    "postgresql": ["smallint", "integer", "bigint", "numeric(10)", "text", "char(40)"],
    "mariadb": ["smallint", "int", "bigint", "decimal(10)", "varchar(40)", "char(40)", "text"],
}
# The largest number of a bigint, which is not itself as a float.
LARGE = {
    "sqlite": ["bigint", "text"],
    "postgresql": ["bigint", "numeric(30)", "text", "char(40)"],
    "mariadb": ["bigint", "bigint unsigned", "decimal(30)", "varchar(40)"],
}
NAMED = {
    "sqlite": ["text", "varchar(40)", "char(40)"],
    "postgresql": ["uuid", "text", "char(40)"],
    "mariadb": ["uuid", "char(36)", "varchar(40) COLLATE latin1_swedish_ci", "varbinary(40)"],
}
IDS = [
    (NUMBERS, ("12", "13")),
    (LARGE, ("9223372036854775807", "9223372036854775806")),
    (NAMED, UUIDS),
]
JOINS = [
    (kind, ids, id_type, types[kind])
    for types, ids in IDS
    for kind in types
    for id_type in types[kind]
]


@pytest.mark.parametrize(("kind", "ids", "id_type", "session_types"), JOINS)
def test_an_id_is_its_text_whatever_the_types_are(
    request: pytest.FixtureRequest,
    kind: str,
    ids: tuple[str, str],
    id_type: str,
    session_types: list[str],
) -> None:
    platform: Platform = request.getfixturevalue(FIXTURES[kind])
    people = ((ids[0], "Maya"), (ids[0], "Sam"), (ids[1], "Ana"))
    for session_type in session_types:
        tables(platform, id_type, session_type)
        typed = "'{}'" if kind == "mariadb" else f"CAST('{{}}' AS {id_type or 'text'})"
        for ident in ids:
            platform.run(f"INSERT INTO base VALUES ({typed.format(ident)}, '{STAMP}', 'booked')")
        typed = typed.replace(id_type or "text", session_type or "text")
        for ident, name in people:
            platform.run(
                f"INSERT INTO attendee VALUES ({typed.format(ident)}, 'u-{name}', '{name}',"
                f" '{name}@x.example')"
            )
        for query in (ALL, ASKED):
            for pages in reads(a_source(platform, query)):
                found = names(pages)
                assert found == {ids[0]: ["Maya", "Sam"], ids[1]: ["Ana"]}, session_type
                assert refusals(pages) == {}
        platform.run("DROP TABLE base")
        platform.run("DROP TABLE attendee")


def test_a_change_of_the_type_changes_nobody(sqlite: Platform) -> None:
    """Case of a working ledger: the table was made anew, with text in place of numbers."""
    tables(sqlite, "integer", "integer")
    books(sqlite, 12)
    attends(sqlite, (12, "Maya"), (12, "Sam"))
    before = names(list(a_source(sqlite, ASKED).sweep()))
    sqlite.run("DROP TABLE attendee")
    sqlite.run("CREATE TABLE attendee (session_id text, id text, name text, email text)")
    attends(sqlite, ("12", "Maya"), ("12", "Sam"))
    assert names(list(a_source(sqlite, ASKED).sweep())) == before == {"12": ["Maya", "Sam"]}


def test_the_collation_of_the_column_counts(platform: Platform) -> None:
    folds = {
        "sqlite": "text COLLATE NOCASE",
        "postgresql": 'text COLLATE "folds"',
        "mysql": "varchar(40) COLLATE utf8mb4_general_ci",
    }
    if platform.kind == "postgresql":
        platform.run(
            "CREATE COLLATION folds (provider = icu, locale = 'und-u-ks-level2',"
            " deterministic = false)"
        )
    tables(platform, session_type=folds[platform.kind])
    books(platform, "SES-12", "ses-13")
    attends(platform, ("ses-12", "Maya"), ("SES-12", "Sam"), ("ses-13", "Ana"))
    for query in (ALL, ASKED):
        for pages in reads(a_source(platform, query)):
            assert names(pages) == {"SES-12": ["Maya", "Sam"], "ses-13": ["Ana"]}
            assert refusals(pages) == {}


def test_the_padding_of_the_column_counts(mariadb: Platform) -> None:
    tables(mariadb, session_type="varchar(40)")
    books(mariadb, "SES-12", "ses-13")
    attends(mariadb, ("ses-12 ", "Maya"), ("SES-12  ", "Sam"), ("Ses-13", "Ana"))
    for query in (ALL, ASKED):
        for pages in reads(a_source(mariadb, query)):
            assert names(pages) == {"SES-12": ["Maya", "Sam"], "ses-13": ["Ana"]}
            assert refusals(pages) == {}


def test_a_word_is_no_number(mariadb: Platform) -> None:
    """To MySQL 'ses-1' is 0 and '12abc' is 12 where a number is compared."""
    tables(mariadb, "varchar(40)", "int")
    books(mariadb, "12", "ses-1", "12abc")
    attends(mariadb, (0, "Maya"), (12, "Sam"))
    for pages in reads(a_source(mariadb)):
        assert names(pages) == {"12": ["Sam"], "12abc": [], "ses-1": []}
        assert set(pages[0].without_people) == {"12abc", "ses-1"}


def test_a_spelling_that_is_two_sessions_is_nobodys(sqlite: Platform) -> None:
    tables(sqlite, session_type="text COLLATE NOCASE")
    books(sqlite, "ses-1", "SES-1", "ses-2")
    attends(sqlite, ("ses-1", "Maya"), ("Ses-1", "Sam"), ("ses-2", "Ana"))
    for query in (ALL, ASKED):
        for pages in reads(a_source(sqlite, query)):
            assert names(pages) == {"ses-2": ["Ana"]}
            assert set(refusals(pages)) == {"ses-1", "SES-1"}


@pytest.mark.parametrize(
    ("ident", "stranger"),
    [("SES-12", "ses-12"), ("12", "0012"), ("ses-12", "ses_12"), ("12", "12.0"), (UUIDS[0], "")],
)
def test_another_spelling_refuses_its_session_and_names_both(
    platform: Platform, ident: str, stranger: str
) -> None:
    stranger = stranger or UUIDS[0].replace("-", "").upper()
    tables(platform)
    books(platform, ident, "other")
    attends(platform, (stranger, "Maya"), ("other", "Ana"))
    query = "SELECT * FROM attendee WHERE session_id IN :session_ids OR session_id <> ''"
    for pages in reads(a_source(platform, query)):
        assert names(pages) == {"other": ["Ana"]}
        assert refusals(pages) == {
            ident: f"participants_query has the session_id {stranger!r}, and the query the id "
            f"{ident!r}; write both alike"
        }


def test_of_people_of_no_session_those_without_any_are_refused(platform: Platform) -> None:
    tables(platform)
    books(platform, "12", "13", "14")
    books(platform, "15", status="cancelled")
    attends(platform, ("ses-12", "Maya"), ("13", "Ana"))
    query = "SELECT * FROM attendee WHERE session_id IN :session_ids OR session_id LIKE 'ses%'"
    for pages in reads(a_source(platform, query)):
        assert names(pages) == {"13": ["Ana"], "15": []}
        told = refusals(pages)
        assert set(told) == {"12", "14"}
        assert "'12'" in told["12"]
        assert "'ses-12'" in told["12"]
        assert [one for page in pages for one in page.without_people] == []


def test_people_of_no_session_at_all_fail_the_read(platform: Platform) -> None:
    tables(platform)
    books(platform, "12", "13")
    attends(platform, ("ses-12", "Maya"), (None, "Sam"))
    query = "SELECT * FROM attendee WHERE session_id IN :session_ids OR 1 = 1"
    source = a_source(platform, query)
    pages = source.changes(None)
    first = next(pages)
    assert (first.sessions, first.cursor) == ((), None)  # the next read begins here again
    with pytest.raises(SourceError, match=r"nobody belongs to any session: .*'12'"):
        next(pages)
    with pytest.raises(SourceError, match="nobody belongs to any session"):
        list(source.sweep())


def test_a_page_of_strangers_waits_for_the_pages_after_it(platform: Platform) -> None:
    tables(platform)
    books(platform, *(f"a-{n:04}" for n in range(PAGE)))
    books(platform, "b", changed="2026-11-02 00:00:00")
    attends(platform, ("b", "Ana"), ("A-0001", "Sam"))
    query = "SELECT * FROM attendee WHERE session_id IN :session_ids OR session_id LIKE 'A%'"
    first, second = a_source(platform, query).changes(None)
    assert first.cursor is None
    assert second.cursor is not None
    assert names([second]) == {"b": ["Ana"]}


def test_nobody_told_is_not_nobody(platform: Platform) -> None:
    tables(platform)
    books(platform, "12", "13")
    books(platform, "14", status="cancelled")
    attends(platform, ("13", "Ana"))
    for query in (ALL, ASKED):
        for pages in reads(a_source(platform, query)):
            assert names(pages) == {"12": [], "13": ["Ana"], "14": []}
            assert [one for page in pages for one in page.without_people] == ["12"]


def test_a_record_that_says_nobody_means_it(platform: Platform) -> None:
    platform.create()
    platform.add({"id": "12", "updated_at": STAMP} | _fields())
    for pages in (list(platform.source().changes(None)), list(platform.source().sweep())):
        assert names(pages) == {"12": []}
        assert [one for page in pages for one in page.without_people] == []


def _fields() -> dict[str, str]:
    return {
        "status": "booked",
        "starts_at": "2026-12-03 15:00:00",
        "ends_at": "2026-12-03 15:45:00",
        "time_zone": "America/Toronto",
        "participants": "[]",
    }


@pytest.mark.parametrize(
    "query",
    [
        "attendee",
        "select * from attendee",
        "SELECT * FROM attendee; -- all of them",
        'WITH p AS (SELECT * FROM attendee) SELECT session_id, id AS "ID", name, email FROM p;',
        "SELECT * FROM attendee WHERE session_id IN ( :session_ids )",
        "SELECT * FROM attendee WHERE session_id IN :session_ids AND ':session_ids' <> name -- :x",
    ],
)
def test_a_view_and_a_query_are_asked_for_the_page_only(platform: Platform, query: str) -> None:
    tables(platform)
    books(platform, "12")
    attends(platform, ("12", "Maya"), ("of nobody", "Sam"))
    for pages in reads(a_source(platform, query)):
        assert names(pages) == {"12": ["Maya"]}
        assert refusals(pages) == {}


def test_sessions_come_from_a_view_by_its_name(platform: Platform) -> None:
    tables(platform)
    books(platform, "12")
    attends(platform, ("12", "Maya"))
    platform.run(f"CREATE VIEW sessions AS {SESSIONS}")
    source = platform.source("sessions", participants_query="attendee")
    assert names(list(source.sweep())) == {"12": ["Maya"]}


def test_an_id_that_the_column_cannot_hold_has_nobody(postgres: Platform) -> None:
    tables(postgres, "text", "smallint")
    books(postgres, "12", "grp-7", "99999")
    attends(postgres, (12, "Maya"))
    for query in (ALL, ASKED):
        for pages in reads(a_source(postgres, query)):
            assert names(pages) == {"12": ["Maya"], "99999": [], "grp-7": []}
            assert set(pages[0].without_people) == {"99999", "grp-7"}


def test_a_newer_date_of_a_person_counts_as_the_document_says(platform: Platform) -> None:
    document = Path(__file__).parents[2] / "docs" / "session-format.md"
    blocks = re.findall(r"```sql\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    asked, newest = blocks
    if platform.kind == "sqlite":
        newest = newest.replace("GREATEST", "MAX")
    wall = "datetime" if platform.kind == "mysql" else "timestamp"
    fields = ", ".join(f"{name} {wall}" for name in ("updated_at", "starts_at", "ends_at"))
    platform.run(f"CREATE TABLE booking (id int, status text, time_zone text, {fields})")
    platform.run(
        "INSERT INTO booking (id, status, time_zone, updated_at, starts_at, ends_at) VALUES"
        f" (12, 'booked', 'UTC', '{STAMP}', '2026-12-03 15:00:00', '2026-12-03 15:45:00')"
    )
    platform.run(
        "CREATE TABLE attendee (booking_id int, user_id int, name text, email text,"
        " updated_at timestamp)"
    )
    source = platform.source(newest, participants_query=asked, overlap_seconds=0)
    (page,) = source.changes(None)
    assert page.without_people == ("12",)
    platform.run(
        "INSERT INTO attendee VALUES (12, 3, 'Ann', 'ann@x.example', '2026-11-03 00:00:00')"
    )
    (page,) = source.changes(page.cursor)
    assert names([page]) == {"12": ["Ann"]}


SPELLINGS = st.sampled_from(
    ["12", "012", " 12", "12 ", "ses-12", "SES-12", "ses_12", "é", "É", "7"]
)


@settings(deadline=None, max_examples=60)
@given(
    ids=st.sets(SPELLINGS.filter(lambda one: one == one.strip()), min_size=1),
    people=st.sets(SPELLINGS),
    collation=st.sampled_from(["BINARY", "NOCASE", "RTRIM"]),
    sifted=st.booleans(),
)
def test_no_row_is_dropped_without_a_word(
    ids: set[str], people: set[str], collation: str, sifted: bool
) -> None:
    """Whatever the spellings are: each row is somebody's or warned of, and where it may be a
    session's that was asked for, that one is refused."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(f"sqlite:///{Path(folder) / 'p.db'}")
        tables(platform, session_type=f"text COLLATE {collation}")
        books(platform, *ids)
        if people:
            attends(platform, *((one, one.strip()) for one in people))
        where = "session_id IN :session_ids"
        query = f"SELECT * FROM attendee WHERE {where if sifted else f'{where} OR 1'}"
        with platform.engine.connect() as db:
            asked = [f"'{one}'" for one in ids]
            text = query.replace(":session_ids", f"({', '.join(asked)})")
            given_rows = {row.session_id for row in db.exec_driver_sql(text)}
        platform.engine.dispose()
        try:
            pages = list(a_source(platform, query).sweep())
        except SourceError:
            assert not given_rows & ids, "somebody belongs to a session"
            return
        served = [name for one in names(pages).values() for name in one]
        assert len(served) == len(set(served)), "one row in two sessions"
        lost = {one.strip() for one in given_rows} - set(served)
        assert not lost or [one for page in pages for one in page.warnings]
        told = {*refusals(pages), *names(pages)}
        assert told == ids
        silent = {one for one, here in names(pages).items() if not here}
        assert silent == {one for page in pages for one in page.without_people}
