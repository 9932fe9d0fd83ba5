"""Mails that are refused for their sender: the channel stops once, and nothing stays behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.booked import Participant
from calsync.errors import Refused
from calsync.ops import verdict
from calsync.store.ledger import journal
from tests.harness.platform import Platform

PEOPLE = [
    Participant(f"u-{n}", f"Person {n}", address)
    for n, address in enumerate(
        ("a@one.example", "b@one.example", "c@two.example", "d@two.example", "e@three.example"), 1
    )
]


def denied() -> Refused:
    error = Refused("rcpt: answered 550 5.7.1", happened="no")
    error.of_address = error.of_sender = True
    return error


@pytest.fixture
def booked(platform: Platform) -> Platform:
    """Five people of three domains, each in a session of their own."""
    sessions = [
        platform.a_session(f"ses-{n}", participants=(one,)) for n, one in enumerate(PEOPLE, 1)
    ]
    platform.book(*[replace(one) for one in sessions])
    return platform


def parked(platform: Platform) -> list[str | None]:
    return [platform.delivery(f"ses-{n}", one.id)["parked"] for n, one in enumerate(PEOPLE, 1)]


def stops(platform: Platform) -> int:
    with platform.store.read() as db:
        return len(journal.recent(db, ("channel_stopped",)))


def test_refusals_of_the_sender_stop_mail_once_and_what_was_parked_goes_by_itself(
    booked: Platform,
) -> None:
    booked.mail.failures = [denied() for _ in range(9)]
    booked.deliver()
    assert sorted(parked(booked), key=str) == [None, None, None, "refused", "refused"]
    assert booked.mail.sent == []
    for _ in range(4):
        booked.later(minutes=6)
        booked.deliver()
    assert stops(booked) == 1
    found = [one.text for one in verdict.verdict(booked.context)]
    assert any("several domains refuse the sender" in text for text in found)

    booked.mail.failures = []
    booked.later(minutes=6)
    booked.deliver()
    assert {str(one["to"]) for one in booked.mail.sent} == {one.email for one in PEOPLE}
    assert parked(booked) == [None] * 5


def test_a_mail_that_is_accepted_between_shows_that_it_is_not_the_sender(booked: Platform) -> None:
    booked.mail.failures = [denied(), denied(), "", denied(), denied()]
    booked.deliver()
    booked.later(minutes=10)
    booked.deliver()
    assert parked(booked).count("refused") == 4
    assert (len(booked.mail.sent), stops(booked)) == (1, 0)
