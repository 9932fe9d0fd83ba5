"""When a delivery is due after the step that was decided, told with the decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from calsync.core.ledger import CopyState, Do, Snapshot, Want
from calsync.core.reconcile.actions import Send, Step
from calsync.core.reconcile.decide import reconcile
from tests.core.decisions import (
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
from tests.make import NOW

S = CopyState


def step(known: Snapshot) -> Step:
    return reconcile(known).step


def due_after(known: Snapshot) -> datetime | None:
    return reconcile(known).due_at


def test_what_is_all_right_after_its_step_is_not_due_again_by_itself() -> None:
    for known in (
        snapshot(),
        snapshot(in_a(), material_fp="m2"),
        snapshot(in_a(), want=Want.ABSENT),
    ):
        assert isinstance(step(known), Send)
        assert due_after(known) is None


def test_what_has_another_step_after_this_one_is_due_at_once() -> None:
    assert due_after(snapshot(in_b())) == NOW  # made in A, then withdrawn in B
    assert due_after(snapshot(in_a(replace=True))) == NOW  # withdrawn, then made anew
    assert due_after(snapshot(in_b(S.TAKEN))) is None  # made in A; nothing is done about B


def test_what_waits_after_its_step_is_due_when_that_ends() -> None:
    cooling = replace(B, cooling_until=later(minutes=5))
    assert due_after(snapshot(in_b(), accounts=(A, cooling))) == later(minutes=5)
    former = by_mail(handed_to="acc-1", looks_done=1, look_at=later(minutes=10))
    assert step(snapshot(former, in_a(n=2))) == Send(Do.WITHDRAW, 1, "mail", None)
    assert due_after(snapshot(former, in_a(n=2))) == later(minutes=10)


def test_what_a_look_up_or_a_repeated_mail_leads_to_is_decided_after_its_answer() -> None:
    assert due_after(snapshot(in_a(S.UNSURE, attempt=an_attempt()))) == NOW
    assert due_after(snapshot(by_mail(S.UNSURE, attempt=mailed()), route=TO_MAIL)) == NOW
