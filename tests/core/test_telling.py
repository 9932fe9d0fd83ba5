"""Who is told by a plain mail that something of a session stands wrong: of what, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.account import AccountState
from calsync.core.ledger import Copy, CopyState, Do, Outcome, RefusalKind, Snapshot, Want
from calsync.core.reconcile.telling import (
    COULD_NOT_REMOVE,
    COULD_NOT_UPDATE,
    ENTRY_REMAINS,
    UNREACHABLE,
    Telling,
    is_still_due,
    outlook,
    stands_wrong,
    to_tell,
)
from tests.core.decisions import (
    LOST_A,
    STARTS,
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
IN_TIME = STARTS - timedelta(minutes=120)
OLD = {"material_fp": "m0"}
GONE = {"want": Want.ABSENT}
LOST = {"accounts": (LOST_A, B)}


def refused(kind: RefusalKind, times: int, version: int = 5) -> dict[str, Any]:
    return {
        "refusal": kind,
        "refusals": times,
        "refused_version": version,
        "again_at": later(minutes=5),
    }


def kind_of(known: Snapshot) -> str | None:
    telling = to_tell(known)
    return telling.kind if telling is not None else None


# --- of what --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (snapshot(), UNREACHABLE),
        (snapshot(in_a(S.UNSURE, before=S.PLANNED, attempt=an_attempt())), UNREACHABLE),
        (snapshot(in_a(S.FAILED)), UNREACHABLE),
        (snapshot(in_a(**OLD)), COULD_NOT_UPDATE),
        (snapshot(in_a(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.CHANGE), **OLD)),
         COULD_NOT_UPDATE),
        (snapshot(in_a(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.CHANGE, material_fp="m2"))),
         COULD_NOT_UPDATE),
        (snapshot(in_a(S.TAKEN, **OLD)), COULD_NOT_UPDATE),
        (snapshot(in_a(**OLD), in_b(n=2), route=TO_B), COULD_NOT_UPDATE),
        (snapshot(in_a(**OLD), in_b(n=2), route=TO_B, covered_by="u-2"), COULD_NOT_UPDATE),
        (snapshot(in_a(S.STRANDED, **OLD), in_b(n=2), route=TO_B, **LOST), ENTRY_REMAINS),
        (snapshot(in_a(S.TAKEN, **OLD), in_b(n=2), route=TO_B), ENTRY_REMAINS),
        (snapshot(in_a(S.STRANDED), route=TO_B, **LOST), UNREACHABLE),
        (snapshot(in_a(), **GONE), COULD_NOT_REMOVE),
        (snapshot(in_a(S.UNSURE, before=S.PLANNED, attempt=an_attempt()), **GONE),
         COULD_NOT_REMOVE),
        (snapshot(in_a(S.TAKEN), **GONE), ENTRY_REMAINS),
        (snapshot(in_a(S.STRANDED), **GONE, **LOST), ENTRY_REMAINS),
    ],
)  # fmt: skip
def test_what_stands_wrong_is_told_as_what_it_is(known: Snapshot, kind: str) -> None:
    assert kind_of(known) == kind
    assert outlook(known).right is False


@pytest.mark.parametrize(
    "known",
    [
        snapshot(in_a()),
        snapshot(in_a(quiet_fp="q0")),
        snapshot(in_a(S.TAKEN)),
        snapshot(in_a(S.STRANDED)),
        snapshot(in_a(S.UNSURE, before=S.LIVE, attempt=an_attempt(Do.CHANGE))),
        snapshot(in_a(S.DISMISSED, seen_version=5)),
        snapshot(by_mail(S.ELSEWHERE, 0)),
        snapshot(destination_taken=True),
        snapshot(in_a(), route=TO_B),
        snapshot(in_a(), in_b(n=2), route=TO_B, covered_by="u-2"),
        snapshot(**GONE),
        snapshot(in_a(S.GONE), **GONE),
        snapshot(in_a(S.STRANDED), accounts=(LOST_A,), route=TO_MAIL),
    ],
)
def test_nobody_is_told_of_what_they_see_or_removed(known: Snapshot) -> None:
    assert to_tell(known) is None
    assert outlook(known).right is True
    assert outlook(known).tell_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"excluded": True},
        {"batch": 3},
        {"parked": "only_to"},
        {"parked": "forgotten"},
        {"parked": "rejected"},
        {"now": STARTS + timedelta(hours=2)},
        {"told": UNREACHABLE, "told_version": 4},
    ],
)
def test_nobody_is_told_twice_or_of_what_is_kept_back_on_purpose(changes: dict[str, Any]) -> None:
    assert to_tell(snapshot(in_a(**OLD), **changes)) is None


# --- when -----------------------------------------------------------------------------------------


def test_they_are_told_in_time_before_the_earlier_of_both_starts() -> None:
    assert to_tell(snapshot(in_a(**OLD))) == Telling(COULD_NOT_UPDATE, IN_TIME)
    shown = an_event(starts_at=later(hours=10), ends_at=later(hours=11))
    known = snapshot(in_a(content=shown, **OLD))
    assert to_tell(known) == Telling(COULD_NOT_UPDATE, later(hours=8))
    assert outlook(known).tell_at == later(hours=8)


def test_what_is_wrong_for_less_than_ten_minutes_may_still_be_corrected() -> None:
    soon = {"starts_at": later(minutes=90), "ends_at": later(minutes=150)}
    since = later(minutes=-4)
    assert to_tell(snapshot(in_a(**OLD), wanted_since=since, **soon)) == Telling(
        COULD_NOT_UPDATE, later(minutes=6)
    )
    assert to_tell(snapshot(in_a(**OLD), wanted_since=None, **soon)) == Telling(
        COULD_NOT_UPDATE, later(minutes=-30)
    )


@pytest.mark.parametrize(
    "known",
    [
        snapshot(in_a(S.TAKEN, **OLD), wanted_since=NOW),
        snapshot(in_a(**OLD), parked="refused", wanted_since=NOW),
        snapshot(in_a(S.FAILED), parked="refused", wanted_since=NOW),
        snapshot(in_a(**refused(RefusalKind.NAMED, 2)), **GONE),
    ],
)
def test_what_nothing_will_correct_is_told_at_once(known: Snapshot) -> None:
    telling = to_tell(known)
    assert telling is not None
    assert telling.at == NOW


@pytest.mark.parametrize(
    "refusal",
    [
        refused(RefusalKind.NAMED, 1),
        refused(RefusalKind.UNKNOWN, 7),
        refused(RefusalKind.NAMED, 2, version=3),
    ],
    ids=["once", "not by name", "in an older version"],
)
def test_other_refusals_leave_time_until_shortly_before_the_start(refusal: dict[str, Any]) -> None:
    assert to_tell(snapshot(in_a(**refusal), **GONE)) == Telling(COULD_NOT_REMOVE, IN_TIME)


# --- what a mail says already ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "state", "knows"),
    [
        (Outcome.YES, S.LIVE, True),
        (Outcome.MAYBE, S.LIVE, True),
        (Outcome.MAYBE, S.UNSURE, False),
        (Outcome.NO, S.LIVE, False),
    ],
)
def test_who_was_invited_to_this_version_by_mail_knows_it(
    outcome: Outcome, state: S, knows: bool
) -> None:
    sent = by_mail(state, 2, attempt=mailed(outcome=outcome), material_fp="m1")
    known = snapshot(in_a(S.STRANDED, **OLD), sent, route=TO_MAIL, due_at=None, **LOST)
    assert (stands_wrong(known) is None) is knows


@pytest.mark.parametrize(
    ("attempt", "want", "knows"),
    [
        ({"do": Do.CHANGE}, Want.PRESENT, True),
        ({"do": Do.CHANGE, "material_fp": "m0"}, Want.PRESENT, False),
        ({"do": Do.CHANGE, "version": 3}, Want.PRESENT, False),
        ({"do": Do.CHANGE, "account": "acc-1"}, Want.PRESENT, True),
        ({"do": Do.WITHDRAW}, Want.PRESENT, False),
        ({"do": Do.CHANGE}, Want.ABSENT, False),
        ({"do": Do.WITHDRAW}, Want.ABSENT, True),
        ({"do": Do.WITHDRAW, "channel": "google"}, Want.ABSENT, False),
    ],
)
def test_only_a_mail_that_says_what_is_wanted_now_counts(
    attempt: dict[str, Any], want: Want, knows: bool
) -> None:
    last = mailed(**{"outcome": Outcome.YES, **attempt})
    sent = by_mail(S.GONE, 2, attempt=last)
    known = snapshot(in_a(S.TAKEN, **OLD), sent, want=want)
    assert (stands_wrong(known) is None) is knows


@pytest.mark.parametrize(
    ("state", "shows", "there", "knows"),
    [
        (S.LIVE, "m1", in_b(n=3), True),
        (S.LIVE, "m1", in_b(S.TAKEN, 3, **OLD), True),
        (S.GONE, "m1", in_b(n=3), True),
        (S.GONE, "m1", in_b(S.TAKEN, 3, **OLD), False),
        (S.GONE, "m0", in_b(n=3), False),
    ],
)
def test_what_an_invitation_said_is_known_after_it_was_handed_over_to_a_right_entry(
    state: S, shows: str, there: Copy, knows: bool
) -> None:
    handed_over = mailed(Do.WITHDRAW, outcome=Outcome.YES if state is S.GONE else Outcome.NO)
    invitation = by_mail(state, 2, attempt=handed_over, material_fp=shows)
    known = snapshot(in_a(S.STRANDED, **OLD), invitation, there, route=TO_B, **LOST)
    assert (stands_wrong(known) is None) is knows


def test_an_entry_that_its_person_saw_go_needs_no_plain_mail_after_an_earlier_one() -> None:
    removed = in_a(S.GONE, attempt=an_attempt(Do.WITHDRAW))
    told = {"told": COULD_NOT_UPDATE, "told_version": 3, "want": Want.ABSENT}
    assert to_tell(snapshot(removed, **told)) is None
    assert kind_of(snapshot(replace(removed, attempt=None), **told)) == COULD_NOT_REMOVE


@pytest.mark.parametrize(
    ("copies", "changes", "told"),
    [
        ((), {}, False),
        ((by_mail(**OLD),), {}, False),
        ((by_mail(**OLD),), {"debounce_until": later(minutes=5)}, False),
        ((by_mail(**OLD),), {"due_at": STARTS}, True),
        ((by_mail(**OLD),), {"due_at": None}, True),
        ((by_mail(**OLD),), {"parked": "refused"}, True),
        ((by_mail(),), GONE, False),
        ((by_mail(**refused(RefusalKind.NAMED, 1)),), GONE, False),
        ((by_mail(**refused(RefusalKind.NAMED, 2)),), GONE, True),
        ((by_mail(S.FAILED, material_fp=None),), {"parked": "refused"}, True),
        ((in_a(S.STRANDED, **OLD),), {"accounts": (A, B)}, False),
        ((in_a(S.STRANDED), by_mail(n=2)), {"material_fp": "m1", **LOST}, False),
        ((in_a(S.STRANDED, **OLD), by_mail(n=2)), {**LOST}, True),
        ((in_a(**OLD), by_mail(n=2)), {}, True),
    ],
)
def test_a_mail_that_follows_by_itself_is_not_announced_by_another(
    copies: tuple[Copy, ...], changes: dict[str, Any], told: bool
) -> None:
    known = snapshot(*copies, route=TO_MAIL, **changes)
    assert (stands_wrong(known) is not None) is told


@pytest.mark.parametrize(
    ("address", "version", "told"),
    [
        ("Maya@Example.org", 5, False),
        ("maya@example.org", 3, True),
        ("old@example.org", 5, True),
    ],
    ids=["theirs", "in an older version", "another"],
)
def test_an_address_that_a_mail_server_refuses_gets_no_plain_mail(
    address: str, version: int, told: bool
) -> None:
    copy = by_mail(
        S.FAILED, address=address, **refused(RefusalKind.ADDRESS, 1, version), material_fp=None
    )
    known = snapshot(copy, route=TO_MAIL, parked="refused", email="maya@example.org")
    assert (stands_wrong(known) is not None) is told


# --- plain mails in the place of an invitation ----------------------------------------------------

REFUSED_BODY = by_mail(S.FAILED, material_fp=None, **refused(RefusalKind.NAMED, 1, 3))
BY_PLAIN_MAIL = {"route": TO_MAIL, "told": UNREACHABLE, "told_version": 3}


def test_who_was_invited_by_a_plain_mail_is_told_of_a_cancellation_by_one() -> None:
    known = snapshot(REFUSED_BODY, want=Want.ABSENT, **BY_PLAIN_MAIL)
    assert to_tell(known) == Telling(COULD_NOT_REMOVE, NOW)
    assert outlook(known).right is False
    told = replace(known, delivery=replace(known.delivery, told=None, told_version=4))
    assert to_tell(told) is None
    assert is_still_due(told, COULD_NOT_REMOVE)


def test_who_was_told_that_it_is_cancelled_is_not_told_again() -> None:
    cancelled = {"route": TO_MAIL, "told": COULD_NOT_REMOVE, "told_version": 3}
    assert to_tell(snapshot(REFUSED_BODY, want=Want.ABSENT, **cancelled)) is None


@pytest.mark.parametrize(
    ("known", "kind", "due"),
    [
        (snapshot(in_a(**OLD)), COULD_NOT_UPDATE, True),
        (snapshot(in_a()), COULD_NOT_UPDATE, False),
        (snapshot(in_a()), COULD_NOT_REMOVE, False),
        (snapshot(in_a(**OLD), told=UNREACHABLE, told_version=4), COULD_NOT_UPDATE, True),
        (snapshot(**GONE), COULD_NOT_UPDATE, False),
        (snapshot(in_a(S.GONE, attempt=an_attempt(Do.WITHDRAW)), **GONE), COULD_NOT_REMOVE, False),
        (snapshot(in_a(S.GONE), in_b(S.FAILED, 2), **GONE), COULD_NOT_REMOVE, True),
        (snapshot(batch=3, **GONE), COULD_NOT_REMOVE, False),
    ],
)
def test_a_plain_mail_is_dropped_when_what_it_tells_is_corrected(
    known: Snapshot, kind: str, due: bool
) -> None:
    assert is_still_due(known, kind) is due


# --- until when something stands ------------------------------------------------------------------


def test_the_latest_end_that_anything_shows_is_kept_where_it_is_later() -> None:
    assert outlook(snapshot(in_a())).stands_until is None
    shown = an_event(starts_at=STARTS + timedelta(days=9), ends_at=STARTS + timedelta(days=10))
    known = snapshot(in_a(content=shown, **OLD))
    assert outlook(known).stands_until == STARTS + timedelta(days=10)


@pytest.mark.parametrize("state", [s for s in AccountState if s is not AccountState.ACTIVE])
def test_an_entry_in_any_account_that_cannot_be_written_may_remain(state: AccountState) -> None:
    known = snapshot(in_a(), accounts=(replace(A, state=state),), **GONE)
    assert kind_of(known) == ENTRY_REMAINS


def moved_away(state: S = S.DISMISSED, **changes: Any) -> Copy:
    """Not where it was, and its account's other calendars cannot be asked for it."""
    return in_a(state, may_remain=True, content=an_event(), **changes)


@pytest.mark.parametrize("state", [S.DISMISSED, S.GONE])
def test_who_may_have_moved_an_event_away_is_told_at_once_that_its_session_is_off(state: S) -> None:
    assert to_tell(snapshot(moved_away(state), **GONE)) == Telling(ENTRY_REMAINS, NOW)
    assert kind_of(snapshot(moved_away(state), told_version=4, **GONE)) is None


def test_who_is_shown_it_anew_needs_no_mail_for_what_they_may_have_moved_away() -> None:
    assert kind_of(snapshot(moved_away(), material_fp="m2")) == UNREACHABLE, "until it is shown"
    assert kind_of(snapshot(moved_away(), in_a(n=2))) is None
    assert kind_of(snapshot(moved_away(), in_a(S.GONE, n=2), **GONE)) is None
