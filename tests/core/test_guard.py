"""The guard counts what a change would do to its person, and holds what is too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.desired import Wanted
from calsync.core.guard import (
    Change,
    ChangeKind,
    Had,
    Limits,
    Tally,
    checksum,
    count_ahead_to,
    first_kind,
    held_kinds,
    kind_of,
    sessions_kept,
    tallies,
)
from calsync.core.ledger import CopyState, Route
from tests.make import KEY, an_event

CHANGE = Change(
    key=KEY,
    version=1,
    wanted=True,
    inferred=False,
    channel="mail",
    destination="mail:maya@example.org",
    material_fp="1.a",
    quiet_fp="1.q",
    had=(),
)


def had(channel: str = "mail", place: str = "mail:maya@example.org", **changes: object) -> Had:
    one = Had(channel, place, CopyState.LIVE, "1.a", "1.q")
    return replace(one, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (CHANGE, ChangeKind.FIRST_MAIL),
        (replace(CHANGE, channel="google", destination="google:m/p"), ChangeKind.FIRST_EVENT),
        (replace(CHANGE, had=(had(),)), ChangeKind.NOTHING),
        (replace(CHANGE, had=(had(quiet_fp="1.other"),)), ChangeKind.QUIET),
        (replace(CHANGE, had=(had(material_fp="1.other"),)), ChangeKind.MOVE),
        (replace(CHANGE, had=(had("google", "google:m/p"),)), ChangeKind.SWITCH),
        (replace(CHANGE, wanted=False), ChangeKind.NOTHING),
        (replace(CHANGE, wanted=False, had=(had(),)), ChangeKind.WITHDRAW),
        (replace(CHANGE, wanted=False, had=(had(),), inferred=True), ChangeKind.INFERRED),
        (replace(CHANGE, wanted=False, had=(had(),), nobody_left=True), ChangeKind.NOBODY_LEFT),
        (replace(CHANGE, wanted=False, nobody_left=True), ChangeKind.NOTHING),
        (replace(CHANGE, wanted=False, had=(had(),), went_back=True), ChangeKind.WENT_BACK),
        (replace(CHANGE, went_back=True), ChangeKind.WENT_BACK),
        (replace(CHANGE, wanted=False, went_back=True), ChangeKind.NOTHING),
        (replace(CHANGE, wanted=False, had=(had(state=CopyState.GONE),)), ChangeKind.NOTHING),
        (replace(CHANGE, had=(had(state=CopyState.GONE),)), ChangeKind.FIRST_MAIL),
    ],
)
def test_a_change_is_named_by_what_it_would_do(change: Change, kind: ChangeKind) -> None:
    assert kind_of(change) is kind


def of(kind: ChangeKind, deliveries: int, sessions: int | None = None) -> dict[ChangeKind, Tally]:
    """So many deliveries of one kind; each of a session of its own unless told otherwise."""
    names = frozenset(f"ses-{n}" for n in range(deliveries if sessions is None else sessions))
    return {kind: Tally(deliveries, names)}


def test_a_tenth_withdrawal_goes_and_an_eleventh_that_is_only_inferred_waits() -> None:
    limits = Limits()
    assert held_kinds(of(ChangeKind.INFERRED, 10), {}, 1000, 990, limits) == frozenset()
    assert held_kinds(of(ChangeKind.INFERRED, 11), {}, 1000, 989, limits) == {ChangeKind.INFERRED}


def test_large_tenants_may_change_a_share_of_what_they_have() -> None:
    limits = Limits()
    assert held_kinds(of(ChangeKind.MOVE, 51), {}, 0, 51, limits) == {ChangeKind.MOVE}
    assert held_kinds(of(ChangeKind.MOVE, 51), {}, 1000, 1000, limits) == frozenset()
    assert held_kinds(of(ChangeKind.MOVE, 201), {}, 1000, 1000, limits) == {ChangeKind.MOVE}


def test_what_passed_within_the_hour_counts_as_well() -> None:
    limits = Limits()
    before = {ChangeKind.WITHDRAW: Tally(45, frozenset(f"old-{n}" for n in range(45)))}
    assert held_kinds(of(ChangeKind.WITHDRAW, 10), before, 0, 900, limits) == {ChangeKind.WITHDRAW}
    assert held_kinds({}, before, 0, 0, limits) == frozenset()


def test_quiet_changes_and_first_events_always_go() -> None:
    harmless = (ChangeKind.QUIET, ChangeKind.FIRST_EVENT, ChangeKind.NOTHING)
    counts = {kind: Tally(10**6, frozenset("abcdef")) for kind in harmless}
    assert held_kinds(counts, {}, 0, 0, Limits(0, 0.0, 0, 0, 0, 0.0, 0)) == frozenset()


def test_first_mails_have_a_limit_of_their_own() -> None:
    counts = of(ChangeKind.FIRST_MAIL, 201)
    assert held_kinds(counts, {}, 10**6, 10**6, Limits()) == {ChangeKind.FIRST_MAIL}


def test_a_few_sessions_are_no_mass_change_however_large_their_groups_are() -> None:
    for kind in (ChangeKind.MOVE, ChangeKind.WITHDRAW, ChangeKind.FIRST_MAIL, ChangeKind.INFERRED):
        assert held_kinds(of(kind, 900, sessions=3), {}, 0, 0, Limits()) == frozenset()
        assert held_kinds(of(kind, 900, sessions=4), {}, 0, 0, Limits()) == {kind}


def test_a_session_that_changes_again_within_the_hour_is_still_one_session() -> None:
    again = of(ChangeKind.MOVE, 300, sessions=3)
    assert held_kinds(again, again, 0, 300, Limits()) == frozenset()
    others = {ChangeKind.MOVE: Tally(60, frozenset({"other"}))}
    assert held_kinds(again, others, 0, 360, Limits()) == {ChangeKind.MOVE}


@pytest.mark.parametrize(
    ("gone", "standing", "held"),
    [(36, 0, True), (11, 10, True), (11, 11, False), (10, 0, False)],
)
def test_a_small_tenant_does_not_lose_most_of_what_stands_ahead_by_itself(
    gone: int, standing: int, held: bool
) -> None:
    found = held_kinds(of(ChangeKind.WITHDRAW, gone), {}, gone + standing, standing, Limits())
    assert (found == {ChangeKind.WITHDRAW}) is held


def test_withdrawals_of_both_kinds_count_together_when_little_is_left() -> None:
    counts = of(ChangeKind.WITHDRAW, 6) | of(ChangeKind.INFERRED, 5)
    both = {ChangeKind.WITHDRAW, ChangeKind.INFERRED}
    assert held_kinds(counts, {}, 11, 0, Limits()) == both
    assert held_kinds(of(ChangeKind.WITHDRAW, 6), of(ChangeKind.INFERRED, 5), 11, 0, Limits()) == {
        ChangeKind.WITHDRAW
    }


def test_changes_are_counted_by_what_they_do_with_their_sessions() -> None:
    other = replace(CHANGE, key=replace(KEY, participant="u-9"))
    found = tallies([(CHANGE, ChangeKind.MOVE), (other, ChangeKind.MOVE)])
    assert found == {ChangeKind.MOVE: Tally(2, frozenset({KEY.session}))}


def test_another_version_gives_another_digest_and_order_does_not() -> None:
    one, two = (CHANGE, ChangeKind.MOVE), (replace(CHANGE, wanted=False), ChangeKind.WITHDRAW)
    assert checksum([one, two]) == checksum([two, one])
    assert checksum([one]) != checksum([(replace(CHANGE, version=2), ChangeKind.MOVE)])


def test_withdrawals_because_nobody_is_listed_wait_however_few_they_are() -> None:
    counts = {ChangeKind.NOBODY_LEFT: Tally(1, frozenset({"ses-1"})), ChangeKind.MOVE: Tally(1)}
    held = held_kinds(counts, {}, 1000, 1000, Limits())
    assert held == {ChangeKind.NOBODY_LEFT}


@pytest.mark.parametrize(
    ("kind", "count", "limits"),
    [
        (ChangeKind.MOVE, 51, Limits(max_share=0.2)),
        (ChangeKind.SWITCH, 70, Limits(max_share=0.7)),
        (ChangeKind.WITHDRAW, 11, Limits(max_withdrawn_share=0.5)),
        (ChangeKind.WITHDRAW, 90, Limits(max_share=0.3, max_withdrawn_share=0.1)),
        (ChangeKind.INFERRED, 40, Limits(max_inferred=100, max_withdrawn_share=0.9)),
    ],
)
def test_more_deliveries_ahead_than_were_counted_change_no_verdict(
    kind: ChangeKind, count: int, limits: Limits
) -> None:
    counts = of(kind, count)
    most = count_ahead_to(counts, {}, limits)
    assert most > 0
    for ahead in (most, most + 1, most * 10):
        assert held_kinds(counts, {}, ahead, ahead, limits) == held_kinds(
            counts, {}, most, most, limits
        )


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        (ChangeKind.MOVE, Limits(max_changes=100)),
        (ChangeKind.MOVE, Limits(max_changes=1, max_share=0.0)),
        (ChangeKind.FIRST_MAIL, Limits()),
        (ChangeKind.WITHDRAW, Limits(max_withdrawn_share=0.0)),
    ],
)
def test_nothing_ahead_is_counted_where_the_numbers_alone_decide(
    kind: ChangeKind, limits: Limits
) -> None:
    assert count_ahead_to(of(kind, 40), {}, limits) == 0


def test_as_many_sessions_are_remembered_as_decide_whether_they_are_a_few() -> None:
    limits = Limits(free_sessions=3)
    known = of(ChangeKind.MOVE, 900, sessions=50)[ChangeKind.MOVE].keeping(sessions_kept(limits))
    assert (known.deliveries, len(known.sessions)) == (900, 4)
    assert known.keeping(10) == known
    assert held_kinds({ChangeKind.MOVE: known}, {}, 0, 0, limits) == {ChangeKind.MOVE}


BY_MAIL = Wanted("p", "m@example.org", "", an_event(), Route("mail", None, "m@example.org", "m"))


@pytest.mark.parametrize(
    ("wanted", "kind"),
    [
        (BY_MAIL, ChangeKind.FIRST_MAIL),
        (replace(BY_MAIL, route=None), ChangeKind.FIRST_EVENT),
        (replace(BY_MAIL, route=Route("google", "a", "m", "g")), ChangeKind.FIRST_EVENT),
        (replace(BY_MAIL, covered_by="another"), ChangeKind.NOTHING),
        (replace(BY_MAIL, event=None), ChangeKind.NOTHING),
    ],
)
def test_what_a_new_session_does_to_its_person_is_known_before_it_is_stored(
    wanted: Wanted, kind: ChangeKind
) -> None:
    assert first_kind(wanted) is kind
