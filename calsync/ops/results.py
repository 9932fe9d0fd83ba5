"""What operators are answered. Fields are the keys of `--json` (docs/json.md): one may be added,
none renamed or taken away. Nothing here holds content, secrets or tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calsync.store.ledger.batches import HeldChange
from calsync.text.as_json import INLINE


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """Deliveries of sessions ahead. `announced`: a digest told of them, and their invitations wait
    for their day."""

    wanted: int
    due: int
    waiting: int
    announced: int
    next_announced: datetime | None
    held: int
    parked: int
    oldest_due: datetime | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class CopyCount:
    """How many copies a channel has in a state."""

    channel: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class AccountCount:
    """How many accounts of a provider are in a state."""

    provider: str
    state: str
    count: int


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """When a source was read last, and since when it cannot be."""

    source: str
    last_ok: datetime | None
    failing_since: datetime | None
    error: str | None
    swept_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldBatch:
    """Changes that wait for `calsync approve`, by kind. `sessions` are some of theirs, and `listed`
    what would happen to whom, the nearest sessions first."""

    batch: int
    tenant: str
    source: str
    since: datetime
    changes: Mapping[str, int]
    digest: str
    sessions: Sequence[str]
    session_count: int = 0
    listed: Sequence[HeldChange] = ()


@dataclass(frozen=True, slots=True)
class ActivePause:
    """What stops deliveries of a tenant and channel; "*" means every one."""

    tenant: str
    channel: str
    by: str
    reason: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """A delivery that is not tried again by itself, and the word why."""

    session: str
    person: str
    parked: str
    error: str | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class StaleSession:
    """A session whose last update was refused. `alert`: it starts within a day."""

    session: str
    reason: str
    starts_at: datetime
    alert: bool


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """A person who was told by a plain mail of something that still stands wrong. `told`: the kind
    of mail."""

    session: str
    person: str
    told: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that was set aside."""

    source: str
    record: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class JournalAlert:
    """A line of the journal that a person should know of."""

    at: datetime
    session: str
    detail: Mapping[str, object] = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class UnexpectedFailure:
    """A place in the code from which an exception came that nobody foresaw, within the last day.

    area     what was being done: call, outcome, decision, inspection, notice, webhook, ...
    session  of the newest, like tenant and participant; "" where it concerned none
    """

    area: str
    error: str
    function: str
    line: int
    count: int
    since: datetime
    last: datetime
    tenant: str
    session: str
    participant: str


@dataclass(frozen=True, slots=True)
class InstallationStatus:
    """What the whole installation is doing, and what waits for a person."""

    now: datetime
    heartbeat: datetime | None
    deliveries: DeliveryCounts
    copies: Sequence[CopyCount]
    sources: Sequence[SourceStatus]
    held: Sequence[HeldBatch]
    stopped: Sequence[ActivePause]
    accounts: Sequence[AccountCount]
    parked: Sequence[ParkedDelivery]
    stale: Sequence[StaleSession]
    set_aside: Sequence[RefusedRecord]
    told: Sequence[ToldPerson]
    alerts: Sequence[JournalAlert]
    unexpected: Sequence[UnexpectedFailure] = ()


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
class PersonStory:
    """What one participant should see of a session, and what was done about it."""

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
    """The whole story of a session, or of one person's copies of it."""

    session: str
    tenant: str
    source: str
    status: str
    updated_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    stale: str | None
    missing_since: datetime | None
    people: Sequence[PersonStory]
    journal: Sequence[JournalLine]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What the next pass would do about one delivery."""

    session: str
    person: str
    starts_at: datetime
    step: str
    announced: bool
    held: bool
    batch: int | None
    parked: str | None


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


@dataclass(frozen=True, slots=True)
class Approval:
    """A held batch that was let go, or rejected."""

    batch: int
    changes: Mapping[str, int]
    digest: str
    rejected: bool


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was stored about a person who is forgotten, and what is beyond our reach.

    revoking          consents that are being taken back at their provider
    events_left       events in calendars; invitations_left: in mailboxes
    named_in          sessions ahead whose other participants may still see the name
    """

    deliveries: int
    accounts: int
    revoking: int = 0
    events_left: int = 0
    invitations_left: int = 0
    named_in: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """Problems that should wake somebody; none when all is well."""

    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class PolledSource:
    """What one poll of a source did. `error`: why it could not be read."""

    source: str
    seen: int
    changed: int
    refused: int
    older: int
    warnings: Sequence[str]
    error: str | None


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a pass leaves behind: how many deliveries ahead wait, until when, and why."""

    due: int
    waiting: int
    next_due: datetime | None
    announced: int
    next_announced: datetime | None
    held: int
    parked: int


@dataclass(frozen=True, slots=True)
class PassResult:
    """What delivering did.

    calls      deliveries that were worked on
    yes, refused, retried   how their calls were answered
    setup      pauses for a fault of the configuration
    undecided  sessions about which no step could be decided
    """

    calls: int
    yes: int
    refused: int
    retried: int
    setup: int
    undecided: Sequence[str]
    left: Remaining
    held: Sequence[HeldBatch]
    dry_run: bool

    @property
    def failed(self) -> bool:
        return bool(self.refused or self.setup or self.undecided)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """One pass: polling, then delivering."""

    sources: Sequence[PolledSource]
    delivered: PassResult = field(metadata=INLINE)


@dataclass(frozen=True, slots=True)
class ResyncResult:
    """How many deliveries were decided about again, and what delivering did then."""

    selected: int
    delivered: PassResult = field(metadata=INLINE)
