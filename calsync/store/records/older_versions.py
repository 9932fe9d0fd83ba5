"""Versions of sessions that a sweep showed although a newer one was accepted: the platform went
back, or its clock did. What is shown stays until it is certain which version counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.booked import BookedSession
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.engine.among import among, these
from calsync.store.guard import summary
from calsync.store.ledger import journal, sessions
from calsync.store.ledger.rows import of_tenant, table
from calsync.store.prepared import built_once
from calsync.store.upsert import upsert


def note(db: Db, source: str, found: Iterable[BookedSession]) -> None:
    """A sweep shows these versions. The platform is told of each once."""
    for one in found:
        digest = sessions.content_hash(one)
        row: dict[str, object] = {"tenant": one.tenant, "session": one.id, "source": source}
        row |= {"digest": digest, "updated_at": one.updated_at, "seen_at": db.now}
        before = of_session(db, one.tenant, one.id)
        if before and _is_that(one, before):
            _seen(db, one)
            continue
        row |= {"record": sessions.to_json(one), "since": None}
        upsert(db, table("older_version"), [row], [*row.keys() - {"tenant", "session"}])
        detail = {"updated_at": one.updated_at, "source": source}
        journal.note_of(db, DeliveryKey(one.tenant, one.id, ""), "record_went_back", detail)


def _is_that(one: BookedSession, noted: Row) -> bool:
    same_stamp: bool = noted["updated_at"] == one.updated_at
    return same_stamp and sessions.is_known_as(one, noted["digest"])


def _seen(db: Db, one: BookedSession) -> None:
    older = table("older_version")
    mine = (older.c.tenant == one.tenant, older.c.session == one.id)
    db.run(sa.update(older).where(*mine).values(seen_at=db.now))


def drop(db: Db, tenant: str, ids: Collection[str]) -> None:
    """A version of these sessions that is not older was read."""
    if ids:
        db.write(_drop(), these(tenant, ids))


@built_once
def _drop() -> sa.Delete:
    c = table("older_version").c
    return sa.delete(table("older_version")).where(among(c.tenant, c.session))


def complete(db: Db, source: str, began: datetime) -> None:
    """The sweep that began then has read its source to the end."""
    older = table("older_version")
    shown = (older.c.source == source, older.c.seen_at >= began, older.c.since.is_(None))
    db.run(sa.update(older).where(*shown).values(since=db.now))


def agreed(db: Db, source: str, began: datetime, gap: timedelta, limit: int) -> list[Row]:
    """Versions that the sweep which began then shows like a complete one did, at least `gap` ago,
    of sessions that have not gone back before."""
    older, stored = table("older_version"), table("booked_session").c
    query = (
        sa.select(older)
        .join(
            table("booked_session"),
            sa.and_(stored.tenant == older.c.tenant, stored.id == older.c.session),
        )
        .where(
            older.c.source == source,
            older.c.seen_at >= began,
            older.c.since <= db.now - gap,
            stored.went_back_at.is_(None),
        )
    )
    return db.all(query.order_by(older.c.tenant, older.c.session).limit(limit))


def of_sessions(db: Db, source: str, ids: Collection[str], tenant: str | None) -> list[Row]:
    """The older versions that a source shows of these sessions."""
    older = table("older_version")
    mine = [older.c.source == source, older.c.session.in_(list(ids))]
    if tenant is not None:
        mine.append(older.c.tenant == tenant)
    return db.all(sa.select(older).where(*mine).order_by(older.c.tenant, older.c.session))


def of_session(db: Db, tenant: str, session: str) -> Row | None:
    older = table("older_version")
    mine = (older.c.tenant == tenant, older.c.session == session)
    return db.one(sa.select(older).where(*mine))


def took_back(db: Db, tenant: str, ids: Collection[str]) -> None:
    """The older versions of these sessions were accepted."""
    stored = table("booked_session")
    mine = sa.update(stored).where(stored.c.tenant == tenant, stored.c.id.in_(list(ids)))
    db.run(mine.values(went_back_at=db.now, taken_back=True))
    summary.forget_of(db, tenant, ids)
    drop(db, tenant, ids)


def listed(db: Db, limit: int, tenant: str | None = None) -> list[Row]:
    """Rows (source, session, updated_at, since, starts_at, accepted, again) of sessions ahead, the
    nearest first; `again`: the session has gone back before."""
    older, stored = table("older_version").c, table("booked_session").c
    query = sa.select(
        older.source,
        older.session,
        older.updated_at,
        older.since,
        stored.starts_at,
        stored.updated_at.label("accepted"),
        stored.went_back_at.is_not(None).label("again"),
    ).where(
        # No index of the versions fits these: their sessions are looked up, not all that lie ahead.
        stored.tenant == sa.func.coalesce(older.tenant, ""),
        stored.id == sa.func.coalesce(older.session, ""),
        stored.ends_at > db.now,
        of_tenant(older, tenant),
    )
    return db.all(query.order_by(stored.starts_at, older.session).limit(limit))


def counts(db: Db) -> dict[str, int]:
    """How many sessions went back, by source."""
    older = table("older_version").c
    query = sa.select(older.source, sa.func.count().label("count")).group_by(older.source)
    return {row["source"]: row["count"] for row in db.all(query)}


def drop_of_sessions_before(db: Db, before: datetime) -> int:
    """Delete the versions of sessions that ended before; returns how many."""
    older, stored = table("older_version"), table("booked_session").c
    ended = sa.func.coalesce(stored.ends_at, stored.stored_at) < before
    over = sa.exists().where(stored.tenant == older.c.tenant, stored.id == older.c.session, ended)
    return int(db.run(sa.delete(older).where(over)).rowcount)
