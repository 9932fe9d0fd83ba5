"""Where a person finds one session right now: the answer of the participant's page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from calsync.core.ledger import MAIL, CopyState, Delivery


class Visibility(StrEnum):
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


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """As much of a copy as the answer needs."""

    destination: str
    state: CopyState
    material_fp: str | None
    seen_version: int | None = None


WAITING = frozenset({Visibility.COMING, Visibility.HELD})


def visibility(
    delivery: Delivery, marks: Iterable[ShownCopy], *, held: bool, now: datetime
) -> Visibility:
    """Where the session is for this person. `held`: its batch is not released."""
    known, route = list(marks), delivery.route
    here = [mark for mark in known if route is not None and mark.destination == route.destination]
    live = any(
        mark.state is CopyState.LIVE and mark.material_fp == delivery.material_fp for mark in here
    )
    by_mail = route is not None and route.channel == MAIL
    announced = delivery.mail_from is not None and delivery.mail_from > now and not here
    first_that_holds = (
        (Visibility.THROUGH, delivery.covered_by is not None),
        (Visibility.TROUBLE, route is None),
        (Visibility.MAIL, live and by_mail),
        (Visibility.CALENDAR, live),
        (Visibility.TAKEN, any(mark.state is CopyState.TAKEN for mark in here)),
        (Visibility.REMOVED, any(_removed(delivery, mark) for mark in here)),
        (Visibility.BEFORE, any(_stands_from_before(delivery, mark) for mark in known)),
        (Visibility.TROUBLE, delivery.parked is not None),
        (Visibility.HELD, held),
        (Visibility.LATER, announced),
    )
    return next((one for one, holds in first_that_holds if holds), Visibility.COMING)


def _removed(delivery: Delivery, mark: ShownCopy) -> bool:
    """See `standing.dismissed_here`: it is not made again."""
    same = mark.material_fp == delivery.material_fp
    seen = mark.seen_version is not None and mark.seen_version >= delivery.material_version
    return mark.state is CopyState.DISMISSED and same and seen


def _stands_from_before(delivery: Delivery, mark: ShownCopy) -> bool:
    """See `standing.shown_elsewhere`: it is not shown a second time."""
    by_mail = delivery.route is not None and delivery.route.channel == MAIL
    states = {CopyState.ELSEWHERE, CopyState.STRANDED} if by_mail else {CopyState.ELSEWHERE}
    return mark.state in states and mark.material_fp == delivery.material_fp
