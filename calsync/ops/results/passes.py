"""What one pass did: sources polled, deliveries processed, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from calsync.ingest.polled import NAMED, Polled
from calsync.ops.results.finding import Finding, Severity
from calsync.ops.results.status import HeldBatch, RefusedRecord
from calsync.text.as_json import INLINE

WARNINGS = 100  # of one source; its log has them all


@dataclass(frozen=True, slots=True)
class PolledSource:
    """What one poll of a source did, with the sweep behind it where one was due.

    error      why it could not be read
    refusals   the first of the refused records
    unchanged  it showed nothing new since it was read before
    """

    source: str
    seen: int
    changed: int
    refused: int
    older: int
    warnings: Sequence[str]
    error: str | None
    refusals: Sequence[RefusedRecord] = ()
    unchanged: bool = False

    @classmethod
    def of(cls, polled: Polled) -> PolledSource:
        """What operators are told of a poll."""
        refused = (*polled.unusable, *polled.lossy)[:NAMED]
        return cls(
            source=polled.source,
            seen=polled.seen,
            changed=polled.changed,
            refused=polled.refused,
            older=polled.older,
            warnings=polled.warnings[:WARNINGS],
            error=polled.error,
            refusals=[
                RefusedRecord(polled.source, one.record, one.field, one.reason) for one in refused
            ],
            unchanged=polled.unchanged,
        )


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
    unexpected  places in the code from which a failure came that nobody foresaw
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
    unexpected: int = 0

    @property
    def failed(self) -> bool:
        return bool(self.refused or self.setup or self.undecided or self.unexpected)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """One pass: polling, then delivering, and what is not as it should be at its end."""

    sources: Sequence[PolledSource]
    delivered: PassResult = field(metadata=INLINE)
    findings: Sequence[Finding]

    @property
    def failed(self) -> bool:
        """A source was not read, something was not delivered, or a person has to act at once."""
        errors = any(one.severity is Severity.ERROR for one in self.findings)
        return errors or self.delivered.failed or any(one.error for one in self.sources)


@dataclass(frozen=True, slots=True)
class ResyncResult:
    """How many deliveries were decided about again, and what delivering did then. `accepted`: older
    versions that were taken at their word."""

    selected: int
    accepted: int
    delivered: PassResult = field(metadata=INLINE)
