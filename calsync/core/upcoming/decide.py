"""Whether a person gets the Upcoming Session mail of a session now: a table, the first row that
fits decides. Sent at most once for each person, session and start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from calsync.core.ledger import MAIL, CopyState, Want
from calsync.core.reconcile.predicates import STANDING, at_destination
from calsync.core.reconcile.telling import has_no_mailbox
from calsync.core.upcoming.rules import UpcomingCase, UpcomingTo

JUST = timedelta(hours=2)  # a booking or a first switch-on is news so long
AGAIN = timedelta(minutes=10)  # after which something that ends by itself is asked about again


class UpcomingAnswer(StrEnum):
    SEND = "send"
    WAIT = "wait"  # ask again at an instant
    LEAVE = "leave"  # ask again when the delivery has changed
    NEVER = "never"  # for this start


class UpcomingReason(StrEnum):
    """Why."""

    DUE = "due"
    CANCELLED = "cancelled"
    NOT_SHOWN = "not_shown"
    HELD = "held"
    PARKED = "parked"
    STARTED = "started"
    OFF = "off"
    NO_MAILBOX = "no_mailbox"
    IN_CALENDAR = "in_calendar"
    NOT_YET = "not_yet"
    SWITCHED_ON = "switched_on"
    UNSUBSCRIBED = "unsubscribed"
    ELSEWHERE = "elsewhere"
    RESTORED = "restored"
    JUST_BOOKED = "just_booked"
    NOT_BOOKED = "not_booked"
    EXCLUDED = "excluded"
    STALE = "stale"
    PAUSED = "paused"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class UpcomingStep:
    """What is done about one mail; `again_at` of one that waits."""

    answer: UpcomingAnswer
    reason: UpcomingReason
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UpcomingRow:
    """A row of the table; `until`: when to ask again, where that is known."""

    reason: UpcomingReason
    holds: Callable[[UpcomingCase], bool]
    answer: UpcomingAnswer
    until: Callable[[UpcomingCase], datetime] = lambda case: case.snapshot.now + AGAIN


def decide(case: UpcomingCase) -> UpcomingStep:
    """What is done about this delivery's mail now."""
    for row in ROWS:
        if row.holds(case):
            waits = row.answer is UpcomingAnswer.WAIT
            return UpcomingStep(row.answer, row.reason, row.until(case) if waits else None)
    return UpcomingStep(UpcomingAnswer.SEND, UpcomingReason.DUE)


def _is_shown_to_another(case: UpcomingCase) -> bool:
    return case.snapshot.delivery.covered_by is not None


def _has_no_mailbox(case: UpcomingCase) -> bool:
    delivery = case.snapshot.delivery
    nothing = delivery.route is None or delivery.content is None or not delivery.email
    return nothing or has_no_mailbox(case.snapshot)


def _is_in_a_calendar(case: UpcomingCase) -> bool:
    route = case.snapshot.delivery.route
    calendar = route is not None and route.channel != MAIL
    return case.rules.to is UpcomingTo.MAILED and calendar


def _is_shown_elsewhere_only(case: UpcomingCase) -> bool:
    """The former system made what the person sees, and reminds them of it."""
    states = {copy.state for copy in case.snapshot.copies}
    return CopyState.ELSEWHERE in states and not states.intersection(STANDING)


def _may_be_sent(case: UpcomingCase) -> bool:
    """Its window began before a backup was put back, which may lack that it was sent."""
    return case.restored_at is not None and case.opens_at <= case.restored_at


def _news_end(case: UpcomingCase) -> datetime:
    """Until when what is wanted is news to the person; its start where nobody knows since when."""
    since = case.snapshot.delivery.wanted_since
    return since + JUST if since is not None and since > case.opens_at else case.opens_at


W, R = UpcomingAnswer, UpcomingReason
ROWS = (
    UpcomingRow(R.CANCELLED, lambda one: one.snapshot.delivery.want is Want.ABSENT, W.LEAVE),
    UpcomingRow(R.NOT_SHOWN, _is_shown_to_another, W.LEAVE),
    UpcomingRow(R.HELD, lambda one: one.snapshot.delivery.batch is not None, W.LEAVE),
    UpcomingRow(R.PARKED, lambda one: one.snapshot.delivery.parked is not None, W.LEAVE),
    UpcomingRow(
        R.STARTED, lambda one: one.snapshot.delivery.starts_at <= one.snapshot.now, W.NEVER
    ),
    UpcomingRow(R.OFF, lambda one: one.rules.to is UpcomingTo.OFF, W.LEAVE),
    UpcomingRow(R.NO_MAILBOX, _has_no_mailbox, W.NEVER),
    UpcomingRow(
        R.NOT_YET,
        lambda one: one.snapshot.now < one.opens_at,
        W.WAIT,
        lambda one: one.opens_at,
    ),
    UpcomingRow(R.IN_CALENDAR, _is_in_a_calendar, W.NEVER),
    UpcomingRow(
        R.SWITCHED_ON, lambda one: one.snapshot.delivery.starts_at < one.since + JUST, W.NEVER
    ),
    UpcomingRow(R.UNSUBSCRIBED, lambda one: one.unsubscribed, W.NEVER),
    UpcomingRow(R.ELSEWHERE, _is_shown_elsewhere_only, W.NEVER),
    UpcomingRow(R.RESTORED, _may_be_sent, W.NEVER),
    UpcomingRow(R.JUST_BOOKED, lambda one: one.snapshot.now < _news_end(one), W.WAIT, _news_end),
    UpcomingRow(R.NOT_BOOKED, lambda one: not one.booked, W.WAIT),
    UpcomingRow(R.EXCLUDED, lambda one: one.snapshot.excluded, W.WAIT),
    UpcomingRow(R.STALE, lambda one: one.stale, W.WAIT),
    UpcomingRow(R.PAUSED, lambda one: one.paused, W.WAIT),
    UpcomingRow(R.UNSURE, lambda one: bool(at_destination(one.snapshot, CopyState.UNSURE)), W.WAIT),
)
