"""Why nothing happens now: one word for each reason, and what keeps a decided call waiting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

NO_REASON = "paused by ops"  # the reason of a pause for which an operator gave none
ENDLESS = datetime.max.replace(tzinfo=UTC)
BY = {  # who may pause a channel, and how that is told
    "ops": "by an operator",
    "setup": "because its configuration does not work: {reason}",
    "provider": "because it asked us to wait: {reason}",
    "incident": "because of an incident: {reason}",
    "baseline": "while a baseline is being recorded",
    "copy": "because {reason}",
    "repaired": "because {reason}, and is repaired now",
    "recovery": "until `calsync verify --repair` is done, because {reason}",
}


class Reason(StrEnum):
    """Why a delivery takes no step now, as people read it. The glossary (docs/glossary.md, "Why
    nothing happens now") tells who sets each, what ends it, and where it is shown."""

    OVER = "the session is over"
    PARKED = "parked"
    EXCLUDED = "left out by deliver.only_to"
    HELD = "held until its batch is approved"
    PAUSED = "paused"
    COOLING = "waiting after an error or for a rate limit"
    ANNOUNCED = "told of in a digest; invited on its day"
    NOT_DUE = "not due"
    REFUSED = "refused; tried again later"
    CALL_OPEN = "waiting for a call that may still be running"
    DEBOUNCING = "waiting for further changes"
    UNLISTED = "its calendar has to be listed first, after a restore"
    OCCUPIED = "another copy occupies this calendar or mailbox"
    DISMISSED = "the participant deleted it"
    OLDER_COPY = "an older copy is dealt with later"
    DONE = "nothing to do"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps the queue from handing out a call that is decided.

    until  None: until an operator ends it
    told   in words, where that is more than the reason
    """

    reason: Reason
    until: datetime | None
    told: str = ""


def paused(channel: str, by: str, reason: str, until: datetime | None) -> Obstacle:
    """A pause of a channel ("*": of every one) as an obstacle."""
    what = "everything" if channel == "*" else channel
    return Obstacle(Reason.PAUSED, until, f"{what} is paused {paused_by(by, reason)}")


def paused_by(by: str, reason: str) -> str:
    """Who paused a channel and why, as the end of a sentence."""
    if by == "ops" and reason and reason != NO_REASON:
        return f"by an operator: {reason}"
    return BY.get(by, f"by {by}: {{reason}}").format(reason=reason)


def strongest(obstacles: Iterable[Obstacle]) -> Obstacle | None:
    """The one to tell of: a pause before anything else, then the one that lasts longest."""
    return max(
        obstacles, key=lambda one: (one.reason is Reason.PAUSED, one.until or ENDLESS), default=None
    )
