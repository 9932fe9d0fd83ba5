"""What is found around the ledger, and what of it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from calsync.ops import verdict
from calsync.ops.doctor.surroundings import ahead, findings
from calsync.ops.results.surroundings import Surroundings
from calsync.store.connect.grants import EndingGrants
from calsync.store.engine.connections import ConnectionUse
from tests.harness.platform import Platform

NOON = datetime(2026, 12, 3, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def told(**found: object) -> list[tuple[str, str]]:
    return [(str(one.severity), one.text) for one in findings(Surroundings(**found))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("database", "off"),
    [
        (NOON, timedelta()),
        (NOON + 2 * SECOND, timedelta()),
        (NOON - 40 * SECOND, 40 * SECOND),
        (NOON + 43 * SECOND, -40 * SECOND),
    ],
)
def test_a_clock_is_ahead_by_no_less_than_the_answer_took(
    database: datetime, off: timedelta
) -> None:
    assert ahead(database, NOON, NOON + 3 * SECOND) == off


def test_a_clock_that_is_off_is_told_and_more_loudly_when_sign_ins_fail() -> None:
    assert told(clock_ahead=29 * SECOND) == []
    ((severity, text),) = told(clock_ahead=-31 * SECOND)
    assert severity == "warning"
    assert text.startswith("this machine's clock is 31 seconds behind the database's")
    ((severity, text),) = told(clock_ahead=300 * SECOND)
    assert severity == "error"
    assert "5 minutes ahead of" in text


def test_connections_that_do_not_suffice_are_told() -> None:
    assert told(connections=ConnectionUse(97, 60), wanted=36) == []
    assert told(wanted=36) == []
    ((severity, text),) = told(connections=ConnectionUse(20, 10), wanted=36)
    assert (severity, "allows calsync 20 connections" in text) == ("warning", True)
    ((severity, text),) = told(connections=ConnectionUse(97, 1), wanted=36)
    assert (severity, "1 free connection left of 97" in text) == ("error", True)


def test_consents_that_end_are_told_with_the_sessions_at_risk() -> None:
    unused = EndingGrants("default", "outlook", "unused", 2, 3, NOON, 90 * DAY)
    ((severity, text),) = told(ending=[unused])
    assert severity == "warning"
    assert "2 accounts have not been used since 2026-12-03T12:00:00Z" in text
    assert "Outlook ends access that is not used for 90 days" in text
    assert "3 sessions ahead would go out by mail instead" in text


def test_an_app_in_testing_is_told_with_the_day_on_which_the_next_account_ends() -> None:
    trial = EndingGrants("default", "google", "trial", 1, 0, NOON, 7 * DAY)
    ((severity, text),) = told(ending=[trial])
    assert severity == "error"
    assert "1 further account will be lost, the first at 2026-12-10T12:00:00Z." in text
    assert "Publish the app" in text


@pytest.mark.parametrize(("behind", "kinds"), [(0, []), (10, ["clock"])])
def test_the_verdict_tells_of_a_database_whose_clock_is_another(
    platform: Platform, behind: int, kinds: list[str]
) -> None:
    platform.stop_clock(datetime.now(UTC) - timedelta(minutes=behind))
    found = verdict.of_pass(platform.context)
    assert [one.kind for one in found if one.kind == "clock"] == kinds
