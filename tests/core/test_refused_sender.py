"""Refusals of mails that speak of the sender: what is remembered, and what stops the channel."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.ledger import Attempt, Copy, CopyState
from calsync.core.reconcile.finish import Made
from calsync.core.reconcile.refused_sender import in_a_row, refused_mail, with_one_more
from calsync.errors import ChannelError, Refused, TryLater
from tests.core.decisions import TO_MAIL, by_mail, mailed
from tests.core.test_finish import CREATE, UNSURE, YES, answered, made, schedule
from tests.make import KEY, NOW

S = CopyState
MAILED = mailed()
MAIL_SENT = by_mail(S.UNSURE, attempt=MAILED, before=S.PLANNED)


def of_sender() -> Refused:
    error = Refused("rcpt: answered 550 5.7.1", happened="no")
    error.of_sender = True
    return error


def mailing(*before: str) -> Made:
    """A mail of Maya's; mails to these addresses were refused for their sender just before."""
    stored = None
    for address in before:
        stored = with_one_more(stored, refused_mail(KEY, address))
    one = made(MAIL_SENT, route=TO_MAIL)
    return replace(one, reread=replace(one.reread, refused_sender=stored))


def test_a_refusal_that_may_be_about_the_sender_is_remembered() -> None:
    finished = answered(of_sender(), mailing("sam@home.example"), MAILED)
    assert finished.sender_refused == refused_mail(KEY, "maya@example.org")
    assert (schedule(finished).parked, finished.stop) == ("refused", None)


def test_the_third_recipient_of_two_domains_in_a_row_stops_the_channel_and_is_not_parked() -> None:
    finished = answered(of_sender(), mailing("sam@home.example", "lena@home.example"), MAILED)
    assert (schedule(finished).parked, schedule(finished).due_at) == (None, NOW)
    assert finished.stop is not None
    assert finished.stop.by == "setup"
    assert "several domains refuse the sender" in finished.stop.reason
    assert finished.sender_refused == refused_mail(KEY, "maya@example.org")
    assert finished.copy is not None
    assert finished.copy.refusal is None


@pytest.mark.parametrize(
    "before",
    [
        ("sam@example.org", "lena@example.org"),
        ("sam@home.example", "Sam@Home.example"),
        ("maya@example.org", "sam@home.example"),
    ],
    ids=["one domain", "two recipients", "the same recipient"],
)
def test_fewer_recipients_or_domains_prove_nothing(before: tuple[str, ...]) -> None:
    finished = answered(of_sender(), mailing(*before), MAILED)
    assert (schedule(finished).parked, finished.stop) == ("refused", None)


def test_a_mail_that_is_accepted_ends_the_row() -> None:
    assert answered(YES, mailing("sam@home.example"), MAILED).sender_accepted
    assert answered(YES, mailing(), MAILED).sender_accepted


@pytest.mark.parametrize(
    ("error", "attempt", "copies"),
    [
        (Refused("550 5.1.1", happened="no"), MAILED, (MAIL_SENT,)),
        (TryLater("451", happened="no"), MAILED, (MAIL_SENT,)),
        (of_sender(), CREATE, (UNSURE,)),
        (of_sender(), MAILED, ()),
    ],
    ids=["another refusal", "no refusal", "a calendar", "no copy"],
)
def test_what_says_nothing_of_the_sender_is_not_remembered(
    error: ChannelError, attempt: Attempt, copies: tuple[Copy, ...]
) -> None:
    assert answered(error, made(*copies), attempt).sender_refused is None


def test_no_more_than_a_hundred_refusals_are_remembered() -> None:
    stored = None
    for number in range(130):
        stored = with_one_more(stored, refused_mail(KEY, f"p{number}@x.example"))
    assert len(in_a_row(stored)) == 100
