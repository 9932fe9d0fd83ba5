"""The one decision: which step a delivery takes next, from a snapshot read in one
transaction.

The rows of the table stand below in their order. Rows 2 to 5 concern the place where the session
should be shown (*the route*) and go first; everything anywhere else follows, so that trouble with
an old calendar or mailbox never delays the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from calsync.core.ledger import MAIL, Copy, CopyState, Do, Route, Snapshot, Want
from calsync.core.reconcile.actions import (
    Act,
    Decision,
    Find,
    FindUid,
    Nothing,
    Send,
    Step,
    Transition,
    with_transitions,
)
from calsync.core.reconcile.predicates import (
    announced_until,
    at_destination,
    call_open_until,
    debounced_until,
    differs,
    dismissed_here,
    is_given_up,
    is_lost,
    on_route,
    over_at,
    reach,
    refused_until,
    shown_elsewhere,
    taken_here,
    waits_for_listing,
)
from calsync.core.reconcile.prepare import hoped_for, with_copy
from calsync.core.reconcile.reasons import Reason
from calsync.core.reconcile.transitions import transition_of, transitions_of

S = CopyState

Row = Callable[[Snapshot], Step | None]  # of the table, on the route


def reconcile(snapshot: Snapshot) -> Decision:
    """The next step of this delivery, what the snapshot changes without a call, and when the
    delivery is due after that."""
    transitions, known, step = _decided(snapshot)
    if isinstance(step, Nothing):
        return Decision(transitions, step, step.due_at)
    if not isinstance(step, Send) or step.replay:
        return Decision(transitions, step, snapshot.now)
    hoped = hoped_for(known, step)
    return Decision(transitions, step, _due_once_it_is(hoped, known), hoped)


def next_step(snapshot: Snapshot) -> Step:
    """The step of `reconcile`, for who does not ask what comes after it."""
    return _decided(snapshot)[2]


def next_due(snapshot: Snapshot) -> datetime | None:
    """When a claim of this delivery would find something to do: now, later, or not by itself."""
    transitions, _, step = _decided(snapshot)
    return snapshot.now if transitions else _due(snapshot, step)


def due_after(
    snapshot: Snapshot, decision: Decision | None, copy: Copy, now: datetime
) -> datetime | None:
    """When the delivery is due after a call that left `copy`: as foreseen with the decision where
    the answer is what was hoped for, else by a new one."""
    hoped = decision.hoped if decision is not None else None
    if decision is None or hoped is None or hoped.n != copy.n or _looks(hoped) != _looks(copy):
        return next_due(with_copy(snapshot, copy, now))
    return max(decision.due_at, now) if decision.due_at is not None else None


def _looks(copy: Copy) -> tuple[object, ...]:
    """What a decision sees of a copy in which nothing is open."""
    return copy.state, copy.material_fp, copy.quiet_fp, copy.replace, copy.occupies


def _due(snapshot: Snapshot, step: Step) -> datetime | None:
    return step.due_at if isinstance(step, Nothing) else snapshot.now


def _due_once_it_is(hoped: Copy, known: Snapshot) -> datetime | None:
    """When the delivery is due once a copy is as hoped for. Nothing is asked again that the copy
    cannot have changed: while it is what is wanted where it is wanted, rows 2 to 4 do nothing."""
    snapshot = with_copy(known, hoped)
    if over_at(snapshot) <= snapshot.now:
        return None
    if transition_of(snapshot, hoped) is not None:
        return snapshot.now
    stands = hoped.state is S.LIVE and on_route(snapshot, hoped)
    return _due(snapshot, _first_row(snapshot, (change_row_5,) if stands else ON_THE_ROUTE))


def _decided(snapshot: Snapshot) -> tuple[tuple[Transition, ...], Snapshot, Step]:
    """The transitions, the snapshot that they leave, and the step that is decided on it."""
    blocked = blocked_row_1(snapshot)
    if blocked is not None:
        return (), snapshot, blocked
    transitions: tuple[Transition, ...] = ()
    while more := tuple(transitions_of(snapshot)):
        transitions, snapshot = transitions + more, with_transitions(snapshot, more)
    return transitions, snapshot, _first_row(snapshot, ON_THE_ROUTE)


def _first_row(snapshot: Snapshot, on_the_route: Sequence[Row]) -> Step:
    for row in on_the_route:
        step = row(snapshot)
        if step is not None:
            return step
    for act, wait in _off_the_route(snapshot):
        if wait is None:
            return act
    return nothing_row_8(snapshot)


# --- row 1: nothing ------------------------------------------------------------------------------


def blocked_row_1(snapshot: Snapshot) -> Nothing | None:
    """A blocked delivery keeps its due_at: what blocks it is lifted elsewhere.

    What nobody can change is told first, then what needs a person, last what ends by itself: who
    is told "not due" need not do anything.
    """
    delivery, due_at = snapshot.delivery, snapshot.delivery.due_at
    if over_at(snapshot) <= snapshot.now:
        return Nothing(None, Reason.OVER)
    if delivery.parked is not None:
        return Nothing(due_at, Reason.PARKED, f"{Reason.PARKED}: {delivery.parked}")
    if snapshot.excluded:
        return Nothing(due_at, Reason.EXCLUDED)
    if delivery.batch is not None:
        return Nothing(due_at, Reason.HELD)
    if due_at is not None and due_at <= snapshot.now:
        return None
    announced = announced_until(snapshot) is not None and invites_by_mail(snapshot)
    return Nothing(due_at, Reason.ANNOUNCED if announced else Reason.NOT_DUE)


# --- rows 2 to 5: on the route -------------------------------------------------------------------


def unsure_row_2(snapshot: Snapshot) -> Step | None:
    """First know what is there."""
    for copy in at_destination(snapshot, S.UNSURE):
        until = call_open_until(snapshot, copy)
        if until is not None:
            return Nothing(until, Reason.CALL_OPEN)
        return _unless_refused(snapshot, copy, resolve_unsure_row_2(snapshot, copy))
    return None


def replace_row_3(snapshot: Snapshot) -> Step | None:
    """It never came to show what we sent: the only copy withdrawn before its successor is made."""
    for copy in at_destination(snapshot, S.LIVE):
        if copy.replace:
            withdraw = Send(Do.WITHDRAW, copy.n, copy.channel, reach(snapshot, copy))
            return _unless_refused(snapshot, copy, withdraw)
    return None


def _unless_refused(snapshot: Snapshot, copy: Copy, act: Act | None) -> Step | None:
    """What was refused waits, and with it whatever depends on what stands on the route."""
    until = refused_until(snapshot, copy)
    return act if until is None else Nothing(until, Reason.REFUSED)


def show_row_4(snapshot: Snapshot) -> Step | None:
    """Wanted, and nothing of ours stands there: revive, take over the former invitation, or make.
    A place held by another delivery, or by an event the user took over, is left alone. A first
    mail that a digest announced waits for its day; what stands elsewhere is not kept for it."""
    step = _to_show(snapshot)
    return None if announced_until(snapshot) and _is_first_mail(step) else step


def invites_by_mail(snapshot: Snapshot) -> bool:
    """A first invitation by mail is what this delivery needs, whether or not a digest announced it:
    what a digest may tell of instead."""
    while more := tuple(transitions_of(snapshot)):
        snapshot = with_transitions(snapshot, more)
    return not at_destination(snapshot, S.UNSURE) and _is_first_mail(_to_show(snapshot))


def _is_first_mail(step: Step | None) -> bool:
    return isinstance(step, Send) and step.do is Do.CREATE and step.channel == MAIL


def _to_show(snapshot: Snapshot) -> Step | None:
    route = snapshot.delivery.route
    if (
        route is None
        or not snapshot.delivery.wanted
        or snapshot.destination_occupied
        or taken_here(snapshot)
        or waits_for_listing(snapshot)
    ):
        return None
    if at_destination(snapshot, S.LIVE):
        return None
    stranded = at_destination(snapshot, S.STRANDED)
    if stranded:  # the newest first: after a restore there may be several
        return _revive(snapshot, max(stranded, key=lambda copy: (copy.generation, copy.n)))
    if dismissed_here(snapshot) or shown_elsewhere(snapshot):
        return None
    if snapshot.delivery.ends_at <= snapshot.now:
        return None  # only what still shows a later time is work
    return _take_over_or_make(snapshot, route)


def _revive(snapshot: Snapshot, copy: Copy) -> Step | None:
    until = call_open_until(snapshot, copy)
    if until is not None:
        return Nothing(until, Reason.CALL_OPEN)
    return _unless_refused(snapshot, copy, _find(snapshot, copy, "revive"))


def _take_over_or_make(snapshot: Snapshot, route: Route) -> Send:
    former = [c.n for c in at_destination(snapshot, S.ELSEWHERE) if c.uid]
    if former and route.channel == MAIL:
        return Send(Do.CHANGE, former[0], MAIL, None)
    return _make(snapshot, route)


def _make(snapshot: Snapshot, route: Route) -> Send:
    planned = [c.n for c in at_destination(snapshot, S.PLANNED) if c.channel == route.channel]
    n = max(planned) if planned else max((c.n for c in snapshot.copies), default=0) + 1
    return Send(Do.CREATE, n, route.channel, route.account)


def change_row_5(snapshot: Snapshot) -> Step | None:
    """Settling spares people who have an invitation a second message. Where the first may never
    have arrived (no fingerprint is known) nothing waits for it."""
    settling = debounced_until(snapshot) is not None
    for copy in at_destination(snapshot, S.LIVE):
        if differs(snapshot, copy) and not (settling and copy.material_fp is not None):
            return Send(Do.CHANGE, copy.n, copy.channel, reach(snapshot, copy))
    return None


ON_THE_ROUTE: tuple[Row, ...] = (
    unsure_row_2,
    replace_row_3,
    show_row_4,
    change_row_5,
)


# --- rows 2, 6, 7 and hand-over: everywhere else ------------------------------------------------


def _off_the_route(snapshot: Snapshot) -> Iterator[tuple[Act, datetime | None]]:
    """Each call that is still to be made off the route, and how long it must wait (None: now)."""
    for row in OFF_THE_ROUTE:
        for copy in snapshot.copies:
            act = row(snapshot, copy)
            if act is not None and not is_given_up(snapshot, copy):
                yield act, _wait(snapshot, copy, act)


def _wait(snapshot: Snapshot, copy: Copy, act: Act) -> datetime | None:
    look_at = copy.look_at if isinstance(act, FindUid) and copy.state is S.GONE else None
    opens = call_open_until(snapshot, copy)
    times = [snapshot.cooling(act.account), opens, refused_until(snapshot, copy), look_at]
    return max((t for t in times if t is not None and t > snapshot.now), default=None)


def resolve_unsure_row_2(snapshot: Snapshot, copy: Copy) -> Act | None:
    """An attempt was stored and its answer is not known: look it up; mail is sent again."""
    attempt = copy.attempt
    if copy.state is not S.UNSURE or attempt is None:
        return None
    if copy.channel != MAIL:
        return _find(snapshot, copy, "unsure")
    if attempt.account is not None:
        return FindUid(copy.n, attempt.channel, attempt.account)
    return Send(attempt.do, copy.n, MAIL, None, replay=True)


def withdraw_row_6(snapshot: Snapshot, copy: Copy) -> Act | None:
    if copy.state is not S.LIVE or on_route(snapshot, copy) or waits_for_listing(snapshot):
        return None
    if copy.channel != MAIL:
        return Send(Do.WITHDRAW, copy.n, copy.channel, reach(snapshot, copy))
    route = snapshot.delivery.route
    taking_over = route.account if snapshot.delivery.wanted and route is not None else None
    if route is not None and taking_over is not None and taking_over != copy.handed_to:
        return FindUid(copy.n, route.channel, taking_over)
    return Send(Do.WITHDRAW, copy.n, MAIL, None)


def cancel_elsewhere_row_6(snapshot: Snapshot, copy: Copy) -> Act | None:
    """The former system's invitation goes once ours stands, or with the session."""
    if copy.state is not S.ELSEWHERE or not copy.uid or waits_for_listing(snapshot):
        return None
    delivery = snapshot.delivery
    only_covered = delivery.want is Want.PRESENT and delivery.covered_by is not None
    if only_covered and copy.material_fp == delivery.material_fp:
        return None
    numbered = (S.LIVE, S.TAKEN, S.DISMISSED, S.STRANDED)
    stands = taken_here(snapshot) or any(c.state in numbered for c in snapshot.copies)
    if delivery.wanted and not stands:
        return None
    return Send(Do.WITHDRAW, copy.n, MAIL, None)


def withdraw_stranded_row_7(snapshot: Snapshot, copy: Copy) -> Act | None:
    """Reachable again, and nothing of it is wanted there."""
    if copy.state is not S.STRANDED or is_lost(snapshot, copy) or waits_for_listing(snapshot):
        return None
    if (
        on_route(snapshot, copy)
        and not taken_here(snapshot)
        and not at_destination(snapshot, S.LIVE)
    ):
        return None
    if copy.remote_id is None:
        return _find(snapshot, copy, "withdraw")
    return Send(Do.WITHDRAW, copy.n, copy.channel, reach(snapshot, copy))


def look_for_mailed(snapshot: Snapshot, copy: Copy) -> Act | None:
    """A mail client may bring a withdrawn invitation back into the calendar that took over. When
    that calendar is lost we cannot see it any more: the CANCEL goes to the mailbox instead."""
    if copy.state is not S.GONE or copy.look_at is None or copy.handed_to is None:
        return None
    if snapshot.lost(copy.handed_to):
        return Send(Do.WITHDRAW, copy.n, MAIL, None)
    return FindUid(copy.n, snapshot.accounts[copy.handed_to].provider, copy.handed_to)


OFF_THE_ROUTE: tuple[Callable[[Snapshot, Copy], Act | None], ...] = (
    resolve_unsure_row_2,
    withdraw_row_6,
    cancel_elsewhere_row_6,
    withdraw_stranded_row_7,
    look_for_mailed,
)


def _find(
    snapshot: Snapshot, copy: Copy, why: Literal["unsure", "revive", "withdraw"]
) -> Find | None:
    account = reach(snapshot, copy)
    return Find(copy.n, copy.channel, account, why) if account is not None else None


# --- row 8: nothing until something happens ------------------------------------------------------


def nothing_row_8(snapshot: Snapshot) -> Nothing:
    """All is as it should be, or waits: until the earliest instant that changes something."""
    debounce = debounced_until(snapshot)
    differing = any(differs(snapshot, c) for c in at_destination(snapshot, S.LIVE))
    announced = announced_until(snapshot)
    reasons: list[tuple[datetime | None, Reason, bool]] = [
        (announced, Reason.ANNOUNCED, announced is not None and invites_by_mail(snapshot)),
        (debounce, Reason.DEBOUNCING, debounce is not None and differing),
        (None, Reason.OCCUPIED, snapshot.destination_occupied),
        (None, Reason.UNLISTED, waits_for_listing(snapshot)),
        (None, Reason.DISMISSED, snapshot.delivery.wanted and dismissed_here(snapshot)),
    ]
    waits = [(wait, Reason.OLDER_COPY, True) for _, wait in _off_the_route(snapshot)]
    found = [(at, why) for at, why, fits in (*reasons, *waits) if fits]
    ahead = [at for at, _ in found if at is not None and at > snapshot.now]
    return Nothing(min(ahead, default=None), found[0][1] if found else Reason.DONE)
