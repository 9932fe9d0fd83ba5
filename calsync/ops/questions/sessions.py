"""Lists: the sessions ahead, and the sources they come from."""

from __future__ import annotations

from calsync.core.content.visibility import UNSHOWN
from calsync.core.ledger import Want
from calsync.errors import InputError
from calsync.ops import lookup, queries
from calsync.ops.results.people import ListedSession, ListedSource
from calsync.runtime.context import Context
from calsync.store import status
from calsync.store.database import Db, Row
from calsync.store.ledger import deliveries, people, sessions
from calsync.store.ledger.rows import delivery_of
from calsync.store.ledger.selection import Selection

MOST = 1000


def listed(context: Context, chosen: Selection, limit: int) -> list[ListedSession]:
    """The nearest sessions ahead that are meant. Raises InputError for a tenant or program that
    the ledger does not know."""
    if chosen.tenant:
        lookup.check_tenant(context, chosen.tenant)
    with context.store.read() as db:
        rows = sessions.ahead(db, chosen, min(limit, MOST))
        if not rows and chosen.program and not sessions.knows_program(db, chosen.program):
            raise InputError(f"the ledger has no session of a program {chosen.program}")
        return [_listed(db, row) for row in rows]


def _listed(db: Db, row: Row) -> ListedSession:
    rows = deliveries.of_session(db, row["tenant"], row["id"])
    wanted = [one for one in map(delivery_of, rows) if one.want is Want.PRESENT]
    visible = people.visible(db, wanted)
    record = sessions.from_json(row["record"]) if row["record"] else None
    return ListedSession(
        session=row["id"],
        tenant=row["tenant"],
        source=row["source"],
        program=row["program"],
        title=record.title if record else "",
        starts_at=row["starts_at"],
        people=len(visible),
        shown=sum(one.state not in UNSHOWN for one in visible.values()),
        stale=row["stale"] is not None,
    )


def sources(context: Context, configured: dict[str, tuple[str, str]]) -> list[ListedSource]:
    """Every source, by name. `configured`: tenant and kind of those that are configured."""
    with context.store.read() as db:
        known = {one.source: one for one in queries.sources(db)}
        refused, ahead = status.refused_counts(db), status.sessions_ahead(db)
        found = []
        for name in sorted({*configured, *known}):
            tenant, kind = configured.get(name, ("", ""))
            one = known.get(name)
            found.append(
                ListedSource(
                    source=name,
                    tenant=tenant,
                    kind=kind,
                    last_ok=one.last_ok if one else None,
                    swept_at=one.swept_at if one else None,
                    failing_since=one.failing_since if one else None,
                    error=one.error if one else None,
                    ahead=ahead.get(name, 0),
                    refused=refused.get(name, 0),
                    went_back=one.went_back if one else 0,
                )
            )
        return found
