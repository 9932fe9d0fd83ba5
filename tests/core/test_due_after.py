"""When a delivery is due after the step that was decided, told with the decision."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from calsync.core.ledger import Copy, CopyState, Do, Snapshot, Want
from calsync.core.reconcile.actions import Send, Step, with_transitions
from calsync.core.reconcile.decide import next_due, reconcile
from calsync.core.reconcile.prepare import hoped_for, with_copy
from tests.core.decisions import (
    LOST_A,
    TO_A,
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


# --- what is foreseen is what would be decided ----------------------------------------------------

DRAWN = 1_500


def test_what_is_told_with_a_step_is_what_a_decision_after_its_yes_says() -> None:
    """Whatever stands around it: nothing that the yes may change is left out."""
    draw = random.Random(12)  # the same snapshots each time
    foreseen = set()
    for known in (_any_snapshot(draw) for _ in range(DRAWN)):
        decision = reconcile(known)
        if not isinstance(decision.step, Send) or decision.step.replay:
            continue
        there = with_transitions(known, decision.transitions)
        after = with_copy(there, hoped_for(there, decision.step))
        assert decision.due_at == next_due(after), known
        foreseen.add((decision.step.do, decision.due_at is None, decision.due_at == NOW))
    assert len(foreseen) == 3 * len(Do), "every step, with nothing, something and a wait after it"


def _any_snapshot(draw: random.Random) -> Snapshot:
    cooling = replace(B, cooling_until=later(minutes=5))
    ended = {"starts_at": later(hours=-2), "ends_at": later(hours=-1)}
    return snapshot(
        *(_any_copy(draw, n) for n in range(1, draw.randint(1, 4))),
        accounts=draw.choice([(A, B), (A, B), (LOST_A, B), (A, cooling), (A,)]),
        want=draw.choice([*Want, Want.PRESENT]),
        route=draw.choice([TO_A, TO_A, TO_B, TO_MAIL, None]),
        debounce_until=draw.choice([None, None, later(minutes=3)]),
        mail_from=draw.choice([None, None, later(hours=9)]),
        covered_by=draw.choice([None, None, None, "u-2"]),
        destination_occupied=draw.random() < 0.1,
        **draw.choice([{}, {}, {}, ended]),
    )


def _any_copy(draw: random.Random, n: int) -> Copy:
    made = draw.choice([in_a, in_b, by_mail])
    state = draw.choice([*S, S.LIVE, S.LIVE])
    attempt = mailed if made is by_mail else an_attempt
    copy = made(
        state,
        n,
        material_fp=draw.choice(["m1", "m1", "old", None]),
        quiet_fp=draw.choice(["q1", "old"]),
        replace=draw.random() < 0.2,
        before=draw.choice([None, S.PLANNED, S.LIVE]) if state is S.UNSURE else None,
        attempt=draw.choice([None, attempt(), attempt(Do.WITHDRAW), attempt(Do.CHANGE)]),
        again_at=draw.choice([None, None, None, later(minutes=7)]),
        remote_id=draw.choice([f"g{n}", None]),
    )
    if made is by_mail and draw.random() < 0.5:
        looked = draw.choice([None, NOW, later(minutes=10)])
        copy = replace(copy, handed_to=draw.choice(["acc-1", "acc-2"]), look_at=looked)
    shown = copy.content
    if shown is not None and draw.random() < 0.2:  # it shows a time that is over, or a later one
        ends = later(hours=draw.choice([-1, 50]))
        shown = replace(shown, starts_at=ends - timedelta(hours=1), ends_at=ends)
    return replace(copy, content=shown)
