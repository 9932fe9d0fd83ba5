"""Wall times, zones and stamps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.sources.records.times import TimesError, check_span, read_stamp, read_wall
from calsync.sources.records.zones import find_zone


def instant(text: str, zone: str, *, utc: bool = False) -> tuple[str, str | None]:
    found = find_zone(zone)
    assert found is not None
    when, warning = read_wall(text, found, utc=utc)
    return when.isoformat().removesuffix("+00:00"), warning


@pytest.mark.parametrize(
    ("text", "zone", "utc"),
    [
        ("2026-12-03T15:00:00", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03T15:00", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03 15:00:00.5", "America/Toronto", "2026-12-03T20:00:00.500000"),
        ("2026-12-03T15:00:00-05:00", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03T15:00:00Z", "Europe/London", "2026-12-03T15:00:00"),
        ("2026-12-03T20:00:00Z", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03 20:00:00.000+00:00", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03T20:00:00+00", "America/Toronto", "2026-12-03T20:00:00"),
        ("2026-12-03T20:00:00-0000", "America/Toronto", "2026-12-03T20:00:00"),
        ("2027-06-03T15:00:00Z", "Europe/London", "2027-06-03T15:00:00"),
        ("2026-11-01T06:30:00Z", "America/Toronto", "2026-11-01T06:30:00"),
        ("2027-03-14T02:30:00Z", "America/Toronto", "2027-03-14T02:30:00"),  # a hole only there
        ("1796328000", "America/Toronto", "2026-12-03T20:00:00"),
        ("1796328000.0", "Asia/Tokyo", "2026-12-03T20:00:00"),
        ("1796328000.25", "UTC", "2026-12-03T20:00:00.250000"),
        ("2026-11-01T01:30:00-04:00", "America/Toronto", "2026-11-01T05:30:00"),
        ("2026-11-01T01:30:00-05:00", "America/Toronto", "2026-11-01T06:30:00"),
        ("2027-04-04T01:45:00+10:30", "Australia/Lord_Howe", "2027-04-03T15:15:00"),
        ("2026-12-31T23:45:00", "Asia/Kathmandu", "2026-12-31T18:00:00"),
        ("2026-03-29T02:30:00", "Atlantic/Reykjavik", "2026-03-29T02:30:00"),
    ],
)
def test_a_wall_time_is_one_instant(text: str, zone: str, utc: str) -> None:
    assert instant(text, zone) == (utc, None)


def test_a_repeated_autumn_hour_means_the_first_and_says_so() -> None:
    utc, warning = instant("2026-11-01T01:30:00", "America/Toronto")
    assert utc == "2026-11-01T05:30:00"
    assert warning is not None
    assert "happens twice" in warning
    assert "-04:00 or -05:00" in warning


@pytest.mark.parametrize(
    ("text", "zone", "reason"),
    [
        ("2026-03-08T02:30:00", "America/Toronto", "does not exist in America/Toronto"),
        ("2026-03-08T02:30:00-05:00", "America/Toronto", "does not exist in America/Toronto"),
        ("2026-10-04T02:15:00", "Australia/Lord_Howe", "does not exist"),
        ("2011-12-30T10:00:00", "Pacific/Apia", "does not exist"),
        ("2026-12-03T15:00:00-04:00", "America/Toronto", "write -05:00, or no offset"),
        ("2026-12-03T15:00:00+01:00", "Europe/London", "write \\+00:00, or no offset"),
        ("1796328000000", "UTC", "not a date and time"),  # milliseconds
        ("17963280", "UTC", "not a date and time"),
        ("-1796328000", "UTC", "not a date and time"),
        ("9999999999", "UTC", "between the years"),
        ("1796328000Z", "UTC", "not a date and time"),
        ("2026-11-01T01:30:00-06:00", "America/Toronto", "write -04:00 or -05:00"),
        ("2026-02-30T15:00:00", "UTC", "not a date that exists"),
        ("2026-12-03", "UTC", "not a date and time"),
        ("3 December 2026, 15:00", "UTC", "not a date and time"),
        ("2026-12-03T15:00:00\n", "UTC", "not a date and time"),
        ("٢٠٢٦-12-03T15:00:00", "UTC", "not a date and time"),
        ("9999-12-31T23:59:59", "America/Toronto", "between the years"),
        ("0001-01-01T00:00:00", "Asia/Tokyo", "between the years"),
    ],
)
def test_a_time_that_is_none_is_refused(text: str, zone: str, reason: str) -> None:
    with pytest.raises(TimesError, match=reason):
        instant(text, zone)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-03T15:00:00", "2026-12-03T15:00:00"),
        ("2026-11-01 01:30:00.5", "2026-11-01T01:30:00.500000"),  # twice in Toronto, once in UTC
        ("2027-03-14T02:30:00", "2027-03-14T02:30:00"),  # never in Toronto
        ("2026-12-03T15:00:00Z", "2026-12-03T15:00:00"),
        ("2026-12-03T15:00:00-05:00", "2026-12-03T20:00:00"),
        ("1796328000", "2026-12-03T20:00:00"),
    ],
)
def test_where_naive_means_utc_the_zone_only_shows_it(text: str, utc: str) -> None:
    assert instant(text, "America/Toronto", utc=True) == (utc, None)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(fold=0)),  # noqa: DTZ001
    st.sampled_from(["America/Toronto", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
)
def test_every_instant_written_with_its_offset_is_read_back(naive: datetime, name: str) -> None:
    zone = find_zone(name)
    assert zone is not None
    utc = naive.replace(tzinfo=UTC)
    text = utc.astimezone(zone).isoformat()
    assert read_wall(text, zone) == (utc, None)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-20T09:30:00Z", "2026-11-20T09:30:00+00:00"),
        ("2026-11-20T09:30:00.123456789+05:30", "2026-11-20T04:00:00.123456+00:00"),
        ("2026-11-20 09:30:00+00", "2026-11-20T09:30:00+00:00"),
    ],
)
def test_a_stamp_is_an_instant(text: str, utc: str) -> None:
    assert read_stamp(text).isoformat() == utc


@pytest.mark.parametrize("text", ["2026-11-20T09:30:00", "yesterday", "2026-13-01T00:00:00Z"])
def test_a_stamp_without_offset_or_date_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(TimesError, match="2026-11-20T09:30:00Z"):
        read_stamp(text)


@pytest.mark.parametrize("hours", [-1, 0, 24.01])
def test_an_end_must_follow_within_a_day(hours: float) -> None:
    start = datetime(2026, 12, 3, 15, tzinfo=UTC)
    with pytest.raises(TimesError, match="write when"):
        check_span(start, start + timedelta(hours=hours))


def test_a_session_may_last_exactly_a_day() -> None:
    start = datetime(2026, 12, 3, 15, tzinfo=UTC)
    check_span(start, start + timedelta(hours=24))
