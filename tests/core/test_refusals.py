"""What is refused and comes again: when, what waits for it and what does not, and when it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.calls import Receipt
from calsync.core.ledger import Copy, CopyState, Do, Outcome, RefusalKind, Want
from calsync.core.reconcile.actions import Find, FindUid, Nothing, Send
from calsync.core.reconcile.claimed import Claim, Finished, Reread, Schedule
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.finish import Made, after_call, look_up_failed
from calsync.core.reconcile.outcome import Moment, after_error, after_receipt, after_unjudged
from calsync.core.reconcile.reasons import Reason
from calsync.errors import ChannelError, Refused, TryLater
from tests.core.decisions import (
    TO_B,
    TO_MAIL,
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
MOMENT = Moment(NOW, 5)
NAMED, UNKNOWN = Refused("554", happened="no"), Refused("403 odd", happened="maybe")
REMOVE_A = Send(Do.WITHDRAW, 1, "google", "acc-1")
MOVE_A = Send(Do.CHANGE, 1, "google", "acc-1")


def refused_once(state: S = S.LIVE, **changes: Any) -> Copy:
    """A copy in Google about which a call was refused; it may be made again in five minutes."""
    known = {
        "refusal": RefusalKind.NAMED,
        "refusals": 1,
        "refused_version": 5,
        "again_at": later(minutes=5),
    }
    return in_a(state, **(known | changes))


def answered(copy: Copy, error: ChannelError, before: Copy, **changes: Any) -> Finished:
    """The refusal of the copy's open attempt, which was decided on what was there `before`."""
    known = snapshot(before, **changes)
    assert copy.attempt is not None
    reread = Reread(known.delivery.version, [copy])
    claim = Claim("token", "account:acc-1", 0, known.delivery)
    made = Made(claim, known, None, reread, NOW, lambda n, _: later(seconds=n))
    return after_call(made, 1, copy.attempt, error)


def schedule(finished: Finished) -> Schedule:
    assert finished.schedule is not None
    return finished.schedule


def failed_look(step: Find | FindUid, copy: Copy, error: Refused) -> Any:
    known = snapshot(copy, in_a(n=2))
    claim = Claim("token", "account:acc-1", 0, known.delivery)
    reread = Reread(known.delivery.version, [copy, in_a(n=2)])
    made = Made(claim, known, None, reread, NOW, lambda n, _: later(seconds=n))
    return look_up_failed(made, step, error)


# --- when it comes again --------------------------------------------------------------------------


@pytest.mark.parametrize("error", [NAMED, UNKNOWN], ids=["named", "unknown"])
def test_a_refused_withdrawal_comes_again_in_five_minutes_and_then_ever_later(
    error: Refused,
) -> None:
    copy = in_a(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.WITHDRAW))
    waits = []
    for _ in range(6):
        assert copy.attempt is not None
        after = after_error(copy, copy.attempt, error, MOMENT, mine=True)
        assert after.refused is None
        assert after.copy.again_at is not None
        waits.append(after.copy.again_at - NOW)
        copy = replace(after.copy, state=S.UNSURE, attempt=copy.attempt)
    assert waits == [
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=4),
        timedelta(days=1),
        timedelta(days=1),
    ]


@pytest.mark.parametrize(
    ("error", "what"),
    [(NAMED, RefusalKind.NAMED), (UNKNOWN, RefusalKind.UNKNOWN)],
    ids=["named", "unknown"],
)
def test_what_a_refusal_was_about_and_of_which_version_is_kept_until_a_yes(
    error: Refused, what: RefusalKind
) -> None:
    copy = in_a(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.CHANGE))
    assert copy.attempt is not None
    refused = after_error(copy, copy.attempt, error, MOMENT, mine=True).copy
    assert (refused.refusal, refused.refusals, refused.refused_version) == (what, 1, 5)

    again = replace(refused, state=S.UNSURE)
    accepted = after_receipt(again, copy.attempt, Receipt("g1"), [again]).copy
    assert (accepted.refusal, accepted.refusals, accepted.again_at) == (None, 0, None)


def test_a_refused_recipient_is_told_from_a_refused_mail() -> None:
    error = Refused("rcpt: answered 550", happened="no")
    error.of_address = True
    copy = by_mail(S.UNSURE, before=S.LIVE, attempt=mailed(Do.WITHDRAW))
    assert copy.attempt is not None
    after = after_error(copy, copy.attempt, error, MOMENT, mine=True)
    assert after.copy.refusal is RefusalKind.ADDRESS


@pytest.mark.parametrize("do", [Do.CREATE, Do.CHANGE])
def test_an_answer_nobody_foresaw_parks_nothing(do: Do) -> None:
    before = in_a() if do is Do.CHANGE else in_a(S.PLANNED)
    copy = replace(before, state=S.UNSURE, before=before.state, attempt=an_attempt(do))
    finished = answered(copy, UNKNOWN, before, material_fp="m2")
    assert (schedule(finished).parked, schedule(finished).due_at) == (None, later(minutes=5))
    assert schedule(finished).last_error == "refused (maybe, copy): 403 odd"
    assert schedule(finished).attempts == 1


def test_a_refused_cancellation_is_due_again_in_five_minutes() -> None:
    copy = by_mail(S.UNSURE, before=S.LIVE, attempt=mailed(Do.WITHDRAW))
    finished = answered(copy, NAMED, by_mail(), want=Want.ABSENT, route=TO_MAIL)
    assert (schedule(finished).parked, schedule(finished).due_at) == (None, later(minutes=5))
    assert finished.copy is not None
    assert finished.copy.state is S.LIVE


# --- what waits for it ----------------------------------------------------------------------------


def test_a_refused_withdrawal_waits_for_its_own_time() -> None:
    copy = refused_once()
    assert reconcile(snapshot(copy, want=Want.ABSENT)).step == Nothing(
        later(minutes=5), Reason.OLDER_COPY
    )
    now = replace(copy, again_at=NOW)
    assert reconcile(snapshot(now, want=Want.ABSENT)).step == REMOVE_A


def test_a_withdrawal_that_waits_never_stops_a_change_on_the_route() -> None:
    known = snapshot(refused_once(), in_b(n=2), route=TO_B, material_fp="m2")
    assert reconcile(known).step == Send(Do.CHANGE, 2, "outlook", "acc-2")


@pytest.mark.parametrize("version", [5, 6])
def test_only_the_call_that_was_refused_waits_and_not_a_newer_version(version: int) -> None:
    copy = refused_once(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.CHANGE))
    step = reconcile(snapshot(copy, version=version, material_fp="m2")).step
    waiting = Nothing(later(minutes=5), Reason.REFUSED)
    assert step == (waiting if version == 5 else Find(1, "google", "acc-1", "unsure"))


@pytest.mark.parametrize("version", [5, 6])
def test_a_refused_replacement_waits_in_the_same_way(version: int) -> None:
    step = reconcile(snapshot(refused_once(replace=True), version=version)).step
    assert step == (Nothing(later(minutes=5), Reason.REFUSED) if version == 5 else REMOVE_A)


@pytest.mark.parametrize("version", [5, 6])
def test_a_refused_look_before_a_revival_waits_in_the_same_way(version: int) -> None:
    step = reconcile(snapshot(refused_once(S.STRANDED), version=version)).step
    look = Find(1, "google", "acc-1", "revive")
    assert step == (Nothing(later(minutes=5), Reason.REFUSED) if version == 5 else look)


# --- a refused side question ----------------------------------------------------------------------


def test_a_refused_look_up_leaves_the_copy_unsure_and_comes_again() -> None:
    copy = in_b(S.UNSURE, attempt=an_attempt(channel="outlook", account="acc-2"))
    finished = failed_look(Find(1, "outlook", "acc-2", "unsure"), copy, NAMED)
    assert (finished.copy.state, finished.copy.refusals) == (S.UNSURE, 1)
    assert (finished.schedule.parked, finished.schedule.due_at) == (None, later(minutes=5))
    assert finished.lines[0].what == "look_up_failed"


def test_a_refused_search_for_a_mailed_copy_means_that_nothing_was_found() -> None:
    finished = failed_look(FindUid(1, "google", "acc-1"), by_mail(), NAMED)
    assert finished.copy.handed_to == "acc-1"
    assert finished.schedule.due_at == NOW  # the CANCEL
    assert [line.what for line in finished.lines] == ["look_up_failed", "copy_found"]


def test_a_refused_search_ends_no_removal_that_may_not_have_happened() -> None:
    removal = mailed(Do.WITHDRAW, channel="google", account="acc-1")
    copy = by_mail(S.UNSURE, before=S.LIVE, attempt=removal, handed_to="acc-1")
    finished = failed_look(FindUid(1, "google", "acc-1"), copy, UNKNOWN)
    assert (finished.copy.state, finished.copy.refusal) == (S.UNSURE, RefusalKind.UNKNOWN)
    assert finished.schedule.due_at == later(minutes=5)


# --- until when -----------------------------------------------------------------------------------

OVER = {"starts_at": later(hours=-2), "ends_at": later(hours=-1)}
LATER = an_event(starts_at=later(hours=3), ends_at=later(hours=4))


def test_an_entry_at_a_later_time_is_corrected_after_the_session_is_over() -> None:
    known = snapshot(in_a(content=LATER, material_fp="m0"), **OVER)
    assert reconcile(known).step == MOVE_A
    over = replace(known, now=later(hours=5))
    assert reconcile(over).step == Nothing(None, Reason.OVER)


def test_a_change_that_may_have_shown_a_later_time_counts_with_what_it_sent() -> None:
    sent = an_attempt(Do.CHANGE, content=LATER)
    known = snapshot(in_a(S.UNSURE, before=S.LIVE, attempt=sent), **OVER)
    assert reconcile(known).step == Find(1, "google", "acc-1", "unsure")


def test_nothing_new_is_made_of_a_session_that_is_over() -> None:
    known = snapshot(in_a(content=LATER), route=TO_B, **OVER)
    assert reconcile(known).step == REMOVE_A


def test_what_showed_a_time_that_has_passed_is_not_withdrawn_again_and_again() -> None:
    passed = an_event(starts_at=later(hours=-2), ends_at=later(hours=-1))
    copy = refused_once(again_at=NOW, content=passed)
    assert reconcile(snapshot(copy, in_b(n=2), route=TO_B)).step == Nothing(None, Reason.DONE)
    assert reconcile(snapshot(replace(copy, again_at=None), in_b(n=2), route=TO_B)).step == REMOVE_A


# --- an answer that no rule could judge ----------------------------------------------------------

LOST, CERTAIN = TryLater("lost", happened="maybe"), TryLater("503", happened="no")


def unsure(do: Do = Do.CREATE) -> Copy:
    return in_a(S.UNSURE, before=S.PLANNED, attempt=an_attempt(do))


def unsure_mail(do: Do = Do.CREATE, before: S = S.PLANNED) -> Copy:
    return by_mail(S.UNSURE, before=before, attempt=mailed(do))


@pytest.mark.parametrize(
    ("copy", "answer", "state", "outcome", "maybes"),
    [
        (unsure_mail(), Receipt("r"), S.LIVE, Outcome.YES, 0),
        (unsure_mail(Do.WITHDRAW, S.LIVE), Receipt("r"), S.GONE, Outcome.YES, 0),
        (unsure(), Receipt("r"), S.UNSURE, Outcome.MAYBE, 1),
        (unsure_mail(), LOST, S.UNSURE, Outcome.MAYBE, 1),
        (unsure_mail(), CERTAIN, S.UNSURE, Outcome.MAYBE, 0),
        (unsure(), CERTAIN, S.UNSURE, Outcome.MAYBE, 0),
    ],
)
def test_an_answer_that_no_rule_could_judge_parks_nothing(
    copy: Copy, answer: Receipt | ChannelError, state: S, outcome: Outcome, maybes: int
) -> None:
    assert copy.attempt is not None
    after = after_unjudged(copy, copy.attempt, answer, MOMENT)
    assert after.attempt is not None
    assert (after.state, after.attempt.outcome, after.attempt.maybes) == (state, outcome, maybes)
    again = NOW + timedelta(minutes=5) if state is S.UNSURE else None
    assert after.again_at == again
