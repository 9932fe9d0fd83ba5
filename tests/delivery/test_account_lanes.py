"""Several calls of one account at once, and one by one after a server did not answer in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.schedule import ONE_BY_ONE
from calsync.errors import TimedOut, TryLater
from calsync.store.ledger.rows import table
from calsync.store.queue import slots
from tests.delivery.test_in_flight import Crowd
from tests.harness.platform import MAYA, Platform
from tests.harness.platform_fixtures import MakePlatform

LATE = TimedOut("no whole answer before the deadline", happened="maybe")
UNREACHED = TimedOut("not sent before the deadline", happened="no", scope="account")


def with_lanes(make_platform: MakePlatform, lanes: int, sessions: int = 8) -> Platform:
    """Maya's account, in which one call was made, with so many sessions to be shown in it now."""
    platform = make_platform(account_lanes={"google": lanes})
    platform.connect(MAYA.email)
    book(platform, 1, version=0)
    platform.deliver()
    platform.calendar.calls.clear()
    book(platform, sessions)
    return platform


def book(platform: Platform, sessions: int, version: int = 1) -> None:
    newest = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(minutes=version)
    platform.book(
        *(
            platform.a_session(
                f"s-{n}", participants=(MAYA,), title=f"Version {version}", updated_at=newest
            )
            for n in range(sessions)
        )
    )


def titles(platform: Platform) -> set[object]:
    return {entry.event["title"] for entry in platform.calendar.entries.values()}


def lanes_of(platform: Platform) -> list[tuple[int, bool]]:
    """The lanes of the account, and whether each is free."""
    lane, now = table("lane").c, platform.clock()
    with platform.store.read() as db:
        query = sa.select(lane.lane, lane.lease_until).where(lane.slot.like("account:%"))
        rows = db.all(query.order_by(lane.lane))
    return [(row["lane"], not row["lease_until"] or row["lease_until"] < now) for row in rows]


def crowd_in(platform: Platform, wanted: int, workers: int = 8) -> int:
    """How many calls were made at once while everything due was delivered."""
    crowd = Crowd(wanted, patience=8.0 if wanted > 1 else 0.05)
    platform.calendar.during = crowd.join
    platform.deliver(workers=workers)
    return crowd.most


def test_as_many_calls_of_an_account_are_made_at_once_as_it_has_lanes(
    make_platform: MakePlatform,
) -> None:
    platform = with_lanes(make_platform, 4)
    assert crowd_in(platform, 4) == 4
    assert [platform.states(f"s-{n}", MAYA.id) for n in range(8)] == [["google live"]] * 8
    assert lanes_of(platform) == [(n, True) for n in range(4)]


def test_an_account_gets_the_lanes_that_a_changed_configuration_says(
    make_platform: MakePlatform,
) -> None:
    platform = with_lanes(make_platform, 4)
    assert crowd_in(platform, 4) == 4
    platform.tenant = replace(platform.tenant, account_lanes={"google": 1})
    book(platform, 4, version=2)
    assert crowd_in(platform, 1) == 1
    assert lanes_of(platform) == [(0, True)]


@pytest.mark.parametrize("late", [LATE, UNREACHED], ids=["written", "unreached"])
def test_after_a_time_out_an_account_is_called_one_by_one_for_a_while(
    make_platform: MakePlatform, late: TimedOut
) -> None:
    platform = with_lanes(make_platform, 4, sessions=8)
    platform.deliver()
    platform.calendar.failures = [late]
    book(platform, 1, version=2)
    platform.deliver()
    assert [free for _, free in lanes_of(platform)] == [True, False, False, False]

    platform.later(minutes=5)
    book(platform, 8, version=3)
    assert crowd_in(platform, 1) == 1

    platform.later(seconds=ONE_BY_ONE.total_seconds())
    book(platform, 8, version=4)
    assert crowd_in(platform, 4) == 4
    assert titles(platform) == {"Version 4"}


def test_what_waits_for_its_turn_in_the_account_goes_back_after_a_time_out(
    make_platform: MakePlatform,
) -> None:
    platform = with_lanes(make_platform, 4, sessions=4)
    platform.calendar.failures = [LATE]
    platform.deliver(workers=1)
    answer, sent = table("attempt").c.answer, [do for do, _ in platform.calendar.calls]
    with platform.store.read() as db:
        unsent = db.all(sa.select(answer).where(answer == "not sent"))
    assert (len(unsent), sorted(sent)) == (1, ["change", "create", "create", "create"])


def test_another_failure_leaves_an_account_its_lanes(make_platform: MakePlatform) -> None:
    platform = with_lanes(make_platform, 4, sessions=1)
    platform.calendar.failures = [TryLater("503", happened="no", scope="account")]
    platform.deliver()
    assert lanes_of(platform) == [(n, True) for n in range(4)]


def test_calls_that_fail_beside_each_other_are_one_failure_of_their_account(
    make_platform: MakePlatform,
) -> None:
    platform = with_lanes(make_platform, 4, sessions=4)
    platform.calendar.failures = [TryLater("429", happened="no", scope="account")] * 4
    assert crowd_in(platform, 4) == 4
    slot = table("slot").c
    with platform.store.read() as db:
        failures = db.scalar(sa.select(slot.failures).where(slot.account.is_not(None)))
    assert failures == 1


def test_a_change_that_comes_during_a_call_waits_for_its_end(make_platform: MakePlatform) -> None:
    """One event is never written by two calls at once, however many lanes are free."""
    platform = with_lanes(make_platform, 4, sessions=1)
    under_way: list[int] = []

    def during() -> None:
        assert not under_way
        under_way.append(1)
        if len(platform.calendar.calls) < 4:
            book(platform, 1, version=len(platform.calendar.calls) + 1)
        under_way.pop()

    platform.calendar.during = during
    platform.deliver(workers=4)
    assert [do for do, _ in platform.calendar.calls] == ["change"] * 4
    assert titles(platform) == {"Version 4"}


def test_an_inspection_takes_one_lane_and_gives_back_no_other(make_platform: MakePlatform) -> None:
    platform = with_lanes(make_platform, 4, sessions=2)
    platform.deliver()
    platform.later(days=9, hours=1)
    with platform.store.write() as db:
        (slot,) = [row["slot"] for row in db.all(sa.select(table("slot"))) if row["account"]]
        slots.narrow(db, slot, db.now + timedelta(hours=1))
    before, during = lanes_of(platform), []
    inspect = platform.calendar.inspect

    def watched(*call: Any) -> Any:
        during.append(lanes_of(platform))
        return inspect(*call)

    platform.calendar.inspect = watched  # type: ignore[method-assign]
    assert platform.inspector.run_once() == 2
    assert during == [[(n, False) for n in range(4)]]
    assert lanes_of(platform) == before == [(0, True), (1, False), (2, False), (3, False)]
