"""What an answer does around its copy: the lease, the schedule, the slot, the channel, the account.
What it does to the copy is tested beside `outcome`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from calsync.core.account import AccountState
from calsync.core.calls import Receipt, Seen, Sighting
from calsync.core.ledger import Attempt, Copy, CopyState, Do, Outcome
from calsync.core.reconcile.actions import Find, FindUid
from calsync.core.reconcile.claimed import (
    UNCHANGED,
    ChannelStop,
    Claim,
    Finished,
    LostAccount,
    Reread,
    Schedule,
    provider_stop,
)
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.finish import (
    Made,
    after_call,
    after_look_up,
    look_up_failed,
    next_inspection,
)
from calsync.core.reconcile.looks.find import Found, Replay
from calsync.core.reconcile.telling import Outlook
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TryLater,
    Unusable,
)
from tests.core.decisions import (
    STARTS,
    TO_MAIL,
    an_attempt,
    by_mail,
    in_a,
    later,
    mailed,
    snapshot,
)
from tests.make import NOW

S = CopyState
YES = Receipt("g1", "1")
CREATE = an_attempt(outcome=Outcome.OPEN)
UNSURE = in_a(S.UNSURE, attempt=CREATE, before=S.PLANNED)
LOOK = Find(1, "google", "acc-1", "unsure")


def retry_at(attempts: int, after: float | None) -> datetime:
    return NOW + timedelta(minutes=attempts, seconds=after or 0)


def made(*copies: Copy, failures: int = 0, mine: bool = True, **changes: Any) -> Made:
    """A call about Maya's delivery, made after the decision on a snapshot without these copies."""
    before = snapshot(*changes.pop("before", ()), **changes)
    return Made(
        Claim("token", "account:acc-1", 0, before.delivery, failures),
        before,
        reconcile(before),
        Reread(before.delivery.version if mine else None, copies),
        NOW,
        retry_at,
    )


def answered(answer: Receipt | ChannelError, one: Made, attempt: Attempt = CREATE) -> Finished:
    return after_call(one, 1, attempt, answer)


def schedule(finished: Finished) -> Schedule:
    """When and how it goes on, without what stands wrong."""
    assert finished.schedule is not None
    return replace(finished.schedule, outlook=None)


def outlook_of(finished: Finished) -> Outlook:
    assert finished.schedule is not None
    assert finished.schedule.outlook is not None
    return finished.schedule.outlook


# --- who schedules --------------------------------------------------------------------------------


def test_a_yes_ends_the_claim_with_nothing_left_to_do() -> None:
    finished = answered(YES, made(UNSURE, attempts=3))
    assert schedule(finished) == Schedule(
        None, attempts=0, last_error=None, inspect_at=STARTS - timedelta(hours=24)
    )
    assert finished.copy is not None
    assert finished.copy.state is S.LIVE
    assert (finished.answer, finished.wake, finished.warm) == ("yes", False, False)
    assert [line.what for line in (*finished.lines, *finished.log)] == [
        "create_answered",
        "delivered",
    ]


def test_who_lost_the_lease_stores_the_outcome_and_schedules_nothing() -> None:
    finished = answered(YES, made(UNSURE, mine=False))
    assert finished.schedule is None
    assert finished.copy is not None
    assert finished.copy.state is S.LIVE


@pytest.mark.parametrize(
    "now",
    [None, replace(UNSURE, attempt=an_attempt(id=8)), in_a(attempt=CREATE), in_a(attempt=None)],
    ids=["gone", "another attempt", "resolved", "without an attempt"],
)
@pytest.mark.parametrize("mine", [True, False])
def test_an_answer_its_copy_does_not_wait_for_is_noted_on_its_attempt_only(
    now: Copy | None, mine: bool
) -> None:
    late = TryLater("lost", happened="maybe")
    finished = answered(late, made(*([now] if now else []), mine=mine))
    assert finished == Finished(
        finished.claim,
        replace(Schedule(NOW), outlook=outlook_of(finished)) if mine else None,
        attempt=replace(CREATE, outcome=Outcome.MAYBE),
        answer="try_later (maybe, copy): lost",
        wake=True,
        called=True,
    )


def test_an_answer_that_was_not_hoped_for_is_decided_anew() -> None:
    stripped = answered(replace(YES, applied=False), made(UNSURE))
    assert schedule(stripped).due_at == NOW  # withdrawn next
    assert stripped.answer == "yes, but not as sent"
    quiet = replace(CREATE, quiet_fp="q0")
    assert schedule(answered(YES, made(replace(UNSURE, attempt=quiet)))).due_at == NOW


def test_what_was_foreseen_in_the_past_is_due_now() -> None:
    soon = replace(made(UNSURE, in_a(n=2)), now=later(minutes=1))
    decision = replace(reconcile(soon.snapshot), due_at=later(seconds=9))
    assert schedule(answered(YES, replace(soon, decision=decision))).due_at == later(minutes=1)


def test_a_call_that_somebody_asked_for_is_decided_upon_afterwards() -> None:
    assert schedule(answered(YES, replace(made(UNSURE), decision=None))).due_at is None


def test_a_replay_is_decided_upon_afterwards() -> None:
    unsure = by_mail(S.UNSURE, attempt=mailed())
    one = made(unsure, before=(unsure,), route=TO_MAIL)
    assert schedule(answered(YES, one, mailed())).due_at is None


def test_a_mail_counts_for_the_day_if_it_may_have_left_and_plans_no_inspection() -> None:
    def mail(answer: Receipt | ChannelError, do: Do = Do.CREATE) -> Finished:
        copy = by_mail(S.UNSURE, attempt=mailed(do), before=S.LIVE)
        return answered(answer, made(copy, route=TO_MAIL), mailed(do))

    assert schedule(mail(YES)).inspect_at is UNCHANGED
    assert mail(YES).counts_mail
    assert mail(TryLater("cut off", happened="maybe")).counts_mail
    assert not mail(TryLater("busy", happened="no")).counts_mail
    assert not mail(YES, Do.WITHDRAW).counts_mail
    assert not answered(YES, made(UNSURE)).counts_mail


def test_a_mail_taken_as_sent_alerts_operators() -> None:
    often = mailed(maybes=3)
    one = made(by_mail(S.UNSURE, attempt=often), route=TO_MAIL)
    finished = answered(TryLater("cut off", happened="maybe"), one, often)
    assert [line.what for line in finished.lines] == ["alert", "create_answered"]
    assert [line.what for line in finished.log] == ["alert", "delivery_failed"]


def test_a_yes_through_a_slot_that_failed_before_warms_it() -> None:
    assert answered(YES, made(UNSURE, failures=2)).warm


def test_the_end_of_a_claim_says_when_to_see_whether_something_stands_wrong() -> None:
    right = outlook_of(answered(YES, made(UNSURE)))
    assert (right.tell_at, right.right) == (None, True)
    failed = outlook_of(answered(TryLater("503", happened="no"), made(UNSURE)))
    assert (failed.tell_at, failed.right) == (STARTS - timedelta(hours=2), False)
    refused = outlook_of(answered(Refused("400", happened="no"), made(UNSURE)))
    assert refused.tell_at == NOW


# --- errors ---------------------------------------------------------------------------------------


def test_what_is_refused_is_parked() -> None:
    finished = answered(Refused("invalid", happened="no"), made(UNSURE))
    assert schedule(finished) == Schedule(None, parked="refused", last_error="invalid")
    assert finished.log[-1].what == "refused"


@pytest.mark.parametrize(
    ("error", "state"),
    [(AccessLost, AccountState.RECONNECT), (Unusable, AccountState.UNUSABLE)],
)
def test_an_account_that_cannot_be_written_is_lost(
    error: type[ChannelError], state: AccountState
) -> None:
    finished = answered(error("why", happened="no"), made(UNSURE))
    assert finished.lost == LostAccount("acc-1", state, "why")
    assert schedule(finished).due_at == NOW


def test_a_setup_error_stops_the_channel_for_its_tenant_or_everywhere() -> None:
    until = later(minutes=5)
    mine = answered(Setup("invalid_client", happened="no", scope="tenant"), made(UNSURE))
    assert mine.stop == ChannelStop("default", "google", "setup", "invalid_client", until)
    every = answered(Setup("invalid_client", happened="no", scope="provider"), made(UNSURE))
    assert every.stop == replace(mine.stop, everywhere=True)


@pytest.mark.parametrize("error", [Changed, Missing])
def test_what_somebody_else_changed_is_decided_anew_at_once_but_not_for_ever(
    error: type[ChannelError],
) -> None:
    raised = error("412", happened="no")
    assert schedule(answered(raised, made(UNSURE))).due_at == NOW
    fourth = schedule(answered(raised, made(UNSURE, attempts=3)))
    assert (fourth.due_at, fourth.attempts) == (retry_at(4, None), 4)


def test_what_is_missing_is_told_of_once_nothing_is_left_to_look_for() -> None:
    missing = Missing("404", happened="no")
    change = an_attempt(Do.CHANGE)
    changed = in_a(S.UNSURE, attempt=change, before=S.LIVE)
    told = [line.what for line in answered(missing, made(changed), change).lines]
    assert told == ["change_answered"], "it is looked for first"
    repeated = replace(CREATE, sends=2)
    deleted = in_a(S.UNSURE, attempt=repeated, before=S.PLANNED)
    (_, found) = answered(missing, made(deleted), repeated).lines
    assert (found.what, found.facts["state"]) == ("copy_found", "dismissed")


def test_a_look_up_tells_that_an_entry_may_stand_where_nobody_may_look() -> None:
    seen = [Sighting("g1", Seen.GONE, unsearched=True)]
    copy = in_a(S.UNSURE, attempt=an_attempt(Do.CHANGE), before=S.LIVE)
    finished = after_look_up(made(copy, before=(copy,)), LOOK, seen)
    assert isinstance(finished, Finished)
    assert finished.lines[-1].facts["may_remain"] is True


def test_a_failed_call_is_tried_again_with_the_seconds_that_were_asked_for() -> None:
    finished = answered(TryLater("503", happened="no", after=7), made(UNSURE, attempts=1))
    assert schedule(finished) == Schedule(
        retry_at(2, 7), attempts=2, last_error="try_later (no, copy): 503"
    )
    assert (finished.failed, finished.cools_until, finished.stop) == (False, None, None)


def test_a_session_nobody_sees_is_tried_once_more_when_its_person_would_be_told() -> None:
    soon = {"starts_at": later(hours=2, seconds=30), "ends_at": later(hours=3)}
    finished = answered(TryLater("503", happened="no"), made(UNSURE, **soon))
    assert schedule(finished).due_at == later(seconds=30)


def test_an_account_that_asks_for_a_break_cools() -> None:
    error = TryLater("429", happened="no", scope="account")
    finished = answered(error, made(UNSURE, failures=4))
    assert (finished.failed, finished.cools_until) == (True, retry_at(5, None))


@pytest.mark.parametrize(
    "error",
    [
        TryLater("429", happened="no", scope="account"),
        TryLater("503", happened="maybe"),
        Refused("403", happened="no", scope="provider"),
    ],
)
def test_an_answer_that_asks_all_for_no_break_gives_none(error: ChannelError) -> None:
    assert provider_stop("default", "google", error, NOW) is None


@pytest.mark.parametrize(("scope", "everywhere"), [("tenant", False), ("provider", True)])
@pytest.mark.parametrize(("after", "seconds"), [(None, 20), (90, 90)])
def test_a_provider_that_asks_for_a_break_is_stopped_for_that_long(
    scope: Any, everywhere: bool, after: float | None, seconds: int
) -> None:
    finished = answered(TryLater("429", happened="no", scope=scope, after=after), made(UNSURE))
    until = later(seconds=seconds)
    assert finished.stop == ChannelStop("default", "google", "provider", "429", until, everywhere)


# --- look-ups -------------------------------------------------------------------------------------

HERE = Sighting("g1", Seen.LIVE, "1", "uid", "m1", "q1")


def looked(one: Made, *sightings: Sighting) -> Finished | Replay | Found:
    return after_look_up(one, LOOK, sightings)


def looking(now: Copy | None = UNSURE, **changes: Any) -> Made:
    return made(*([now] if now else []), before=(UNSURE,), **changes)


def test_what_a_look_up_found_is_stored_and_ends_the_claim() -> None:
    finished = looked(looking(), HERE)
    assert isinstance(finished, Finished)
    assert finished.copy is not None
    assert finished.copy.state is S.LIVE
    assert schedule(finished).due_at is None
    (line,) = finished.lines
    assert (line.what, line.n, dict(line.facts)) == (
        "copy_found",
        1,
        {"channel": "google", "why": "unsure", "state": "live"},
    )


def test_what_is_not_there_is_sent_again_under_the_same_lease() -> None:
    assert isinstance(looked(looking()), Replay)


def test_a_look_up_after_which_the_lease_is_lost_says_nothing() -> None:
    one = looking(mine=False)
    assert looked(one, HERE) == Finished(one.claim, None, called=True)
    error = TryLater("503", happened="no")
    assert look_up_failed(one, LOOK, error) == Finished(one.claim, None, called=True)


@pytest.mark.parametrize(
    "one",
    [
        replace(looking(), reread=Reread(99, [UNSURE])),
        looking(None),
        looking(in_a(attempt=CREATE)),
        looking(replace(UNSURE, attempt=an_attempt(id=8))),
        looking(replace(UNSURE, attempt=None)),
    ],
    ids=["newer version", "no copy", "resolved", "another attempt", "no attempt"],
)
def test_a_look_up_at_what_has_moved_on_is_decided_anew(one: Made) -> None:
    finished = looked(one, HERE)
    assert isinstance(finished, Finished)
    expected = replace(Schedule(NOW), outlook=outlook_of(finished))
    assert finished == Finished(one.claim, expected, called=True)


def test_a_look_for_what_a_mail_client_made_says_that_it_is_a_hand_over() -> None:
    copies = (by_mail(), in_a(n=2))
    one = made(*copies, before=copies)
    finished = after_look_up(one, FindUid(1, "google", "acc-1"), [])
    assert isinstance(finished, Finished)
    assert finished.lines[0].facts["why"] == "handover"
    assert schedule(finished).due_at == NOW  # the CANCEL


def test_a_failed_look_up_leaves_the_copy_as_it_is() -> None:
    finished = look_up_failed(looking(), LOOK, TryLater("503", happened="no"))
    assert isinstance(finished, Finished)
    assert (finished.copy, schedule(finished).due_at) == (None, retry_at(1, None))
    assert finished.lines[0].what == "look_up_failed"


def test_inspections_follow_a_day_two_hours_and_a_quarter_before_the_start() -> None:
    assert next_inspection(STARTS, NOW) == STARTS - timedelta(hours=24)
    assert next_inspection(STARTS, STARTS - timedelta(hours=3)) == STARTS - timedelta(hours=2)
    assert next_inspection(STARTS, STARTS - timedelta(minutes=15)) is None
