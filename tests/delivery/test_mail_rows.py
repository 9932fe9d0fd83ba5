"""Mails that are claimed over one lane, to be sent one after the other by one worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.core.ledger import Rate
from calsync.core.reconcile.claimed import Claim, Finished, Schedule
from calsync.delivery import dispatch
from calsync.delivery.attempts import Call
from calsync.delivery.concurrency import MOST_UNSTORED, ROW, InFlight
from calsync.delivery.dispatch import Dispatcher
from calsync.delivery.groups import Begun, Groups, Work
from calsync.store.database import Db
from calsync.store.engine import texts
from calsync.store.ledger.rows import table
from calsync.store.queue import limiter
from tests.delivery.test_in_flight import Crowd
from tests.harness.counted import counted
from tests.harness.platform import Platform
from tests.harness.platform_fixtures import MakePlatform

LANES = 4
ALL_AT_ONCE = LANES * ROW


def people(count: int) -> list[Participant]:
    return [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(count)]


def mailed(platform: Platform, count: int) -> None:
    """A session of each person, which they are mailed."""
    guests = people(count)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in guests))


def step(dispatcher: Dispatcher) -> int | None:
    return dispatcher.step(lambda: ["default"])


def fast(dispatcher: Dispatcher) -> None:
    """It has seen that the server is fast."""
    dispatcher._pace.took("default", 0.001)


def claimed(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The calls that groups lead to from here on."""
    found, run = list[Call](), Groups.run

    def watched(self: Groups, work: Work) -> Begun:
        begun = run(self, work)
        found.extend(begun.calls)
        return begun

    monkeypatch.setattr(Groups, "run", watched)
    return found


def lanes_taken(platform: Platform) -> set[int]:
    lane = table("lane").c
    with platform.store.read() as db:
        rows = db.all(sa.select(lane.lane).where(lane.lease_token.is_not(None)))
    return {int(row["lane"]) for row in rows}


@pytest.fixture
def dispatcher(platform: Platform) -> Dispatcher:
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    fast(dispatcher)
    return dispatcher


def test_of_a_fast_server_several_mails_are_claimed_over_each_lane(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, ALL_AT_ONCE + 3)
    calls = claimed(platform, monkeypatch)
    with counted() as counts:
        assert step(dispatcher) == ALL_AT_ONCE
    assert counts.transactions == 1
    over = [call.claim.lane for call in calls]
    assert [over.count(lane) for lane in range(LANES)] == [ROW] * LANES


@pytest.mark.parametrize(("seconds", "row"), [(0.0, 1), (0.03, 3), (0.2, 1), (5.0, 1)])
def test_of_a_slow_server_or_one_that_nobody_knows_fewer_are(
    platform: Platform, seconds: float, row: int
) -> None:
    mailed(platform, 16)
    dispatcher = Dispatcher(platform.deliverer, workers=16)
    dispatcher._pace.took("default", seconds)
    assert step(dispatcher) == LANES * row


def test_mails_are_sent_at_once_over_each_lane_and_no_more(platform: Platform) -> None:
    mailed(platform, 24)
    crowd = Crowd(LANES + 1, patience=0.05)
    platform.mail.during = crowd.join
    platform.deliver(workers=8)
    assert crowd.most == LANES
    assert [platform.states(f"s-p-{n}", f"p-{n}") for n in range(24)] == [["mail live"]] * 24


def test_a_lane_is_free_when_the_last_of_its_mails_is_stored(
    platform: Platform, dispatcher: Dispatcher
) -> None:
    mailed(platform, LANES + 1)
    assert step(dispatcher) == LANES + 1
    for _ in range(LANES):
        assert len(lanes_taken(platform)) == LANES
        assert dispatcher.work_one()
    assert step(dispatcher) == 0
    assert len(lanes_taken(platform)) == 1
    assert dispatcher.work_one()
    assert step(dispatcher) == 0
    assert lanes_taken(platform) == set()


def test_only_once_a_lane_is_free_is_the_ledger_asked_what_may_be_claimed(
    platform: Platform, dispatcher: Dispatcher
) -> None:
    mailed(platform, LANES + 1)
    asked = list[str]()

    def tenants() -> list[str]:
        asked.append("who")
        return ["default"]

    assert dispatcher.step(tenants) == LANES + 1
    assert dispatcher.step(tenants) == 0, "nothing else is due"
    asked.clear()
    assert dispatcher.work_one()
    assert dispatcher.step(tenants) == 0
    assert asked == [], "the first lane has one more to send"
    assert dispatcher.work_one()
    assert dispatcher.step(tenants) == 0
    assert asked == ["who"]


def test_what_is_due_is_claimed_over_the_first_lane_that_is_free(
    platform: Platform, dispatcher: Dispatcher
) -> None:
    mailed(platform, ALL_AT_ONCE + 1)
    assert step(dispatcher) == ALL_AT_ONCE
    claims = 0
    while not dispatcher.idle:
        assert dispatcher.work_one()
        claims += step(dispatcher) or 0
    assert claims == 1
    assert platform.states(f"s-p-{ALL_AT_ONCE}", f"p-{ALL_AT_ONCE}") == ["mail live"]


def test_of_several_mails_over_one_lane_the_lane_is_written_once(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, ALL_AT_ONCE)
    written, real = Counter[str](), texts.run

    def run(conn: Any, text: texts.Text, rows: Any) -> Any:
        written[text.text.partition(" SET")[0]] += 1 if isinstance(rows, dict) else len(rows)
        return real(conn, text, rows)

    monkeypatch.setattr(texts, "run", run)
    assert step(dispatcher) == ALL_AT_ONCE
    assert written["UPDATE lane"] == 2 * LANES, "for the first mails, and for those behind them"


def test_the_lane_waits_for_the_far_session_that_goes_after_one_that_starts_soon(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, LANES)
    soon, start = people(LANES + 1)[LANES], platform.clock() + timedelta(minutes=110)
    session = platform.a_session(
        "s-soon", participants=(soon,), starts_at=start, ends_at=start + timedelta(minutes=45)
    )
    platform.later(seconds=1)
    platform.book(session)
    calls = claimed(platform, monkeypatch)
    assert step(dispatcher) == LANES + 1
    assert calls[-1].claim.delivery.key.session == "s-soon"
    assert dispatcher.work_one()
    assert step(dispatcher) == 0
    assert platform.states("s-soon", soon.id) == ["mail live"]
    assert len(lanes_taken(platform)) == LANES


def test_mails_that_share_a_lane_take_one_place(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "FIRST", 8)
    for one in people(25)[20:]:
        platform.connect(one.email)
    mailed(platform, 25)
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    fast(dispatcher)
    assert step(dispatcher) == 20 + 5, "eight places: five calendars, and three lanes of mails"


def test_while_mails_wait_for_their_lane_calendars_find_a_place(platform: Platform) -> None:
    mailed(platform, 20)
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    fast(dispatcher)
    assert step(dispatcher) == 20
    for one in people(24)[20:]:
        platform.connect(one.email)
    mailed(platform, 24)
    dispatcher.wake()
    assert step(dispatcher) == 4


def test_one_that_cannot_be_decided_holds_up_none_of_its_lane(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, 6)
    decide = platform.deliverer.begin.decide

    def refusing(db: Db, taken: Sequence[Claim], until: float) -> list[Call | Finished]:
        if any(one.delivery.key.session == "s-p-2" for one in taken):
            raise ValueError("not this one")
        return decide(db, taken, until)

    monkeypatch.setattr(platform.deliverer.begin, "decide", refusing)
    assert step(dispatcher) == 3, "one by one, until the one that cannot be decided"
    dispatcher.close()
    assert step(dispatcher) == 0
    platform.deliver()
    states = [platform.states(f"s-p-{n}", f"p-{n}") for n in range(6)]
    assert states == [["mail live"] if n != 2 else [] for n in range(6)]


def test_over_a_lane_no_more_are_claimed_than_the_limit_of_mails_has_room_for(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"mail": Rate(600, None)})
    mailed(platform, ALL_AT_ONCE)
    work = Work([], [], 64, ["default"], InFlight(lambda _: {}).rooms, row=lambda _: ROW)
    begun = Groups(platform.deliverer).run(work)
    assert (begun.claims, len(begun.calls)) == (20, 20), "two seconds' worth"


def test_while_the_limit_of_mails_has_no_room_one_finds_out_for_all(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"mail": Rate(10, None)})
    with platform.store.write() as db:
        assert limiter.spend(db, "mail:default", 10) is None
    mailed(platform, ALL_AT_ONCE)
    work = Work([], [], 64, ["default"], InFlight(lambda _: {}).rooms, row=lambda _: ROW)
    begun = Groups(platform.deliverer).run(work)
    assert (begun.claims, begun.calls) == (1, [])


def test_a_lane_stays_taken_when_its_last_mail_needs_no_call(
    platform: Platform, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailed(platform, LANES + 1)
    decide = platform.deliverer.begin.decide

    def without_the_last(db: Db, taken: Sequence[Claim], until: float) -> list[Call | Finished]:
        ended = [Finished(one, Schedule(None)) for one in taken[LANES:]]
        return [*decide(db, taken[:LANES], until), *ended]

    monkeypatch.setattr(platform.deliverer.begin, "decide", without_the_last)
    assert step(dispatcher) == LANES + 1
    assert len(lanes_taken(platform)) == LANES
    for _ in range(LANES):
        assert dispatcher.work_one()
    step(dispatcher)
    assert lanes_taken(platform) == set()


@pytest.mark.parametrize(("answered", "woken"), [(LANES, 0), (LANES * MOST_UNSTORED, LANES)])
def test_a_worker_is_woken_where_a_mail_waited_until_those_before_it_are_stored(
    platform: Platform,
    dispatcher: Dispatcher,
    monkeypatch: pytest.MonkeyPatch,
    answered: int,
    woken: int,
) -> None:
    mailed(platform, ALL_AT_ONCE)
    assert step(dispatcher) == ALL_AT_ONCE
    for _ in range(answered):
        assert dispatcher.work_one()
    wakes: list[int] = []
    monkeypatch.setattr(dispatcher._handed, "notify", wakes.append)
    assert step(dispatcher) == 0
    assert sum(wakes) == woken
