"""What is told of sources and their records: what cannot be read, and what of it cannot be used."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from calsync.ops.results.finding import Severity
from calsync.ops.results.status import RefusedRecord, SourceStatus, StaleSession, WarnedRecord
from calsync.ops.verdict import findings
from tests.ops.test_verdict import CALM, NOW, WELL, ago, only


def failing(since: datetime) -> SourceStatus:
    return SourceStatus("platform", ago(days=1), since, "no such file", None, 0)


@pytest.mark.parametrize(
    ("minutes", "severity"), [(1, Severity.WARNING), (15, Severity.WARNING), (16, Severity.ERROR)]
)
def test_a_source_that_fails_is_an_error_once_it_lasts(minutes: int, severity: Severity) -> None:
    since = ago(minutes=minutes)
    found = only(replace(CALM, sources=[failing(since)]))
    assert (found.severity, found.since, found.whom) == (severity, since, "source platform")
    assert found.text.startswith("source platform has been unreadable since 2026-12-03T11:")
    assert found.text.endswith("Z: no such file")


def test_a_source_that_cannot_be_compared_as_a_whole_is_a_warning_while_its_polls_succeed() -> None:
    source = SourceStatus("platform", NOW, None, None, ago(days=3), 0, "row 7 has no id")
    found = only(replace(CALM, sources=[source]))
    assert (found.severity, found.since, found.whom) == (
        Severity.WARNING,
        ago(days=3),
        "source platform",
    )
    assert found.text.startswith("source platform has not been compared as a whole since 2026-")
    assert found.text.endswith(
        "so sessions deleted there and updates that polls missed go unnoticed: row 7 has no id"
    )
    assert found.command == "calsync sync --source platform"


def test_a_read_that_does_not_end_is_told_as_a_first_one_may_take_long() -> None:
    begun = replace(failing(ago(hours=1)), failing_since=None, reading_since=ago(minutes=16))
    found = only(replace(CALM, sources=[begun]))
    assert (found.kind, found.severity, found.since) == (
        "long_read",
        Severity.WARNING,
        ago(minutes=16),
    )
    assert "has been read since 2026-12-03T11:44:00Z without coming to an end" in found.text
    assert only(replace(CALM, sources=[replace(begun, last_ok=None)])).severity is Severity.NOTICE
    brief = replace(begun, reading_since=ago(minutes=15))
    assert findings(replace(CALM, sources=[brief]), WELL) == []


def test_a_source_that_cannot_be_read_at_all_is_one_finding() -> None:
    source = replace(failing(ago(hours=1)), sweep_error="no such table")
    assert "unreadable" in only(replace(CALM, sources=[source])).text


def test_a_stale_session_that_starts_soon_is_a_warning_of_its_own() -> None:
    soon = StaleSession("ses-1", "time_zone: is no zone", NOW, alert=True)
    later = [replace(soon, session=f"ses-{n}", alert=False) for n in (2, 3)]
    first, second = findings(replace(CALM, stale=[soon, *later]), WELL)
    assert (first.severity, first.whom) == (Severity.WARNING, "session ses-1")
    assert first.text == (
        "ses-1 starts within 24 hours, and its last update was refused: time_zone: is no zone"
    )
    assert (second.severity, second.whom) == (Severity.NOTICE, "2 sessions")
    assert second.text == "2 sessions are shown in an older version: their last update was refused"


def test_refused_records_are_counted_by_source() -> None:
    records = [RefusedRecord("platform", f"ses-{n}", "time_zone", "is no zone") for n in (1, 2)]
    found = only(replace(CALM, set_aside=records))
    assert (found.severity, found.whom) == (Severity.WARNING, "source platform")
    assert found.text == (
        "2 records were refused, first ses-1: time_zone: is no zone; once that is corrected, read "
        "it again"
    )


def test_a_record_that_was_refused_is_read_again_where_its_source_is_read() -> None:
    record = RefusedRecord("platform", "ses-1", "time_zone", "is no zone")
    stale = StaleSession("ses-1", "is no zone", NOW, alert=True, source="platform")
    aside = WarnedRecord("platform", "ses-1", "u-1", True, "email", "is none", NOW)
    wrong = replace(CALM, set_aside=[record], stale=[stale], warnings=[aside])
    found = findings(wrong, WELL)
    assert {one.command for one in found} == {"calsync sync --source platform"}
    assert all(one.text.endswith("; once that is corrected, read it again") for one in found)
    pushed = findings(replace(wrong, sources=[]), WELL)
    assert [one.command for one in pushed] == [
        "calsync explain ses-1",
        "calsync status",
        "calsync explain ses-1 --person u-1",
    ]
