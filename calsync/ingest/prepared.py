"""What the sessions of a page are to show, made before the transaction that writes it down: nobody
else could write meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from calsync.core.booked import BookedSession, RecordWarning
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_events
from calsync.errors import RecordError, origin_of
from calsync.ingest import changes
from calsync.store.database import Db
from calsync.store.ledger import sessions

Events = Mapping[str, DesiredEvent]  # by participant


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sessions that are about to be taken in.

    sessions  the newest version of each, by tenant and id
    events    by tenant and session, of those that said something new a moment ago
    warnings  by session, about the records
    hashes    by session, of the raw records, as in `ports.Page`
    refused   by tenant, sessions that are left out, as nothing can be made of them
    """

    sessions: Mapping[str, Mapping[str, BookedSession]]
    events: Mapping[tuple[str, str], Events] = field(default_factory=dict)
    refused: Mapping[str, Sequence[RecordError]] = field(default_factory=dict)
    warnings: Mapping[str, Sequence[RecordWarning]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)


def said_new(db: Db, by_tenant: Mapping[str, Mapping[str, BookedSession]]) -> list[BookedSession]:
    """Which of these sessions say something that the ledger does not know."""
    found: list[BookedSession] = []
    for tenant, mine in by_tenant.items():
        found += changes.news(mine.values(), sessions.stored(db, tenant, mine)).fresh
    return found


def prepare(
    by_tenant: Mapping[str, Mapping[str, BookedSession]],
    fresh: Iterable[BookedSession],
    warnings: Iterable[str] = (),
    hashes: Mapping[str, str] = MappingProxyType({}),
) -> Prepared:
    """These sessions, with the desired events of the fresh ones and what is warned of. Pure."""
    events: dict[tuple[str, str], Events] = {}
    refused: dict[str, dict[str, RecordError]] = {tenant: {} for tenant in by_tenant}
    for one in fresh:
        try:
            events[one.tenant, one.id] = desired_events(one)
        except Exception as error:  # the others go on
            reason = f"calsync failed to make an event of it ({origin_of(error)}); please report it"
            refused[one.tenant][one.id] = RecordError(one.id, "record", reason)
    left = {
        tenant: {ident: one for ident, one in mine.items() if ident not in refused[tenant]}
        for tenant, mine in by_tenant.items()
    }
    broken = {name: tuple(some.values()) for name, some in refused.items()}
    told: dict[str, list[RecordWarning]] = {}
    for warning in warnings:
        if isinstance(warning, RecordWarning):
            told.setdefault(warning.session, []).append(warning)
    return Prepared(left, events, broken, told, hashes)
