"""Nobody is promised a call that a pause or a cooling account keeps from being made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from calsync.errors import Refused, TryLater
from calsync.ops import plan
from calsync.ops.questions.explain import explain
from calsync.store.ledger import deliveries
from calsync.store.queue import pauses
from calsync.text.instants import iso
from tests.harness.platform import MAYA, Platform

MAKE = "make copy 1 by google"


def asked(platform: Platform) -> tuple[str, list[str]]:
    """What `explain` says of Maya, and what `plan` says of whoever has a step."""
    story = explain(platform.context, "ses-1", "u-1", None)
    with platform.store.read() as db:
        planned = plan.steps(platform.context, db, deliveries.with_work(db))
    return story.people[0].next, [one.step for one in planned]


def stop(platform: Platform, channel: str, by: str = "ops", **details: Any) -> None:
    with platform.store.write() as db:
        tenant = details.get("tenant", "default")
        pauses.stop(db, tenant, channel, by, details.get("why", ""), details.get("until"))


def a_session_in_her_calendar_only(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))


@pytest.mark.parametrize("tenant", ["default", "*"])
def test_explain_and_plan_say_that_the_channel_is_paused(platform: Platform, tenant: str) -> None:
    a_session_in_her_calendar_only(platform)
    assert asked(platform) == (MAKE, [MAKE])
    stop(platform, "google", tenant=tenant)
    told = f"nothing (google is paused by an operator), then {MAKE}"
    assert asked(platform) == (told, [told])
    assert platform.deliver() == 0


def test_a_pause_of_another_channel_or_tenant_keeps_nothing_waiting(platform: Platform) -> None:
    a_session_in_her_calendar_only(platform)
    stop(platform, "mail")
    stop(platform, "*", tenant="another")
    assert asked(platform) == (MAKE, [MAKE])


def test_a_stop_that_ends_by_itself_says_when_and_ends(platform: Platform) -> None:
    a_session_in_her_calendar_only(platform)
    until = platform.clock() + timedelta(minutes=5)
    stop(platform, "*", "setup", why="invalid_client", until=until)
    why = "everything is paused because its configuration does not work: invalid_client"
    assert asked(platform)[0] == f"nothing ({why}) until {iso(until)}, then {MAKE}"
    platform.later(minutes=6)
    assert asked(platform)[0] == MAKE


def test_a_call_waits_for_its_own_channel_and_for_the_one_the_delivery_waits_in(
    platform: Platform,
) -> None:
    """Mailed, then connected: hers is made by Google, then the mail is withdrawn. A delivery in a
    paused queue is not decided upon, so a pause of Google keeps the mail's end waiting as well."""
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    platform.connect("maya@example.org")
    stop(platform, "google")
    paused = "nothing (google is paused by an operator), then"
    assert asked(platform)[0] == f"{paused} make copy 2 by google"
    with platform.store.write() as db:
        pauses.lift(db, "default", "google")
    stop(platform, "mail")
    platform.deliver()
    assert platform.states() == ["mail live", "google live"]
    waits = "nothing (mail is paused by an operator), then withdraw copy 1 by mail"
    assert asked(platform)[0] == waits
    stop(platform, "google")
    with platform.store.write() as db:
        pauses.lift(db, "default", "mail")
    assert asked(platform)[0] == "withdraw copy 1 by mail"
    platform.deliver()
    assert platform.states() == ["mail gone", "google live"]


def test_a_call_through_a_cooling_account_says_until_when(platform: Platform) -> None:
    a_session_in_her_calendar_only(platform)
    slow = TryLater("429", happened="no", scope="account", after=600)
    platform.calendar.failures.append(slow)
    platform.deliver()
    platform.book(platform.a_session("ses-2", participants=(MAYA,)))
    (maya,) = explain(platform.context, "ses-2", None, None).people
    assert maya.next.startswith("nothing (waiting after an error or for a rate limit) until ")
    assert maya.next.endswith(", then make copy 1 by google")


def test_a_parked_delivery_is_never_told_as_not_due(platform: Platform) -> None:
    a_session_in_her_calendar_only(platform)
    platform.calendar.failures.append(Refused("invalid", happened="no"))
    platform.deliver()
    assert asked(platform) == ("nothing (parked: refused)", [])
