"""What the ops page shows: the verdict, what waits and how long, and what needs a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsync.ops import queries, verdict
from calsync.ops.results.finding import Finding
from calsync.ops.results.status import NONE_EXPOSED, InstallationStatus
from calsync.runtime.context import Context
from calsync.store import status
from calsync.store.connect.operators import EVERY
from calsync.store.queue.pauses import ALL


@dataclass(frozen=True, slots=True)
class Age:
    """How many deliveries have been due for so long, in words."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything on the page. `channels`: the names that may be paused."""

    findings: Sequence[Finding]
    status: InstallationStatus
    backlog: Sequence[Age]
    channels: Sequence[str]


def desk(context: Context, tenant: str) -> Desk:
    """The page's content for one tenant, or for EVERY."""
    only = None if tenant == EVERY else tenant
    known, alive = verdict.known(context, only)
    with context.store.read() as db:
        ages = status.by_age(db, only)
    files = verdict.exposed(context) if only is None else NONE_EXPOSED
    kinds = {kind for name, kind in context.channels if only in (None, name) or name == "default"}
    return Desk(
        findings=verdict.findings(known, alive, files),
        status=known,
        backlog=[Age(label, count) for label, count in ages],
        channels=[ALL, *sorted(kinds)],
    )


def held_of(context: Context, batch: int, tenant: str) -> bool:
    """Whether this batch waits for a person, and is the tenant's. Raises InputError otherwise."""
    one = queries.held_batch(context, batch)
    return tenant in (EVERY, one.tenant)
