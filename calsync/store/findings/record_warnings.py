"""What was left out of accepted records, until a later one is right: people who are set aside, and
fields that were dropped or cut."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.booked import RecordWarning
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.engine.among import among, these
from calsync.store.ledger import journal
from calsync.store.ledger.rows import of_tenant, table
from calsync.store.prepared import built_once

FACTS = ("participant", "field", "reason")  # by which a warning is known again


def store(
    db: Db,
    tenant: str,
    source: str,
    read: Collection[str],
    given: Mapping[str, Sequence[RecordWarning]],
) -> None:
    """Remember the warnings of these sessions, which were read now, in the place of earlier ones.
    The platform is told of people who are newly set aside."""
    known = _of_sessions(db, tenant, read)
    for session in read:
        before, now = known.get(session, []), given.get(session, ())
        since = {tuple(row[name] for name in FACTS): row["since"] for row in before}
        facts = [(one.participant, one.field, one.reason) for one in now]
        if facts != list(since):
            _replace(db, tenant, source, session, now, since)


def _replace(
    db: Db,
    tenant: str,
    source: str,
    session: str,
    now: Sequence[RecordWarning],
    since: Mapping[tuple[str, ...], object],
) -> None:
    warnings = table("record_warning")
    c = warnings.c
    db.run(sa.delete(warnings).where(c.tenant == tenant, c.session == session))
    for n, one in enumerate(now):
        facts = (one.participant, one.field, one.reason)
        row = {"tenant": tenant, "session": session, "n": n, "source": source}
        row |= dict(zip(FACTS, facts, strict=True))
        started = since.get(facts, db.now)
        db.run(sa.insert(warnings), row | {"set_aside": one.set_aside, "since": started})
        if one.set_aside and facts not in since:
            key = DeliveryKey(tenant, session, one.participant)
            told = {"field": one.field, "reason": one.reason}
            journal.note_of(db, key, "participant_set_aside", told)


def _of_sessions(db: Db, tenant: str, ids: Collection[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        values = these(tenant, wanted[start : start + 500])
        for row in db.all(_told(), values):
            found.setdefault(row["session"], []).append(row)
    return found


@built_once
def _told() -> sa.Select[Any]:
    c = table("record_warning").c
    return (
        sa.select(table("record_warning"))
        .where(among(c.tenant, c.session))
        .order_by(c.session, c.n)
    )


def of_session(db: Db, tenant: str, session: str) -> list[Row]:
    """The warnings of one session's record, in its order."""
    return _of_sessions(db, tenant, [session]).get(session, [])


def listed(db: Db, limit: int, tenant: str | None = None) -> list[Row]:
    """Warnings about sessions ahead: people who are set aside first, then the oldest."""
    warnings, session = table("record_warning"), table("booked_session").c
    c = warnings.c
    ahead = sa.exists().where(
        session.tenant == c.tenant,
        session.id == c.session,
        session.status == "booked",
        session.ends_at > db.now,
    )
    order = (c.set_aside.desc(), c.since, c.tenant, c.session, c.n)
    return db.all(
        sa.select(warnings).where(ahead, of_tenant(c, tenant)).order_by(*order).limit(limit)
    )


def drop_of_sessions_before(db: Db, before: datetime) -> int:
    """Delete the warnings about sessions that ended before; returns how many."""
    warnings, session = table("record_warning"), table("booked_session").c
    ended = sa.func.coalesce(session.ends_at, session.stored_at) < before
    over = sa.exists().where(
        session.tenant == warnings.c.tenant, session.id == warnings.c.session, ended
    )
    return int(db.run(sa.delete(warnings).where(over)).rowcount)
