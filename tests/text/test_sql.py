"""What of a statement is code, and what lies in its literals and comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.text.sql import MYSQL, code_of, is_name


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select ':x; (' from a", "select         from a"),
        ("select 'it''s' , b", "select         , b"),
        ('select "a;b", `c;d`, [e f]', "select      ,      , [e f]"),
        ("select 1 -- ; not\n+ 2", "select 1         \n+ 2"),
        ("a /* ;\n*/ + b", "a     \n   + b"),
        ("a $$;$$, $q$ $$ ; $q$ b", "a      ,              b"),
        ("select a like '\\' or b", "select a like     or b"),
        ("a = e'it\\'s; ' or b", "a =            or b"),
        ("select a::text, b[1:2], :x", "select a::text, b[1:2], :x"),
        ("select 'open", "select 'open"),
        ("select /* open", "select /* open"),
    ],
)
def test_literals_and_comments_are_blanked_in_their_places(statement: str, code: str) -> None:
    assert code_of(statement) == code


def test_mysql_has_escapes_and_hashes_of_its_own() -> None:
    statement = "select 'it\\'s; ' # ;\nfrom a"
    assert code_of(statement, "mysql").split() == ["select", "from", "a"]
    assert ";" in code_of(statement)


@given(st.text(alphabet="'\"`$-/*\\\n;:ae #", max_size=40), st.sampled_from(["", *MYSQL]))
def test_every_character_keeps_its_place(statement: str, backend: str) -> None:
    code = code_of(statement, backend)
    assert len(code) == len(statement)
    assert all(now in (before, " ") for now, before in zip(code, statement, strict=True))


@pytest.mark.parametrize("text", ["view", "crm.view_2", '"My View"', "`a b`.`c`", "[dbo].[v]", "é"])
def test_a_name_is_a_table_or_view(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", "select 1", "a b", "a.", "a; b", "(a)", "1", "'a'"])
def test_a_statement_is_no_name(text: str) -> None:
    assert not is_name(text)
