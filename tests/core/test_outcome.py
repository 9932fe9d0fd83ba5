"""What is stored before a call, and what each answer does to a copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.calls import PreparedRequest, Receipt
from calsync.core.content.event import MailCause, Told
from calsync.core.ledger import Copy, CopyState, Do, Outcome, Want, next_generation
from calsync.core.reconcile.actions import Find, Send
from calsync.core.reconcile.outcome import (
    After,
    Moment,
    after_error,
    after_receipt,
    outcome_of,
    refused_again,
)
from calsync.core.reconcile.prepare import attempt_copy, event_for, sent_again, with_attempt
from calsync.errors import AccessLost, Changed, ChannelError, Missing, Refused, Setup, TryLater
from tests.core.decisions import (
    LOST_A,
    TO_MAIL,
    A,
    an_attempt,
    by_mail,
    in_a,
    later,
    mailed,
    snapshot,
)
from tests.make import NOW, an_event

S = CopyState
NO = TryLater("503", happened="no")
MAYBE = TryLater("connection lost", happened="maybe")
MINUTES = 471_600  # from the beginning of 2026 to the instant of these snapshots
MOMENT = Moment(NOW, 5)
WITHDRAW = Find(1, "google", "acc-1", "withdraw")


def uid(destination: str, generation: int) -> str:
    return f"{destination} {generation}"


def unsure(do: Do = Do.CREATE, before: S = S.PLANNED, **changes: object) -> Copy:
    """An unsure calendar copy; its fingerprints are those before the attempt."""
    fields = {"attempt": an_attempt(do), "material_fp": None if do is Do.CREATE else "m0"}
    return in_a(S.UNSURE, before=before, **(fields | changes))


def unsure_mail(do: Do = Do.CREATE, before: S = S.PLANNED, **changes: object) -> Copy:
    return by_mail(S.UNSURE, before=before, **({"attempt": mailed(do)} | changes))


def failed(copy: Copy, error: ChannelError, *, mine: bool = True) -> After:
    assert copy.attempt is not None
    return after_error(copy, copy.attempt, error, MOMENT, mine=mine)


def answered(copy: Copy, receipt: Receipt, *siblings: Copy) -> After:
    assert copy.attempt is not None
    return after_receipt(copy, copy.attempt, receipt, [copy, *siblings])


# --- before the call -----------------------------------------------------------------------------


def test_a_new_copy_takes_the_route_and_holds_its_place() -> None:
    copy = attempt_copy(snapshot(), Send(Do.CREATE, 1, "google", "acc-1"), uid, "desk@x.example")
    assert (copy.uid, copy.generation) == (f"{A.destination} 1", 1)
    assert (copy.organizer, copy.sequence) == ("desk@x.example", 0)
    assert (copy.channel, copy.account, copy.destination) == ("google", "acc-1", A.destination)
    assert copy.address == A.address
    assert (copy.state, copy.before, copy.occupies) == (S.UNSURE, S.PLANNED, True)


def test_what_a_ledger_from_yesterday_makes_anew_has_the_uid_it_had_today() -> None:
    """Made in the lost time: a copy in another calendar and one here. With uids by number the next
    one here would be another event."""
    make = Send(Do.CREATE, 4, "google", "acc-1")
    today = snapshot(by_mail(S.GONE), in_a(S.GONE, n=2, generation=1), by_mail(S.GONE, n=3))
    yesterday = snapshot(in_a(S.GONE, generation=1))
    made = attempt_copy(today, make, uid, "")
    again = attempt_copy(yesterday, replace(make, n=2), uid, "")
    assert made.uid == again.uid == f"{A.destination} 2"


def test_copies_from_before_generations_count_one_each_in_their_place() -> None:
    old = [in_a(S.GONE, n=1), by_mail(S.GONE, n=2), in_a(S.DISMISSED, n=3, material_fp="m0")]
    copy = attempt_copy(snapshot(*old), Send(Do.CREATE, 4, "google", "acc-1"), uid, "")
    assert (copy.generation, copy.uid) == (3, f"{A.destination} 3")
    assert next_generation([*old, copy], A.destination) == 4
    assert next_generation([*old, copy], TO_MAIL.destination) == 2
    assert next_generation([in_a(S.ELSEWHERE, uid="")], A.destination) == 1


def test_a_planned_copy_keeps_its_uid_and_generation() -> None:
    planned = in_a(S.PLANNED, uid="old", generation=2)
    copy = attempt_copy(snapshot(planned), Send(Do.CREATE, 1, "google", "acc-1"), uid, "")
    assert (copy.uid, copy.generation) == ("old", 2)


def test_a_copy_cannot_be_made_without_a_route() -> None:
    with pytest.raises(ValueError, match="no route"):
        attempt_copy(snapshot(route=None), Send(Do.CREATE, 1, "mail", None), uid, "")


def test_a_copy_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="no copy 3"):
        attempt_copy(snapshot(), Send(Do.CHANGE, 3, "mail", None), uid, "")


@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
def test_every_mailed_update_and_cancel_raises_the_sequence(do: Do) -> None:
    known = snapshot(by_mail(sequence=2))
    copy = attempt_copy(known, Send(do, 1, "mail", None), uid, "new@x.example")
    assert (copy.sequence, copy.before, copy.state) == (MINUTES, S.LIVE, S.UNSURE)
    assert copy.organizer == "sessions@platform.example"  # a copy keeps its organizer


def test_a_first_invitation_and_every_later_mail_outnumber_what_a_lost_ledger_may_have_sent() -> (
    None
):
    """A ledger that was put back from yesterday counts the mails of yesterday only: with 1 and 2
    in place of the 3 that the mail client holds, its updates would be ignored."""
    to_mail = snapshot(route=TO_MAIL)
    first = attempt_copy(to_mail, Send(Do.CREATE, 1, "mail", None), uid, "")
    assert first.sequence == MINUTES
    many = snapshot(by_mail(sequence=MINUTES + 5))  # more than one a minute
    assert attempt_copy(many, Send(Do.CHANGE, 1, "mail", None), uid, "").sequence == MINUTES + 6


def test_the_first_mail_of_a_copy_is_remembered_and_no_later_one() -> None:
    request = PreparedRequest(Do.CREATE, "<one@x>", b"", "m1", "q1")
    change = PreparedRequest(Do.CHANGE, "<two@x>", b"", "m1", "q1")
    sent = an_attempt(), request, an_event()
    made = with_attempt(by_mail(), *sent)
    assert made.message_id == "<one@x>"
    assert with_attempt(made, an_attempt(), change, an_event()).message_id == "<one@x>"
    former = by_mail(before=S.ELSEWHERE)
    assert with_attempt(former, an_attempt(), change, an_event()).message_id == "<two@x>"
    assert with_attempt(in_a(), *sent).message_id is None


def test_a_resent_invitation_and_a_calendar_keep_the_sequence() -> None:
    resend = Send(Do.CHANGE, 1, "mail", None, resend=True)
    assert attempt_copy(snapshot(by_mail(sequence=2)), resend, uid, "").sequence == 2
    change = Send(Do.CHANGE, 1, "google", "acc-9")
    changed = attempt_copy(snapshot(in_a(sequence=2)), change, uid, "")
    assert (changed.sequence, changed.account) == (2, "acc-9")


def test_a_mailed_copy_keeps_its_mailbox_when_it_is_taken_out_of_a_calendar() -> None:
    known = snapshot(by_mail(sequence=2))
    copy = attempt_copy(known, Send(Do.WITHDRAW, 1, "google", "acc-1"), uid, "")
    assert (copy.channel, copy.account, copy.sequence) == ("mail", None, 2)


@pytest.mark.parametrize(
    ("state", "do", "occupies"),
    [
        (S.ELSEWHERE, Do.CHANGE, True),
        (S.ELSEWHERE, Do.WITHDRAW, False),
        (S.STRANDED, Do.WITHDRAW, False),
        (S.GONE, Do.WITHDRAW, False),
        (S.LIVE, Do.WITHDRAW, True),
        (S.LIVE, Do.CHANGE, True),
    ],
)
def test_a_withdrawal_never_takes_a_place(state: S, do: Do, occupies: bool) -> None:
    copy = attempt_copy(snapshot(by_mail(state)), Send(do, 1, "mail", None), uid, "")
    assert (copy.occupies, copy.before) == (occupies, state)


def test_a_cancellation_says_when_a_calendar_took_the_session_over() -> None:
    old = an_event(title="old")
    handed = snapshot(by_mail(content=old), content=an_event(title="new"))
    shown = event_for(handed, Send(Do.WITHDRAW, 1, "mail", None))
    assert shown is not None
    assert shown.told == Told(MailCause.IN_CALENDAR)
    assert shown == old


def test_a_withdrawal_shows_what_the_copy_last_showed() -> None:
    old, new = an_event(title="old"), an_event(title="new")
    known = snapshot(by_mail(content=old), content=new, want=Want.ABSENT)
    assert event_for(known, Send(Do.WITHDRAW, 1, "mail", None)) == old
    assert event_for(known, Send(Do.CHANGE, 1, "mail", None)) == new
    assert event_for(known, Send(Do.WITHDRAW, 4, "mail", None)) == new
    unknown = snapshot(by_mail(content=None), content=new, want=Want.ABSENT)
    assert event_for(unknown, Send(Do.WITHDRAW, 1, "mail", None)) == new


def test_a_mail_says_when_an_older_entry_may_remain_in_a_lost_calendar() -> None:
    create, known = Send(Do.CREATE, 2, "mail", None), {"route": TO_MAIL, "content": an_event()}
    lost = event_for(snapshot(in_a(S.STRANDED), accounts=(LOST_A,), **known), create)
    assert lost is not None
    assert lost.told == Told(MailCause.BY_MAIL, older_entry=True)
    assert lost == an_event()
    assert event_for(snapshot(in_a(S.STRANDED), **known), create) == an_event()
    elsewhere = Send(Do.CREATE, 2, "outlook", "acc-2")
    assert (
        event_for(snapshot(in_a(S.STRANDED), accounts=(LOST_A,), **known), elsewhere) == an_event()
    )


def test_a_replay_is_counted_and_open_again() -> None:
    again = sent_again(an_attempt(outcome=Outcome.MAYBE), later(seconds=30))
    assert (again.sends, again.outcome, again.deadline) == (2, Outcome.OPEN, later(seconds=30))


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(Receipt("g1"), Outcome.YES), (NO, Outcome.NO), (MAYBE, Outcome.MAYBE)],
)
def test_every_answer_has_an_outcome(answer: Receipt | ChannelError, outcome: Outcome) -> None:
    assert outcome_of(answer) is outcome


# --- yes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("do", [Do.CREATE, Do.CHANGE])
def test_a_yes_means_that_what_was_sent_is_shown(do: Do) -> None:
    after = answered(unsure(do, replace=True), Receipt("g7", "r2"))
    copy = after.copy
    assert (copy.state, copy.before, copy.occupies, copy.replace) == (S.LIVE, None, True, False)
    assert (copy.material_fp, copy.quiet_fp, copy.content) == ("m1", "q1", an_event())
    assert (copy.remote_id, copy.revision) == ("g7", "r2")
    assert copy.attempt == an_attempt(do, outcome=Outcome.YES)
    assert (after.refused, after.alert) == (None, None)


def test_a_withdrawn_copy_gives_its_place_up_and_keeps_its_look() -> None:
    look = {"handed_to": "acc-1", "look_at": later(minutes=10)}
    copy = answered(unsure_mail(Do.WITHDRAW, S.LIVE, **look), Receipt("x")).copy
    assert (copy.state, copy.occupies, copy.look_at) == (S.GONE, False, later(minutes=10))


def test_an_answer_that_does_not_show_our_fields_marks_the_copy_for_replacement() -> None:
    stripped = Receipt("g1", applied=False)
    after = answered(unsure(), stripped)
    assert (after.copy.state, after.copy.replace, after.refused) == (S.LIVE, True, None)
    for other in (
        in_a(S.GONE, 2, replace=True, material_fp="m9"),
        in_a(S.GONE, 2, replace=False),
        in_a(S.GONE, 2, replace=True, destination="elsewhere"),
    ):
        assert answered(unsure(), stripped, other).copy.replace


def test_a_second_time_it_is_refused_and_left_as_it_is() -> None:
    tried = in_a(S.GONE, 2, replace=True, material_fp="m1")
    after = answered(unsure(), Receipt("g1", applied=False), tried)
    assert (after.copy.state, after.copy.replace) == (S.LIVE, False)
    assert after.refused == "the calendar does not show the event as it was sent"


def test_content_that_was_blanked_does_not_blank_the_copy() -> None:
    copy = unsure(attempt=an_attempt(content=None), content=an_event(title="kept"))
    assert answered(copy, Receipt("g1")).copy.content == an_event(title="kept")


# --- no ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("do", "before", "occupies"),
    [
        (Do.CREATE, S.PLANNED, False),
        (Do.CHANGE, S.LIVE, True),
        (Do.CHANGE, S.ELSEWHERE, False),
        (Do.WITHDRAW, S.LIVE, True),
        (Do.WITHDRAW, S.STRANDED, False),
    ],
)
@pytest.mark.parametrize("error", [NO, Setup("key", happened="no"), AccessLost("x", happened="no")])
def test_a_no_brings_the_state_before_the_attempt_back(
    do: Do, before: S, occupies: bool, error: ChannelError
) -> None:
    after = failed(unsure(do, before), error)
    assert (after.copy.state, after.copy.before, after.copy.occupies) == (before, None, occupies)
    assert after.copy.attempt == an_attempt(do, outcome=Outcome.NO)
    assert after.refused is None


@pytest.mark.parametrize("do", list(Do))
def test_a_no_proves_nothing_to_a_second_send_or_without_the_lease(do: Do) -> None:
    once = unsure(do, S.LIVE)
    assert failed(once, NO, mine=False) == After(once)
    twice = unsure(do, S.LIVE, attempt=an_attempt(do, sends=2))
    assert failed(twice, NO) == After(twice)


def test_a_refused_create_has_failed_for_good() -> None:
    after = failed(unsure(), Refused("400", happened="no"))
    assert (after.copy.state, after.copy.occupies, after.refused) == (S.FAILED, False, "400")


def test_a_refused_replay_fails_in_a_calendar_but_not_by_mail() -> None:
    refused = Refused("400", happened="no")

    def again(copy: Copy) -> Copy:
        return refused_again(copy, refused, MOMENT)

    replayed = unsure(attempt=an_attempt(sends=2))
    assert failed(replayed, refused).copy.state is S.FAILED
    assert failed(replayed, refused, mine=False) == After(again(replayed), "400")
    mail = unsure_mail(attempt=mailed(sends=2))
    assert failed(mail, refused) == After(again(mail), "400")


@pytest.mark.parametrize(("do", "parks"), [(Do.CHANGE, "400"), (Do.WITHDRAW, None)])
def test_a_refused_change_leaves_what_was_there(do: Do, parks: str | None) -> None:
    after = failed(unsure(do, S.LIVE), Refused("400", happened="no"))
    assert (after.copy.state, after.copy.material_fp, after.refused) == (S.LIVE, "m0", parks)


def test_a_refusal_that_may_have_worked_stays_unsure() -> None:
    after = failed(unsure(), Refused("odd", happened="maybe"))
    assert (after.copy.state, after.refused) == (S.UNSURE, None)


@pytest.mark.parametrize("mine", [True, False])
def test_a_first_create_whose_key_was_used_is_looked_up_or_gone(mine: bool) -> None:
    """Made and removed in the time that a restored ledger knows nothing of, perhaps by us."""
    there = failed(unsure(), Changed("409 duplicate", happened="maybe"), mine=mine).copy
    assert there.attempt is not None
    assert (there.state, there.attempt.conflict) == (S.UNSURE, True)
    gone = failed(unsure(), Missing("409, deleted", happened="no"), mine=mine).copy
    assert (gone.state, gone.occupies, gone.seen_version) == (S.GONE, False, None)


@pytest.mark.parametrize("tried", [{"sends": 2}, {"maybes": 1}])
def test_a_create_that_may_have_worked_before_conflicts_with_itself(tried: dict[str, int]) -> None:
    again = failed(unsure(attempt=an_attempt(**tried)), Changed("409", happened="maybe")).copy
    assert again.attempt is not None
    assert not again.attempt.conflict


def test_a_repeated_create_that_finds_its_event_deleted_respects_the_deletion() -> None:
    """The provider knows the create by its key and says that what it made is not there."""
    repeated = unsure(attempt=an_attempt(sends=2))
    copy = failed(repeated, Missing("201 for a deleted event", happened="no")).copy
    assert (copy.state, copy.seen_version, copy.occupies) == (S.DISMISSED, 5, False)
    assert copy.material_fp == an_attempt().material_fp


@pytest.mark.parametrize("do", list(Do))
def test_changed_stays_unsure_until_it_is_looked_up(do: Do) -> None:
    open_until = NOW + timedelta(seconds=30)
    copy = unsure(do, S.LIVE, attempt=an_attempt(do, sends=2, deadline=open_until))
    assert failed(copy, Changed("412", happened="no"), mine=False) == After(copy)
    over = replace(copy, attempt=an_attempt(do, sends=2, deadline=NOW))
    assert failed(copy, Changed("412", happened="no")) == After(over)


def test_an_answer_never_puts_a_deadline_off() -> None:
    copy = unsure(Do.CHANGE, S.LIVE, attempt=an_attempt(Do.CHANGE))
    assert failed(copy, Changed("412", happened="no")) == After(copy)


# --- maybe ---------------------------------------------------------------------------------------


def test_an_unknown_answer_leaves_a_calendar_copy_unsure_however_often() -> None:
    copy = unsure(attempt=an_attempt(maybes=9))
    after = failed(copy, MAYBE)
    assert (after.copy.state, after.alert) == (S.UNSURE, None)
    assert after.copy.attempt == an_attempt(maybes=10, outcome=Outcome.MAYBE)


@pytest.mark.parametrize(
    ("do", "state"), [(Do.CREATE, S.LIVE), (Do.CHANGE, S.LIVE), (Do.WITHDRAW, S.GONE)]
)
def test_the_fourth_unknown_answer_to_a_mail_counts_as_sent_and_ops_are_told(
    do: Do, state: S
) -> None:
    third = failed(unsure_mail(do, attempt=mailed(do, maybes=2)), MAYBE)
    assert (third.copy.state, third.alert) == (S.UNSURE, None)
    fourth = failed(unsure_mail(do, attempt=mailed(do, maybes=3)), MAYBE)
    assert (fourth.copy.state, fourth.copy.occupies) == (state, state is S.LIVE)
    assert "taken as sent" in (fourth.alert or "")
