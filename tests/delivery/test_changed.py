"""An event that has changed meanwhile is looked at and written in the same pass."""

from __future__ import annotations

import pytest

from calsync.core.booked import Status
from calsync.errors import Changed, ChannelError
from tests.harness.platform import MAYA, Platform


def edited() -> ChannelError:
    return Changed("412 conditionNotMet", happened="no")


def shown(platform: Platform) -> None:
    """Maya sees a session in her calendar."""
    platform.connect(MAYA.email)
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    platform.calendar.calls.clear()


def called(platform: Platform) -> list[str]:
    return [name for name, _ in platform.calendar.calls]


@pytest.mark.parametrize(
    ("changes", "do"),
    [({"title": "Another"}, "change"), ({"status": Status.CANCELLED}, "withdraw")],
)
def test_what_changed_is_looked_up_and_written_in_the_same_pass(
    platform: Platform, changes: dict[str, object], do: str
) -> None:
    shown(platform)
    platform.calendar.failures = [edited()]
    platform.change(platform.a_session(participants=(MAYA,)), **changes)
    platform.deliver()

    assert called(platform) == [do, "find", do]
    assert (platform.delivery()["attempts"], platform.delivery()["due_at"]) == (0, None)


def test_an_event_that_exists_already_is_looked_up_in_the_same_pass(platform: Platform) -> None:
    platform.connect(MAYA.email)
    platform.calendar.failures = [Changed("409 duplicate", happened="maybe")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()

    assert called(platform) == ["create", "find", "create"]


def test_an_event_that_is_always_said_to_have_changed_is_not_written_for_ever(
    platform: Platform,
) -> None:
    shown(platform)
    answers = platform.calendar.failures
    platform.calendar.during = lambda: answers.insert(0, edited())
    platform.change(platform.a_session(participants=(MAYA,)), title="Another title")
    platform.deliver()

    assert called(platform) == ["change", "find"] * 3 + ["change"]
    assert platform.delivery()["due_at"] > platform.clock()
