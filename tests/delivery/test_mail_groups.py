"""Mails in groups: what was accepted is stored with the next group, and before a refusal that it
speaks against."""

from __future__ import annotations

import threading
import time

import pytest

from calsync.core.booked import Participant
from calsync.delivery import dispatch
from calsync.delivery.attempts import Call
from calsync.delivery.call import Answer
from calsync.delivery.dispatch import Dispatcher
from calsync.errors import DatabaseError, Refused
from tests.harness.counted import counted
from tests.harness.platform import Platform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(4)]


def step(dispatcher: Dispatcher) -> int | None:
    return dispatcher.step(lambda: ["default"])


def states(platform: Platform) -> list[str]:
    return [state for one in PEOPLE for state in platform.states(f"s-{one.id}", one.id)]


@pytest.fixture
def mailed(platform: Platform) -> Platform:
    """A session for each person, which they are mailed."""
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in PEOPLE))
    return platform


def one_accepted_before_a_refusal(platform: Platform) -> Dispatcher:
    """Four mails are claimed: the first is accepted and not stored yet, the next one is refused for
    its sender."""
    refusal = Refused("rcpt: answered 550 5.7.1", happened="no")
    refusal.of_address = refusal.of_sender = True
    platform.mail.failures = ["", refusal]
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    assert step(dispatcher) == 4
    assert dispatcher.work_one()
    return dispatcher


def test_mails_that_were_accepted_together_are_stored_in_one_transaction(mailed: Platform) -> None:
    dispatcher = Dispatcher(mailed.deliverer, workers=4)
    assert step(dispatcher) == 4
    for _ in PEOPLE:
        assert dispatcher.work_one()
    assert states(mailed) == ["mail unsure"] * 4
    with counted() as counts:
        assert step(dispatcher) == 0
    assert states(mailed) == ["mail live"] * 4
    assert counts.transactions == 1


def test_a_mail_is_stored_without_waiting_for_more_answers(
    mailed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = Dispatcher(mailed.deliverer, workers=2)
    assert step(dispatcher) == 4, "two wait for a worker, so that answers could wait for more"
    assert dispatcher.work_one()
    now = time.monotonic()
    monkeypatch.setattr(dispatch.time, "monotonic", lambda: now)
    assert step(dispatcher) == 0
    assert states(mailed).count("mail live") == 1


def test_a_refusal_of_the_sender_is_judged_after_the_mails_that_were_accepted_before_it(
    mailed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = one_accepted_before_a_refusal(mailed)
    refused, known = threading.Event(), list[str]()

    def answer(call: Call) -> Answer:
        found = real_answer(call)
        refused.set()
        return found

    def work_off(call: Call, answer: Answer) -> None:
        known.extend(one for one in states(mailed) if one == "mail live")
        real_work_off(call, answer)

    real_answer, real_work_off = mailed.deliverer.calls.answer, mailed.deliverer.work_off
    monkeypatch.setattr(mailed.deliverer.calls, "answer", answer)
    monkeypatch.setattr(mailed.deliverer, "work_off", work_off)
    worker = threading.Thread(target=dispatcher.work_one)
    worker.start()
    assert refused.wait(60)
    step(dispatcher)
    worker.join(60)
    assert known == ["mail live"]


def test_no_refusal_waits_for_answers_of_a_group_that_could_not_be_worked_off(
    mailed: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "GRACE_SECONDS", 600)
    dispatcher = one_accepted_before_a_refusal(mailed)

    def away(_begun: object) -> None:
        raise DatabaseError("the database is away")

    with monkeypatch.context() as once:
        once.setattr("calsync.delivery.groups.Groups.work_off_failed", lambda _, begun: away(begun))
        with pytest.raises(DatabaseError):
            step(dispatcher)
    worker = threading.Thread(target=dispatcher.work_one, daemon=True)
    worker.start()
    worker.join(60)
    assert not worker.is_alive()
