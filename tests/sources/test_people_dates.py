"""Participants with an `updated_at` of their own: a change of them is a change of the session."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.core.booked import RecordWarning
from calsync.errors import SourceError
from calsync.ports import Page
from calsync.sources.pages import PAGE
from calsync.sources.sql.source import SqlSource
from tests.sources.platform import Platform
from tests.sources.test_people import SESSIONS, TEXT, books, names, refusals

COLUMNS = "s AS session_id, p AS id, name, 'p@x.example' AS email, touched AS updated_at"
ALL = f"SELECT {COLUMNS} FROM attendee"
ASKED = f"SELECT {COLUMNS} FROM attendee WHERE s IN :session_ids"
BRACKETS = f"SELECT {COLUMNS} FROM attendee WHERE s IN ( :session_ids ); -- of the sessions"


@pytest.fixture(params=[ALL, ASKED, BRACKETS, "everybody"])
def people(request: pytest.FixtureRequest, platform: Platform) -> str:
    stamp = "datetime NULL" if platform.kind == "mysql" else "timestamp"
    text = TEXT.get(platform.kind, "text")
    platform.run(f"CREATE TABLE base (n {text}, changed {stamp}, status varchar(20))")
    platform.run(
        f"CREATE TABLE attendee (s {text}, p varchar(20), name varchar(40), touched {stamp})"
    )
    platform.run(f"CREATE VIEW everybody AS {ALL}")
    query: str = request.param
    return query


def joins(platform: Platform, session: str, name: str, day: int | None, second: int = 0) -> None:
    touched = day and f"2026-11-{day:02} 00:00:{second:02}"
    row = {"s": session, "p": f"u-{name}", "name": name, "touched": touched}
    platform.run("INSERT INTO attendee VALUES (:s, :p, :name, :touched)", row)


def a_source(platform: Platform, people: str, **options: Any) -> SqlSource:
    given = {"overlap_seconds": 0} | options
    return platform.source(SESSIONS, participants_query=people, **given)


def stamps(pages: list[Page]) -> dict[str, str]:
    return {one.id: f"{one.updated_at:%m-%d}" for page in pages for one in page.sessions}


def test_a_person_added_without_touching_the_session_is_found_by_the_next_poll(
    platform: Platform, people: str
) -> None:
    """Case of a platform: another session is newer, so that the old date alone is never reached."""
    books(platform, "12")
    joins(platform, "12", "Maya", 1)
    books(platform, "13", changed="2026-11-10 00:00:00")
    joins(platform, "13", "Sam", 1)
    source = a_source(platform, people)
    (first,) = source.changes(None)
    assert stamps([first]) == {"12": "11-01", "13": "11-10"}
    joins(platform, "12", "Ann", 11)
    found = list(source.changes(first.cursor))
    assert names(found[:1]) == {"12": ["Ann", "Maya"]}
    assert stamps(found) == {"12": "11-11", "13": "11-10"}
    assert stamps(list(source.sweep())) == {"12": "11-11", "13": "11-10"}
    assert stamps(list(source.changes(found[-1].cursor))) == {"12": "11-11"}
    platform.run("UPDATE attendee SET name = 'Anna', touched = '2026-11-12' WHERE name = 'Ann'")
    assert names(list(source.changes(found[-1].cursor))) == {"12": ["Anna", "Maya"]}


def test_the_newer_of_both_dates_counts(platform: Platform, people: str) -> None:
    books(platform, "12", changed="2026-11-20 00:00:00")
    joins(platform, "12", "Maya", 11)
    joins(platform, "12", "Sam", None)
    source = a_source(platform, people)
    (first,) = source.changes(None)
    assert stamps([first]) == {"12": "11-20"}
    assert names([first]) == {"12": ["Maya", "Sam"]}
    platform.run("UPDATE base SET changed = NULL")
    assert list(refusals(list(source.sweep()))) == ["12"], "a person's date is not the session's"


def test_a_read_that_fails_half_way_misses_nobody(platform: Platform, people: str) -> None:
    books(platform, "12", "13")
    source = a_source(platform, people)
    (first,) = source.changes(None)
    joins(platform, "12", "Maya", 11)
    books(platform, "14", changed="2026-11-30 00:00:00")
    ended = source.changes(first.cursor)
    assert next(ended).cursor == first.cursor
    ended.close()
    assert names(list(source.changes(first.cursor)))["12"] == ["Maya"]


def test_many_sessions_whose_people_changed_come_in_pages(platform: Platform) -> None:
    platform.run("CREATE TABLE base (n int, changed timestamp NULL, status varchar(20))")
    platform.run("CREATE TABLE attendee (s int, p int, name varchar(9), touched timestamp NULL)")
    rows = [{"n": n, "at": f"2026-11-02 00:00:{n % 7:02}"} for n in range(2 * PAGE)]
    platform.run("INSERT INTO base VALUES (:n, '2026-11-01 00:00:00', 'booked')", rows)
    platform.run("INSERT INTO base VALUES (-1, '2026-11-01 12:00:00', 'booked')")
    platform.run("INSERT INTO attendee VALUES (:n, 1, 'A', :at)", rows)
    platform.run("INSERT INTO attendee VALUES (NULL, 1, 'A', '2026-11-02 00:00:00')")
    platform.run("INSERT INTO attendee VALUES (77777, 1, 'A', '2026-11-02 00:00:00')")
    source = a_source(platform, ASKED)
    cursor = "2026-11-01T18:00:00+00:00"
    pages = list(source.changes(cursor))
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 0]
    assert len({one.id for page in pages for one in page.sessions}) == 2 * PAGE
    assert [page.cursor for page in pages[:2]] == [cursor, cursor]
    assert pages[-1].cursor == "2026-11-02T00:00:06+00:00"


def test_a_date_ahead_of_time_does_not_hide_who_comes_after(
    platform: Platform, people: str
) -> None:
    books(platform, "12")
    joins(platform, "12", "Maya", 1)
    platform.run("UPDATE attendee SET touched = '2037-01-01 00:00:00'")
    source = a_source(platform, people, overlap_seconds=120)
    (first,) = source.changes(None)
    assert "in the future" in str(first.warnings[0])
    assert first.cursor is not None
    assert first.cursor < "2037"


def test_a_query_that_cannot_be_asked_for_all_sessions_fails_every_read(
    postgres: Platform,
) -> None:
    postgres.run("CREATE TABLE base (n text, changed timestamp, status varchar(20))")
    postgres.run("CREATE TABLE attendee (s int, p int, name varchar(9), touched timestamp)")
    source = a_source(postgres, ASKED)
    for read in (source.changes(None), source.sweep()):
        with pytest.raises(SourceError, match=r"operator does not exist: integer = text.*query"):
            list(read)


NO_DATE = "participants.updated_at: is not a date, so a change of this participant alone is missed"


@pytest.fixture
def dates_as_text(platform: Platform) -> SqlSource:
    """Maya's date is text that is none, Ann's has a zone, and Sam has none at all."""
    text = TEXT.get(platform.kind, "text")
    platform.run(f"CREATE TABLE base (n {text}, changed timestamp NULL, status varchar(20))")
    platform.run(f"CREATE TABLE attendee (s {text}, p text, name text, touched text)")
    books(platform, "12", "13")
    given = (("12", "Maya", "last week"), ("12", "Sam", None), ("13", "Ann", "2026-11-20 10:00:00"))
    for session, name, touched in given:
        row = {"s": session, "p": f"u-{name}", "name": name, "touched": touched}
        platform.run("INSERT INTO attendee VALUES (:s, :p, :name, :touched)", row)
    return a_source(platform, ALL)


@pytest.mark.parametrize("platform", ["sqlite", "mariadb"], indirect=True)
def test_a_persons_date_that_is_none_is_told_with_session_field_and_person(
    dates_as_text: SqlSource,
) -> None:
    source = dates_as_text
    reads = (source.changes(None), source.sweep(), (one.page for one in source.samples(5)))
    for pages in reads:
        (warning,) = [one for page in pages for one in page.warnings]
        assert isinstance(warning, RecordWarning)
        assert warning.startswith(f"12: {NO_DATE}; write when the row last changed")
        assert (warning.participant, warning.set_aside) == ("u-Maya", False)
    found = list(source.changes("2026-11-10T00:00:00+00:00"))
    assert names(found)["13"] == ["Ann"], "the other dates are compared"


@pytest.mark.parametrize("platform", ["postgres"], indirect=True)
def test_a_column_that_cannot_be_compared_with_dates_is_refused_before_the_first_read(
    platform: Platform, dates_as_text: SqlSource
) -> None:
    """PostgreSQL would fail in the second one, when it looks for what changed since the first."""
    advice = (
        "is not a date in the database; convert it in the query, such as updated_at::timestamptz"
    )
    with pytest.raises(SourceError, match=f"updated_at of participants_query {advice}"):
        list(dates_as_text.samples(5))
    platform.run("ALTER TABLE base ALTER COLUMN changed TYPE text")
    with pytest.raises(SourceError, match=f"source crm: updated_at {advice}"):
        next(dates_as_text.changes(None))
    platform.run(
        "ALTER TABLE base ALTER COLUMN changed TYPE timestamptz USING changed::timestamptz"
    )
    platform.run("ALTER TABLE attendee ALTER COLUMN touched TYPE timestamptz USING NULL")
    (first,) = dates_as_text.changes(None)
    assert sorted(names([first])) == ["12", "13"]
    assert list(dates_as_text.changes(first.cursor))
