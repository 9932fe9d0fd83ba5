"""Which known sessions a source is asked for, and which it did not have."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Row, as_instant
from calsync.store.engine.among import among, these
from calsync.store.ledger import journal, sessions
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once, instant

LONGEST = timedelta(hours=24)  # no session lasts longer


def next_soon(db: Db, source: str, after: str | None, soon: timedelta, limit: int) -> list[Row]:
    """The next sessions behind `after` that start within that time, round and round."""
    return _next(db, source, after, limit, soon, is_soon=True)


def next_later(db: Db, source: str, after: str | None, soon: timedelta, limit: int) -> list[Row]:
    """The next sessions behind `after` that start later, round and round."""
    return _next(db, source, after, limit, soon, is_soon=False)


def position(rows: Sequence[Row]) -> str | None:
    """What to go on behind; None: from the beginning."""
    if not rows:
        return None
    last = rows[-1]
    return json.dumps([as_instant(last["ends_at"]).isoformat(), last["id"]])


def _next(
    db: Db, source: str, after: str | None, limit: int, soon: timedelta, *, is_soon: bool
) -> list[Row]:
    """Rows (id, ends_at, gone_since); the end as the driver gives it, for one of 500 is read."""
    past = db.now if is_soon else db.now + soon  # what ends by then is not asked for
    values = {"of_source": source, "past": past, "soon": db.now + soon, "most": limit}
    if is_soon:
        values["ended"] = db.now + soon + LONGEST
    ends, ident = json.loads(after) if after is not None else (past.isoformat(), "")
    last_end = datetime.fromisoformat(ends)
    if last_end <= past:
        return db.all(_ahead(is_soon=is_soon, behind=False), values)
    reached = {"last_end": last_end, "last_id": ident}
    found = db.all(_ahead(is_soon=is_soon, behind=True), values | reached)
    if len(found) < limit:
        known = {row["id"] for row in found}
        rest = values | {"most": limit - len(found)}
        again = db.all(_ahead(is_soon=is_soon, behind=False), rest)
        found += [row for row in again if row["id"] not in known]
    return found


@built_once
def _ahead(*, is_soon: bool, behind: bool) -> sa.Select[Any]:
    """The index on source, end and id is read from one bound on: a round costs the same however
    many sessions are stored, and however many of them end at once."""
    c, soon = table("booked_session").c, instant("soon")
    end_as_given = sa.type_coerce(c.ends_at, sa.types.NULLTYPE).label("ends_at")
    query = sa.select(c.id, end_as_given, c.gone_since).where(
        c.source == sa.bindparam("of_source"),
        c.status == "booked",
        c.returned_at.is_(None),
    )
    if is_soon:
        query = query.where(c.starts_at <= soon, c.ends_at <= instant("ended"))
    else:
        query = query.where(c.starts_at > soon)
    if behind:
        reached = sa.tuple_(instant("last_end"), sa.bindparam("last_id"))
        query = query.where(sa.tuple_(c.ends_at, c.id) > reached)
    else:
        query = query.where(c.ends_at > instant("past"))
    return query.order_by(c.ends_at, c.id).limit(sa.bindparam("most"))


def mark_gone(db: Db, tenant: str, ids: Collection[str]) -> None:
    """The source did not have these, for the first time."""
    stored = table("booked_session")
    if ids:
        mine = sa.update(stored).where(stored.c.tenant == tenant, stored.c.id.in_(list(ids)))
        db.run(mine.values(gone_since=db.now))


def sighted(db: Db, tenant: str, ids: Collection[str]) -> None:
    """The source shows these. One that was gone is from now on believed of sweeps only: the source
    may be read from several places that do not agree."""
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        values = these(tenant, wanted[start : start + 500])
        for row in db.all(_returned(), values | {"gone_since": None, "returned_at": db.now}):
            journal.note(db, "session_returned", tenant=tenant, session=row["id"])


@built_once
def _returned() -> sa.Executable:
    stored = table("booked_session")
    c = stored.c
    mine = (among(c.tenant, c.id), c.gone_since.is_not(None))
    return sa.update(stored).where(*mine).returning(c.id)


def clear_missing(db: Db, tenant: str, back: Collection[str]) -> None:
    """A sweep showed these sessions, which were missing."""
    stored = table("booked_session")
    if back:
        mine = sa.update(stored).where(stored.c.tenant == tenant, stored.c.id.in_(list(back)))
        db.run(mine.values(missing_since=None))


def mark_missing(
    db: Db, tenant: str, missing: Collection[str], gap: timedelta
) -> tuple[list[str], list[str]]:
    """Remember whom a complete sweep did not show; returns those missing from now on, and those
    missing for `gap` already."""
    known, stored = sessions.stored(db, tenant, missing), table("booked_session")
    fresh = [ident for ident, row in known.items() if row["missing_since"] is None]
    if fresh:
        mine = sa.and_(stored.c.tenant == tenant, stored.c.id.in_(fresh))
        db.run(sa.update(stored).where(mine).values(missing_since=db.now))
    again = [
        ident
        for ident, row in known.items()
        if row["missing_since"] is not None and db.now - row["missing_since"] >= gap
    ]
    return fresh, again


def mark_vanished(db: Db, tenant: str, gone: Collection[str]) -> None:
    """No longer compared; a record that comes back is news again, whatever it says."""
    stored = table("booked_session")
    if gone:
        mine = sa.update(stored).where(stored.c.tenant == tenant, stored.c.id.in_(list(gone)))
        db.run(mine.values(status="vanished", digest=""))
