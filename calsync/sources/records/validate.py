"""Checking records of a file or a source without an account or a ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from calsync.core.booked import BookedSession, Status
from calsync.errors import RecordError, SourceError
from calsync.ports import Page, SessionSource
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
    """What a source would make of the file, or made of what it read. Starts are of booked sessions,
    in UTC. `error`: why the source could not be read to its end; the rest is of what was read."""

    records: int
    accepted: int
    booked: int
    cancelled: int
    participants: int
    refused: tuple[Refusal, ...]
    warnings: tuple[str, ...]
    first_start: datetime | None
    last_start: datetime | None
    error: str | None = None


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

    def refuse(self, where: str, error: RecordError) -> None:
        name = where if error.record == NO_ID else error.record
        self.refused.append(Refusal(name, error.field, error.reason))

    def report(self, error: str | None = None) -> Report:
        return Report(
            records=self.statuses.total() + len(self.refused),
            accepted=self.statuses.total(),
            booked=self.statuses[Status.BOOKED],
            cancelled=self.statuses[Status.CANCELLED],
            participants=self.people,
            refused=tuple(self.refused),
            warnings=tuple(self.warnings),
            first_start=self.starts[0] if self.starts else None,
            last_start=self.starts[-1] if self.starts else None,
            error=error,
        )


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
    return tally.report()


def validate_source(source: SessionSource) -> Report:
    """Read the whole source, and say what it gives and what of it cannot be used."""
    tally = _Tally()
    try:
        for page in source.sweep():
            _take_page(page, source.name, tally)
    except SourceError as error:
        return tally.report(str(error))
    return tally.report()


def _take_page(page: Page, source: str, tally: _Tally) -> None:
    for session in page.sessions:
        tally.take(session)
    for error in page.refused:
        tally.refuse(f"a record of source {source}", error)
    tally.warnings.extend(map(str, page.warnings))
    tally.warnings.extend(
        f"{ident}: participants: nobody is listed for this session" for ident in page.without_people
    )


def _check(entry: Entry, now: datetime, strict: bool, tally: _Tally) -> None:
    try:
        record = entry.load()
        tenant = None if isinstance(record, dict) and record.get("tenant") else TENANT
        session, warnings = parse(record, tenant=tenant, now=now, strict=strict)
    except RecordError as error:
        tally.refuse(entry.where, error)
    else:
        tally.take(session)
        tally.warnings.extend(map(str, warnings))
