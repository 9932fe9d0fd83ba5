"""What a ledger that was put back from a backup believes of its copies, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState, Do, Outcome, Snapshot, Want
from calsync.core.reconcile.actions import Find, Nothing, Send, Step
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.looks.find import after_find
from calsync.core.reconcile.outcome import After
from calsync.core.reconcile.reasons import Reason
from calsync.core.reconcile.recover import recovered
from tests.core.decisions import (
    TO_MAIL,
    A,
    B,
    a_delivery,
    an_attempt,
    by_mail,
    in_a,
    in_b,
    mailed,
    snapshot,
)
from tests.make import NOW, an_event

S = CopyState
REVIVE = Find(1, "google", "acc-1", "revive")
TOMBSTONE = Sighting("g1", Seen.GONE)


def step(known: Snapshot) -> Step:
    return reconcile(known).step


@pytest.mark.parametrize("state", [S.LIVE, S.TAKEN, S.UNSURE])
def test_what_stood_in_a_calendar_is_looked_up_before_anything_is_made(state: S) -> None:
    before = in_a(state, before=S.LIVE, attempt=an_attempt(), revision="r1", own_revision="r1")
    assert before.is_all_ours
    copy = recovered(before, NOW, a_delivery())
    assert not copy.is_all_ours
    assert (copy.state, copy.occupies, copy.before) == (S.STRANDED, False, None)
    assert (copy.material_fp, copy.quiet_fp, copy.recovered) == (None, None, True)
    assert copy.content == an_event()
    assert step(snapshot(copy)) == REVIVE
    assert recovered(copy, NOW, a_delivery()) == copy


@pytest.mark.parametrize("state", [S.GONE, S.DISMISSED, S.FAILED])
def test_what_had_ended_in_a_calendar_stays_so(state: S) -> None:
    assert recovered(in_a(state), NOW, a_delivery()) == in_a(state)


def test_a_planned_copy_is_given_up_and_the_next_generation_follows() -> None:
    copy = recovered(in_a(S.PLANNED), NOW, a_delivery())
    assert (copy.state, copy.occupies) == (S.GONE, False)
    assert step(snapshot(copy)) == Send(Do.CREATE, 2, "google", "acc-1")


@pytest.mark.parametrize("seen", [[], [TOMBSTONE]])
def test_nobody_knows_who_removed_a_copy_from_before_the_restore(seen: list[Sighting]) -> None:
    copy = recovered(in_a(), NOW, a_delivery())
    after = after_find(snapshot(copy), REVIVE, seen)
    assert isinstance(after, After)
    assert after.copy.state is S.GONE


def test_a_revived_copy_is_like_any_other_from_then_on() -> None:
    there = Sighting("g1", Seen.LIVE, "2", None, "m1", "q1")
    copy = after_find(snapshot(recovered(in_a(), NOW, a_delivery())), REVIVE, [there]).copy
    assert (copy.state, copy.recovered, copy.material_fp) == (S.LIVE, False, "m1")


@pytest.mark.parametrize(("shown", "hidden"), [("q1", True), ("q0", False)])
def test_what_is_found_as_it_is_wanted_was_hidden_by_us_in_the_lost_time(
    shown: str, hidden: bool
) -> None:
    """What is found otherwise may be hidden by its person."""
    old = recovered(in_a(), NOW, a_delivery())
    discreet = an_event(title="Appointment", private=True)
    known = snapshot(old, content=discreet, quiet_fp="q1")
    there = Sighting("g1", Seen.LIVE, "2", None, "m1", shown)
    copy = after_find(known, REVIVE, [there]).copy
    assert copy.marked_private is hidden
    assert copy.content == (discreet if hidden else old.content)


def test_the_highest_generation_is_revived_and_the_others_are_withdrawn() -> None:
    old, new = in_a(S.STRANDED, n=1, generation=1), in_a(S.STRANDED, n=2, generation=3)
    assert step(snapshot(old, new)) == replace(REVIVE, n=2)
    live = replace(new, state=S.LIVE, occupies=True)
    assert step(snapshot(old, live)) == Send(Do.WITHDRAW, 1, "google", "acc-1")


@pytest.mark.parametrize("do", [Do.CREATE, Do.CHANGE])
def test_no_stored_bytes_of_an_invitation_are_sent_again(do: Do) -> None:
    copy = recovered(by_mail(S.UNSURE, attempt=mailed(do), handed_to="acc-9"), NOW, a_delivery())
    assert (copy.state, copy.material_fp, copy.handed_to) == (S.LIVE, None, None)
    assert step(snapshot(copy, route=TO_MAIL)) == Send(Do.CHANGE, 1, "mail", None)
    assert recovered(copy, NOW, a_delivery()) == copy


def test_an_invitation_that_was_not_sent_may_have_been_sent_since() -> None:
    unsent = by_mail(S.PLANNED, attempt=mailed(outcome=Outcome.NO), material_fp=None)
    copy = recovered(unsent, NOW, a_delivery())
    assert (copy.state, copy.material_fp) == (S.LIVE, None)
    assert step(snapshot(copy, route=TO_MAIL)) == Send(Do.CHANGE, 1, "mail", None)
    assert step(snapshot(copy, route=TO_MAIL, want=Want.ABSENT)) == Send(
        Do.WITHDRAW, 1, "mail", None
    )
    assert recovered(copy, NOW, a_delivery()) == copy


def test_a_cancellation_of_which_nobody_knows_whether_it_went_is_made_anew() -> None:
    copy = recovered(by_mail(S.UNSURE, attempt=mailed(Do.WITHDRAW)), NOW, a_delivery())
    assert (copy.state, copy.replace, copy.occupies) == (S.LIVE, True, False)
    assert step(snapshot(copy, route=TO_MAIL)) == Send(Do.WITHDRAW, 1, "mail", None)


def test_mail_clients_entries_are_looked_for_again() -> None:
    gone = by_mail(S.GONE, handed_to="acc-1", looks_done=4, look_at=NOW + timedelta(days=1))
    copy = recovered(gone, NOW, a_delivery())
    assert (copy.look_at, copy.looks_done) == (NOW, 0)
    assert recovered(by_mail(S.GONE), NOW, a_delivery()) == by_mail(S.GONE)
    assert recovered(by_mail(S.DISMISSED), NOW, a_delivery()) == by_mail(S.DISMISSED)
    assert recovered(by_mail(handed_to="acc-1"), NOW, a_delivery()).handed_to is None


def test_nothing_is_made_or_revived_in_a_calendar_that_was_not_listed() -> None:
    known = replace(snapshot(), accounts={A.id: replace(A, unlisted=True)})
    for copies in ([], [in_a(S.STRANDED)]):
        waits = step(replace(known, copies=copies))
        assert isinstance(waits, Nothing)
        assert waits.why is Reason.UNLISTED
    shown: list[Copy] = [in_a()]
    assert step(replace(known, copies=shown)) == Nothing(None, Reason.DONE)


@pytest.mark.parametrize(
    "elsewhere",
    [by_mail(), in_b(), in_b(S.STRANDED), by_mail(S.ELSEWHERE, 0)],
    ids=["mailed", "another calendar", "stranded", "former"],
)
def test_what_stands_elsewhere_is_kept_until_the_calendar_that_takes_over_was_listed(
    elsewhere: Copy,
) -> None:
    """Nothing is made in it yet: who loses the other one sees nothing."""
    accounts = replace(A, unlisted=True), B
    stranded = in_b(S.STRANDED, 2)
    copies = [elsewhere, stranded] if elsewhere.state is S.ELSEWHERE else [elsewhere]
    kept = step(snapshot(*copies, accounts=accounts))
    assert isinstance(kept, Nothing)
    assert kept.why is Reason.UNLISTED
    for ended in ({"want": Want.ABSENT}, {"destination_occupied": True}):
        assert not isinstance(step(snapshot(*copies, accounts=accounts, **ended)), Nothing)


@pytest.mark.parametrize("state", [S.LIVE, S.ELSEWHERE])
@pytest.mark.parametrize(
    "was_due",
    [{"want": Want.ABSENT}, {"material_fp": "m2"}, {}],
    ids=["cancellation", "update", "hand-over"],
)
def test_a_mail_that_was_due_when_the_backup_was_made_may_have_gone_since(
    state: CopyState, was_due: dict[str, Any]
) -> None:
    """Without the third, its route is a calendar."""
    copy = recovered(by_mail(state), NOW, a_delivery(**was_due))
    assert (copy.state, copy.material_fp) == (state, None)
    assert recovered(copy, NOW, a_delivery(**was_due)) == copy


def test_a_mail_that_nothing_was_due_about_shows_what_it_showed() -> None:
    for delivery in (
        a_delivery(route=TO_MAIL),
        a_delivery(covered_by="u-2"),
        a_delivery(route=None),
    ):
        assert recovered(by_mail(), NOW, delivery).material_fp == "m1"
