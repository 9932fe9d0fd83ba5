"""What a look by key or by uid does to a copy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState, Do, Outcome, Policy
from calsync.core.reconcile.actions import Find, FindUid, Send
from calsync.core.reconcile.looks.find import Found, Replay, after_find, after_find_uid
from calsync.core.reconcile.outcome import After
from tests.core.decisions import (
    TO_MAIL,
    an_attempt,
    by_mail,
    in_a,
    later,
    snapshot,
)
from tests.make import NOW, an_event

S = CopyState
UNSURE_CREATE = Find(1, "google", "acc-1", "unsure")
REVIVE = Find(1, "google", "acc-1", "revive")
WITHDRAW = Find(1, "google", "acc-1", "withdraw")
THERE = Sighting("g1", Seen.LIVE, revision="9", material_fp="shown", quiet_fp="shown-q")
TOMBSTONE = Sighting("g1", Seen.GONE)


def unsure(do: Do = Do.CREATE, before: S = S.PLANNED, **changes: object) -> Copy:
    """An unsure calendar copy; its fingerprints are those before the attempt."""
    fields = {"attempt": an_attempt(do), "material_fp": None if do is Do.CREATE else "m0"}
    return in_a(S.UNSURE, before=before, **(fields | changes))


def conflicting() -> Copy:
    return unsure(attempt=an_attempt(conflict=True))


# --- looked up -----------------------------------------------------------------------------------


def test_an_unsure_create_that_is_there_shows_what_it_shows() -> None:
    result = after_find(snapshot(unsure()), UNSURE_CREATE, [TOMBSTONE, THERE])
    copy = result.copy
    assert isinstance(result, After)
    assert (copy.state, copy.occupies, copy.revision) == (S.LIVE, True, "9")
    assert (copy.material_fp, copy.quiet_fp, copy.content) == ("shown", "shown-q", an_event())


def test_an_unsure_change_that_is_there_keeps_the_content_it_shows() -> None:
    old = an_event(title="old")
    known = snapshot(unsure(Do.CHANGE, S.LIVE, content=old))
    assert after_find(known, UNSURE_CREATE, [THERE]).copy.content == old
    as_sent = replace(THERE, material_fp="m1")
    assert after_find(known, UNSURE_CREATE, [as_sent]).copy.content == an_event()


def test_an_unsure_create_that_was_deleted_was_dismissed_as_it_was_sent() -> None:
    copy = after_find(snapshot(unsure(), version=9), UNSURE_CREATE, [TOMBSTONE]).copy
    assert (copy.state, copy.material_fp, copy.seen_version) == (S.DISMISSED, "m1", 5)
    assert not copy.occupies


@pytest.mark.parametrize("seen", [[], [TOMBSTONE]])
def test_what_existed_before_its_first_send_and_is_not_there_was_nobodys_deletion(
    seen: list[Sighting],
) -> None:
    copy = after_find(snapshot(conflicting()), UNSURE_CREATE, seen).copy
    assert (copy.state, copy.occupies, copy.seen_version) == (S.GONE, False, None)


def test_what_existed_before_its_first_send_shows_what_it_shows() -> None:
    copy = after_find(snapshot(conflicting()), UNSURE_CREATE, [THERE]).copy
    assert (copy.state, copy.material_fp) == (S.LIVE, "shown")
    foreign = Sighting("g1", Seen.NOT_OURS)
    assert after_find(snapshot(conflicting()), UNSURE_CREATE, [foreign]).copy.state is S.FAILED


def test_an_unsure_create_that_is_absent_is_sent_again() -> None:
    copy = unsure()
    assert after_find(snapshot(copy), UNSURE_CREATE, []) == Replay(copy)


def test_a_key_somebody_else_uses_is_given_up() -> None:
    foreign = Sighting("g1", Seen.NOT_OURS)
    copy = after_find(snapshot(unsure()), UNSURE_CREATE, [foreign]).copy
    assert (copy.state, copy.occupies) == (S.FAILED, False)


@pytest.mark.parametrize("seen", [[], [TOMBSTONE]])
def test_an_unsure_change_of_what_is_not_there_was_dismissed(seen: list[Sighting]) -> None:
    known = snapshot(unsure(Do.CHANGE, S.LIVE), version=9)
    copy = after_find(known, UNSURE_CREATE, seen).copy
    assert (copy.state, copy.material_fp, copy.seen_version) == (S.DISMISSED, "m0", 9)


@pytest.mark.parametrize("seen", [[], [TOMBSTONE]])
def test_an_unsure_withdrawal_of_what_is_not_there_is_done(seen: list[Sighting]) -> None:
    copy = after_find(snapshot(unsure(Do.WITHDRAW, S.LIVE)), UNSURE_CREATE, seen).copy
    assert (copy.state, copy.occupies) == (S.GONE, False)


def test_an_unsure_withdrawal_of_what_is_there_is_sent_again_for_its_new_revision() -> None:
    result = after_find(snapshot(unsure(Do.WITHDRAW, S.LIVE)), UNSURE_CREATE, [THERE])
    assert isinstance(result, Replay)
    assert (result.copy.revision, result.copy.state) == ("9", S.UNSURE)


@pytest.mark.parametrize(
    ("copy", "find"),
    [
        (unsure(), UNSURE_CREATE),
        (unsure(Do.CHANGE, S.LIVE), UNSURE_CREATE),
        (unsure(Do.WITHDRAW, S.LIVE), UNSURE_CREATE),
        (in_a(S.STRANDED), REVIVE),
        (in_a(S.STRANDED), WITHDRAW),
    ],
)
def test_an_event_with_guests_belongs_to_the_user(copy: Copy, find: Find) -> None:
    result = after_find(snapshot(copy), find, [replace(THERE, has_guests=True)])
    assert isinstance(result, After)
    assert (result.copy.state, result.copy.before) == (S.TAKEN, None)
    assert result.copy.occupies is copy.occupies


def test_a_revived_copy_is_live_again_and_holds_its_place() -> None:
    copy = after_find(snapshot(in_a(S.STRANDED)), replace(REVIVE, account="acc-9"), [THERE]).copy
    assert (copy.state, copy.occupies, copy.account) == (S.LIVE, True, "acc-9")
    assert copy.material_fp == "shown"


def test_a_stranded_copy_that_was_deleted_or_never_made_is_not_revived() -> None:
    known = snapshot(in_a(S.STRANDED), version=9)
    dismissed = after_find(known, REVIVE, [TOMBSTONE]).copy
    assert (dismissed.state, dismissed.seen_version) == (S.DISMISSED, 9)
    assert after_find(known, REVIVE, []).copy.state is S.GONE


def test_an_unwanted_stranded_copy_is_known_better_or_gone() -> None:
    known = snapshot(in_a(S.STRANDED, remote_id=None))
    there = after_find(known, WITHDRAW, [THERE]).copy
    assert (there.state, there.remote_id, there.occupies) == (S.STRANDED, "g1", False)
    for seen in ([], [TOMBSTONE]):
        assert after_find(known, WITHDRAW, seen).copy.state is S.GONE


def test_looking_up_what_is_not_open_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing to look up"):
        after_find(snapshot(in_a()), UNSURE_CREATE, [])
    with pytest.raises(ValueError, match="no copy 1"):
        after_find(snapshot(), UNSURE_CREATE, [])


# --- what a mail client made ---------------------------------------------------------------------

LOOK = FindUid(1, "google", "acc-1")
CLIENT_MADE = Sighting("client-1", Seen.NOT_OURS, revision="2", uid="uid-1")


def test_what_a_mail_client_made_is_deleted_where_it_is() -> None:
    result = after_find_uid(snapshot(by_mail()), LOOK, [CLIENT_MADE])
    assert isinstance(result, Found)
    assert result.step == Send(Do.WITHDRAW, 1, "google", "acc-1")
    assert (result.copy.remote_id, result.copy.revision) == ("client-1", "2")
    assert (result.copy.handed_to, result.copy.look_at) == ("acc-1", later(minutes=10))


def test_what_is_not_found_is_left_to_the_cancel_or_to_nothing_by_policy() -> None:
    result = after_find_uid(snapshot(by_mail()), LOOK, [TOMBSTONE])
    assert isinstance(result, After)
    assert (result.copy.state, result.copy.handed_to) == (S.LIVE, "acc-1")
    silent = snapshot(by_mail(), policy=Policy(handover_cancel=False))
    gone = after_find_uid(silent, LOOK, []).copy
    assert (gone.state, gone.occupies, gone.look_at) == (S.GONE, False, later(minutes=10))


def test_looks_follow_after_ten_minutes_an_hour_a_day_and_then_daily_until_the_end() -> None:
    copy = by_mail(S.GONE, handed_to="acc-1")
    gaps = []
    known = snapshot(copy, starts_at=later(days=3), ends_at=later(days=3, hours=1))
    while True:
        copy = after_find_uid(replace(known, copies=[copy]), LOOK, []).copy
        if copy.look_at is None:
            break
        gaps.append(copy.look_at - known.now)
        known = replace(known, now=copy.look_at)
    day = timedelta(days=1)
    assert gaps == [timedelta(minutes=10), timedelta(hours=1), day, day]


def test_an_unsure_removal_is_sent_again_or_done() -> None:
    copy = by_mail(S.UNSURE, attempt=an_attempt(Do.WITHDRAW), before=S.LIVE)
    again = after_find_uid(snapshot(copy, route=TO_MAIL), LOOK, [CLIENT_MADE])
    assert again == Replay(replace(copy, remote_id="client-1", revision="2"))
    done = after_find_uid(snapshot(copy), LOOK, [])
    assert isinstance(done, After)
    assert (done.copy.state, done.copy.occupies) == (S.GONE, False)


def test_the_clock_of_the_facts_is_the_only_one() -> None:
    known = snapshot(by_mail(), now=NOW + timedelta(hours=5))
    assert after_find_uid(known, LOOK, []).copy.look_at == later(hours=5, minutes=10)


@pytest.mark.parametrize("private", [True, False])
def test_what_is_found_as_it_was_sent_is_hidden_as_that_was(private: bool) -> None:
    sent = an_attempt(Do.CHANGE, content=an_event(private=private), quiet_fp="q2")
    copy = unsure(Do.CHANGE, S.LIVE, attempt=sent, marked_private=True)
    as_sent, as_before = replace(THERE, quiet_fp="q2"), replace(THERE, quiet_fp="q1")
    find = Find(1, "google", "acc-1", "unsure")
    assert after_find(snapshot(copy), find, [as_sent]).copy.marked_private is private
    assert after_find(snapshot(copy), find, [as_before]).copy.marked_private


# --- moved to another calendar of the account ----------------------------------------------------


MOVED = replace(THERE, remote_id="other/g1")
SEARCHED_IN_VAIN = Sighting("g1", Seen.GONE, unsearched=True)


def test_a_change_of_what_was_moved_goes_to_where_it_is() -> None:
    result = after_find(snapshot(unsure(Do.CHANGE, S.LIVE)), UNSURE_CREATE, [MOVED])
    assert (result.copy.state, result.copy.remote_id) == (S.LIVE, "other/g1")


@pytest.mark.parametrize("before", [S.LIVE, S.STRANDED])
def test_a_withdrawal_of_what_was_moved_is_made_anew_for_where_it_is(before: S) -> None:
    result = after_find(snapshot(unsure(Do.WITHDRAW, before)), UNSURE_CREATE, [MOVED])
    assert isinstance(result, After), "the stored bytes name the old place"
    copy = result.copy
    assert (copy.state, copy.remote_id, copy.revision) == (before, "other/g1", "9")
    assert copy.material_fp == "m0"


def test_a_change_that_was_told_that_it_is_not_there_was_dismissed_as_it_was_seen() -> None:
    told = an_attempt(Do.CHANGE, outcome=Outcome.NO)
    known = snapshot(unsure(Do.CHANGE, S.LIVE, attempt=told), version=9)
    copy = after_find(known, UNSURE_CREATE, []).copy
    assert (copy.state, copy.seen_version, copy.may_remain) == (S.DISMISSED, 5, False)


@pytest.mark.parametrize(
    ("copy", "find", "state"),
    [
        (unsure(), UNSURE_CREATE, S.DISMISSED),
        (unsure(Do.CHANGE, S.LIVE), UNSURE_CREATE, S.DISMISSED),
        (unsure(Do.WITHDRAW, S.LIVE), UNSURE_CREATE, S.GONE),
        (in_a(S.STRANDED), REVIVE, S.DISMISSED),
        (in_a(S.STRANDED), WITHDRAW, S.GONE),
    ],
)
def test_what_may_stand_in_a_calendar_that_cannot_be_searched_is_remembered(
    copy: Copy, find: Find, state: S
) -> None:
    found = after_find(snapshot(copy), find, [SEARCHED_IN_VAIN]).copy
    assert (found.state, found.may_remain) == (state, True)
    assert not after_find(snapshot(copy), find, [TOMBSTONE]).copy.may_remain


def test_of_what_a_restore_left_nobody_knows_who_removed_it() -> None:
    copy = in_a(S.STRANDED, recovered=True)
    assert not after_find(snapshot(copy), REVIVE, [SEARCHED_IN_VAIN]).copy.may_remain
