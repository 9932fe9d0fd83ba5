"""People whose session_id is spelt otherwise than the id: the database leaves them out."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from calsync.sources.sql import people, source, table
from calsync.sources.sql.ids import bare_in_sql
from tests.sources.platform import Platform
from tests.sources.test_people import ALL, a_source, attends, books, names, reads, refusals, tables


@pytest.mark.parametrize(
    ("ident", "stranger"), [("SES-12", "ses-12"), ("12", "0012"), ("A1", " a1")]
)
def test_a_query_that_is_asked_from_outside_names_another_spelling_too(
    platform: Platform, ident: str, stranger: str
) -> None:
    """The database leaves out the rows that are spelt otherwise."""
    tables(platform)
    books(platform, ident, "other", "nobody")
    attends(platform, (stranger, "Maya"), ("other", "Ana"))
    for pages in reads(a_source(platform, ALL)):
        assert names(pages) == {"other": ["Ana"], "nobody": []}
        assert refusals(pages) == {
            ident: f"participants_query has the session_id {stranger!r}, and the query the id "
            f"{ident!r}; write both alike"
        }


def test_the_people_of_a_session_whose_id_looks_like_another_are_its_own(
    platform: Platform,
) -> None:
    tables(platform)
    books(platform, "a1", "0a1")
    attends(platform, ("0a1", "Maya"))
    for pages in reads(a_source(platform, ALL)):
        assert names(pages) == {"a1": [], "0a1": ["Maya"]}
        assert refusals(pages) == {}


def test_a_read_searches_all_participants_for_a_few_pages_only(
    sqlite: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(sqlite)
    books(sqlite, "A1", "A2", "A3", "other")
    attends(sqlite, ("a1", "Maya"), ("a2", "Sam"), ("a3", "Ana"), ("other", "Lena"))
    monkeypatch.setattr(people, "SEARCHES", 2)
    for module in (source, table):
        monkeypatch.setattr(module, "PAGE", 1)
    for pages in reads(a_source(sqlite, ALL)):
        assert set(refusals(pages)) == {"A1", "A2"}
        assert names(pages) == {"A3": [], "other": ["Lena"]}


@pytest.mark.parametrize("backend", ["mssql", "oracle"])
def test_a_database_that_was_not_tried_is_asked_for_no_other_spelling(backend: str) -> None:
    assert bare_in_sql(sa.column("session_id"), backend) is None


def test_zeros_are_taken_off_with_what_every_mysql_knows() -> None:
    bare = bare_in_sql(sa.column("session_id"), "mysql")
    assert bare is not None
    text = str(bare.compile(dialect=mysql.dialect()))
    assert text == "trim(LEADING '0' FROM lower(trim(CAST(session_id AS CHAR))))"
