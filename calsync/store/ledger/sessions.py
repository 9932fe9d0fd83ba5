"""Booked sessions as last accepted, their sources' cursors, and what was set aside."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from pydantic import TypeAdapter

from calsync.core.booked import BookedSession
from calsync.errors import RecordError
from calsync.store.database import Db, Row, as_instant
from calsync.store.engine.among import among, any_value, these
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once, instant
from calsync.store.upsert import upsert

RANGE = 500  # rows that one question is about

_ADAPTER: TypeAdapter[BookedSession] = TypeAdapter(BookedSession)


def to_json(session: BookedSession) -> str:
    # Without links it is what versions wrote that knew none: nothing is new by an upgrade alone.
    left_out = _unsaid(session) | ({} if session.links else {"links": True})
    left_out |= _never_said(session)
    return _ADAPTER.dump_json(session, exclude=left_out).decode()


def _unsaid(session: BookedSession) -> dict[str, Any]:
    """What a program leaves out that former versions did not know: as if there were no such
    field."""
    says = session.program is None or session.program.upcoming_hours is not None
    return {} if says else {"program": {"upcoming_hours"}}


def _never_said(session: BookedSession) -> dict[str, Any]:
    return {"agenda": {"former_html"}} if session.agenda is not None else {}


def from_json(record: str) -> BookedSession:
    return _ADAPTER.validate_json(record)


def content_hash(session: BookedSession) -> str:
    """Of what the record says. Sessions from before wall times were kept have none: those that say
    instants go on having the same hash."""
    left_out = _unsaid(session) | _never_said(session) | {"updated_at": True}
    if not session.wall:
        left_out["wall"] = True
    return hashlib.sha256(_ADAPTER.dump_json(session, exclude=left_out)).hexdigest()[:32]


def is_known_as(session: BookedSession, digest: str) -> bool:
    """The record says what this content hash was made of, by this version or by one that read
    agendas otherwise: an upgrade alone is no news."""
    if content_hash(session) == digest:
        return True
    agenda = session.agenda
    if agenda is None or agenda.former_html is None:
        return False
    former = replace(agenda, html=agenda.former_html, former_html=None)
    said = former if former.html or former.url else None
    return content_hash(replace(session, agenda=said)) == digest


def stored(db: Db, tenant: str, ids: Collection[str]) -> dict[str, Row]:
    """Rows of these sessions, by id."""
    found: dict[str, Row] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        values = these(tenant, wanted[start : start + 500])
        found |= {row["id"]: row for row in db.all(_stored(), values)}
    return found


@built_once
def _stored() -> sa.Select[Any]:
    c = table("booked_session").c
    return sa.select(table("booked_session")).where(among(c.tenant, c.id))


def named(db: Db, ident: str, tenant: str | None) -> list[Row]:
    """Rows of the sessions with this id, one in each tenant that has it."""
    c = table("booked_session").c
    mine = c.tenant == tenant if tenant else any_value(c.tenant)
    return db.all(sa.select(table("booked_session")).where(mine, c.id == ident))


def knows_program(db: Db, program: str) -> bool:
    """Some session, past ones too, is of this program."""
    c = table("booked_session").c
    query = sa.select(c.id).where(any_value(c.tenant), c.program == program)
    return db.first(query.limit(1)) is not None


def programs(db: Db, tenants: Iterable[str], most: int) -> list[str]:
    """The first programs of these tenants that some session is of, in the order of their ids."""
    c = table("booked_session").c
    found: set[str] = set()
    for tenant in tenants:
        last = ""
        for _ in range(most):  # from each to the next: the index is read once for a program
            mine = (c.tenant == tenant, c.program > last)
            last = db.scalar(sa.select(sa.func.min(c.program)).where(*mine))
            if last is None:
                break
            found.add(last)
    return sorted(found)[:most]


def mark_without_people(db: Db, tenant: str, ids: Collection[str]) -> None:
    """These sessions were read now without the people that they had."""
    if not ids:
        return
    sessions = table("booked_session")
    c = sessions.c
    since = sa.func.coalesce(c.nobody_since, db.now)
    mine = sa.update(sessions).where(c.tenant == tenant, c.id.in_(list(ids)))
    db.run(mine.values(nobody_since=since, seen_at=db.now))


def without_people(db: Db, source: str, began: datetime, limit: int) -> list[Row]:
    """Rows (tenant, id, updated_at) of sessions ahead that were read since without the people
    whom they are still wanted for, the nearest first."""
    c, delivery = table("booked_session").c, table("delivery").c
    wanted = sa.exists().where(
        delivery.tenant == c.tenant, delivery.session == c.id, delivery.want == "present"
    )
    lost = (c.nobody_since.is_not(None), c.seen_at >= began, wanted)
    query = sa.select(c.tenant, c.id, c.updated_at).where(*_ahead(db, source), *lost)
    return db.all(query.order_by(c.starts_at, c.id).limit(limit))


def shown_and_lost(db: Db, source: str) -> tuple[int, int]:
    """How many sessions of this source that lie ahead are shown to somebody, and how many of them
    were last read without people."""
    c, delivery = table("booked_session").c, table("delivery").c
    kept = sa.or_(delivery.batch.is_not(None), delivery.parked.is_not(None))
    shown = sa.exists().where(
        delivery.tenant == c.tenant,
        delivery.session == c.id,
        sa.or_(delivery.want == "present", kept),
    )
    lost = sa.func.count().filter(c.nobody_since.is_not(None)).label("lost")
    query = sa.select(sa.func.count().label("shown"), lost).where(*_ahead(db, source), shown)
    row = db.first(query)
    return (row["shown"], row["lost"]) if row else (0, 0)


def _ahead(db: Db, source: str) -> tuple[sa.ColumnElement[bool], ...]:
    c = table("booked_session").c
    return c.source == source, c.status == "booked", c.ends_at > db.now


def mark_stale(db: Db, tenant: str, session: str, reason: str) -> bool:
    """A shown session's update was refused. True when that is news and the session is known."""
    sessions = table("booked_session")
    result = db.run(
        sa.update(sessions)
        .where(
            sessions.c.tenant == tenant,
            sessions.c.id == session,
            sa.or_(sessions.c.stale.is_(None), sessions.c.stale != reason),
        )
        .values(stale=reason)
    )
    return bool(result.rowcount)


def cursor(db: Db, source: str) -> Row | None:
    return db.one(_cursor(), {"of_name": source})


@built_once
def _cursor() -> sa.Select[Any]:
    cursors = table("source_cursor")
    return sa.select(cursors).where(cursors.c.name == sa.bindparam("of_name"))


def set_cursor(db: Db, source: str, **values: Any) -> None:
    """Set columns of the source's row, made when it is new."""
    upsert(db, table("source_cursor"), [{"name": source, **values}], list(values))


def forget_cursors(db: Db) -> None:
    """The next poll of every source reads it from the beginning."""
    db.run(sa.update(table("source_cursor")).values(cursor=None))


def zones_ahead(db: Db) -> list[str]:
    """The zones of the sessions ahead, by name: one step along an index for each."""
    c = table("booked_session").c
    found: list[str] = []
    while True:
        after = [c.time_zone > found[-1]] if found else []
        query = sa.select(sa.func.min(c.time_zone)).where(c.ends_at > db.now, *after)
        name = db.scalar(query)
        if name is None:
            return found
        found.append(str(name))


def begin_recomputing(db: Db, zones: Sequence[str]) -> None:
    """The instants of sessions in these zones are to be computed again, where they were said as
    wall times. What was left of an earlier change is part of it."""
    c = table("source_cursor").c
    for row in db.all(sa.select(c.name, c.recompute_from)):
        left = json.loads(row["recompute_from"])["zones"] if row["recompute_from"] else []
        mark = {"zones": sorted({*left, *zones}), "after": []}
        set_cursor(db, row["name"], recompute_from=json.dumps(mark))


def to_recompute(db: Db) -> list[str]:
    """The sources of which some are left."""
    c = table("source_cursor").c
    rows = db.all(sa.select(c.name).where(c.recompute_from.is_not(None)).order_by(c.name))
    return [str(row["name"]) for row in rows]


def recomputing(db: Db, source: str, limit: int) -> list[Row]:
    """The next of the source's sessions ahead, by their ends: a page is read from where the one
    before it ended."""
    mark, c = _mark(db, source), table("booked_session").c
    if mark is None:
        return []
    left: sa.ColumnElement[bool] = c.ends_at > db.now
    ends_at, *key = mark.get("behind") or [db.now.isoformat()]
    end = datetime.fromisoformat(ends_at)
    if end > db.now:  # one bound from which the index is read
        reached = sa.tuple_(sa.literal(end, c.ends_at.type), *key)
        left = sa.tuple_(c.ends_at, c.id, c.tenant) > reached
    query = sa.select(c.tenant, c.id, c.ends_at, c.digest, c.record).where(
        c.source == source,
        c.time_zone.in_(mark["zones"]),
        c.record.is_not(None),
        left,
    )
    return db.all(query.order_by(c.ends_at, c.id, c.tenant).limit(limit))


def _mark(db: Db, source: str) -> dict[str, Any] | None:
    row = cursor(db, source)
    found: dict[str, Any] | None = None
    if row is not None and row["recompute_from"] is not None:
        found = json.loads(row["recompute_from"])
    return found


def recomputed(db: Db, source: str, last: Row | None) -> None:
    """How far it has come; None: to the end. `after` is where an earlier version goes on, which
    reads them in another order: from the beginning."""
    mark = _mark(db, source)
    left = None
    if mark is not None and last is not None:
        reached = [last["ends_at"].isoformat(), last["id"], last["tenant"]]
        left = {**mark, "after": [], "behind": reached}
    set_cursor(db, source, recompute_from=json.dumps(left) if left is not None else None)


def set_aside(db: Db, source: str, refused: Iterable[RecordError]) -> None:
    """Remember refused records with their reasons."""
    rows = {
        error.record: {
            "source": source,
            "record": error.record,
            "field": error.field,
            "reason": error.reason,
            "since": db.now,
        }
        for error in refused
    }
    upsert(db, table("quarantine"), list(rows.values()), ["field", "reason"])


def take_back(db: Db, source: str, records: Collection[str]) -> None:
    """Good records arrived for these ids: they are no longer set aside."""
    if records:
        db.write(_take_back(), these(source, records))


@built_once
def _take_back() -> sa.Delete:
    c = table("quarantine").c
    return sa.delete(table("quarantine")).where(among(c.source, c.record))


def next_aside(db: Db, source: str, after: str) -> list[str]:
    """The next records of this source that are set aside, behind `after`, by their ids."""
    c = table("quarantine").c
    query = sa.select(c.record).where(c.source == source, c.record > after)
    return [row["record"] for row in db.all(query.order_by(c.record).limit(RANGE))]


def quarantined(db: Db, limit: int = 100) -> list[Row]:
    quarantine = table("quarantine")
    return db.all(sa.select(quarantine).order_by(quarantine.c.since).limit(limit))


Position = tuple[datetime, str]  # end and id
FROM_THE_START: Position = (datetime.min.replace(tzinfo=UTC), "")


def next_ahead(db: Db, source: str, tenant: str, after: Position) -> list[Row]:
    """The next rows (id, ends_at, missing_since) of this source's booked sessions that have not
    ended, behind `after`, by their ends."""
    last_end, last_id = max(after, (db.now, ""))
    values = {"of_source": source, "of_tenant": tenant, "most": RANGE}
    return db.all(_next_ahead(), values | {"last_end": last_end, "last_id": last_id})


@built_once
def _next_ahead() -> sa.Select[Any]:
    """One bound, from which the index is read: by two, SQLite takes the one that is always there,
    and reads each range from the beginning of all."""
    c = table("booked_session").c
    behind = sa.tuple_(instant("last_end"), sa.bindparam("last_id"))
    end_as_given = sa.type_coerce(c.ends_at, sa.types.NULLTYPE).label("ends_at")
    query = sa.select(c.id, end_as_given, c.missing_since).where(
        c.source == sa.bindparam("of_source"),
        c.status == "booked",
        c.tenant == sa.bindparam("of_tenant"),
        sa.tuple_(c.ends_at, c.id) > behind,
    )
    return query.order_by(c.ends_at, c.id).limit(sa.bindparam("most"))


def position(row: Row) -> Position:
    """Behind which the next range begins."""
    return as_instant(row["ends_at"]), row["id"]


def count_ahead(db: Db, source: str, tenant: str) -> int:
    """How many booked sessions of this source have not ended."""
    c = table("booked_session").c
    return int(db.scalar(sa.select(sa.func.count()).where(*_ahead(db, source), c.tenant == tenant)))
