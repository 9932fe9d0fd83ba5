"""The decision table, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

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
    TO_A,
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
from tests.make import NOW, an_event

S = CopyState
OPEN_CALL = an_attempt(deadline=NOW + timedelta(seconds=20))
CREATE_IN_A = Send(Do.CREATE, 1, "google", "acc-1")


def step(known: Snapshot) -> Step:
    return reconcile(known).step


def decided(known: Snapshot) -> tuple[Copy, Decision]:
    """Copy 1 as the marks leave it, and the decision."""
    decision = reconcile(known)
    return with_transitions(known, decision.transitions).copies[0], decision


# --- row 1 ----------------------------------------------------------------------------------------


WHOLE_WORDS = {Reason.PARKED: "parked: refused"}


@pytest.mark.parametrize(
    ("why", "known"),
    [
        (Reason.NOT_DUE, snapshot(due_at=None)),
        (Reason.NOT_DUE, snapshot(due_at=later(minutes=1))),
        (Reason.HELD, snapshot(batch=3)),
        (Reason.PARKED, snapshot(parked="refused")),
        (Reason.EXCLUDED, snapshot(excluded=True)),
    ],
)
def test_a_blocked_delivery_takes_no_step_and_keeps_its_due_time(
    why: Reason, known: Snapshot
) -> None:
    told = WHOLE_WORDS.get(why, "")
    due_at = known.delivery.due_at
    assert reconcile(known) == Decision((), Nothing(due_at, why, told), due_at=due_at)


def test_what_needs_a_person_is_told_before_what_ends_by_itself() -> None:
    """Each later reason holds as well: whoever reads "not due" need not do anything."""
    steps: tuple[tuple[dict[str, object], str], ...] = (
        ({"due_at": later(days=2)}, "not due"),
        ({"route": TO_MAIL, "mail_from": later(days=2)}, Reason.ANNOUNCED),
        ({"batch": 3}, "held until its batch is approved"),
        ({"excluded": True}, "left out by deliver.only_to"),
        ({"parked": "refused"}, "parked: refused"),
        ({"starts_at": later(hours=-1), "ends_at": NOW}, "the session is over"),
    )
    blocked: dict[str, object] = {}
    for also, told in steps:
        blocked |= also
        assert str(step(snapshot(**blocked))) == told


@pytest.mark.parametrize("somebody", [{"parked": "x"}, {"excluded": True}, {"batch": 3}])
def test_no_instant_is_told_for_what_somebody_has_to_end(somebody: dict[str, object]) -> None:
    blocked, waits = step(snapshot(**somebody)), step(snapshot(due_at=later(minutes=1)))
    assert isinstance(blocked, Nothing)
    assert isinstance(waits, Nothing)
    assert (blocked.until, waits.until) == (None, later(minutes=1))


def test_a_session_that_is_over_is_never_touched_again() -> None:
    known = snapshot(in_a(material_fp="old"), starts_at=later(hours=-2), ends_at=NOW)
    assert reconcile(known) == Decision((), Nothing(None, Reason.OVER))


# --- row 1a ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [S.LIVE, S.TAKEN])
def test_a_copy_whose_account_is_lost_is_stranded_and_gives_its_place_up(state: S) -> None:
    copy, _ = decided(snapshot(in_a(state), accounts=(LOST_A,), route=TO_MAIL))
    assert (copy.state, copy.occupies, copy.material_fp) == (S.STRANDED, False, "m1")


def test_an_unsure_copy_whose_account_is_lost_shows_nobody_knows_what() -> None:
    unsure = in_a(S.UNSURE, attempt=an_attempt(), before=S.PLANNED, content=None)
    copy, decision = decided(snapshot(unsure, accounts=(LOST_A,), route=TO_MAIL))
    assert (copy.state, copy.material_fp, copy.before) == (S.STRANDED, None, None)
    assert copy.content == an_event()
    assert decision.step == Send(Do.CREATE, 2, "mail", None)


def test_an_unknown_account_counts_as_lost() -> None:
    copy, _ = decided(snapshot(in_a(), accounts=(), route=TO_MAIL))
    assert copy.state is S.STRANDED


def test_a_copy_is_reached_through_any_account_of_its_place() -> None:
    consent = replace(A, id="acc-9")
    route = replace(TO_A, account="acc-9")
    known = snapshot(in_a(material_fp="old"), accounts=(LOST_A, consent), route=route)
    assert reconcile(known) == Decision((), Send(Do.CHANGE, 1, "google", "acc-9"))


# --- row 2 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", list(Do))
def test_an_unsure_calendar_copy_is_looked_up_before_anything_else(do: Do) -> None:
    known = snapshot(in_a(S.UNSURE, attempt=an_attempt(do)))
    assert step(known) == Find(1, "google", "acc-1", "unsure")


def test_nothing_is_done_while_the_call_may_still_be_running() -> None:
    known = snapshot(in_a(S.UNSURE, attempt=OPEN_CALL))
    assert step(known) == Nothing(OPEN_CALL.deadline, Reason.CALL_OPEN)


def test_an_unsure_copy_off_the_route_never_delays_the_route() -> None:
    cooling = replace(A, cooling_until=later(minutes=10))
    unsure = in_a(S.UNSURE, attempt=an_attempt(Do.WITHDRAW))
    make = snapshot(unsure, route=TO_B, accounts=(cooling, B))
    assert step(make) == Send(Do.CREATE, 2, "outlook", "acc-2")
    made = snapshot(unsure, in_b(n=2), route=TO_B, accounts=(cooling, B))
    assert step(made) == Nothing(later(minutes=10), Reason.OLDER_COPY)
    free = snapshot(unsure, in_b(n=2), route=TO_B)
    assert step(free) == Find(1, "google", "acc-1", "unsure")


def test_an_unsure_copy_off_the_route_waits_for_its_open_call() -> None:
    known = snapshot(in_a(S.UNSURE, attempt=OPEN_CALL), in_b(n=2), route=TO_B)
    assert step(known) == Nothing(OPEN_CALL.deadline, Reason.OLDER_COPY)


@pytest.mark.parametrize("do", list(Do))
def test_an_unsure_mail_is_sent_again(do: Do) -> None:
    known = snapshot(by_mail(S.UNSURE, attempt=mailed(do)), route=TO_MAIL)
    again = Send(do, 1, "mail", None, replay=True)
    assert reconcile(known) == Decision((), again, due_at=NOW)


def test_an_unsure_mail_is_sent_again_in_spite_of_a_quiet_change() -> None:
    known = snapshot(by_mail(S.UNSURE, attempt=mailed()), route=TO_MAIL, quiet_fp="q2")
    assert step(known) == Send(Do.CREATE, 1, "mail", None, replay=True)


def test_an_unsure_mail_that_says_the_wrong_time_is_followed_by_the_right_one() -> None:
    unsure = by_mail(S.UNSURE, attempt=mailed(), content=None)
    known = snapshot(unsure, route=TO_MAIL, material_fp="m2", debounce_until=later(seconds=60))
    copy, decision = decided(known)
    assert (copy.state, copy.material_fp, copy.content) == (S.LIVE, None, an_event())
    assert decision.step == Send(Do.CHANGE, 1, "mail", None)  # does not settle: it may be the first


def test_an_unsure_mail_is_not_overtaken_while_its_call_may_run() -> None:
    open_call, over = mailed(deadline=later(seconds=9)), later(seconds=9)
    known = snapshot(by_mail(S.UNSURE, attempt=open_call), route=TO_MAIL, material_fp="m2")
    assert reconcile(known) == Decision((), Nothing(over, Reason.CALL_OPEN), due_at=over)


def test_an_unsure_mail_nobody_wants_any_more_is_cancelled() -> None:
    known = snapshot(by_mail(S.UNSURE, attempt=mailed()), route=TO_MAIL, want=Want.ABSENT)
    copy, decision = decided(known)
    assert (copy.state, copy.occupies) == (S.LIVE, True)
    assert decision.step == Send(Do.WITHDRAW, 1, "mail", None)


def test_an_unsure_cancellation_is_sent_again_even_when_the_session_is_booked_again() -> None:
    known = snapshot(
        by_mail(S.UNSURE, attempt=mailed(Do.WITHDRAW)), route=TO_MAIL, material_fp="m2"
    )
    again = Send(Do.WITHDRAW, 1, "mail", None, replay=True)
    assert reconcile(known) == Decision((), again, due_at=NOW)


def test_an_unsure_removal_of_a_mailed_event_is_looked_up_by_its_uid() -> None:
    unsure = by_mail(S.UNSURE, attempt=an_attempt(Do.WITHDRAW), before=S.LIVE)
    assert step(snapshot(unsure, in_a(n=2))) == FindUid(1, "google", "acc-1")


@pytest.mark.parametrize("before", [S.LIVE, S.GONE])
def test_an_unsure_removal_from_a_calendar_that_is_lost_ends_in_a_cancel(before: S) -> None:
    unsure = by_mail(
        S.UNSURE,
        attempt=an_attempt(Do.WITHDRAW),
        before=before,
        handed_to="acc-1",
        look_at=later(days=1),
    )
    known = snapshot(unsure, accounts=(LOST_A, B), want=Want.ABSENT)
    copy, decision = decided(known)
    assert (copy.state, copy.before) == (before, None)
    assert decision.step == Send(Do.WITHDRAW, 1, "mail", None)


def test_a_mail_that_was_perhaps_removed_from_a_lost_calendar_is_mailed_again() -> None:
    unsure = by_mail(S.UNSURE, attempt=an_attempt(Do.WITHDRAW), before=S.LIVE, handed_to="acc-1")
    copy, decision = decided(snapshot(unsure, accounts=(LOST_A,), route=TO_MAIL))
    assert (copy.state, copy.material_fp) == (S.LIVE, None)
    assert decision.step == Send(Do.CHANGE, 1, "mail", None)


def test_such_a_removal_is_left_alone_while_its_call_may_run() -> None:
    open_call = an_attempt(Do.WITHDRAW, deadline=later(seconds=9))
    known = snapshot(by_mail(S.UNSURE, attempt=open_call, before=S.LIVE), accounts=(LOST_A,))
    assert reconcile(replace(known, destination_occupied=True)).transitions == ()


# --- row 3 ----------------------------------------------------------------------------------------


def test_a_copy_to_be_replaced_is_withdrawn_before_its_successor_is_made() -> None:
    assert step(snapshot(in_a(replace=True))) == Send(Do.WITHDRAW, 1, "google", "acc-1")
    gone = in_a(S.GONE, replace=True)
    assert step(snapshot(gone)) == Send(Do.CREATE, 2, "google", "acc-1")


def test_a_place_held_by_another_is_left_alone_but_our_old_copies_go() -> None:
    assert step(snapshot(in_b(), destination_occupied=True)) == Send(
        Do.WITHDRAW, 1, "outlook", "acc-2"
    )
    waiting = snapshot(destination_occupied=True)
    assert reconcile(waiting) == Decision((), Nothing(None, Reason.OCCUPIED))


def test_a_stranded_copy_is_not_revived_in_a_place_another_holds() -> None:
    assert isinstance(step(snapshot(in_a(S.STRANDED), destination_occupied=True)), Nothing)


# --- row 4 ----------------------------------------------------------------------------------------


def test_a_wanted_session_is_made() -> None:
    assert reconcile(snapshot()) == Decision((), CREATE_IN_A)


def test_a_new_copy_takes_the_next_number_and_a_planned_one_its_own() -> None:
    assert step(snapshot(in_a(S.GONE), in_b(S.FAILED, 2))) == replace(CREATE_IN_A, n=3)
    assert step(snapshot(in_a(S.PLANNED, 2))) == replace(CREATE_IN_A, n=2)
    assert step(snapshot(in_b(S.PLANNED, 2))) == replace(CREATE_IN_A, n=3)


@pytest.mark.parametrize("change", [{"want": Want.ABSENT}, {"covered_by": "u-0"}, {"route": None}])
def test_what_is_not_wanted_is_not_made(change: dict[str, object]) -> None:
    assert reconcile(snapshot(**change)) == Decision((), Nothing(None, Reason.DONE))


def test_a_stranded_copy_that_is_reachable_again_is_revived_before_anything_is_made() -> None:
    known = snapshot(by_mail(), in_a(S.STRANDED, 2, material_fp=None))
    assert step(known) == Find(2, "google", "acc-1", "revive")


def test_a_stranded_copy_waits_for_its_open_call() -> None:
    known = snapshot(in_a(S.STRANDED, attempt=OPEN_CALL))
    assert step(known) == Nothing(OPEN_CALL.deadline, Reason.CALL_OPEN)
    answered = replace(OPEN_CALL, outcome=Outcome.YES)
    assert step(snapshot(in_a(S.STRANDED, attempt=answered))) == Find(
        1, "google", "acc-1", "revive"
    )


def test_what_the_user_took_over_is_neither_written_nor_doubled() -> None:
    taken = in_a(S.TAKEN, material_fp="old")
    assert reconcile(snapshot(taken)) == Decision((), Nothing(None, Reason.DONE))
    assert isinstance(step(snapshot(destination_taken=True)), Nothing)


@pytest.mark.parametrize(
    ("seen_version", "material_fp", "made"),
    [(4, "m1", False), (5, "m1", False), (3, "m1", True), (5, "m0", True), (None, "m1", True)],
)
def test_a_dismissal_holds_until_the_next_material_change(
    seen_version: int | None, material_fp: str, made: bool
) -> None:
    dismissed = in_a(S.DISMISSED, seen_version=seen_version, material_fp=material_fp)
    expected = replace(CREATE_IN_A, n=2) if made else Nothing(None, Reason.DISMISSED)
    assert step(snapshot(dismissed)) == expected


def test_a_dismissal_counts_in_its_own_calendar_only() -> None:
    dismissed = in_b(S.DISMISSED, seen_version=5)
    assert step(snapshot(dismissed)) == replace(CREATE_IN_A, n=2)


def test_a_dismissed_session_is_still_taken_out_of_the_old_calendar() -> None:
    known = snapshot(in_a(S.DISMISSED, seen_version=5), in_b(n=2))
    assert step(known) == Send(Do.WITHDRAW, 2, "outlook", "acc-2")


def test_no_mail_repeats_what_a_lost_calendar_still_shows() -> None:
    lost = snapshot(in_a(S.STRANDED), accounts=(LOST_A,), route=TO_MAIL)
    assert isinstance(step(lost), Nothing)
    moved = snapshot(in_a(S.STRANDED), accounts=(LOST_A,), route=TO_MAIL, material_fp="m2")
    assert step(moved) == Send(Do.CREATE, 2, "mail", None)


def test_another_calendar_shows_it_even_while_the_lost_one_does() -> None:
    known = snapshot(in_a(S.STRANDED), accounts=(LOST_A, B), route=TO_B)
    assert step(known) == Send(Do.CREATE, 2, "outlook", "acc-2")


def test_the_former_systems_invitation_stands_until_it_is_wrong() -> None:
    former = by_mail(S.ELSEWHERE, 0)
    assert isinstance(step(snapshot(former)), Nothing)
    assert isinstance(step(snapshot(former, route=TO_MAIL)), Nothing)
    moved = snapshot(former, route=TO_MAIL, material_fp="m2")
    assert step(moved) == Send(Do.CHANGE, 0, "mail", None)
    without_uid = snapshot(replace(former, uid=""), route=TO_MAIL, material_fp="m2")
    assert step(without_uid) == Send(Do.CREATE, 1, "mail", None)


# --- row 5 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"material_fp": "m2"}, {"quiet_fp": "q2"}])
def test_a_calendar_gets_every_change(change: dict[str, str]) -> None:
    assert step(snapshot(in_a(), **change)) == Send(Do.CHANGE, 1, "google", "acc-1")


def test_what_a_user_edited_before_we_knew_the_answer_is_written_again() -> None:
    known = snapshot(in_a(material_fp="drift:12"))
    assert step(known) == Send(Do.CHANGE, 1, "google", "acc-1")


def test_a_quiet_change_is_never_mailed() -> None:
    known = snapshot(by_mail(), route=TO_MAIL, quiet_fp="q2")
    assert reconcile(known) == Decision((), Nothing(None, Reason.DONE))


def test_changes_settle_before_they_are_sent() -> None:
    settling = {"material_fp": "m2", "debounce_until": later(seconds=60)}
    for known in (snapshot(by_mail(), route=TO_MAIL, **settling), snapshot(in_a(), **settling)):
        assert step(known) == Nothing(later(seconds=60), Reason.DEBOUNCING)
    settled = snapshot(by_mail(), route=TO_MAIL, material_fp="m2", debounce_until=NOW)
    assert step(settled) == Send(Do.CHANGE, 1, "mail", None)


def test_settling_gates_neither_a_first_invitation_nor_a_withdrawal() -> None:
    assert step(snapshot(debounce_until=later(seconds=60))) == CREATE_IN_A
    known = snapshot(in_a(), want=Want.ABSENT, debounce_until=later(seconds=60))
    assert step(known) == Send(Do.WITHDRAW, 1, "google", "acc-1")
