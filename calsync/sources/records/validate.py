"""Checking a file of records without an account or a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from calsync.core.booked import BookedSession, Status
from calsync.errors import RecordError
from calsync.sources.files import Entry, Files
from calsync.sources.records.record import NO_ID, parse

TENANT = "default"  # of records that leave it to their source


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that no source would accept. `record` is its id, or the file and line."""

    record: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a source would make of the file. Starts are of booked sessions, in UTC."""

    records: int
    accepted: int
    booked: int
    cancelled: int
    participants: int
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]
    first_start: datetime | None
    last_start: datetime | None


@dataclass(slots=True)
class _Tally:
    statuses: Counter[Status] = field(default_factory=Counter)
    people: int = 0
    starts: list[datetime] = field(default_factory=list)  # the first and the last
    refused: list[Refusal] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def take(self, session: BookedSession) -> None:
        self.statuses[session.status] += 1
        self.people += len(session.participants)
        if session.status is Status.BOOKED and session.starts_at is not None:
            known = [*self.starts, session.starts_at]
            self.starts = [min(known), max(known)]


def validate(path: str | Path, *, now: datetime | None = None, strict: bool = False) -> Report:
    """Parse everything at `path` as a source would. Raises SourceError when it cannot be read."""
    now = now or datetime.now(UTC)
    tally, seen = _Tally(), set[str]()
    with Files(Path(path)) as files:
        for one in files.entries():
            _check(one, now, strict, tally)
            if one.id in seen and one.id != NO_ID:
                tally.warnings.append(f"{one.id}: {one.where}: is there before; the newest counts")
            seen.add(one.id)
    return Report(
        records=tally.statuses.total() + len(tally.refused),
        accepted=tally.statuses.total(),
        booked=tally.statuses[Status.BOOKED],
        cancelled=tally.statuses[Status.CANCELLED],
        participants=tally.people,
        refused=tuple(tally.refused),
        warnings=tuple(tally.warnings),
        first_start=tally.starts[0] if tally.starts else None,
        last_start=tally.starts[-1] if tally.starts else None,
    )


def _check(entry: Entry, now: datetime, strict: bool, tally: _Tally) -> None:
    try:
        record = entry.load()
        tenant = None if isinstance(record, dict) and record.get("tenant") else TENANT
        session, warnings = parse(record, tenant=tenant, now=now, strict=strict)
    except RecordError as error:
        name = entry.where if error.record == NO_ID else error.record
        tally.refused.append(Refusal(name, error.field, error.reason))
    else:
        tally.take(session)
        tally.warnings.extend(map(str, warnings))
