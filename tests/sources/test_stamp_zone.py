"""`updated_at_zone`: platforms that stamp rows with the wall time of their company."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.errors import SourceError
from calsync.sources.sql.stamps import first_wall, instant_of
from tests.sources.platform import Platform, ids

BERLIN = ZoneInfo("Europe/Berlin")
WALL = {"mysql": "datetime(6) NULL", "postgresql": "timestamp", "sqlite": "datetime"}
QUERY = (
    "SELECT n AS id, changed AS updated_at, 'booked' AS status, '2026-12-03T15:00:00' AS starts_at,"
    " '2026-12-03T15:45:00' AS ends_at, 'Europe/Berlin' AS time_zone, '[]' AS participants"
    " FROM base"
)


def books(platform: Platform, **rows: str) -> None:
    for ident, wall in rows.items():
        platform.run(f"INSERT INTO base VALUES ('{ident}', '{wall}')")


@pytest.fixture
def berlin(platform: Platform) -> Platform:
    platform.run(f"CREATE TABLE base (n varchar(20), changed {WALL[platform.kind]})")
    return platform


def test_a_stamp_is_read_as_wall_time_in_the_zone(berlin: Platform) -> None:
    books(berlin, winter="2026-01-10 10:00:00", summer="2026-07-10 10:00:00")
    source = berlin.source(QUERY, updated_at_zone="Europe/Berlin", overlap_seconds=60)
    (page,) = source.changes(None)
    assert [one.updated_at.isoformat() for one in page.sessions] == [
        "2026-01-10T09:00:00+00:00",
        "2026-07-10T08:00:00+00:00",
    ]
    assert page.cursor == "2026-07-10T08:00:00+00:00"
    books(berlin, late="2026-07-10 09:59:30", older="2026-07-10 09:58:30")
    assert ids(source.changes(page.cursor)) == ["late", "summer"]


def test_what_changes_in_the_hour_that_comes_twice_is_found(berlin: Platform) -> None:
    """On 25 October 2026 clocks in Berlin show 02:00 to 03:00 twice, from 00:00 to 02:00 UTC."""
    books(berlin, first="2026-10-25 02:50:00")
    source = berlin.source(QUERY, updated_at_zone="Europe/Berlin", overlap_seconds=60)
    read_in_the_first_hour = "2026-10-25T00:50:30+00:00"
    books(berlin, second="2026-10-25 02:10:00")
    found = list(source.changes(read_in_the_first_hour))
    assert ids(found) == ["second", "first"]
    stamps = {one.id: one.updated_at for page in found for one in page.sessions}
    assert stamps["second"] == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert ids(source.changes("2026-10-25T01:20:00+00:00")) == ["first"]


def test_people_have_dates_of_the_same_zone(berlin: Platform) -> None:
    books(berlin, a="2026-01-10 10:00:00")
    berlin.run(f"CREATE TABLE attendee (s varchar(20), touched {WALL[berlin.kind]})")
    berlin.run("INSERT INTO attendee VALUES ('a', '2026-01-11 10:00:00')")
    people = (
        "SELECT s AS session_id, 'u' AS id, 'N' AS name, 'n@x.example' AS email,"
        " touched AS updated_at FROM attendee"
    )
    query = QUERY.replace(", '[]' AS participants", "")
    source = berlin.source(query, participants_query=people, updated_at_zone="Europe/Berlin")
    (page,) = source.changes(None)
    assert page.sessions[0].updated_at == datetime(2026, 1, 11, 9, tzinfo=UTC)


def test_an_instant_needs_no_zone(postgres: Platform, mariadb: Platform) -> None:
    for platform, kind in ((postgres, "timestamptz"), (mariadb, "timestamp NULL")):
        platform.run(f"CREATE TABLE base (n varchar(20), changed {kind})")
        with pytest.raises(SourceError, match="updated_at is a type that holds an instant"):
            list(platform.source(QUERY, updated_at_zone="Europe/Berlin").changes(None))


START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 2 * 365 * 86_400).map(lambda after: START + timedelta(seconds=after))


@given(since=INSTANTS, after=st.integers(0, 300_000), zone=st.sampled_from(
    ["Europe/Berlin", "America/Toronto", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
))  # fmt: skip
def test_no_later_change_is_left_out(since: datetime, after: int, zone: str) -> None:
    known = ZoneInfo(zone)
    changed = since + timedelta(seconds=after)
    wall = changed.astimezone(known).replace(tzinfo=None, fold=0)
    assert wall >= first_wall(since, known)
    assert instant_of(wall, known) >= changed
    assert instant_of(wall, known) - changed <= timedelta(hours=1)
