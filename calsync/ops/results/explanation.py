"""What is told of one session: its story, what comes next, and how it looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calsync.ops.results.passes import PolledSource
from calsync.ops.results.status import WarnedRecord
from calsync.text.as_json import INLINE


@dataclass(frozen=True, slots=True)
class CopyStory:
    """One copy, and the last call about it."""

    copy: int
    uid: str
    channel: str
    address: str
    state: str
    sequence: int
    remote_id: str | None
    last_call: str | None
    outcome: str | None
    answer: str | None
    at: datetime | None
    may_remain: bool = False


@dataclass(frozen=True, slots=True)
class WhereVisible:
    """Where one person finds a session they are to see, as the participant's page tells them.

    state        a word of core/content/visibility.py
    since        since when that has been so; None: nothing is there yet
    waits_for    what keeps it from being shown as it is wanted, until when where that is known
    """

    state: str
    channel: str | None
    address: str | None
    since: datetime | None
    waits_for: str | None
    waits_until: datetime | None


@dataclass(frozen=True, slots=True)
class UpcomingStory:
    """The Upcoming Session mail to one person about the start of a session.

    state  what became of it: sent, refused, maybe, unsure; else the word of why it is not sent now
    text   the same in words
    at     when it was sent, or may be sent
    """

    state: str
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonStory:
    """What one participant should see of a session, and what was done about it.

    where    where it is for them, in plain words; None: they are to see nothing of it
    meaning  what `last_error` means and what to do, where that is known
    upcoming  None: the tenant sends no Upcoming Session mails, or nothing is known of the start
    """

    participant: str
    email: str
    wants: str
    visible: WhereVisible | None
    covered_by: str | None
    route: str | None
    address: str | None
    account: str | None
    due_at: datetime | None
    settles_until: datetime | None
    invited_from: datetime | None
    held_in_batch: int | None
    parked: str | None
    last_error: str | None
    failures: int
    next: str
    copies: Sequence[CopyStory]
    where: str | None = None
    meaning: str | None = None
    upcoming: UpcomingStory | None = None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A decision or an answer. `detail` depends on `what`."""

    at: datetime
    participant: str | None
    copy: int | None
    what: str
    detail: Mapping[str, object] = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole story of a session, or of one person's copies of it. `local`: its start in its own
    time zone, in words; "" where its content is not kept."""

    session: str
    tenant: str
    source: str
    status: str
    updated_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    stale: str | None
    missing_since: datetime | None
    warnings: Sequence[WarnedRecord]
    people: Sequence[PersonStory]
    journal: Sequence[JournalLine]
    title: str = ""
    local: str = ""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What the next pass would do about one delivery. `waits_for`: why that does not happen yet."""

    session: str
    person: str
    starts_at: datetime
    step: str
    announced: bool
    held: bool
    batch: int | None
    parked: str | None
    waits_for: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingDeliveries:
    """How many deliveries have something to do, and not yet for the same reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class PassPlan:
    """What the next pass would do.

    sources  what it would read, and which records it cannot use
    waiting  deliveries that are not among the steps
    """

    steps: Sequence[PlannedStep]
    sources: Sequence[PolledSource] = ()
    waiting: Sequence[WaitingDeliveries] = ()


@dataclass(frozen=True, slots=True)
class EventPreview:
    """What one person is shown of a session, and the bytes that a channel is given for it."""

    session: str
    person: str
    channel: str
    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str
    url: str
    private: bool
    text: str
    body: str
