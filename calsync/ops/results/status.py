"""What is going on in an installation, as `calsync status` and `health` tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calsync.ops.results.health import SilentDaemon
from calsync.ops.results.surroundings import Surroundings
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
    """When a source was read last, and since when it cannot be.

    sweep_error    why it could not be compared as a whole when that was last tried
    reading_since  when the read that goes on now began; None: nobody reads it now
    """

    source: str
    last_ok: datetime | None
    failing_since: datetime | None
    error: str | None
    swept_at: datetime | None
    went_back: int
    sweep_error: str | None = None
    reading_since: datetime | None = None


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
    source: str = ""


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """A person who is told by a plain mail of something that still stands wrong.

    told  the kind of mail
    mail  what became of it: `due`, `unsure`, `sent`, `refused` or `dropped`
    """

    session: str
    person: str
    told: str
    starts_at: datetime
    mail: str = "sent"


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that was set aside."""

    source: str
    record: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class WarnedRecord:
    """What was left out of an accepted record, until a later one is right: a participant who is set
    aside, or a field that was dropped or cut."""

    source: str
    session: str
    participant: str | None
    set_aside: bool
    field: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OlderRecord:
    """A session whose source shows an older version than the one that was accepted.

    updated_at, accepted   of the two versions
    since   when a complete sweep first showed it; None: none has yet
    again   the session has gone back before: it waits for `resync SESSION --accept`
    alert   it starts within a day
    """

    source: str
    session: str
    updated_at: datetime
    accepted: datetime
    since: datetime | None
    again: bool
    starts_at: datetime
    alert: bool


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
class UnknownZoneName:
    """A time zone whose name a provider does not know, and the one that it is given instead."""

    channel: str
    zone: str
    instead: str
    since: datetime


@dataclass(frozen=True, slots=True)
class FailingChannel:
    """A tenant's channel whose last calls failed.

    slots      how many accounts that concerns; 1 for mail
    everybody  nothing goes this way: its server cannot be reached
    since      the first of these failures
    error      the last answer
    """

    tenant: str
    channel: str
    slots: int
    everybody: bool
    since: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class LateDelivery:
    """A delivery that is tried again, of a session that starts within a day."""

    session: str
    person: str
    channel: str | None
    error: str | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class WebhookTrouble:
    """A tenant's webhook whose last call failed, or that has dead letters: facts it never took."""

    tenant: str
    failing_since: datetime | None
    error: str | None
    dead_letters: int


@dataclass(frozen=True, slots=True)
class ZoneDataInUse:
    """The time zone data that this machine reads, and one word for what it says of the zones of
    sessions ahead, as calsync followed it last."""

    read_from: str
    version: str
    digest: str | None


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
    warnings: Sequence[WarnedRecord]
    went_back: Sequence[OlderRecord]
    alerts: Sequence[JournalAlert]
    unexpected: Sequence[UnexpectedFailure] = ()
    unknown_zones: Sequence[UnknownZoneName] = ()
    failing: Sequence[FailingChannel] = ()
    late: Sequence[LateDelivery] = ()
    webhooks: Sequence[WebhookTrouble] = ()
    time_zones: ZoneDataInUse | None = None


@dataclass(frozen=True, slots=True)
class Liveness:
    """Whether the work is done.

    overdue_since  since when a delivery waits that nothing stops
    around         what the work depends on
    silent         a daemon that runs, and gives no sign of life
    """

    daemon_alive: bool
    overdue_since: datetime | None
    around: Surroundings = field(default_factory=Surroundings)
    silent: SilentDaemon | None = None


@dataclass(frozen=True, slots=True)
class ExposedFiles:
    """Files that every user of this machine may read: the configuration, where it holds a secret,
    and one of a ledger on SQLite."""

    config: str | None = None
    ledger: str | None = None


NONE_EXPOSED = ExposedFiles()
