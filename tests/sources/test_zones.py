"""Zone names as platforms have them: trimmed, Windows names taken, the right case told."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest

from calsync.sources.records import zones
from calsync.sources.records.record import parse
from calsync.sources.records.validate import validate
from calsync.sources.records.zones import ZoneNameError, find_zone, read_zone
from tests.sources.records import NOW, a_person, a_record, lines, written


@pytest.mark.parametrize("name", ["America/Toronto", "UTC", "Etc/GMT+5", "EST5EDT"])
def test_iana_names_are_zones(name: str) -> None:
    assert find_zone(name) is not None
    assert read_zone(name) == (ZoneInfo(name), None)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "America",
        "Eastern Standard Time",
        "+02:00",
        "../../etc/passwd",
        "localtime",
        "posixrules",
        "right/UTC",
        "a" * 300,
        "UTC\0",
        "America/Toronto ",
    ],
)
def test_other_names_are_no_zones(name: str) -> None:
    assert find_zone(name) is None


@pytest.mark.parametrize("text", ["America/Toronto ", " America/Toronto", "\tAmerica/Toronto\n"])
def test_blanks_around_a_name_do_not_count(text: str) -> None:
    assert read_zone(text) == (ZoneInfo("America/Toronto"), None)


@pytest.mark.parametrize(
    ("name", "iana"),
    [
        ("Eastern Standard Time", "America/New_York"),
        ("eastern standard time", "America/New_York"),
        (" W. Europe Standard Time ", "Europe/Berlin"),
        ("India Standard Time", "Asia/Calcutta"),
        ("UTC-11", "Etc/GMT+11"),
        ("utc", "Etc/UTC"),
        ("British Columbia Standard Time", "America/Vancouver"),
    ],
)
def test_a_windows_name_means_the_zone_that_cldr_says_with_a_warning(name: str, iana: str) -> None:
    zone, warning = read_zone(name)
    assert zone.key == iana
    assert warning == f"is the Windows name of a zone, {iana} is taken; write {iana}"


def test_every_windows_name_leads_to_a_zone() -> None:
    for name in zones.WINDOWS_TO_OLSON:
        assert read_zone(name)[0].key in available_timezones()


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("europe/london", "write Europe/London"),
        ("EUROPE/LONDON ", "write Europe/London"),
        ("America/New York", "write America/New_York"),
        ("Mars/Olympus", "write an IANA zone, such as America/Toronto"),
        ("Factory", "write an IANA zone, such as America/Toronto"),
        ("", "write an IANA zone, such as America/Toronto"),
        ("right/UTC", "write an IANA zone, such as America/Toronto"),
    ],
)
def test_another_name_is_refused_with_what_to_write(name: str, advice: str) -> None:
    with pytest.raises(ZoneNameError) as caught:
        read_zone(name)
    assert str(caught.value) == advice


def test_a_file_system_that_ignores_case_gives_no_zone_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zones, "find_zone", lambda name: ZoneInfo("Europe/London"))
    with pytest.raises(ZoneNameError, match="write Europe/London"):
        read_zone("europe/london")


def test_a_zone_that_is_missing_here_is_told_like_any_unknown_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zones, "find_zone", lambda name: None)
    with pytest.raises(ZoneNameError, match="write an IANA zone"):
        read_zone("Eastern Standard Time")


def test_validate_takes_platforms_names_and_tells_what_to_write(tmp_path: Path) -> None:
    names = ("America/Toronto ", " America/Toronto", "Eastern Standard Time", "europe/london")
    records = [a_record(id=f"z{at}", time_zone=name) for at, name in enumerate(names)]
    report = validate(written(tmp_path / "sessions.jsonl", lines(*records)), now=NOW)
    assert report.accepted == 3
    assert report.warnings == (
        "z2: time_zone: is the Windows name of a zone, America/New_York is taken; "
        "write America/New_York",
    )
    assert [(one.record, one.reason) for one in report.refused] == [
        ("z3", "is not an IANA zone; write Europe/London")
    ]


@pytest.mark.parametrize(
    ("name", "zone", "warning"),
    [
        (
            "europe/london",
            "America/Toronto",
            "is not an IANA zone, the session's is taken; write Europe/London",
        ),
        (
            "GMT standard time",
            "Europe/London",
            "is the Windows name of a zone, Europe/London is taken; write Europe/London",
        ),
        ("Europe/London ", "Europe/London", None),
        ("", "America/Toronto", None),
        ("  ", "America/Toronto", None),
    ],
)
def test_a_persons_own_zone_is_read_by_the_same_rules(
    name: str, zone: str, warning: str | None
) -> None:
    record = a_record(participants=[a_person(time_zone=name)])
    session, warnings = parse(record, tenant="default", now=NOW)
    assert session.participants[0].time_zone == zone
    told = f"ses-1001: participants[0].time_zone: {warning}"
    assert warnings == ([] if warning is None else [told])
