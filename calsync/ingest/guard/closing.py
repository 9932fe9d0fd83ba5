"""The end of a poll, sweep or push: what it changed goes to the guard; or it failed half-way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsync.core.guard import Limits
from calsync.errors import CalsyncError, SourceError, origin_of
from calsync.ingest.guard import ranges
from calsync.ingest.intake import Intake
from calsync.ingest.lease import SourceLease
from calsync.ingest.polled import Polled, PolledPage, polled
from calsync.store.database import Db
from calsync.store.guard import large
from calsync.store.ledger import batches, journal, sessions
from calsync.store.ledger.batches import Held


def unexpected(source: str, error: Exception) -> str:
    """What is told of an error that nobody foresaw. Its own text is not: that may be content."""
    return (
        f"source {source}: calsync made a mistake while it read this source ({origin_of(error)}); "
        "please report it"
    )


@dataclass(frozen=True, slots=True)
class Closed:
    """Batches of a source that were open, and what of their tenants' changes is held now.

    large   batches to be closed by ranges next, with the limits of their tenants
    """

    batches: tuple[int, ...]
    held: tuple[Held, ...]
    large: tuple[tuple[int, Limits], ...] = ()


def close(db: Db, intake: Intake, *, at_once: bool = False) -> Closed:
    """Hand every open batch of the source to the guard, one of a poll that died or failed half-way
    included; and the tenants' held ones: a page may have changed what they hold. What is too large
    for this transaction is closed by `finish`, unless it is to be closed `at_once`."""
    own = batches.left_open(db, intake.source)
    held: list[Held | None] = []
    for tenant, batch in own.items():
        limits = intake.ground(tenant).limits
        if large.is_large(db, batch) and not at_once:
            large.begin(db, batch)
        else:
            held.append(batches.close(db, batch, limits))
        held += [_again(db, one, limits) for one in batches.touched(db, tenant) if one != batch]
    unfinished = large.unfinished(db, {intake.tenant, *own})
    return Closed(
        tuple(own.values()),
        tuple(one for one in held if one is not None),
        tuple((row["id"], intake.ground(row["tenant"]).limits) for row in unfinished),
    )


def _again(db: Db, batch: int, limits: Limits) -> Held | None:
    """A held batch. Of a large one, pages have let go what need not be held any longer."""
    return None if large.is_large(db, batch) else batches.close(db, batch, limits)


def finish(intake: Intake, closed: Closed) -> tuple[Held, ...]:
    """Close what is too large for one transaction; returns what is held then of all."""
    for batch, limits in closed.large:
        ranges.close(intake.store, intake.at, batch, limits)
    if not closed.large:
        return closed.held
    with intake.store.read() as db:
        known = [batches.held_batch(db, batch) for batch, _ in closed.large]
    return (*closed.held, *(one for one in known if one is not None))


def failed(
    lease: SourceLease, pages: Sequence[PolledPage], error: Exception, **reached: str | None
) -> Polled:
    """Remember that the source could not be read to its end. `reached`: the cursor after the pages
    that were taken in, of a poll. Raises an error again that is not the source's, but the
    ledger's."""
    if isinstance(error, CalsyncError) and not isinstance(error, SourceError):
        raise error
    intake = lease.intake
    reason = str(error) if isinstance(error, SourceError) else unexpected(intake.source, error)

    def note(db: Db) -> None:
        row = sessions.cursor(db, intake.source)
        since = row["failing_since"] if row and row["failing_since"] else db.now
        if row is None or row["last_error"] != reason:
            tenant, source = intake.tenant, intake.source
            journal.note(db, "source_failed", tenant=tenant, source=source, reason=reason)
        sessions.set_cursor(db, intake.source, last_error=reason, failing_since=since, **reached)

    lease.transact("poll_failed", note)
    return polled(intake.source, pages, error=reason)
