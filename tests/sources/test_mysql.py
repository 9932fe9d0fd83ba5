"""MySQL's two kinds of times: a TIMESTAMP is an instant, a DATETIME what a clock shows."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from calsync.errors import SourceError
from calsync.sources.sql.query import Probe, Types
from calsync.sources.sql.source import SqlSource
from tests.sources.platform import Platform

INSTANT = datetime(2027, 3, 10, 20, tzinfo=UTC)
QUERY = (
    "select id, updated_at, 'booked' as status, starts_at, ends_at, time_zone, title, participants"
    " from s"
)


def books(mariadb: Platform, starts: str = "timestamp", ends: str = "timestamp") -> None:
    """One session at 15:00 in Toronto, written by a platform whose clocks show Toronto's time."""
    mariadb.run(
        "create table s (id bigint primary key auto_increment, updated_at timestamp default"
        " current_timestamp on update current_timestamp,"
        f" starts_at {starts} null, ends_at {ends} null, time_zone varchar(60),"
        " title varchar(200), participants json)"
    )
    with mariadb.engine.begin() as db:
        db.execute(sa.text("set time_zone = '-05:00'"))
        db.execute(
            sa.text(
                "insert into s (starts_at, ends_at, time_zone, title, participants) values"
                " ('2027-03-10 15:00:00', '2027-03-10 15:45:00', 'America/Toronto', 'Kick-off',"
                r""" '[{"id"\:1,"name"\:"Maya","email"\:"maya@home.example"}]')"""
            )
        )
        db.execute(sa.text("set time_zone = '+00:00'"))
    mariadb.run(f"create view v as {QUERY}")


def starts(mariadb: Platform, query: str, **options: object) -> list[datetime | None]:
    source = mariadb.source(query, **options)
    pages = [*source.changes(None), *source.sweep()]
    assert [page.refused for page in pages] == [(), ()]
    for page in pages:
        for one in page.sessions:
            assert one.starts_at is not None
            assert one.ends_at is not None
            assert (one.ends_at - one.starts_at).seconds == 2700
    return [one.starts_at for page in pages for one in page.sessions]


@pytest.mark.parametrize("times", ["timestamp", "timestamp(6)", "datetime", "datetime(3)"])
@pytest.mark.parametrize("query", [QUERY, "v", "select * from v group by id"])
def test_both_kinds_are_three_oclock_in_toronto(mariadb: Platform, times: str, query: str) -> None:
    books(mariadb, times, times)
    assert starts(mariadb, query) == [INSTANT, INSTANT]


def test_times_without_a_zone_may_be_utc(mariadb: Platform) -> None:
    books(mariadb)
    query = QUERY.replace("ends_at,", "date_add(starts_at, interval 45 minute) as ends_at,")
    assert starts(mariadb, query, utc=True) == [INSTANT, INSTANT]
    mariadb.run("drop table s")
    mariadb.run("drop view v")
    books(mariadb, "datetime", "datetime")
    utc = datetime(2027, 3, 10, 15, tzinfo=UTC)
    assert starts(mariadb, QUERY, utc=True) == [utc, utc]


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ("ends_at", None),
        ("date_add(starts_at, interval 45 minute)", "starts_at is a TIMESTAMP, which is an instant,"
         " and ends_at a DATETIME, which is wall time"),
        ("convert_tz(ends_at, '+00:00', '-05:00')", "starts_at is a TIMESTAMP"),
        ("date_format(ends_at, '%Y-%m-%dT%TZ')", None),
        ("unix_timestamp(ends_at)", None),
    ],
)  # fmt: skip
def test_a_start_and_an_end_of_two_kinds_are_no_session(
    mariadb: Platform, ends: str, says: str | None
) -> None:
    books(mariadb)
    query = QUERY.replace("ends_at,", f"{ends} as ends_at,")
    if says is None:
        assert starts(mariadb, query) == [INSTANT, INSTANT]
        return
    for read in (mariadb.source(query).changes(None), mariadb.source(query).sweep()):
        with pytest.raises(SourceError, match=says):
            list(read)


@pytest.mark.parametrize("told", [datetime, None, "DATETIME", 99])
def test_a_driver_that_cannot_tell_is_an_error(
    mariadb: Platform, monkeypatch: pytest.MonkeyPatch, told: object
) -> None:
    books(mariadb)

    true_types = Probe.types

    def blurred(probe: Probe, conn: sa.Connection) -> Types:
        types = true_types(probe, conn)
        return {name: told if name == "starts_at" else code for name, code in types.items()}

    monkeypatch.setattr(Probe, "types", blurred)
    for read in (mariadb.source(QUERY).changes(None), mariadb.source(QUERY).sweep()):
        with pytest.raises(SourceError, match="the driver pymysql does not say whether starts_at"):
            list(read)
    assert starts(mariadb, QUERY, utc=True) == [INSTANT, INSTANT]


def test_a_time_that_is_missing_or_none_refuses_its_session_only(mariadb: Platform) -> None:
    books(mariadb)
    mariadb.run("set sql_mode = ''")
    mariadb.run(
        "insert into s (starts_at, ends_at, time_zone, participants) values"
        " (null, '2027-03-10 15:45:00', 'UTC', '[]')"
    )
    mariadb.run("update s set starts_at = null where id = 2")
    (page,) = mariadb.source(QUERY).changes(None)
    assert [one.id for one in page.sessions] == ["1"]
    assert [(one.record, one.field) for one in page.refused] == [("2", "starts_at")]


def test_mariadb_is_a_name_of_it_too(mariadb: Platform) -> None:
    books(mariadb)
    mariadb.url = mariadb.url.replace("mysql+", "mariadb+")
    assert starts(mariadb, "select v.*, '\\'' as x from v # all; of them") == [INSTANT, INSTANT]
    source = mariadb.source(
        QUERY,
        participants_query="select 'u-1' as id, '9' as session_id, 'M' as name, 'm' as email",
    )
    (page,) = source.changes(None)
    assert page.without_people == ("1",)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select * from nothing", "nothing' doesn't exist"),
        ("select id, updated_at, none from s", "Unknown column 'none'"),
        (
            "select id updated_at 'secret' from s",
            "crm: You have an error in your SQL syntax; check its",
        ),
    ],
)
def test_what_is_wrong_is_named(mariadb: Platform, query: str, says: str) -> None:
    books(mariadb)
    with pytest.raises(SourceError, match=says):
        list(mariadb.source(query).changes(None))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    source = SqlSource("crm", "default", "mysql+pymysql://me:s3cr%2Ft@127.0.0.1:1/x", QUERY)
    with pytest.raises(SourceError, match="Can't connect to MySQL server") as caught:
        list(source.changes(None))
    assert "s3cr" not in str(caught.value)
    del caught
    gc.collect()  # PyMySQL leaves its socket to be found, and warned of, by some other test


ZERO = "0000-00-00 00:00:00"


@pytest.mark.parametrize("times", ["datetime not null", "datetime null", "timestamp not null"])
def test_a_zero_date_is_no_date(mariadb: Platform, times: str) -> None:
    """Stored where a platform turns strict mode off; drivers hand it on as text, or as nothing."""
    mariadb.run(
        f"create table s (id int, updated_at {times} default 0, starts_at datetime, ends_at"
        " datetime, time_zone varchar(40))"
    )
    with mariadb.engine.begin() as db:
        db.execute(sa.text("set sql_mode = ''"))
        rows = [(1, "2026-11-20 09:00:00", "2027-03-10 15:00:00"), (2, ZERO, "2027-03-10 15:00:00")]
        rows += [(3, "2026-11-20 09:00:00", ZERO), (4, "2026-11-20 09:00:00", "2027-00-10")]
        for ident, changed, starts_at in rows:
            db.execute(
                sa.text(
                    f"insert into s values ({ident}, '{changed}', '{starts_at}',"
                    " '2027-03-10 15:45:00', 'America/Toronto')"
                )
            )
    query = "select *, 'booked' as status, '[]' as participants from s"
    source = mariadb.source(query, overlap_seconds=0)
    for pages in (list(source.changes(None)), list(source.sweep())):
        assert [one.id for page in pages for one in page.sessions] == ["1"]
        told = {(one.record, one.field): one.reason for page in pages for one in page.refused}
        assert told["2", "updated_at"].startswith("is missing or not a date; write when")
        assert told["3", "starts_at"].startswith("is missing; write the local wall time")
        assert ("4", "starts_at") in told
        assert len(told) == sum(len(page.refused) for page in pages) == 3
    (again,) = source.changes(pages[0].cursor or "2026-11-21T00:00:00+00:00")
    assert (again.sessions, again.refused) == ((), ())


def test_case_and_blanks_are_told_apart_as_the_platform_does(mariadb: Platform) -> None:
    """Text is compared there without case and padding; a record is what was written."""
    mariadb.run(
        "create table s (id char(20), updated_at datetime, status char(20), starts_at datetime,"
        " ends_at datetime, time_zone char(40), email char(60))"
    )
    mariadb.run(
        "insert into s values ('SES-1  ', '2026-11-20', 'BOOKED', '2027-03-10 15:00:00',"
        " '2027-03-10 15:45:00', ' America/Toronto ', ' Maya@Home.Example ')"
    )
    query = (
        "select id, updated_at, starts_at, ends_at, time_zone,"
        " case status when 'booked' then 'booked' else 'cancelled' end as status from s"
    )
    people = (
        "select id as session_id, 'u-1' as id, 'Maya' as name, email from s"
        " where id in :session_ids"
    )
    (page,) = mariadb.source(query, participants_query=people).changes(None)
    (session,) = page.sessions
    assert (session.id, session.status, session.time_zone) == ("SES-1", "booked", "America/Toronto")
    assert str(session.participants[0].email) == "Maya@home.example"
