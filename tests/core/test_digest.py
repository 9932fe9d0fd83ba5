"""Which first invitations a digest announces, and how reconcile keeps those for their day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calsync.core.content.digest import AHEAD, announced
from calsync.core.ledger import Copy, CopyState, Do, Snapshot
from calsync.core.reconcile.actions import Decision, Nothing, Send
from calsync.core.reconcile.decide import invites_by_mail, reconcile
from calsync.core.reconcile.reasons import Reason
from tests.core.decisions import (
    LOST_A,
    STARTS,
    TO_A,
    TO_MAIL,
    A,
    B,
    an_attempt,
    by_mail,
    in_a,
    later,
    snapshot,
)
from tests.make import NOW

S = CopyState
DAY = later(days=2)


def test_sessions_more_than_two_weeks_away_wait_and_nearer_ones_do_not() -> None:
    starts = {name: NOW + timedelta(days=days) for name, days in (("a", 3), ("b", 15), ("c", 40))}
    assert announced(starts, NOW) == {"b": later(days=1), "c": later(days=26)}


def test_a_session_in_just_two_weeks_is_mailed() -> None:
    starts = {"a": NOW + AHEAD, "b": NOW + AHEAD, "c": later(days=90)}
    assert announced(starts, NOW) == {}


def test_one_far_session_alone_is_mailed_for_a_digest_would_be_a_mail_more() -> None:
    assert announced({"a": later(days=1), "b": later(days=90)}, NOW) == {}


def test_row_4_an_announced_invitation_waits_for_its_day() -> None:
    waits = snapshot(route=TO_MAIL, mail_from=DAY)
    assert reconcile(waits) == Decision((), Nothing(DAY, Reason.ANNOUNCED), due_at=DAY)
    due = snapshot(route=TO_MAIL, mail_from=DAY, due_at=DAY, now=DAY)
    assert reconcile(due).step == Send(Do.CREATE, 1, "mail", None)


def test_row_1_what_is_not_due_says_that_a_digest_told_of_it() -> None:
    waits = snapshot(route=TO_MAIL, mail_from=DAY, due_at=DAY)
    assert reconcile(waits).step == Nothing(DAY, Reason.ANNOUNCED)
    other = snapshot(by_mail(n=1), route=TO_MAIL, mail_from=DAY, due_at=DAY)
    assert reconcile(other).step == Nothing(DAY, Reason.NOT_DUE)


def test_row_6_an_event_is_withdrawn_although_its_invitation_waits() -> None:
    """The person disconnected this calendar, and the digest tells where it went."""
    step = reconcile(snapshot(in_a(), route=TO_MAIL, mail_from=DAY)).step
    assert step == Send(Do.WITHDRAW, 1, "google", "acc-1")


def test_row_2_an_invitation_that_was_on_its_way_already_does_not_wait() -> None:
    unsure = by_mail(S.UNSURE, attempt=an_attempt(channel="mail", account=None))
    step = reconcile(snapshot(unsure, route=TO_MAIL, mail_from=DAY)).step
    assert step == Send(Do.CREATE, 1, "mail", None, replay=True)


@pytest.mark.parametrize(
    ("known", "step"),
    [
        (snapshot(route=TO_A, mail_from=DAY), Send(Do.CREATE, 1, "google", "acc-1")),
        (
            snapshot(by_mail(material_fp="m0"), route=TO_MAIL, mail_from=DAY),
            Send(Do.CHANGE, 1, "mail", None),
        ),
        (
            snapshot(by_mail(S.ELSEWHERE, material_fp="m0"), route=TO_MAIL, mail_from=DAY),
            Send(Do.CHANGE, 1, "mail", None),
        ),
    ],
    ids=["an event", "an update", "the former system's invitation put right"],
)
def test_row_4_only_a_first_invitation_by_mail_waits(known: Snapshot, step: Send) -> None:
    assert reconcile(known).step == step


@pytest.mark.parametrize(
    ("copy", "accounts", "mailed"),
    [
        (in_a(), (A, B), True),
        (in_a(), (LOST_A, B), False),
        (in_a(material_fp="m0"), (LOST_A, B), True),
        (in_a(S.UNSURE, attempt=an_attempt()), (LOST_A, B), True),
        (by_mail(), (A, B), False),
        (by_mail(S.UNSURE, attempt=an_attempt(channel="mail", account=None)), (A, B), False),
        (by_mail(S.ELSEWHERE), (A, B), False),
        (by_mail(S.GONE), (A, B), True),
    ],
    ids=[
        "disconnected",
        "lost and right",
        "lost and wrong",
        "lost and unsure",
        "invited",
        "being invited",
        "invited by another system",
        "invited before",
    ],
)
def test_a_digest_may_tell_of_what_would_be_invited_by_mail(
    copy: Copy, accounts: tuple[object, ...], mailed: bool
) -> None:
    known = snapshot(copy, accounts=accounts, route=TO_MAIL)  # type: ignore[arg-type]
    assert invites_by_mail(known) is mailed
    assert (known.delivery.starts_at, known.delivery.mail_from) == (STARTS, None)
