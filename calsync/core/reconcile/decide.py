"""The one decision: which step a delivery takes next, from facts read in one transaction.

The rows of the table stand below in their order. Rows 2 to 5 concern the place where the session
should be shown (*the route*) and go first; everything anywhere else follows, so that trouble with
an old calendar or mailbox never delays the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal

from calsync.core.ledger import Copy, CopyState, Do, Facts, Route, Want
from calsync.core.reconcile.actions import (
    MAIL,
    Act,
    Decision,
    Find,
    FindUid,
    Mark,
    Nothing,
    Send,
    Step,
    marked,
)
from calsync.core.reconcile.predicates import (
    announced_until,
    call_open_until,
    differs,
    dismissed_here,
    in_place,
    is_lost,
    notices_due,
    on_route,
    reach,
    settling_until,
    shown_elsewhere,
    taken_here,
    unreachable_at,
)
from calsync.core.reconcile.transitions import marks_of

S = CopyState

RUNNING = "a call may still be running"
ANNOUNCED = "told of in a digest, waits for its day"


def reconcile(facts: Facts) -> Decision:
    """The next step of this delivery, and what the facts change without a call."""
    blocked = blocked_row_1(facts)
    if blocked is not None:
        return Decision((), blocked)
    marks: tuple[Mark, ...] = ()
    while more := tuple(marks_of(facts)):
        marks, facts = marks + more, marked(facts, more)
    step = _first_row(facts)
    return Decision(marks, step, tuple(notices_due(facts)))


def _first_row(facts: Facts) -> Step:
    for row in ON_THE_ROUTE:
        step = row(facts)
        if step is not None:
            return step
    for act, wait in _off_the_route(facts):
        if wait is None:
            return act
    return nothing_row_8(facts)


# --- row 1: nothing ------------------------------------------------------------------------------


def blocked_row_1(facts: Facts) -> Nothing | None:
    """A blocked delivery keeps its due_at: what blocks it is lifted elsewhere."""
    delivery, due_at = facts.delivery, facts.delivery.due_at
    if delivery.ends_at <= facts.now:
        return Nothing(None, "the session is over")
    not_due = due_at is None or due_at > facts.now
    announced = not_due and announced_until(facts) is not None
    reasons = {
        ANNOUNCED: announced and invites_by_mail(facts),
        "not due": not_due,
        "paused": facts.paused,
        "held": not facts.released,
        f"parked: {delivery.parked}": delivery.parked is not None,
        "excluded": facts.excluded,
    }
    why = next((why for why, holds in reasons.items() if holds), None)
    return Nothing(due_at, why) if why is not None else None


# --- rows 2 to 5: on the route -------------------------------------------------------------------


def unsure_row_2(facts: Facts) -> Step | None:
    """First know what is there."""
    for copy in in_place(facts, S.UNSURE):
        until = call_open_until(facts, copy)
        if until is not None:
            return Nothing(until, RUNNING)
        return resolve_unsure_row_2(facts, copy)
    return None


def replace_row_3(facts: Facts) -> Step | None:
    """It never came to show what we sent: the only copy withdrawn before its successor is made."""
    for copy in in_place(facts, S.LIVE):
        if copy.replace:
            return Send(Do.WITHDRAW, copy.n, copy.channel, reach(facts, copy))
    return None


def show_row_4(facts: Facts) -> Step | None:
    """Wanted, and nothing of ours stands there: revive, take over the former invitation, or make.
    A place held by another delivery, or by an event the user took over, is left alone. A first
    mail that a digest announced waits for its day; what stands elsewhere is not kept for it."""
    step = _shown_row_4(facts)
    return None if announced_until(facts) and _is_first_mail(step) else step


def invites_by_mail(facts: Facts) -> bool:
    """A first invitation by mail is what this delivery needs, whether or not a digest announced it:
    what a digest may tell of instead."""
    while more := tuple(marks_of(facts)):
        facts = marked(facts, more)
    return not in_place(facts, S.UNSURE) and _is_first_mail(_shown_row_4(facts))


def _is_first_mail(step: Step | None) -> bool:
    return isinstance(step, Send) and step.do is Do.CREATE and step.channel == MAIL


def _shown_row_4(facts: Facts) -> Step | None:
    route = facts.delivery.route
    if route is None or not facts.delivery.wanted or facts.place_held or taken_here(facts):
        return None
    if in_place(facts, S.LIVE):
        return None
    for copy in in_place(facts, S.STRANDED):
        until = call_open_until(facts, copy)
        return Nothing(until, RUNNING) if until else _find(facts, copy, "revive")
    if dismissed_here(facts) or shown_elsewhere(facts):
        return None
    return _take_over_or_make(facts, route)


def _take_over_or_make(facts: Facts, route: Route) -> Send:
    former = [c.n for c in in_place(facts, S.ELSEWHERE) if c.uid]
    if former and route.channel == MAIL:
        return Send(Do.CHANGE, former[0], MAIL, None)
    return _make(facts, route)


def _make(facts: Facts, route: Route) -> Send:
    planned = [c.n for c in in_place(facts, S.PLANNED) if c.channel == route.channel]
    n = max(planned) if planned else max((c.n for c in facts.copies), default=0) + 1
    return Send(Do.CREATE, n, route.channel, route.account)


def change_row_5(facts: Facts) -> Step | None:
    """Settling spares people who have an invitation a second message. Where the first may never
    have arrived (no fingerprint is known) nothing waits for it."""
    settling = settling_until(facts) is not None
    for copy in in_place(facts, S.LIVE):
        if differs(facts, copy) and not (settling and copy.material_fp is not None):
            return Send(Do.CHANGE, copy.n, copy.channel, reach(facts, copy))
    return None


ON_THE_ROUTE: tuple[Callable[[Facts], Step | None], ...] = (
    unsure_row_2,
    replace_row_3,
    show_row_4,
    change_row_5,
)


# --- rows 2, 6, 7 and the looks of section 4: everywhere else ------------------------------------


def _off_the_route(facts: Facts) -> Iterator[tuple[Act, datetime | None]]:
    """Each call that is still to be made off the route, and how long it must wait (None: now)."""
    for row in OFF_THE_ROUTE:
        for copy in facts.copies:
            act = row(facts, copy)
            if act is not None:
                yield act, _wait(facts, copy, act)


def _wait(facts: Facts, copy: Copy, act: Act) -> datetime | None:
    look_at = copy.look_at if isinstance(act, FindUid) and copy.state is S.GONE else None
    times = [facts.cooling(act.account), call_open_until(facts, copy), look_at]
    return max((t for t in times if t is not None and t > facts.now), default=None)


def resolve_unsure_row_2(facts: Facts, copy: Copy) -> Act | None:
    """An attempt was stored and its answer is not known: look it up; mail is sent again."""
    attempt = copy.attempt
    if copy.state is not S.UNSURE or attempt is None:
        return None
    if copy.channel != MAIL:
        return _find(facts, copy, "unsure")
    if attempt.account is not None:
        return FindUid(copy.n, attempt.channel, attempt.account)
    return Send(attempt.do, copy.n, MAIL, None, replay=True)


def withdraw_row_6(facts: Facts, copy: Copy) -> Act | None:
    if copy.state is not S.LIVE or on_route(facts, copy):
        return None
    if copy.channel != MAIL:
        return Send(Do.WITHDRAW, copy.n, copy.channel, reach(facts, copy))
    route = facts.delivery.route
    taking_over = route.account if facts.delivery.wanted and route is not None else None
    if route is not None and taking_over is not None and taking_over != copy.handed_to:
        return FindUid(copy.n, route.channel, taking_over)
    return Send(Do.WITHDRAW, copy.n, MAIL, None)


def cancel_elsewhere_row_6(facts: Facts, copy: Copy) -> Act | None:
    """The former system's invitation goes once ours stands, or with the session."""
    if copy.state is not S.ELSEWHERE or not copy.uid:
        return None
    delivery = facts.delivery
    only_covered = delivery.want is Want.PRESENT and delivery.covered_by is not None
    if only_covered and copy.material_fp == delivery.material_fp:
        return None
    numbered = (S.LIVE, S.TAKEN, S.DISMISSED, S.STRANDED)
    stands = taken_here(facts) or any(c.state in numbered for c in facts.copies)
    if delivery.wanted and not stands:
        return None
    return Send(Do.WITHDRAW, copy.n, MAIL, None)


def withdraw_stranded_row_7(facts: Facts, copy: Copy) -> Act | None:
    """Reachable again, and nothing of it is wanted there."""
    if copy.state is not S.STRANDED or is_lost(facts, copy):
        return None
    if on_route(facts, copy) and not taken_here(facts) and not in_place(facts, S.LIVE):
        return None
    if copy.remote_id is None:
        return _find(facts, copy, "withdraw")
    return Send(Do.WITHDRAW, copy.n, copy.channel, reach(facts, copy))


def look_for_mailed(facts: Facts, copy: Copy) -> Act | None:
    """A mail client may bring a withdrawn invitation back into the calendar that took over. When
    that calendar is lost we cannot see it any more: the CANCEL goes to the mailbox instead."""
    if copy.state is not S.GONE or copy.look_at is None or copy.handed_to is None:
        return None
    if facts.lost(copy.handed_to):
        return Send(Do.WITHDRAW, copy.n, MAIL, None)
    return FindUid(copy.n, facts.accounts[copy.handed_to].provider, copy.handed_to)


OFF_THE_ROUTE: tuple[Callable[[Facts, Copy], Act | None], ...] = (
    resolve_unsure_row_2,
    withdraw_row_6,
    cancel_elsewhere_row_6,
    withdraw_stranded_row_7,
    look_for_mailed,
)


def _find(facts: Facts, copy: Copy, why: Literal["unsure", "revive", "withdraw"]) -> Find | None:
    account = reach(facts, copy)
    return Find(copy.n, copy.channel, account, why) if account is not None else None


# --- row 8: nothing until something happens ------------------------------------------------------


def nothing_row_8(facts: Facts) -> Nothing:
    """All is as it should be, or waits: until the earliest instant that changes something."""
    settle = settling_until(facts)
    unsettled = any(differs(facts, c) for c in in_place(facts, S.LIVE))
    notice = unreachable_at(facts)
    announced = announced_until(facts)
    reasons: list[tuple[datetime | None, str, bool]] = [
        (announced, ANNOUNCED, announced is not None and invites_by_mail(facts)),
        (settle, "changes are settling", settle is not None and unsettled),
        (notice, "the place is held by another delivery", facts.place_held),
        (None, "the user removed it", facts.delivery.wanted and dismissed_here(facts)),
    ]
    waits = [(wait, "an old copy waits", True) for _, wait in _off_the_route(facts)]
    held = [(at, why) for at, why, fits in (*reasons, *waits) if fits]
    ahead = [at for at, _ in held if at is not None and at > facts.now]
    return Nothing(min(ahead, default=None), held[0][1] if held else "nothing to do")
