"""The guard counts what a change would do to its person, and holds what is too much."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.guard import Change, ChangeKind, Had, Limits, checksum, held_kinds, kind_of
from calsync.core.ledger import CopyState
from tests.make import KEY

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
        (replace(CHANGE, wanted=False, had=(had(state=CopyState.GONE),)), ChangeKind.NOTHING),
        (replace(CHANGE, had=(had(state=CopyState.GONE),)), ChangeKind.FIRST_MAIL),
    ],
)
def test_a_change_is_named_by_what_it_would_do(change: Change, kind: ChangeKind) -> None:
    assert kind_of(change) is kind


def test_a_tenth_withdrawal_goes_and_an_eleventh_that_is_only_inferred_waits() -> None:
    limits = Limits()
    assert held_kinds({ChangeKind.INFERRED: 10}, {}, 1000, limits) == frozenset()
    assert held_kinds({ChangeKind.INFERRED: 11}, {}, 1000, limits) == {ChangeKind.INFERRED}


def test_large_tenants_may_change_a_share_of_what_they_have() -> None:
    limits = Limits()
    assert held_kinds({ChangeKind.MOVE: 51}, {}, 0, limits) == {ChangeKind.MOVE}
    assert held_kinds({ChangeKind.MOVE: 51}, {}, 1000, limits) == frozenset()
    assert held_kinds({ChangeKind.MOVE: 201}, {}, 1000, limits) == {ChangeKind.MOVE}


def test_what_passed_within_the_hour_counts_as_well() -> None:
    limits = Limits()
    assert held_kinds({ChangeKind.WITHDRAW: 10}, {ChangeKind.WITHDRAW: 45}, 0, limits) == {
        ChangeKind.WITHDRAW
    }
    assert held_kinds({}, {ChangeKind.WITHDRAW: 500}, 0, limits) == frozenset()


def test_quiet_changes_and_first_events_always_go() -> None:
    counts = {ChangeKind.QUIET: 10**6, ChangeKind.FIRST_EVENT: 10**6, ChangeKind.NOTHING: 10**6}
    assert held_kinds(counts, {}, 0, Limits(0, 0.0, 0, 0)) == frozenset()


def test_first_mails_have_a_limit_of_their_own() -> None:
    assert held_kinds({ChangeKind.FIRST_MAIL: 201}, {}, 10**6, Limits()) == {ChangeKind.FIRST_MAIL}


def test_another_version_gives_another_digest_and_order_does_not() -> None:
    one, two = (CHANGE, ChangeKind.MOVE), (replace(CHANGE, wanted=False), ChangeKind.WITHDRAW)
    assert checksum([one, two]) == checksum([two, one])
    assert checksum([one]) != checksum([(replace(CHANGE, version=2), ChangeKind.MOVE)])
