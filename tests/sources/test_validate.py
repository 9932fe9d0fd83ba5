"""Checking a file tells everything at once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from calsync.errors import SourceError
from calsync.sources.records.validate import Refusal, validate
from tests.sources.records import LEAVE_OUT, NOW, a_person, a_record, lines, written


def test_a_report_counts_refuses_and_warns(tmp_path: Path) -> None:
    records = [
        a_record(id="late", starts_at="2027-01-03T15:00:00", ends_at="2027-01-03T16:00:00"),
        a_record(
            id="early", tenant="north", participants=[a_person(), a_person(id="u-2", email="?")]
        ),
        a_record(id="gone", status="cancelled"),
        a_record(id="bad", tenant=LEAVE_OUT, status="?"),
        a_record(id="early"),
    ]
    path = written(tmp_path / "s.jsonl", lines(*records) + "{oops\n")
    report = validate(path, now=NOW)
    assert (report.records, report.accepted, report.booked, report.cancelled) == (6, 4, 3, 1)
    assert report.participants == 7
    assert [(one.record, one.field) for one in report.refused] == [
        ("bad", "status"),
        ("s.jsonl line 6", "line"),
    ]
    assert isinstance(report.refused[0], Refusal)
    assert len(report.warnings) == 2
    assert "u-2" not in report.warnings[0]
    assert "line 5: is there before" in report.warnings[1]
    assert report.first_start == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert report.last_start == datetime(2027, 1, 3, 20, tzinfo=UTC)


def test_a_record_may_leave_its_tenant_to_the_source(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", [a_record(tenant=LEAVE_OUT)])
    assert validate(path, now=NOW).accepted == 1


def test_an_empty_file_has_no_first_start(tmp_path: Path) -> None:
    report = validate(written(tmp_path / "s.json", []))
    assert (report.records, report.first_start, report.last_start) == (0, None, None)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        validate(tmp_path / "none.json")


def test_strict_is_as_strict_as_the_source(tmp_path: Path) -> None:
    path = written(tmp_path / "s.json", [a_record(personal_notes="x")])
    assert validate(path, now=NOW).accepted == 1
    assert validate(path, now=NOW, strict=True).accepted == 0
