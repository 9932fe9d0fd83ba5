"""Databases: the user's query on SQLite and PostgreSQL, with the dates and ids people have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from calsync.core.booked import InPerson, Online
from calsync.errors import SourceError
from calsync.ports import SessionSource
from calsync.sources.pages import PAGE
from tests.sources.platform import QUERY, START, Platform, a_row, ids
from tests.sources.records import EXAMPLE, a_record


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
    escape = "\\\\" if platform.kind == "mysql" else "\\"
    query = (
        f"WITH picked AS (SELECT * FROM booking WHERE id LIKE '%{escape}%%' ESCAPE '{escape}'"
        " OR id = ':x')\n"
        "SELECT * FROM picked -- the ones with a per cent sign; not others"
    )
    assert ids(platform.source(query).changes(None)) == ["50%"]


def test_pages_follow_date_and_id_and_each_cursor_is_good(platform: Platform) -> None:
    platform.create()
    rows = [a_row(f"s-{1000 - n // 400 * 400 + n % 400:04}", n // 400) for n in range(2 * PAGE)]
    platform.add(*rows[::-1])
    source = platform.source(overlap_seconds=0)
    pages = list(source.changes(None))
    assert [len(page.sessions) for page in pages] == [PAGE, PAGE, 0]
    assert ids(pages) == [row["id"] for row in rows]
    assert ids(source.changes(pages[0].cursor)) == [row["id"] for row in rows[400:]]
    assert ids(source.changes(pages[-1].cursor)) == [row["id"] for row in rows[800:]]
    assert ids(source.sweep()) == sorted(row["id"] for row in rows)


def test_each_read_begins_an_overlap_before_the_newest(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("old", 0), a_row("overlap", 1), a_row("newest", 121))
    source = platform.source(overlap_seconds=120)
    (page,) = source.changes(None)
    platform.add(a_row("committed late", 60))
    (page,) = source.changes(page.cursor)
    assert ids([page]) == ["overlap", "committed late", "newest"]


def test_an_idle_read_keeps_its_cursor(platform: Platform) -> None:
    platform.create()
    source = platform.source()
    (page,) = source.changes(None)
    assert (page.sessions, page.cursor) == ((), None)
    platform.add(a_row())
    (page,) = source.changes(None)
    platform.run("DELETE FROM booking")
    (again,) = source.changes(page.cursor)
    assert (again.sessions, again.cursor) == ((), page.cursor)


def test_a_date_in_the_future_does_not_hide_what_comes_after(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("ahead", updated_at="2037-01-01 00:00:00+00:00"))
    source = platform.source()
    (page,) = source.changes(None)
    assert "in the future" in page.warnings[0]
    now = datetime.now(UTC).isoformat(sep=" ")
    platform.add(a_row("next", updated_at=now))
    assert "next" in ids(source.changes(page.cursor))


def test_a_cursor_of_another_source_begins_anew(platform: Platform) -> None:
    platform.create()
    platform.add(a_row())
    assert ids(platform.source().changes('{"newest": null, "mark": ""}')) == ["s-1"]


def test_updated_at_without_zone_is_utc(platform: Platform) -> None:
    platform.create(stamp="timestamp")
    platform.add(a_row("a", updated_at="2026-11-01 00:00:00"))
    source = platform.source(overlap_seconds=0)
    (page,) = source.changes(None)
    assert page.sessions[0].updated_at == START
    platform.add(a_row("b", updated_at="2026-11-01 00:00:00.001"))
    platform.add(a_row("before", updated_at="2026-10-31 23:59:59.999"))
    assert ids(source.changes(page.cursor)) == ["a", "b"]


def test_sqlite_dates_are_compared_in_every_notation(sqlite: Platform) -> None:
    sqlite.create()
    texts = [
        "2026-10-31T21:00:00-03:00",
        "2026-11-01 00:00:01",
        "2026-11-01T00:00:02.000Z",
        "2026-11-01T05:30:03+05:30",
        "2026-11-01 00:00:04.000004",
    ]
    sqlite.add(*(a_row(f"s-{n}", updated_at=text) for n, text in enumerate(texts)))
    source = sqlite.source(overlap_seconds=2)
    (page,) = source.changes(None)
    assert ids([page]) == ["s-0", "s-1", "s-2", "s-3", "s-4"]
    assert [one.updated_at.second for one in page.sessions] == [0, 1, 2, 3, 4]
    assert ids(source.changes(page.cursor)) == ["s-2", "s-3", "s-4"]
    assert len(ids(sqlite.source(overlap_seconds=4).changes(page.cursor))) == 5


def test_a_start_with_zone_is_an_instant(postgres: Platform) -> None:
    postgres.create(wall="timestamptz")
    postgres.add(
        a_row("w", starts_at="2026-12-03T20:00:00Z", ends_at="2026-12-03T20:45:00Z"),
        a_row("fold", starts_at="2026-11-01T06:30:00Z", ends_at="2026-11-01T07:00:00Z"),
    )
    (page,) = postgres.source().changes(None)
    starts = {one.id: one.starts_at for one in page.sessions}
    assert starts["w"] == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert starts["fold"] == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert page.warnings == ()


def test_uuids_and_upper_case_columns_are_fine(postgres: Platform) -> None:
    postgres.run(
        "CREATE TABLE base AS SELECT gen_random_uuid() AS \"ID\", timestamptz '2026-11-01 00:00Z'"
        ' AS "Updated_At", \'cancelled\' AS "Status" FROM generate_series(1, 501)'
    )
    source = postgres.source("SELECT * FROM base")
    assert len(set(ids(source.changes(None)))) == 501
    assert len(set(ids(source.sweep()))) == 501


def test_undated_rows_are_refused_by_the_first_read_and_every_sweep(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("good"), a_row("undated", updated_at=None))
    source = platform.source()
    (page,) = source.changes(None)
    assert ids([page]) == ["good"]
    assert [(one.record, one.field) for one in page.refused] == [("undated", "updated_at")]
    (later,) = source.changes(page.cursor)
    assert later.refused == ()
    (swept,) = source.sweep()
    assert [one.record for one in swept.refused] == ["undated"]


def test_a_date_that_sqlite_cannot_compare_is_refused(sqlite: Platform) -> None:
    sqlite.create()
    sqlite.add(a_row("bad", updated_at="2026-11-01T00:00:00+0000"), a_row("good"))
    (page,) = sqlite.source().changes(None)
    assert (ids([page]), [one.record for one in page.refused]) == (["good"], ["bad"])


def test_a_row_without_id_fails_the_sweep_at_its_end(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("a"), a_row("", 1), {"id": None, "updated_at": START.isoformat(sep=" ")})
    pages = platform.source().sweep()
    page = next(pages)
    assert (ids([page]), len(page.refused)) == (["a"], 2)
    with pytest.raises(SourceError, match="2 rows have no usable id"):
        next(pages)


def test_a_join_that_repeats_a_session_is_refused_not_halved(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("a"), a_row("b", 1))
    source = platform.source("SELECT b.* FROM booking b, (SELECT 1 UNION SELECT 2) x")
    (page,) = source.changes(None)
    assert ids([page]) == []
    assert {(one.record, one.field) for one in page.refused} == {("a", "id"), ("b", "id")}


def test_participants_that_are_no_json_refuse_their_session_only(sqlite: Platform) -> None:
    sqlite.create()
    sqlite.add(a_row("a", participants="Ana, secret"), a_row("b"))
    (page,) = sqlite.source().changes(None)
    assert ids([page]) == ["b"]
    (error,) = page.refused
    assert (error.record, error.field) == ("a", "participants")
    assert "secret" not in str(error)


def test_columns_of_notes_are_never_read(platform: Platform) -> None:
    platform.create()
    platform.add(a_row())
    query = "SELECT *, 'secret' AS admin_notes, CAST('' AS char(5)) AS other FROM booking"
    (page,) = platform.source(query).changes(None)
    assert ids([page]) == ["s-1"]
    assert len(page.warnings) == 1
    assert "admin_notes" in page.warnings[0]
    for read in (lambda s: s.changes(None), lambda s: s.sweep()):
        with pytest.raises(SourceError, match="column admin_notes holds notes"):
            list(read(platform.source(query, strict=True)))


def test_bad_rows_are_refused_one_by_one(platform: Platform) -> None:
    platform.create()
    platform.add(a_row("bad", status="?"), a_row("good", 1), a_row("zone", 2, time_zone=None))
    (page,) = platform.source().changes(None)
    assert ids([page]) == ["good"]
    assert {one.record: one.field for one in page.refused} == {"bad": "status", "zone": "time_zone"}


def test_text_of_blanks_is_as_if_nothing_were_there(platform: Platform) -> None:
    """Platforms write '' where others write NULL."""
    platform.create()
    blank = dict.fromkeys(("program_name", "place_name", "place_label", "agenda_url", "url"), "  ")
    platform.add(a_row(place_kind="", place_url="", title="", **blank))
    people = (
        "SELECT 's-1' AS session_id, 'u-1' AS id, 'Maya' AS name, 'm@x.example' AS email,"
        " '' AS role, '' AS time_zone, ' ' AS locale"
    )
    columns = (
        "id, status, updated_at, title, starts_at, ends_at, time_zone, program_name, place_kind,"
        " place_url, place_name, url"
    )
    query = QUERY.replace("*", columns)
    (page,) = platform.source(query, participants_query=people).changes(None)
    assert (page.refused, page.warnings) == ((), ())
    (session,) = page.sessions
    assert (session.place, session.program, session.url) == (None, None, "")
    assert session.participants[0].time_zone == "America/Toronto"
