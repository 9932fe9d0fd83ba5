"""Which of the sessions that are known a database still has, as it compares their ids."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.errors import SourceError
from calsync.ports import SessionSource
from calsync.sources.file import FileSource
from calsync.sources.pages import PAGE
from calsync.sources.push import PushSource
from tests.sources.feeds import Serve, page, says
from tests.sources.platform import Platform, a_row
from tests.sources.records import a_record, written

QUERY = "SELECT id, updated_at FROM base"


def holds(platform: Platform, id_type: str, *ids: object) -> SessionSource:
    platform.run(f"CREATE TABLE base (id {id_type}, updated_at timestamp)")
    rows = [{"id": ident} for ident in ids]
    platform.run("INSERT INTO base VALUES (:id, '2026-11-01 00:00:00')", rows)
    return platform.source(QUERY)


def test_what_is_there_is_told_from_what_is_not(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("a"), a_row("b", status="?"), a_row("c", updated_at=None))
    source = platform.source()
    assert source.present(["a", "b", "c", "d", "'; --"]) == {"a", "b", "c"}
    assert source.present(["d"]) == set()
    assert source.present([]) == set()
    platform.run("DELETE FROM booking WHERE id = 'a'")
    assert source.present(["a", "b"]) == {"b"}


@pytest.mark.parametrize("id_type", ["int", "bigint", "smallint", "decimal(10)", "varchar(10)"])
def test_an_id_is_its_text_whatever_the_type_is(platform: Platform, id_type: str) -> None:
    source = holds(platform, id_type, 12, 13)
    assert source.present(["12", "13", "14", "012", "12abc", "ses-12", "", "99999999999"]) == {
        "12",
        "13",
    }


def test_the_largest_numbers_are_told_apart(platform: Platform) -> None:
    source = holds(platform, "bigint", 2**63 - 1)
    assert source.present([str(2**63 - 1), str(2**63 - 2), str(2**63)]) == {str(2**63 - 1)}


@pytest.mark.parametrize(
    ("kind", "id_type", "there", "asked"),
    [
        ("sqlite", "text COLLATE NOCASE", "SES-12", "ses-12"),
        ("mariadb", "varchar(40)", "SES-12", "ses-12"),
        ("mariadb", "varchar(40)", "ses-12  ", "ses-12"),
        ("postgres", "char(40)", "ses-12", "ses-12"),
        ("postgres", "uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
         "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
        ("postgres", "numeric(10, 2)", "12", "12"),
    ],
)  # fmt: skip
def test_what_the_database_finds_equal_is_there(
    request: pytest.FixtureRequest, kind: str, id_type: str, there: str, asked: str
) -> None:
    platform: Platform = request.getfixturevalue(kind)
    source = holds(platform, id_type, there)
    assert source.present([asked, "other"]) == {asked}
    exact = str(there).strip()
    assert source.present([asked, exact]) == {exact}, "one row is one session"


def test_what_only_python_would_find_equal_is_not(platform: Platform) -> None:
    exact = {"mysql": "varchar(40) COLLATE utf8mb4_bin"}.get(platform.kind, "varchar(40)")
    source = holds(platform, exact, "SES-12")
    assert source.present(["ses-12", "SES-12"]) == {"SES-12"}


def test_a_row_that_is_there_twice_is_not_two(platform: Platform) -> None:
    source = holds(platform, "varchar(10)", "a", "a")
    assert source.present(["a", "b"]) == {"a"}


def test_a_page_of_ids_is_one_question(platform: Platform) -> None:
    """Where some are missing, which of them are there is another one. SQLite compares by what a
    value is stored as: ids that it does not find as text are one more, however many they are."""
    ids = [f"s-{n:04}" for n in range(PAGE)]
    source = holds(platform, "varchar(10)", *ids[20:])
    asked: list[str] = []

    def heard(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", heard)
    try:
        assert source.present(ids[20:]) == set(ids[20:])
        assert sum(_names_ids(one) for one in asked) == 1
        assert source.present(ids) == set(ids[20:])
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", heard)
    assert sum(_names_ids(one) for one in asked) == (4 if platform.kind == "sqlite" else 3)
    with pytest.raises(ValueError, match="at most 500"):
        source.present([*ids, "more"])


def _names_ids(statement: str) -> bool:
    return "IN (" in statement or "any(" in statement


def test_ids_may_hold_what_a_list_is_written_with(platform: Platform) -> None:
    ids = ['a"b', "a'b", "a\\b", "a,b", "{a}", "NULL", "%s", ":ids", "a b", 'a\\"']
    source = holds(platform, "varchar(10)", *ids[1:])
    assert source.present(ids) == set(ids[1:])
    assert source.present(ids[:2]) == set(ids[1:2])


def test_a_table_that_is_made_anew_is_looked_at_anew(platform: Platform) -> None:
    """A source keeps what it knows of its columns, as long as they are the same."""
    source = holds(platform, "varchar(10)", "12", "ses-1")
    assert source.present(["12", "ses-1"]) == {"12", "ses-1"}
    platform.run("DROP TABLE base")
    platform.run("CREATE TABLE base (id int, updated_at timestamp)")
    platform.run("INSERT INTO base VALUES (12, '2026-11-01 00:00:00')")
    assert source.present(["12", "ses-1", "012"]) == {"12"}


def test_to_ask_for_many_ids_takes_few_steps_for_each(platform: Platform) -> None:
    """What a poll asks for is nearly all there, and known by the text that was asked for."""
    ids = [f"s-{n:04}" for n in range(PAGE)]
    source = holds(platform, "varchar(10)", *ids)
    few, many = (_calls(lambda asked=asked: source.present(asked)) for asked in (ids[:1], ids))
    each = 8 if platform.kind in ("sqlite", "postgresql") else 40  # whose driver writes the text
    assert many - few < each * PAGE


def _calls(work: Callable[[], object]) -> int:
    """How many calls `work` makes when it is done again."""
    work()
    counted = cProfile.Profile()
    counted.runcall(work)
    return sum(one.callcount for one in counted.getstats())


def test_a_database_that_cannot_answer_is_an_error(platform: Platform) -> None:
    with pytest.raises(SourceError, match="source crm"):
        platform.source().present(["a"])


def test_other_sources_cannot_tell(tmp_path: Path, serve: Serve) -> None:
    sources: list[SessionSource] = [
        FileSource("f", "default", written(tmp_path / "s.json", [a_record()])),
        serve(says(page())).source,
        PushSource("p", "default"),
    ]
    assert [one.present(["ses-1001"]) for one in sources] == [None, None, None]
