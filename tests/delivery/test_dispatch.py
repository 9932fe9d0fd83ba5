"""Claims ahead: who waits for a worker comes in order, waits two seconds at most, and goes back as
not sent."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.core.ledger import Outcome
from calsync.core.reconcile.claimed import Claim
from calsync.delivery import dispatch
from calsync.delivery.attempts import Call
from calsync.delivery.dispatch import Dispatcher
from calsync.store.ledger.rows import table
from calsync.store.queue import claims, due, pauses
from tests.harness.counted import counted
from tests.harness.platform import MAYA, Platform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(6)]


class Clock:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock, lease = Clock(), platform.context.lease.total_seconds()
    monkeypatch.setattr(dispatch.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(platform.deliverer, "until", lambda: clock.now + lease / 3)
    return clock


def booked(platform: Platform, *people: Participant) -> None:
    """A session for each of them, in a calendar of their own."""
    for one in people:
        platform.connect(one.email)
    sessions = [platform.a_session(f"s-{one.id}", participants=(one,)) for one in people]
    platform.book(*sessions)


def step(dispatcher: Dispatcher) -> int | None:
    return dispatcher.step(lambda: ["default"])


def states(platform: Platform, *people: Participant) -> list[str]:
    return [state for one in people for state in platform.states(f"s-{one.id}", one.id)]


def test_as_many_are_claimed_ahead_as_there_are_workers(platform: Platform, clock: Clock) -> None:
    booked(platform, *PEOPLE)
    dispatcher = Dispatcher(platform.deliverer, workers=2)
    assert step(dispatcher) == 4
    assert step(dispatcher) is None
    assert sorted(states(platform, *PEOPLE)) == ["google unsure"] * 4
    assert dispatcher.work_one()
    assert step(dispatcher) is None, "more answers may come while enough is waiting"
    clock.now += dispatch.LINGER
    assert step(dispatcher) == 1
    assert states(platform, *PEOPLE).count("google live") == 1
    assert len(platform.calendar.calls) == 1


def test_of_slow_calls_no_more_than_two_seconds_are_claimed_ahead(
    platform: Platform, clock: Clock
) -> None:
    booked(platform, *PEOPLE)
    dispatcher = Dispatcher(platform.deliverer, workers=2)
    platform.calendar.during = lambda: setattr(clock, "now", clock.now + 3)
    assert step(dispatcher) == 4
    assert dispatcher.work_one()
    platform.calendar.during = lambda: None
    assert step(dispatcher) == 0, "the three that waited longer go back, and as many are claimed"
    assert states(platform, *PEOPLE).count("google unsure") == 3


def test_an_account_has_one_call_ahead(platform: Platform) -> None:
    platform.connect(MAYA.email)
    platform.book(*(platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in range(3)))
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    assert step(dispatcher) == 1
    assert dispatcher.work_one()
    assert step(dispatcher) == 1


def test_a_session_that_starts_soon_goes_before_one_that_does_not(platform: Platform) -> None:
    far, soon = PEOPLE[:2]
    booked(platform, far)
    platform.connect(soon.email)
    start = platform.clock() + timedelta(minutes=110)
    platform.later(seconds=1)
    platform.book(
        platform.a_session(
            f"s-{soon.id}",
            participants=(soon,),
            starts_at=start,
            ends_at=start + timedelta(minutes=45),
        )
    )
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert step(dispatcher) == 2
    dispatcher.work_one()
    dispatcher.work_one()
    uids = [platform.copies(f"s-{one.id}", one.id)[0].uid for one in (soon, far)]
    assert [key for _, key in platform.calendar.calls] == uids


def went_back(platform: Platform, *people: Participant) -> None:
    """As if nothing had been claimed: no failure, no lease, and due."""
    assert states(platform, *people) == ["google planned"] * len(people)
    assert platform.leased() == 0
    for one in people:
        row = platform.delivery(f"s-{one.id}", one.id)
        assert (row["attempts"], row["last_error"]) == (0, None)
        assert row["due_at"] <= platform.clock()


def test_what_waited_for_two_seconds_goes_back_and_is_not_sent(
    platform: Platform, clock: Clock
) -> None:
    booked(platform, *PEOPLE[:2])
    dispatcher = Dispatcher(platform.deliverer, workers=2)
    assert step(dispatcher) == 2
    with platform.store.write() as db:
        pauses.stop(db, "default", "google", "ops", "")
    clock.now += dispatch.AHEAD_SECONDS
    assert step(dispatcher) == 0
    went_back(platform, *PEOPLE[:2])
    assert platform.calendar.calls == []
    with platform.store.write() as db:
        pauses.lift(db, "default", "google")
    platform.deliver()
    assert states(platform, *PEOPLE[:2]) == ["google live"] * 2
    assert len(platform.calendar.calls) == 2


def test_what_has_not_half_its_time_left_goes_back(
    platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(platform, PEOPLE[0])
    half = platform.context.lease.total_seconds() / 6
    monkeypatch.setattr(platform.deliverer, "until", lambda: clock.now + half)
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert step(dispatcher) == 1
    with platform.store.write() as db:
        pauses.stop(db, "default", "google", "ops", "")
    assert step(dispatcher) == 0
    went_back(platform, PEOPLE[0])


def test_what_waits_when_it_ends_goes_back_and_what_is_answered_is_stored(
    platform: Platform,
) -> None:
    booked(platform, *PEOPLE[:3])
    dispatcher = Dispatcher(platform.deliverer, workers=3)
    assert step(dispatcher) == 3
    assert dispatcher.work_one()
    dispatcher.close()
    assert not dispatcher.work_one()
    assert not dispatcher.over
    assert step(dispatcher) == 0
    assert dispatcher.over
    assert sorted(states(platform, *PEOPLE[:3])) == ["google live", *["google planned"] * 2]
    assert platform.leased() == 0


def test_a_look_up_goes_back_as_well(platform: Platform) -> None:
    booked(platform, PEOPLE[0])
    platform.calendar.failures = ["lost"]
    platform.deliver()
    platform.later(minutes=5)
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert step(dispatcher) == 1
    dispatcher.close()
    assert step(dispatcher) == 0
    assert states(platform, PEOPLE[0]) == ["google unsure"]
    assert platform.leased() == 0
    platform.deliver()
    assert states(platform, PEOPLE[0]) == ["google live"]
    assert [do for do, _ in platform.calendar.calls] == ["create", "find"]


def test_a_mail_is_not_sent_that_changed_while_it_waited(platform: Platform) -> None:
    """Whether its lease lasts is asked right before DATA."""
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    with platform.store.write() as db:
        (claim,) = due.take(db, platform.context.lease, ["default"])
    assert lasts(platform, claim)
    platform.change(session, starts_at=session.starts_at + timedelta(minutes=5))
    assert not lasts(platform, claim)


def lasts(platform: Platform, claim: Claim) -> bool:
    with platform.store.read() as db:
        return claims.lasts(db, claim)


def test_what_is_booked_during_a_look_is_looked_for(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = Dispatcher(platform.deliverer, workers=1)

    def booked_meanwhile() -> list[str]:
        dispatcher.wake()
        return ["default"]

    assert dispatcher.step(booked_meanwhile) == 0
    assert not dispatcher.idle
    assert step(dispatcher) == 0
    assert dispatcher.idle
    assert step(dispatcher) is None
    booked(platform, PEOPLE[0])
    dispatcher.wake()
    assert step(dispatcher) == 1


# --- one that fails among others ------------------------------------------------------------------


def test_a_delivery_that_cannot_be_decided_keeps_no_other_of_its_group_waiting(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(platform, *PEOPLE[:4])
    prepare = platform.calendar.prepare

    def poisoned(*given: object) -> object:
        if given[2].title and given[1].address == PEOPLE[2].email:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return prepare(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(platform.calendar, "prepare", poisoned)
    platform.deliver(workers=4)
    good = [one for one in PEOPLE[:4] if one is not PEOPLE[2]]
    assert states(platform, *good) == ["google live"] * 3
    assert platform.leased() == 0
    row = platform.delivery("s-p-2", "p-2")
    assert row["last_error"] == "undecided: ZeroDivisionError"
    assert row["due_at"] > platform.clock() + timedelta(minutes=9)


def test_an_answer_that_cannot_be_stored_with_others_is_stored_by_itself(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(platform, *PEOPLE[:4])
    accepted = platform.deliverer.accepted
    refused: list[str] = []

    def poisoned(db: object, call: Call, receipt: object) -> object:
        if call.claim.delivery.key.participant == "p-1":
            refused.append("p-1")
            raise ZeroDivisionError
        return accepted(db, call, receipt)  # type: ignore[arg-type]

    monkeypatch.setattr(platform.deliverer, "accepted", poisoned)
    platform.deliver(workers=4)
    assert states(platform, *PEOPLE[:4]) == ["google live"] * 4
    assert len(refused) == 2, "together with others, then apart"
    assert platform.leased() == 0
    assert len(platform.calendar.calls) == 4


def test_a_call_that_cannot_go_back_with_others_goes_back_by_itself(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    booked(platform, *PEOPLE[:2])

    def poisoned(db: object, call: Call) -> object:
        raise ZeroDivisionError

    dispatcher = Dispatcher(platform.deliverer, workers=2)
    assert step(dispatcher) == 2
    monkeypatch.setattr(platform.deliverer, "unsent", poisoned)
    dispatcher.close()
    assert step(dispatcher) == 0
    assert platform.leased() == 0
    assert platform.calendar.calls == []


def test_what_a_group_could_not_store_is_stored_by_the_next(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    booked(platform, PEOPLE[0])
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert step(dispatcher) == 1
    assert dispatcher.work_one()
    with monkeypatch.context() as patch:
        patch.setattr(platform.context.store, "transact", failing)
        with pytest.raises(ZeroDivisionError):
            step(dispatcher)
    assert step(dispatcher) is None, "not at once"
    clock.now += dispatch.AGAIN
    assert step(dispatcher) == 0
    assert states(platform, PEOPLE[0]) == ["google live"]


def test_an_answer_for_a_copy_that_somebody_has_dealt_with_since_leaves_it_alone(
    platform: Platform,
) -> None:
    booked(platform, *PEOPLE[:2])
    dispatcher = Dispatcher(platform.deliverer, workers=2)
    assert step(dispatcher) == 2
    assert dispatcher.work_one()
    assert dispatcher.work_one()
    copy = table("copy")
    with platform.store.write() as db:
        found = sa.update(copy).where(copy.c.session == "s-p-0")
        db.run(found.values(state="live", material_fp="as somebody saw it"))
    assert step(dispatcher) == 0
    assert states(platform, *PEOPLE[:2]) == ["google live"] * 2
    seen = platform.copies("s-p-0", "p-0")[0]
    assert seen.material_fp == "as somebody saw it"
    assert seen.attempt is not None
    assert seen.attempt.outcome is Outcome.YES
    assert platform.leased() == 0
    assert platform.delivery("s-p-0", "p-0")["due_at"] is not None, "it decides again"
    assert platform.delivery("s-p-1", "p-1")["due_at"] is None


def failing(*_given: object, **_named: object) -> None:
    raise ZeroDivisionError


# --- what a delivery costs ------------------------------------------------------------------------


def test_deliveries_share_transactions_and_ask_the_ledger_no_more_than_they_must(
    platform: Platform,
) -> None:
    booked(platform, *PEOPLE)
    with counted() as counts:
        platform.deliver(workers=4)
    assert states(platform, *PEOPLE) == ["google live"] * len(PEOPLE)

    assert counts.asked <= 15 * len(PEOPLE)
    assert counts.transactions <= len(PEOPLE)
