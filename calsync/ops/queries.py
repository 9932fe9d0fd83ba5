"""What the installation, or one tenant of it, is doing now, answered from the ledger. Nothing here
carries content or secrets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from calsync.core.content.zone_names import known_name
from calsync.ingest import zone_data
from calsync.ops.questions.explain import warned_record
from calsync.ops.results.status import (
    AccountCount,
    ActivePause,
    CopyCount,
    DeliveryCounts,
    FailingChannel,
    HeldBatch,
    InstallationStatus,
    JournalAlert,
    LateDelivery,
    OlderRecord,
    ParkedDelivery,
    RefusedRecord,
    SourceStatus,
    StaleSession,
    ToldPerson,
    UnexpectedFailure,
    UnknownZoneName,
    WebhookTrouble,
    ZoneDataInUse,
)
from calsync.runtime.context import Context
from calsync.runtime.zone_data import in_use
from calsync.store import instance
from calsync.store import status as stored
from calsync.store.api import webhooks
from calsync.store.database import Db, Row
from calsync.store.findings import failures, record_warnings, zones
from calsync.store.ledger import batches, journal, notices, sessions
from calsync.store.ledger.batches import Held
from calsync.store.queue import pauses, tellings
from calsync.store.records import older_versions

SOON = timedelta(hours=24)  # sessions that start within it are told one by one
UNEXPECTED = timedelta(hours=24)  # then a failure that did not come again is no finding any more
MOST = 20  # of what may be many; the counts tell how many there are


def status(context: Context) -> InstallationStatus:
    """What is going on. Held batches count as shown from now on: only another change is news."""

    with context.store.read() as db:
        waiting = batches.held(db)
        found = current(db, waiting=waiting)
    if waiting:
        remember_shown(context, waiting)
    return found


def remember_shown(context: Context, waiting: Sequence[Held], *, seen: bool = True) -> None:
    """Keep what is told of these batches: until one changes, nobody counts it again. `seen`: ops
    are told it now."""

    def work(db: Db) -> None:
        for one in waiting:
            batches.remember_shown(db, one, seen=seen)

    context.transact("status", work)


def current(
    db: Db,
    tenant: str | None = None,
    sources_of: Collection[str] = (),
    waiting: Sequence[Held] | None = None,
) -> InstallationStatus:
    """What the whole installation is doing now, and what waits for a person; or what one tenant
    is, with the sources that are its own. `waiting`: the held batches, where they were read."""
    batched = [_held(one) for one in (batches.held(db) if waiting is None else waiting)]
    return InstallationStatus(
        now=db.now,
        heartbeat=instance.heartbeat(db),
        deliveries=counts(db, tenant),
        copies=[CopyCount(**row) for row in stored.copy_counts(db, tenant)],
        sources=[one for one in sources(db) if tenant is None or one.source in sources_of],
        held=[one for one in batched if tenant in (None, one.tenant)],
        stopped=[ActivePause(**row) for row in pauses.active(db) if _concerns(row, tenant)],
        accounts=[AccountCount(**row) for row in stored.account_counts(db, tenant)],
        parked=[_parked(row) for row in stored.parked(db, MOST, tenant)],
        stale=[_stale(db, row) for row in stored.stale(db, MOST, tenant)],
        set_aside=[
            _set_aside(row)
            for row in sessions.quarantined(db, MOST)
            if tenant is None or row["source"] in sources_of
        ],
        told=[_told(db, row) for row in tellings.open_ones(db, MOST, tenant)],
        went_back=[_older(db, row) for row in older_versions.listed(db, MOST, tenant)],
        warnings=[warned_record(row) for row in record_warnings.listed(db, MOST, tenant)],
        alerts=[_alert(row) for row in journal.alerts(db, 10, tenant)],
        unexpected=[
            _failure(row)
            for row in failures.since(db, db.now - UNEXPECTED, MOST)
            if tenant in (None, row["tenant"])
        ],
        unknown_zones=_unknown_zones(zones.unknown_lately(db)),
        failing=[_failing(row) for row in stored.failing_channels(db) if _concerns(row, tenant)],
        late=[_late(row) for row in stored.late(db, db.now + SOON, MOST, tenant)],
        webhooks=[WebhookTrouble(**row) for row in webhooks.troubled(db) if _concerns(row, tenant)],
        time_zones=_zone_data(db),
    )


def _concerns(row: Row, tenant: str | None) -> bool:
    """Something of one tenant ("*": of all) is this tenant's matter."""
    return tenant is None or row["tenant"] in (tenant, pauses.ALL)


def _unknown_zones(rows: Sequence[Row]) -> list[UnknownZoneName]:
    """Those of which one that is tried instead is unknown as well are told with what is left."""
    found = []
    for row in rows:
        refused = [one["zone"] for one in rows if one["channel"] == row["channel"]]
        found.append(UnknownZoneName(**row, instead=known_name(row["zone"], refused)))
    return found


def _zone_data(db: Db) -> ZoneDataInUse:
    source = in_use()
    return ZoneDataInUse(source.read_from, source.version, zone_data.digest(db))


def counts(db: Db, tenant: str | None = None) -> DeliveryCounts:
    """How many deliveries ahead are in which condition; of one tenant, or of all."""
    return DeliveryCounts(**stored.delivery_counts(db, tenant))


def sources(db: Db) -> list[SourceStatus]:
    """When every source was read, by its name."""
    went_back = older_versions.counts(db)
    return [
        SourceStatus(
            source=row["name"],
            last_ok=row["last_ok"],
            failing_since=row["failing_since"],
            error=row["last_error"],
            swept_at=row["swept_at"],
            went_back=went_back.get(row["name"], 0),
            sweep_error=row["sweep_error"],
            reading_since=_reading_since(db, row),
        )
        for row in stored.sources(db)
    ]


def _reading_since(db: Db, row: Row) -> datetime | None:
    """Nobody reads a source whose lease has ended: that process was killed."""
    until: datetime | None = row["poll_until"]
    since: datetime | None = row["poll_since"]
    return since if until is not None and until > db.now else None


def held(db: Db) -> list[HeldBatch]:
    """Every batch that waits for a person, oldest first."""
    return [_held(one) for one in batches.held(db)]


def held_batch(context: Context, batch: int) -> HeldBatch:
    """One batch that waits for a person. Raises InputError where it does not."""
    with context.store.read() as db:
        return _held(batches.still_held(db, batch))


def _held(one: Held) -> HeldBatch:
    return HeldBatch(
        batch=one.id,
        tenant=one.tenant,
        source=one.source,
        since=one.opened,
        changes=dict(one.counts),
        digest=one.checksum,
        sessions=list(one.sessions),
        session_count=one.session_count,
        listed=one.changes,
    )


def _parked(row: Row) -> ParkedDelivery:
    return ParkedDelivery(
        session=row["session"],
        person=row["email"],
        parked=row["parked"],
        error=row["last_error"],
        starts_at=row["starts_at"],
    )


def _stale(db: Db, row: Row) -> StaleSession:
    return StaleSession(
        session=row["id"],
        reason=row["stale"],
        starts_at=row["starts_at"],
        alert=row["starts_at"] - db.now < SOON,
        source=row["source"],
    )


def _set_aside(row: Row) -> RefusedRecord:
    return RefusedRecord(row["source"], row["record"], row["field"], row["reason"])


def _told(db: Db, row: Row) -> ToldPerson:
    mail = notices.state_of_told(db, row) or "sent"
    return ToldPerson(row["session"], row["email"], row["told"], row["starts_at"], mail)


def _older(db: Db, row: Row) -> OlderRecord:
    alert = row["starts_at"] - db.now < SOON
    return OlderRecord(**{**row, "again": bool(row["again"])}, alert=alert)


def _alert(row: Row) -> JournalAlert:
    return JournalAlert(row["at"], row["session"], row["detail"])


def _failing(row: Row) -> FailingChannel:
    known = ("tenant", "channel", "slots", "everybody", "since", "error")
    return FailingChannel(**{name: row[name] for name in known})


def _late(row: Row) -> LateDelivery:
    return LateDelivery(
        session=row["session"],
        person=row["email"],
        channel=row["channel"],
        error=row["last_error"],
        starts_at=row["starts_at"],
    )


def _failure(row: Row) -> UnexpectedFailure:
    return UnexpectedFailure(
        area=row["area"],
        error=row["error"],
        function=row["function"],
        line=row["line"],
        count=row["count"],
        since=row["first_at"],
        last=row["last_at"],
        tenant=row["tenant"],
        session=row["session"],
        participant=row["participant"],
    )
