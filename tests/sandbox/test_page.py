"""The sandbox's page for people marks what nobody can correct any more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from calsync.sandbox.page import outdated
from calsync.sandbox.records import ShownEvent

START = datetime(2026, 12, 3, 15, tzinfo=UTC)
OLD = ShownEvent(
    title="Career planning",
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    location="",
    description="",
    where="google",
    uid="u-1",
    id="e-1",
    status="confirmed",
    ours=True,
    url="https://app.example.org/s/ses-1",
    changed_at=START - timedelta(days=2),
)
MOVED = replace(
    OLD,
    id="e-2",
    starts_at=START + timedelta(minutes=30),
    changed_at=START - timedelta(days=1),
)


def test_an_entry_is_outdated_where_a_newer_one_of_its_session_shows_another_time() -> None:
    assert outdated([OLD, MOVED]) == outdated([MOVED, OLD]) == {"e-1"}


def test_entries_of_other_sessions_or_at_the_same_time_are_not_outdated() -> None:
    other = replace(MOVED, url="https://app.example.org/s/ses-2")
    twice = replace(OLD, id="e-3", changed_at=MOVED.changed_at)
    assert outdated([OLD, other]) == outdated([OLD, twice]) == set()
    assert outdated([replace(OLD, url=""), replace(MOVED, url="")]) == set()
