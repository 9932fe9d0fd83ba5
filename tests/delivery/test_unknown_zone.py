"""Google does not know the name of a person's zone: the event is there all the same, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calsync.ops import verdict
from tests.harness.installation import MAYA, Installation, installed


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def book(calsync: Installation, ident: str = "ses-1", **changes: Any) -> None:
    calsync.book(ident, time_zone="Europe/Kyiv", **changes)
    calsync.sync()


def zones_shown(calsync: Installation) -> list[str]:
    return [one["start"]["timeZone"] for one in calsync.sandbox.events(MAYA)]


def calls(calsync: Installation, method: str) -> list[int]:
    """The answers to such calls, in their order."""
    made = calsync.sandbox.requests(MAYA)
    return [one.status for one in made if one.method == method and "/events" in one.path]


def told(calsync: Installation) -> list[str]:
    found = verdict.verdict(calsync.open().context)
    return [one.text for one in found if "time zone" in one.text]


@pytest.mark.parametrize(
    ("knows", "zone", "answers"),
    [
        ("known", "Europe/Kyiv", [200]),
        ("by_old_name", "Europe/Kiev", [400, 200]),
        ("unknown", "UTC", [400, 400, 200]),
    ],
)
def test_an_event_is_written_with_a_name_that_google_knows_and_kept_so(
    calsync: Installation, knows: str, zone: str, answers: list[int]
) -> None:
    calsync.sandbox.switch("renamed_zone", knows)
    calsync.connect("google")
    book(calsync)
    (shown,) = calsync.sandbox.shown(MAYA)
    assert calls(calsync, "POST") == answers
    assert zones_shown(calsync) == [zone]
    assert calsync.mails() == []
    assert calsync.copies() == [("google", "live")]

    calsync.began += timedelta(hours=1)
    book(calsync, title="Session 2")
    (moved,) = calsync.sandbox.shown(MAYA)
    assert calls(calsync, "PATCH") == [200]
    assert (moved.title, moved.starts_at - shown.starts_at) == ("Session 2", timedelta(hours=1))
    assert zones_shown(calsync) == [zone]


def test_one_refusal_teaches_all_sessions_and_ops_are_told_once(calsync: Installation) -> None:
    calsync.sandbox.switch("renamed_zone", "by_old_name")
    calsync.connect("google")
    book(calsync)
    book(calsync, "ses-2")
    assert calls(calsync, "POST") == [400, 200, 200]
    assert told(calsync) == [
        "google does not know the time zone Europe/Kyiv: its events are displayed in Europe/Kiev, "
        "at the right times"
    ]


def test_a_pass_in_which_another_name_was_taken_has_not_failed(calsync: Installation) -> None:
    calsync.sandbox.switch("renamed_zone", "unknown")
    calsync.connect("google")
    calsync.book(time_zone="Europe/Kyiv")
    done = calsync.sync()
    assert calls(calsync, "POST") == [400, 400, 200]
    assert (done.yes, done.refused, done.retried, done.failed) == (1, 0, 0, False)


def test_an_event_that_is_there_is_changed_with_another_name(calsync: Installation) -> None:
    calsync.connect("google")
    book(calsync)
    calsync.sandbox.switch("renamed_zone", "by_old_name")
    book(calsync, title="Session 2")
    assert calls(calsync, "PATCH") == [400, 200]
    assert [one.title for one in calsync.sandbox.shown(MAYA)] == ["Session 2"]
    assert calsync.copies() == [("google", "live")]


def test_after_a_month_the_name_is_tried_anew(calsync: Installation) -> None:
    calsync.sandbox.switch("renamed_zone", "by_old_name")
    calsync.connect("google")
    book(calsync, days=60)
    calsync.sandbox.switch("renamed_zone", "known")
    calsync.shift += timedelta(days=31)
    assert told(calsync) == []
    book(calsync, days=60, title="Session 2")
    assert zones_shown(calsync) == ["Europe/Kyiv"]


def test_outlook_is_told_no_zone_at_all(calsync: Installation) -> None:
    calsync.connect("outlook")
    book(calsync)
    (event,) = calsync.sandbox.outlook_events(MAYA)
    assert event["start"]["timeZone"] == "UTC"
    assert calsync.copies() == [("outlook", "live")]
