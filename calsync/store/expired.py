"""Content and lines whose time is over leave by ranges: what is found has an index of its own, from
which it is gone afterwards, so that a range costs the same however much was ever stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table

RANGE = 500  # rows of one table that one transaction changes


def blank_content(db: Db, before: datetime) -> dict[str, int]:
    """Blank the next content of sessions that ended before; returns how many rows of each table,
    nothing but zeros behind the last ones."""
    deliveries = _ended_deliveries(db, before)
    return {
        "booked_session": _blank_sessions(db, before),
        "delivery": _blank_each(db, "delivery", "content", deliveries),
        "attempt": _blank_each(db, "attempt", "wire", deliveries) + _blank_sent(db, before),
        "copy": _blank_each(db, "copy", "content", deliveries),
        "notice": _blank_notices(db, before),
    }


def drop_lines(db: Db, before: datetime) -> int:
    """Delete the next of the journal's lines from before; returns how many."""
    c = table("journal").c
    oldest = sa.select(c.id).where(c.at < before).order_by(c.at).limit(RANGE)
    return int(db.run(sa.delete(table("journal")).where(c.id.in_(oldest))).rowcount)


def drop_facts(db: Db, before: datetime) -> int:
    """Delete the next facts from before, and remember how far; returns how many."""
    c, feed = table("fact").c, table("feed")
    oldest = sa.select(c.id, c.tenant, c.number).where(c.at < before)
    rows = db.all(oldest.order_by(c.at).limit(RANGE))
    for row in _last_numbers(rows):
        mine = sa.and_(feed.c.tenant == row["tenant"], feed.c.purged < row["number"])
        db.run(sa.update(feed).where(mine).values(purged=row["number"]))
    if rows:
        db.run(sa.delete(table("fact")).where(c.id.in_([row["id"] for row in rows])))
    return len(rows)


def _last_numbers(rows: list[Row]) -> list[Row]:
    last: dict[str, Row] = {}
    for row in rows:
        known = last.get(row["tenant"])
        if known is None or (row["number"] or 0) > (known["number"] or 0):
            last[row["tenant"]] = row
    return [{**row, "number": row["number"] or 0} for row in last.values()]


def _ended_deliveries(db: Db, before: datetime) -> list[Row]:
    c = table("delivery").c
    query = sa.select(c.tenant, c.session, c.participant)
    query = query.where(c.content.is_not(None), c.ends_at < before)
    return db.all(query.order_by(c.ends_at).limit(RANGE))


def _blank_sessions(db: Db, before: datetime) -> int:
    stored = table("booked_session")
    c, kept = stored.c, stored.c.record.is_not(None)
    without_times = (c.ends_at.is_(None), c.stored_at < before)  # a tombstone
    rows = db.all(sa.select(c.tenant, c.id).where(kept, c.ends_at < before).limit(RANGE))
    rows += db.all(sa.select(c.tenant, c.id).where(kept, *without_times).limit(RANGE))
    mine = sa.and_(c.tenant == sa.bindparam("of_tenant"), c.id == sa.bindparam("of_id"))
    if rows:
        blanking = sa.update(stored).where(mine).values(record=None)
        db.run(blanking, [{"of_tenant": row["tenant"], "of_id": row["id"]} for row in rows])
    return len(rows)


def _blank_each(db: Db, name: str, column: str, deliveries: list[Row]) -> int:
    """Blank it in the rows of these deliveries."""
    if not deliveries:
        return 0
    target = table(name)
    of = ("tenant", "session", "participant")
    mine = sa.and_(*(target.c[one] == sa.bindparam(f"of_{one}") for one in of))
    still = target.c[column].is_not(None)
    blanking = sa.update(target).where(mine, still).values({column: None})
    rows = [{f"of_{one}": row[one] for one in of} for row in deliveries]
    return int(db.run(blanking, rows).rowcount)


def _blank_sent(db: Db, before: datetime) -> int:
    """Blank the bytes of calls from before that nobody makes again."""
    # Those of an accepted call left with its answer, unless an earlier version made it.
    attempt, delivery = table("attempt").c, table("delivery").c
    over = sa.exists().where(
        delivery.tenant == attempt.tenant,
        delivery.session == attempt.session,
        delivery.participant == attempt.participant,
        delivery.ends_at < before,
    )
    old = (attempt.wire.is_not(None), attempt.started < before)
    query = sa.select(attempt.id).where(*old, sa.or_(~_may_be_replayed(), over))
    ids = [row["id"] for row in db.all(query.order_by(attempt.started).limit(RANGE))]
    return _blank(db, "attempt", "wire", attempt.id.in_(ids)) if ids else 0


def _blank_notices(db: Db, before: datetime) -> int:
    """Blank bytes and facts of notices from before; returns how many rows."""
    c = table("notice").c
    keys = ("tenant", "kind", "person", "subject_key")
    has = sa.or_(c.wire.is_not(None), c.fact.is_not(None))
    query = sa.select(*(c[name] for name in keys)).where(c.created < before, has)
    rows = db.all(query.order_by(c.created).limit(RANGE))
    if not rows:
        return 0
    mine = sa.and_(*(c[name] == sa.bindparam(f"of_{name}") for name in keys))
    blanking = sa.update(table("notice")).where(mine).values(wire=None, fact=None)
    db.run(blanking, [{f"of_{name}": row[name] for name in keys} for row in rows])
    return len(rows)


def _may_be_replayed() -> sa.ColumnElement[bool]:
    """For attempt: a copy waits for it, and would be sent the same bytes once more."""
    attempt, copy = table("attempt").c, table("copy").c
    waits = sa.exists().where(
        copy.tenant == attempt.tenant,
        copy.session == attempt.session,
        copy.participant == attempt.participant,
        copy.last_attempt == attempt.id,
        copy.state == "unsure",
    )
    return sa.or_(waits, attempt.outcome == "open")


def _blank(db: Db, name: str, column: str, where: sa.ColumnElement[bool]) -> int:
    target: Any = table(name)
    still = sa.and_(where, target.c[column].is_not(None))
    return int(db.run(sa.update(target).where(still).values({column: None})).rowcount)
