"""The guard counts what a change would do to its person, and holds what is too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.guard import Change, Had, Kind, Limits, digest, held_kinds, kind_of
from calsync.core.ledger import CopyState
from tests.make import KEY

CHANGE = Change(
    key=KEY,
    version=1,
    wanted=True,
    inferred=False,
    channel="mail",
    place_key="mail:maya@example.org",
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
        (CHANGE, Kind.FIRST_MAIL),
        (replace(CHANGE, channel="google", place_key="google:m/p"), Kind.FIRST_EVENT),
        (replace(CHANGE, had=(had(),)), Kind.NOTHING),
        (replace(CHANGE, had=(had(quiet_fp="1.other"),)), Kind.QUIET),
        (replace(CHANGE, had=(had(material_fp="1.other"),)), Kind.MOVE),
        (replace(CHANGE, had=(had("google", "google:m/p"),)), Kind.SWITCH),
        (replace(CHANGE, wanted=False), Kind.NOTHING),
        (replace(CHANGE, wanted=False, had=(had(),)), Kind.WITHDRAW),
        (replace(CHANGE, wanted=False, had=(had(),), inferred=True), Kind.INFERRED),
        (replace(CHANGE, wanted=False, had=(had(state=CopyState.GONE),)), Kind.NOTHING),
        (replace(CHANGE, had=(had(state=CopyState.GONE),)), Kind.FIRST_MAIL),
    ],
)
def test_a_change_is_named_by_what_it_would_do(change: Change, kind: Kind) -> None:
    assert kind_of(change) is kind


def test_a_tenth_withdrawal_goes_and_an_eleventh_that_is_only_inferred_waits() -> None:
    limits = Limits()
    assert held_kinds({Kind.INFERRED: 10}, {}, 1000, limits) == frozenset()
    assert held_kinds({Kind.INFERRED: 11}, {}, 1000, limits) == {Kind.INFERRED}


def test_large_tenants_may_change_a_share_of_what_they_have() -> None:
    limits = Limits()
    assert held_kinds({Kind.MOVE: 51}, {}, 0, limits) == {Kind.MOVE}
    assert held_kinds({Kind.MOVE: 51}, {}, 1000, limits) == frozenset()
    assert held_kinds({Kind.MOVE: 201}, {}, 1000, limits) == {Kind.MOVE}


def test_what_passed_within_the_hour_counts_as_well() -> None:
    limits = Limits()
    assert held_kinds({Kind.WITHDRAW: 10}, {Kind.WITHDRAW: 45}, 0, limits) == {Kind.WITHDRAW}
    assert held_kinds({}, {Kind.WITHDRAW: 500}, 0, limits) == frozenset()


def test_quiet_changes_and_first_events_always_go() -> None:
    counts = {Kind.QUIET: 10**6, Kind.FIRST_EVENT: 10**6, Kind.NOTHING: 10**6}
    assert held_kinds(counts, {}, 0, Limits(0, 0.0, 0, 0)) == frozenset()


def test_first_mails_have_a_limit_of_their_own() -> None:
    assert held_kinds({Kind.FIRST_MAIL: 201}, {}, 10**6, Limits()) == {Kind.FIRST_MAIL}


def test_another_version_gives_another_digest_and_order_does_not() -> None:
    one, two = (CHANGE, Kind.MOVE), (replace(CHANGE, wanted=False), Kind.WITHDRAW)
    assert digest([one, two]) == digest([two, one])
    assert digest([one]) != digest([(replace(CHANGE, version=2), Kind.MOVE)])
