"""After a break that a provider asked for, one call finds out whether it takes calls again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.reconcile.claimed import Claim, Finished, Schedule
from calsync.delivery.attempts import Call
from calsync.delivery.inspect import Inspector
from calsync.errors import TryLater
from calsync.ops import queries
from calsync.ops.results.status import ActivePause
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.queue import due, pauses
from tests.harness.platform import MAYA, Platform
from tests.harness.surprises import raising

EVERYBODY = tuple(replace(MAYA, id=f"u-{n}", email=f"person-{n}@example.org") for n in range(1, 5))


def too_much(after: float = 3600) -> TryLater:
    return TryLater("429", happened="no", scope="provider", after=after)


def stops(platform: Platform) -> list[ActivePause]:
    with platform.store.read() as db:
        return list(queries.current(db).stopped)


def creates(platform: Platform) -> int:
    return [what for what, _ in platform.calendar.calls].count("create")


@pytest.fixture
def waiting(platform: Platform) -> Platform:
    """Four calendars, each with a session to come, and a provider that asked for an hour."""
    for person in EVERYBODY:
        platform.connect(person.email)
    platform.calendar.failures = [too_much()]
    platform.book(platform.a_session(participants=EVERYBODY))
    platform.deliver()
    assert creates(platform) == 1
    assert [one.by for one in stops(platform)] == ["provider"]
    return platform


def test_one_call_finds_out_and_when_it_is_refused_nobody_else_asks(waiting: Platform) -> None:
    waiting.later(minutes=61)
    waiting.calendar.failures = [too_much()]
    waiting.deliver(workers=2)
    assert creates(waiting) == 2
    (stop,) = stops(waiting)
    assert (stop.by, stop.tenant, stop.channel) == ("provider", "*", "google")


def test_while_that_call_is_made_nobody_else_claims(waiting: Platform) -> None:
    waiting.later(minutes=61)
    found: list[bool] = []

    def during() -> None:
        waiting.calendar.during = lambda: None
        found.append(waiting.work_one())

    waiting.calendar.during = during
    assert waiting.work_one()
    assert found == [False]
    assert creates(waiting) == 2


def test_when_it_is_taken_everybody_goes_on(waiting: Platform) -> None:
    waiting.later(minutes=61)
    waiting.deliver(workers=2)
    assert creates(waiting) == 5
    assert stops(waiting) == []
    with waiting.store.write() as db:
        assert pauses.lift(db, pauses.ALL, pauses.ALL) == 0, "nothing is left to find out"


def test_another_failure_says_that_the_provider_takes_calls(waiting: Platform) -> None:
    waiting.later(minutes=61)
    waiting.calendar.failures = [TryLater("503", happened="no", scope="copy")]
    waiting.deliver()
    assert stops(waiting) == []
    assert creates(waiting) == 5


def test_a_claim_that_ends_without_a_call_leaves_it_to_the_next(
    waiting: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting.later(minutes=61)
    decide, left = waiting.deliverer.begin.decide, ["one"]

    def nothing_at_first(db: Db, taken: Sequence[Claim], until: float) -> list[Call | Finished]:
        if left.pop() if left else "":
            return [Finished(claim, Schedule(None)) for claim in taken]
        return decide(db, taken, until)

    monkeypatch.setattr(waiting.deliverer.begin, "decide", nothing_at_first)
    waiting.calendar.failures = [too_much()]
    waiting.deliver(workers=2)
    assert left == []
    assert creates(waiting) == 2, "one finds out"


def test_a_worker_that_dies_with_it_stops_nobody_for_longer_than_its_lease(
    waiting: Platform,
) -> None:
    waiting.later(minutes=61)
    with waiting.store.write() as db:
        assert len(due.take(db, waiting.context.lease, ["default"])) == 1
    assert waiting.deliver() == 0
    waiting.later(minutes=2)
    waiting.deliver()
    assert stops(waiting) == []
    assert creates(waiting) > 2


def test_a_break_that_ops_end_needs_no_finding_out(waiting: Platform) -> None:
    with waiting.store.write() as db:
        pauses.lift(db, pauses.ALL, pauses.ALL)
        (claim,) = due.take(db, waiting.context.lease, ["default"])
    assert claim.probes == ""


# --- inspections -----------------------------------------------------------------------------


def looks(platform: Platform) -> int:
    return [what for what, _ in platform.calendar.calls].count("look")


@pytest.fixture
def to_inspect(platform: Platform) -> Platform:
    """Four calendars whose events are due to be inspected, and a provider whose break is over."""
    for person in EVERYBODY:
        platform.connect(person.email)
    platform.book(platform.a_session(participants=EVERYBODY))
    platform.deliver()
    with platform.store.write() as db:
        pauses.stop(db, "*", "google", "provider", "429", db.now)
    platform.later(days=9, hours=1)
    return platform


def test_one_inspection_finds_out_and_when_it_is_refused_nobody_else_asks(
    to_inspect: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_inspect.calendar, "inspect", raising(too_much()))
    assert to_inspect.inspector.run_once() == 1
    assert to_inspect.inspector.run_once() == 0
    (stop,) = stops(to_inspect)
    assert (stop.by, stop.tenant, stop.channel) == ("provider", "*", "google")
    with to_inspect.store.read() as db:
        cooling = db.all(sa.select(table("slot").c.cooling_until))
    assert {row["cooling_until"] for row in cooling} == {None}, "all wait; none for longer"


def test_while_one_inspection_finds_out_nobody_claims_anything(
    to_inspect: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, found = Inspector(to_inspect.context, 0.1), list[object]()
    inspect = to_inspect.calendar.inspect

    def during(*given: Any) -> Any:
        found.append((other.run_once(), to_inspect.work_one()))
        return inspect(*given)

    to_inspect.change(to_inspect.source.sessions[0], title="Another")
    monkeypatch.setattr(to_inspect.calendar, "inspect", during)
    with to_inspect.store.write() as db:
        db.run(sa.update(table("slot")).values(next_due=None))
    assert to_inspect.inspector.run_once() == 1
    assert found == [(0, False)]


def test_when_an_inspection_is_answered_everybody_goes_on(to_inspect: Platform) -> None:
    while to_inspect.inspector.run_once():
        pass
    assert looks(to_inspect) == 4
    assert stops(to_inspect) == []
    with to_inspect.store.write() as db:
        assert pauses.lift(db, pauses.ALL, pauses.ALL) == 0, "nothing is left to find out"


def test_a_call_that_finds_out_keeps_inspections_waiting(to_inspect: Platform) -> None:
    to_inspect.change(to_inspect.source.sessions[0], title="Another")
    found: list[int] = []
    to_inspect.calendar.during = lambda: found.append(to_inspect.inspector.run_once())
    assert to_inspect.work_one()
    assert found == [0]


def test_a_sighting_that_asks_for_a_break_stops_everybody(
    to_inspect: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a batch every event is answered by itself."""
    monkeypatch.setattr(
        to_inspect.calendar, "inspect", lambda some, *_: [(one, too_much()) for one in some]
    )
    assert to_inspect.inspector.run_once() == 1
    assert to_inspect.inspector.run_once() == 0
    assert [one.by for one in stops(to_inspect)] == ["provider"]
