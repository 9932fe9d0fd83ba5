"""The Upcoming Session mail: who is to get one, and what is known when that is decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from calsync.core.ledger import Snapshot

UPCOMING = "upcoming"  # the kind of this mail, and the category that a person unsubscribes from
MOST_HOURS = 168  # before the start


class UpcomingTo(StrEnum):
    """Who gets the mail."""

    OFF = "off"
    ALL = "all"
    MAILED = "mailed"  # who is invited by mail, having connected no calendar


@dataclass(frozen=True, slots=True)
class UpcomingRules:
    """What a tenant's settings say.

    hours  before the start, where the session's program says nothing else
    """

    to: UpcomingTo = UpcomingTo.OFF
    hours: int = 24


@dataclass(frozen=True, slots=True)
class UpcomingCase:
    """One delivery, and what is known of it.

    since         when the tenant's setting was switched on
    program_hours  what the session's program says in place of the tenant's hours
    booked        the platform says that the session takes place
    stale         its newest record was refused: what is known of it may be wrong
    paused        an operator paused mail, or the channel that shows it
    unsubscribed  the person does not want these mails
    restored_at   when the ledger was put back from a backup last: what it sent before that and
                  after the backup nobody knows
    """

    snapshot: Snapshot
    rules: UpcomingRules
    since: datetime
    program_hours: int | None = None
    booked: bool = True
    stale: bool = False
    paused: bool = False
    unsubscribed: bool = False
    restored_at: datetime | None = None

    @property
    def opens_at(self) -> datetime:
        """From when on the mail may be sent."""
        hours = self.program_hours if self.program_hours is not None else self.rules.hours
        return self.snapshot.delivery.starts_at - timedelta(hours=hours)
