"""One person as an operator asks about them, and lists of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonAccount:
    """A calendar of the person. `since`: since when it has been in its state."""

    id: str
    provider: str
    address: str
    state: str
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class PersonSession:
    """A session ahead of one person.

    local        its start where the person reads times, in words
    where        where it is for them, in plain words
    since        since when that has been so; None: nothing is there yet
    waits_for    what keeps it from being shown as it is wanted
    last_answer  of the last call that failed, and what it means
    """

    session: str
    title: str
    starts_at: datetime
    local: str
    state: str
    where: str
    since: datetime | None
    waits_for: str | None
    waits_until: datetime | None
    last_answer: str | None
    meaning: str | None


@dataclass(frozen=True, slots=True)
class PersonOverview:
    """A person of one tenant: their calendars and the nearest of their sessions ahead.

    upcoming_mails  whether they take mails before sessions; None: the tenant sends none
    """

    tenant: str
    email: str
    participants: Sequence[str]
    calendar: str
    accounts: Sequence[PersonAccount]
    session_count: int
    sessions: Sequence[PersonSession]
    upcoming_mails: bool | None = None


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session ahead. `shown`: how many of its `people` are shown what is wanted."""

    session: str
    tenant: str
    source: str
    program: str | None
    title: str
    starts_at: datetime
    people: int
    shown: int
    stale: bool


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source of the configuration. `ahead`: its sessions that are not over; `refused`: records
    that cannot be used."""

    source: str
    tenant: str
    kind: str
    last_ok: datetime | None
    swept_at: datetime | None
    failing_since: datetime | None
    error: str | None
    ahead: int
    refused: int
    went_back: int
