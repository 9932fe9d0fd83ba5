"""The decision table off the route: rows 6 to 8, the hand-over of mails, notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.account import AccountState
from calsync.core.ledger import Copy, CopyState, Do, Outcome, Snapshot, Want
from calsync.core.reconcile.actions import (
    Decision,
    Find,
    FindUid,
    Nothing,
    Send,
    Step,
    with_transitions,
)
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.reasons import Reason
from tests.core.decisions import (
    LOST_A,
    TO_B,
    TO_MAIL,
    A,
    B,
    an_attempt,
    by_mail,
    in_a,
    in_b,
    later,
    mailed,
    snapshot,
)
from tests.make import NOW

S = CopyState
CREATE_IN_A = Send(Do.CREATE, 1, "google", "acc-1")


def step(known: Snapshot) -> Step:
    return reconcile(known).step


def decided(known: Snapshot) -> tuple[Copy, Decision]:
    """Copy 1 as the marks leave it, and the decision."""
    decision = reconcile(known)
    return with_transitions(known, decision.transitions).copies[0], decision


# --- row 6 ----------------------------------------------------------------------------------------


def test_ours_is_made_on_the_new_route_before_the_old_copy_goes() -> None:
    assert step(snapshot(in_a(), route=TO_B)) == Send(Do.CREATE, 2, "outlook", "acc-2")
    both = snapshot(in_a(), in_b(n=2), route=TO_B)
    assert step(both) == Send(Do.WITHDRAW, 1, "google", "acc-1")


@pytest.mark.parametrize("change", [{"want": Want.ABSENT}, {"covered_by": "u-0"}, {"route": None}])
def test_what_is_not_wanted_any_more_is_withdrawn(change: dict[str, object]) -> None:
    assert step(snapshot(in_a(), **change)) == Send(Do.WITHDRAW, 1, "google", "acc-1")
    assert step(snapshot(by_mail(), **change)) == Send(Do.WITHDRAW, 1, "mail", None)


def test_a_cooling_account_delays_its_own_withdrawals_only() -> None:
    cooling = replace(A, cooling_until=later(minutes=5))
    known = snapshot(in_a(), by_mail(n=2), accounts=(cooling, B), want=Want.ABSENT)
    assert step(known) == Send(Do.WITHDRAW, 2, "mail", None)


def test_a_taken_event_nobody_wants_is_left() -> None:
    known = snapshot(in_a(S.TAKEN), want=Want.ABSENT)
    assert reconcile(known) == Decision((), Nothing(None, Reason.DONE))


def test_the_former_invitation_goes_once_ours_stands_or_nothing_is_wanted() -> None:
    cancel = Send(Do.WITHDRAW, 0, "mail", None)
    former = by_mail(S.ELSEWHERE, 0, material_fp="m0")
    assert step(snapshot(former)) == CREATE_IN_A
    assert step(snapshot(former, in_a())) == cancel
    assert step(snapshot(former, want=Want.ABSENT)) == cancel
    assert step(snapshot(former, covered_by="u-0")) == cancel
    assert step(snapshot(former, destination_taken=True)) == cancel
    assert isinstance(step(snapshot(replace(former, uid=""), want=Want.ABSENT)), Nothing)
    right = replace(former, material_fp="m1")
    assert isinstance(step(snapshot(right, covered_by="u-0")), Nothing)


# --- row 7 ----------------------------------------------------------------------------------------


def test_a_stranded_copy_that_is_not_wanted_there_goes_when_it_can_be_reached() -> None:
    lost = snapshot(in_a(S.STRANDED), in_b(n=2), accounts=(LOST_A, B), route=TO_B)
    assert reconcile(lost) == Decision((), Nothing(None, Reason.DONE))
    back = snapshot(in_a(S.STRANDED), in_b(n=2), route=TO_B)
    assert step(back) == Send(Do.WITHDRAW, 1, "google", "acc-1")


def test_a_stranded_copy_that_may_never_have_existed_is_looked_up_first() -> None:
    known = snapshot(in_a(S.STRANDED, remote_id=None), want=Want.ABSENT)
    assert step(known) == Find(1, "google", "acc-1", "withdraw")


def test_a_stranded_copy_beside_a_standing_one_is_withdrawn() -> None:
    withdraw = Send(Do.WITHDRAW, 1, "google", "acc-1")
    assert step(snapshot(in_a(S.STRANDED), in_a(n=2))) == withdraw
    assert step(snapshot(in_a(S.STRANDED), destination_taken=True)) == withdraw


# --- hand-over: mail to calendar ------------------------------------------------------------------


def test_a_mailed_copy_is_looked_for_in_the_calendar_that_takes_over() -> None:
    assert step(snapshot(by_mail())) == replace(CREATE_IN_A, n=2)
    assert step(snapshot(by_mail(), in_a(n=2))) == FindUid(1, "google", "acc-1")
    looked = by_mail(handed_to="acc-1", looks_done=1, look_at=later(minutes=10))
    assert step(snapshot(looked, in_a(n=2))) == Send(Do.WITHDRAW, 1, "mail", None)
    assert step(snapshot(looked, in_b(n=2), route=TO_B)) == FindUid(1, "outlook", "acc-2")


def test_a_cancelled_session_is_cancelled_by_mail_without_a_look() -> None:
    known = snapshot(by_mail(), want=Want.ABSENT)
    assert step(known) == Send(Do.WITHDRAW, 1, "mail", None)


@pytest.mark.parametrize("want", list(Want))
def test_a_gone_mail_is_looked_for_again_whatever_is_wanted(want: Want) -> None:
    gone = by_mail(S.GONE, handed_to="acc-1", looks_done=1, look_at=NOW)
    others = () if want is Want.ABSENT else (in_a(n=2),)
    assert step(snapshot(gone, *others, want=want)) == FindUid(1, "google", "acc-1")
    ahead = replace(gone, look_at=later(minutes=10))
    waits = step(snapshot(ahead, *others, want=want))
    assert waits == Nothing(later(minutes=10), Reason.OLDER_COPY)


def test_a_calendar_lost_before_the_last_look_brings_the_cancel_once() -> None:
    gone = by_mail(
        S.GONE, handed_to="acc-1", look_at=later(days=1), attempt=an_attempt(Do.WITHDRAW)
    )
    lost = {"accounts": (LOST_A, B), "route": TO_B}
    known = snapshot(gone, in_b(n=2), **lost)
    assert step(known) == Send(Do.WITHDRAW, 1, "mail", None)
    refused = replace(gone, attempt=mailed(Do.WITHDRAW, outcome=Outcome.NO))
    assert step(snapshot(refused, in_b(n=2), **lost)) == Send(Do.WITHDRAW, 1, "mail", None)
    sent = replace(gone, attempt=mailed(Do.WITHDRAW, outcome=Outcome.YES))
    copy, decision = decided(snapshot(sent, in_b(n=2), **lost))
    assert copy.look_at is None
    assert decision.step == Nothing(None, Reason.DONE)


# --- row 8 ----------------------------------------------------------------------------------------


def test_the_earliest_wait_decides_when_to_come_back() -> None:
    gone = by_mail(S.GONE, handed_to="acc-1", look_at=later(hours=1))
    known = snapshot(gone, in_a(n=2), material_fp="m2", debounce_until=later(seconds=60))
    assert step(known) == Nothing(later(seconds=60), Reason.DEBOUNCING)


@pytest.mark.parametrize("state", [s for s in AccountState if s is not AccountState.ACTIVE])
def test_every_unusable_account_strands_its_copies(state: AccountState) -> None:
    known = snapshot(in_a(), accounts=(replace(A, state=state),), route=TO_MAIL)
    assert decided(known)[0].state is S.STRANDED
