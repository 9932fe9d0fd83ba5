"""What an inspection of one copy means for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState
from calsync.core.reconcile.looks.inspection import Inspected, after_inspection
from tests.core.decisions import a_delivery, in_a, later

S = CopyState
THERE = Sighting("g1", Seen.LIVE, revision="9", material_fp="m1", quiet_fp="q1")
MOVED = replace(THERE, remote_id="other/g1")
EDITED = replace(THERE, material_fp="drift:1")


def inspected(copy: Copy, seen: Sighting, **changes: Any) -> Inspected:
    return after_inspection(
        copy, seen, a_delivery(version=5), **{"many": False, "restores": False, **changes}
    )


def words(found: Inspected) -> list[str]:
    return [line.what for line in found.lines]


def test_what_is_as_it_was_changes_nothing() -> None:
    assert inspected(in_a(revision="9"), THERE) == Inspected(in_a(revision="9"))


def test_what_a_person_changed_beside_our_fields_is_known_for_the_next_change() -> None:
    assert inspected(in_a(revision="8"), THERE) == Inspected(in_a(revision="9"))
    unnamed = replace(THERE, revision=None)
    assert inspected(in_a(revision="8"), unnamed) == Inspected(in_a(revision="8"))


def test_an_event_that_was_moved_to_another_calendar_is_followed() -> None:
    found = inspected(in_a(), MOVED)
    assert found.copy == in_a(remote_id="other/g1", revision="9")
    assert (words(found), found.due) == (["copy_followed"], False)


def test_an_event_that_was_moved_and_edited_is_followed_and_restored_by_policy() -> None:
    seen = replace(MOVED, material_fp="drift:1")
    assert words(inspected(in_a(), seen)) == ["copy_followed", "copy_drifted"]
    found = inspected(in_a(), seen, restores=True)
    assert (found.copy.remote_id, found.copy.material_fp) == ("other/g1", "drift:1")
    assert found.due


@pytest.mark.parametrize(("material", "quiet"), [("drift:1", "q1"), ("m1", "drift:1")])
def test_drift_is_reported_and_undone_by_policy_only(material: str, quiet: str) -> None:
    seen = replace(THERE, material_fp=material, quiet_fp=quiet)
    reported = inspected(in_a(), seen)
    assert (reported.copy, reported.due) == (in_a(), False)
    assert reported.lines[0].facts["material"] == (material != "m1")
    restored = inspected(in_a(), seen, restores=True)
    assert (restored.copy.material_fp, restored.copy.quiet_fp) == (material, quiet)
    assert restored.copy.revision == "9"


LATER = (later(hours=3), later(hours=4))


@pytest.mark.parametrize(("restores", "policy"), [(False, "report"), (True, "restore")])
def test_the_time_before_and_since_is_told_with_the_policy_that_applied(
    restores: bool, policy: str
) -> None:
    found = inspected(in_a(), replace(EDITED, span=LATER), restores=restores)
    starts_at, ends_at = a_delivery().starts_at, a_delivery().ends_at
    assert found.lines[0].facts == {
        "material": True,
        "policy": policy,
        "old": [f"{at:%Y-%m-%dT%H:%M:%S}Z" for at in (starts_at, ends_at)],
        "new": [f"{at:%Y-%m-%dT%H:%M:%S}Z" for at in LATER],
    }


def test_a_time_that_is_not_known_is_not_told() -> None:
    """Of a copy that shows an older version, and of an entry of whole days."""
    older = inspected(in_a(material_fp="m0"), replace(EDITED, span=LATER)).lines[0].facts
    assert older["old"] is None
    assert older["new"] is not None
    assert inspected(in_a(), EDITED).lines[0].facts["new"] is None


def test_a_removed_event_is_dismissed_as_its_person_saw_it() -> None:
    found = inspected(in_a(), Sighting("g1", Seen.GONE))
    assert (found.copy.state, found.copy.seen_version) == (S.DISMISSED, 5)
    assert not found.copy.occupies
    assert not found.copy.may_remain
    assert (words(found), found.due) == (["copy_dismissed"], True)


def test_one_that_may_stand_in_another_calendar_is_dismissed_and_said_so() -> None:
    found = inspected(in_a(), Sighting("g1", Seen.GONE, unsearched=True))
    assert (found.copy.state, found.copy.may_remain) == (S.DISMISSED, True)
    assert found.lines[0].facts == {"may_remain": True}


def test_too_many_removals_at_once_are_not_believed() -> None:
    found = inspected(in_a(), Sighting("g1", Seen.GONE), many=True)
    assert (found.copy, words(found), found.due) == (in_a(), ["dismissal_held"], False)


def test_somebody_elses_event_says_nothing_of_ours() -> None:
    assert inspected(in_a(), Sighting("g1", Seen.NOT_OURS)) == Inspected(in_a())


def test_an_event_with_guests_is_its_persons() -> None:
    found = inspected(in_a(), replace(THERE, has_guests=True))
    assert (found.copy.state, found.due) == (S.TAKEN, True)


def test_an_event_that_its_person_took_over_is_followed_and_stays_theirs() -> None:
    taken = in_a(S.TAKEN)
    assert inspected(taken, EDITED) == Inspected(taken)
    assert inspected(taken, MOVED).copy == replace(taken, remote_id="other/g1", revision="9")
