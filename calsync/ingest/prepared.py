"""What the sessions of a page are to show, made before the transaction that writes it down: nobody
else could write meanwhile."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from calsync.core.booked import BookedSession
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_events
from calsync.errors import RecordError
from calsync.ingest import changes
from calsync.store.database import Db
from calsync.store.ledger import sessions

Events = Mapping[str, DesiredEvent]  # by participant


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sessions that are about to be taken in.

    sessions  the newest version of each, by tenant and id
    events    by tenant and session, of those that said something new a moment ago
    refused   by tenant, sessions that are left out, as nothing can be made of them
    """

    sessions: Mapping[str, Mapping[str, BookedSession]]
    events: Mapping[tuple[str, str], Events] = field(default_factory=dict)
    refused: Mapping[str, Sequence[RecordError]] = field(default_factory=dict)


def said_new(db: Db, by_tenant: Mapping[str, Mapping[str, BookedSession]]) -> list[BookedSession]:
    """Which of these sessions say something that the ledger does not know."""
    found: list[BookedSession] = []
    for tenant, mine in by_tenant.items():
        found += changes.news(mine.values(), sessions.stored(db, tenant, mine)).fresh
    return found


def prepare(
    by_tenant: Mapping[str, Mapping[str, BookedSession]], fresh: Iterable[BookedSession]
) -> Prepared:
    """These sessions, with the desired events of the fresh ones. Pure."""
    events: dict[tuple[str, str], Events] = {}
    refused: dict[str, dict[str, RecordError]] = {tenant: {} for tenant in by_tenant}
    for one in fresh:
        try:
            events[one.tenant, one.id] = desired_events(one)
        except Exception as error:  # the others go on
            reason = f"calsync failed to make an event of it ({origin(error)}); please report it"
            refused[one.tenant][one.id] = RecordError(one.id, "record", reason)
    left = {
        tenant: {ident: one for ident, one in mine.items() if ident not in refused[tenant]}
        for tenant, mine in by_tenant.items()
    }
    return Prepared(left, events, {name: tuple(some.values()) for name, some in refused.items()})


def origin(error: Exception) -> str:
    """Which error this is and where in the code it arose, without its text: that may be content."""
    where = traceback.extract_tb(error.__traceback__)
    if not where:
        return type(error).__name__
    return f"{type(error).__name__} in {where[-1].name}, line {where[-1].lineno}"
