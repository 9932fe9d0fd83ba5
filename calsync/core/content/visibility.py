"""Where a person finds one session right now, since when, and what it still waits for.

The one place that says so, for the participant's page and for whoever else tells of one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calsync.core.ledger import MAIL, CopyState, Delivery
from calsync.core.reconcile.predicates import is_dismissal_current
from calsync.core.reconcile.reasons import Reason


class VisibilityState(StrEnum):
    """What the person is told."""

    CALENDAR = "calendar"  # in the connected calendar
    MAIL = "mail"  # invited by mail
    COMING = "coming"  # about to be shown, or changed
    LATER = "later"  # announced by a digest; the invitation follows
    HELD = "held"  # waits until a person at the platform approves
    REMOVED = "removed"  # the person took it out of the calendar
    TAKEN = "taken"  # the person made it an event of their own
    BEFORE = "before"  # put there before, by another system or into a calendar that is lost
    THROUGH = "through"  # seen through another address of the same person
    TROUBLE = "trouble"  # cannot be shown; ops know


V = VisibilityState
WAITING = frozenset({V.COMING, V.HELD})  # on its way, in the words of the page
UNSHOWN = WAITING | {V.LATER, V.TROUBLE}


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """As much of a copy as the answer needs; `changed_at` is when it was last written or found."""

    destination: str
    state: CopyState
    material_fp: str | None
    seen_version: int | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """What the session waits for before it is shown as it is wanted, and until when, where that
    ends by itself."""

    reason: Reason
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Visibility:
    """Where one session is for one person.

    channel, address  where it is shown or is to be shown; None where there is no way to them
    since             since when what they are told of has been as it is; None: nothing is there yet
    wait              None: nothing keeps it
    """

    state: VisibilityState
    channel: str | None = None
    address: str | None = None
    since: datetime | None = None
    wait: Wait | None = None


def visibility(delivery: Delivery, copies: Iterable[ShownCopy], now: datetime) -> Visibility:
    """Where the session of this delivery is for its person."""
    known, route = list(copies), delivery.route
    state, shown = _state(delivery, known, now)
    return Visibility(
        state,
        channel=route.channel if route else None,
        address=route.address if route else None,
        since=shown.changed_at if shown else None,
        wait=_wait(delivery, state, now) if state in UNSHOWN else None,
    )


def _state(
    delivery: Delivery, known: list[ShownCopy], now: datetime
) -> tuple[VisibilityState, ShownCopy | None]:
    """What the person is told, and the copy that it is told of."""
    route = delivery.route
    here = [one for one in known if route is not None and one.destination == route.destination]
    if delivery.covered_by is not None or route is None:
        return (V.THROUGH if delivery.covered_by is not None else V.TROUBLE), None
    stands = next(_stands(delivery, here, known, by_mail=route.channel == MAIL), None)
    return stands or (_unshown(delivery, now, is_first=not here), None)


def _stands(
    delivery: Delivery, here: list[ShownCopy], known: list[ShownCopy], *, by_mail: bool
) -> Iterator[tuple[VisibilityState, ShownCopy]]:
    """Copies that the person can be told of, what counts most first."""
    for copy in here:
        if copy.state is CopyState.LIVE and copy.material_fp == delivery.material_fp:
            yield (V.MAIL if by_mail else V.CALENDAR), copy
    yield from ((V.TAKEN, copy) for copy in here if copy.state is CopyState.TAKEN)
    for copy in here:
        if copy.state is CopyState.DISMISSED and _is_current(delivery, copy):
            yield V.REMOVED, copy
    # What is wanted stands where we do not write, so that it is not shown a second time.
    states = (CopyState.ELSEWHERE, *((CopyState.STRANDED,) if by_mail else ()))
    for copy in known:
        if copy.state in states and copy.material_fp == delivery.material_fp:
            yield V.BEFORE, copy


def _unshown(delivery: Delivery, now: datetime, *, is_first: bool) -> VisibilityState:
    if delivery.parked is not None:
        return V.TROUBLE
    if delivery.batch is not None:
        return V.HELD
    return V.LATER if is_first and _is_ahead(delivery.mail_from, now) else V.COMING


def _wait(delivery: Delivery, state: VisibilityState, now: datetime) -> Wait | None:
    """In the order of row 1: what needs a person before what ends by itself."""
    if delivery.parked is not None:
        return Wait(Reason.PARKED)
    if delivery.batch is not None:
        return Wait(Reason.HELD)
    by_itself = (
        (Reason.ANNOUNCED, delivery.mail_from if state is V.LATER else None),
        (Reason.DEBOUNCING, delivery.debounce_until),
        (Reason.NOT_DUE, delivery.due_at),
    )
    return next((Wait(why, at) for why, at in by_itself if _is_ahead(at, now)), None)


def _is_ahead(at: datetime | None, now: datetime) -> bool:
    return at is not None and at > now


def _is_current(delivery: Delivery, copy: ShownCopy) -> bool:
    return is_dismissal_current(delivery, copy.material_fp, copy.seen_version)
