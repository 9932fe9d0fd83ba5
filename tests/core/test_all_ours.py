"""Whose everything in an event is: ours, until it is seen in another revision than our last."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calsync.core.calls import Receipt, Seen, Sighting
from calsync.core.ledger import Copy, CopyState, Do
from calsync.core.reconcile.actions import Find
from calsync.core.reconcile.looks.find import after_find
from calsync.core.reconcile.looks.inspection import after_inspection
from calsync.core.reconcile.outcome import After, after_receipt
from tests.core.decisions import a_delivery, an_attempt, in_a, snapshot

S = CopyState
THERE = Sighting("g1", Seen.LIVE, "r2", material_fp="m1", quiet_fp="q1")


def unsure() -> Copy:
    """A change was sent of what was all ours."""
    attempt = an_attempt(Do.CHANGE)
    return in_a(S.UNSURE, before=S.LIVE, attempt=attempt, revision="r1", own_revision="r1")


@pytest.mark.parametrize(("all_ours", "revision"), [(True, "r2"), (True, None), (False, "r2")])
def test_what_we_stored_alone_is_all_ours_while_its_revision_stays(
    all_ours: bool, revision: str | None
) -> None:
    copy = unsure()
    assert copy.attempt is not None
    receipt = Receipt("e1", revision, all_ours=all_ours)
    live = after_receipt(copy, copy.attempt, receipt, [copy]).copy
    assert live.is_all_ours is (all_ours and revision is not None)
    assert not replace(live, revision="r3").is_all_ours


@pytest.mark.parametrize(("revision", "all_ours"), [("r1", True), ("r2", False)])
def test_what_a_look_up_finds_in_another_revision_is_not_all_ours(
    revision: str, all_ours: bool
) -> None:
    find, seen = Find(1, "google", "acc-1", "unsure"), replace(THERE, revision=revision)
    found = after_find(snapshot(unsure()), find, [seen])
    assert isinstance(found, After)
    assert found.copy.is_all_ours is all_ours


@pytest.mark.parametrize(("revision", "all_ours"), [("r1", True), ("r2", False)])
def test_what_an_inspection_sees_in_another_revision_is_not_all_ours(
    revision: str, all_ours: bool
) -> None:
    copy, seen = in_a(revision="r1", own_revision="r1"), replace(THERE, revision=revision)
    found = after_inspection(copy, seen, a_delivery(), many=False, restores=False)
    assert found.copy.is_all_ours is all_ours
