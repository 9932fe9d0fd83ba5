"""Databases: the user's query on SQLite and PostgreSQL, with the dates and ids people have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from calsync.core.booked import InPerson, Online
from calsync.ports import Page, SessionSource
from calsync.sources.pages import PAGE
from calsync.sources.sql import SqlSource
from tests.sources.records import EXAMPLE, a_person, a_record

START = datetime(2026, 11, 1, tzinfo=UTC)
QUERY = "SELECT * FROM booking"
TABLE = """
CREATE TABLE booking (
  id varchar(40), status varchar(20), updated_at {stamp}, title varchar(200),
  starts_at {wall}, ends_at {wall}, time_zone varchar(40),
  program_id varchar(40), program_name varchar(40), program_kind varchar(40),
  program_discreet boolean, place_kind varchar(20), place_url varchar(200),
  place_label varchar(40), place_name varchar(40), agenda_text text, agenda_format varchar(20),
  agenda_url varchar(200), url varchar(200), participants {json}
)
"""
TYPES = {
    "sqlite": {"stamp": "datetime", "wall": "datetime", "json": "text"},
    "postgresql": {"stamp": "timestamptz", "wall": "timestamp", "json": "jsonb"},
}


class Platform:
    """A platform's database, written as a platform would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = sa.create_engine(url)
        self.kind = self.engine.dialect.name

    def run(self, statement: str, rows: Any = None) -> None:
        with self.engine.begin() as db:
            db.execute(sa.text(statement), rows)

    def create(self, **types: str) -> None:
        self.run(TABLE.format(**(TYPES[self.kind] | types)))

    def add(self, *rows: dict[str, Any]) -> None:
        for row in rows:
            names = ", ".join(row)
            values = ", ".join(
                f"CAST(:{name} AS jsonb)"
                if name == "participants" and self.kind == "postgresql"
                else f":{name}"
                for name in row
            )
            self.run(f"INSERT INTO booking ({names}) VALUES ({values})", row)

    def source(self, query: str = QUERY, **options: Any) -> SqlSource:
        return SqlSource("crm", "default", self.url, query, **options)


def a_row(ident: str = "s-1", second: int = 0, **changes: Any) -> dict[str, Any]:
    row = {
        "id": ident,
        "status": "booked",
        "updated_at": (START + timedelta(seconds=second)).isoformat(sep=" "),
        "title": "Session 1",
        "starts_at": "2026-12-03 15:00:00",
        "ends_at": "2026-12-03 15:45:00",
        "time_zone": "America/Toronto",
        "place_kind": "online",
        "place_url": "https://zoom.us/j/1",
        "participants": json.dumps([a_person()]),
    }
    return row | changes


@pytest.fixture(params=["sqlite", "postgresql"])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Platform]:
    if request.param == "sqlite":
        made = Platform(f"sqlite:///{tmp_path / 'platform.db'}")
        made.run("CREATE TABLE made (x int)")
    else:
        made = Platform(request.getfixturevalue("postgres_url"))
    yield made
    made.engine.dispose()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(f"sqlite:///{tmp_path / 'platform.db'}")
    yield made
    made.engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Platform]:
    made = Platform(postgres_url)
    yield made
    made.engine.dispose()


def ids(pages: Sequence[Page] | Iterator[Page]) -> list[str]:
    return [one.id for page in pages for one in page.sessions]


def test_every_column_arrives_in_its_place(platform: Platform) -> None:
    platform.create()
    platform.add(
        a_row(
            "s-1",
            program_id="p-7",
            program_name="Engineering",
            program_kind="group",
            program_discreet=True,
            place_label="Zoom",
            agenda_text="1. Goals",
            agenda_format="markdown",
            agenda_url="https://app.example/a",
            url="https://app.example/s",
        ),
        a_row("s-2", 1, place_kind="in_person", place_name="Room 4", place_url=None),
        a_row("s-3", 2, status="cancelled", starts_at=None, participants=None),
    )
    source: SessionSource = platform.source()
    (page,) = source.changes(None)
    first, second, third = page.sessions
    assert (page.refused, page.warnings) == ((), ())
    assert first.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert first.updated_at == START
    assert first.program is not None
    assert (first.program.id, first.program.kind, first.program.discreet) == ("p-7", "group", True)
    assert first.place == Online("https://zoom.us/j/1", "Zoom")
    assert first.agenda is not None
    assert "Goals" in first.agenda.html
    assert [one.email for one in first.participants] == ["ana@example.org"]
    assert second.place == InPerson("Room 4")
    assert second.program is None
    assert third.status == "cancelled"
    assert page.now is not None
    assert abs(page.now - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_record_column_holds_it_all(platform: Platform) -> None:
    kind = "jsonb" if platform.kind == "postgresql" else "text"
    platform.run(f"CREATE TABLE booking (id text, updated_at timestamp, record {kind})")
    cast = "CAST(:record AS jsonb)" if platform.kind == "postgresql" else ":record"
    record = json.dumps(a_record(personal_notes="secret"))
    platform.run(
        f"INSERT INTO booking VALUES ('ses-1001', '2026-11-20 09:30:00', {cast})",
        {"record": record},
    )
    (page,) = platform.source().changes(None)
    (session,) = page.sessions
    assert session.title == EXAMPLE["title"]
    assert len(session.participants) == 2
    assert len(page.warnings) == 1
    assert "secret" not in page.warnings[0]


def test_participants_come_from_a_second_query(platform: Platform) -> None:
    platform.run("CREATE TABLE person (booking int, ref int, name text, mail text)")
    platform.run("CREATE TABLE base (n int, changed timestamp)")
    platform.run("INSERT INTO base VALUES (1, '2026-11-01 00:00:00'), (2, '2026-11-01 00:00:01')")
    platform.run(
        "INSERT INTO person VALUES (1, 12, 'Sam', 'sam@x.example'), (1, 11, 'Ana', 'ana@x.example')"
    )
    source = platform.source(
        "SELECT n AS id, changed AS updated_at, 'booked' AS status,"
        " '2026-12-03T15:00:00' AS starts_at, '2026-12-03T15:45:00' AS ends_at,"
        " 'America/Toronto' AS time_zone FROM base; ",
        participants_query="SELECT booking AS session_id, ref AS id, name, mail AS email"
        " FROM person WHERE booking IN :session_ids AND ':x' <> name -- all of them",
    )
    for pages in (list(source.changes(None)), list(source.sweep())):
        one, two = pages[0].sessions
        assert [(p.id, p.name) for p in one.participants] == [("11", "Ana"), ("12", "Sam")]
        assert (two.id, two.participants) == ("2", ())


def test_a_query_is_taken_as_it_is_written(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("50%"), a_row("other", 1))
    query = (
        "WITH some AS (SELECT * FROM booking WHERE id LIKE '%\\%%' ESCAPE '\\' OR id = ':x')\n"
        "SELECT * FROM some -- the ones with a per cent sign; not others"
    )
    assert ids(platform.source(query).changes(None)) == ["50%"]


def test_pages_follow_date_and_id_and_each_cursor_is_good(platform: Platform) -> None:
    platform.create()
    rows = [a_row(f"s-{n:04}", n // 400) for n in range(2 * PAGE)]
    platform.add_many(rows[::-1]) if hasattr(platform, "add_many") else bulk(platform, rows[::-1])
    source = platform.source(overlap_seconds=0)
    pages = list(source.changes(None))
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 0]
    assert ids(pages) == [row["id"] for row in rows]
    assert ids(source.changes(pages[0].cursor)) == [row["id"] for row in rows[400:]]
    assert ids(source.changes(pages[-1].cursor)) == [row["id"] for row in rows[800:]]
    assert ids(source.sweep()) == [row["id"] for row in rows]
