"""Lists: the sessions ahead, and the sources they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from heapq import merge
from itertools import islice

from calsync.core.content.visibility import UNSHOWN
from calsync.ops import lookup, queries
from calsync.ops.results.people import ListedSession, ListedSource
from calsync.runtime.context import Context
from calsync.store import status
from calsync.store.database import Db, Row
from calsync.store.ledger import people, sessions
from calsync.store.records.by_start import Starting, start_position, starting

MOST = 1000
PAGE = 200
LONGEST = timedelta(hours=24)  # a session is no longer, so none that began before is still ahead


def listed(
    context: Context, chosen: Starting, limit: int, tenant: str | None = None
) -> list[ListedSession]:
    """The nearest sessions ahead that are meant, of one tenant or of all. Raises InputError for a
    tenant or program that the ledger does not know."""
    if tenant:
        lookup.check_tenant(context, tenant)
    names = [tenant] if tenant else lookup.tenants(context)
    with context.store.read() as db:
        each = (_ahead(db, name, chosen) for name in names)
        nearest = merge(*each, key=lambda row: (row["starts_at"], row["tenant"], row["id"]))
        rows = list(islice(nearest, min(limit, MOST)))
        if not rows and chosen.program:
            lookup.check_program(db, chosen.program, names)
        people_of, shown_of = _counts(db, rows)
    return [_listed(row, people_of[_key(row)], shown_of[_key(row)]) for row in rows]


def _ahead(db: Db, tenant: str, chosen: Starting) -> Iterator[Row]:
    """Booked sessions of a tenant that have not ended, a page at a time."""
    earliest = db.now - LONGEST
    chosen = replace(chosen, start=max(chosen.start or earliest, earliest))
    while rows := starting(db, tenant, chosen, PAGE):
        yield from (one for one in rows if one["status"] == "booked" and one["ends_at"] > db.now)
        chosen = replace(chosen, after=start_position(rows[-1]))


def _key(row: Row) -> tuple[str, str]:
    return row["tenant"], row["id"]


def _counts(
    db: Db, rows: Sequence[Row]
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """By tenant and session: how many people are to see it, and how many of them see it."""
    everybody, shown = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for tenant in dict.fromkeys(row["tenant"] for row in rows):
        ids = [row["id"] for row in rows if row["tenant"] == tenant]
        for key, one in people.visible(db, people.wanted_in(db, tenant, ids)).items():
            everybody[tenant, key.session] += 1
            shown[tenant, key.session] += one.state not in UNSHOWN
    return everybody, shown


def _listed(row: Row, everybody: int, shown: int) -> ListedSession:
    record = sessions.from_json(row["record"]) if row["record"] else None
    return ListedSession(
        session=row["id"],
        tenant=row["tenant"],
        source=row["source"],
        program=row["program"],
        title=record.title if record else "",
        starts_at=row["starts_at"],
        people=everybody,
        shown=shown,
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
