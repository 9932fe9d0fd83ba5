"""What operators are shown: counts of the whole installation, and what waits for a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from calsync.core.ledger import MAIL, Want
from calsync.core.reconcile.claimed import BY_PROVIDER
from calsync.store.database import Db, Row
from calsync.store.ledger import announcements
from calsync.store.ledger.rows import of_tenant, table
from calsync.store.queue import channels, pauses, slots

# Not a parameter: partial indexes hold the rows that have more of something than this.
NOUGHT: sa.ColumnClause[int] = sa.literal_column("0", sa.Integer())
AGES = (
    ("under a minute", timedelta()),
    ("1 to 5 minutes", timedelta(minutes=1)),
    ("5 to 15 minutes", timedelta(minutes=5)),
    ("15 minutes to an hour", timedelta(minutes=15)),
    ("1 to 6 hours", timedelta(hours=1)),
    ("6 to 24 hours", timedelta(hours=6)),
    ("over a day", timedelta(days=1)),
)


def delivery_counts(db: Db, tenant: str | None = None) -> Row:
    """How many deliveries ahead are in which condition, and the first instants of some."""
    c = table("delivery").c
    ahead, count = sa.and_(c.ends_at > db.now, of_tenant(c, tenant)), sa.func.count
    wanted = (ahead, c.want == Want.PRESENT.value, c.covered_by.is_(None))
    is_due = c.due_at <= db.now
    waiting = sa.select(
        count().filter(is_due).label("due"),
        count().filter(~is_due).label("waiting"),
        sa.func.min(c.due_at).filter(is_due).label("oldest_due"),
        sa.func.min(c.due_at).filter(~is_due).label("next_due"),
    ).where(ahead, slots.claimable(table("delivery")))
    announced = sa.select(
        count().label("announced"), sa.func.min(c.mail_from).label("next_announced")
    ).where(c.mail_from.is_not(None), announcements.waiting(db), of_tenant(c, tenant))
    # One question for each index: all of them at once would read every delivery.
    return {
        "wanted": db.scalar(sa.select(count()).where(*wanted)),
        **(db.first(waiting) or {}),
        **(db.first(announced) or {}),
        "held": db.scalar(sa.select(count()).where(ahead, c.batch.is_not(None))),
        "parked": db.scalar(sa.select(count()).where(ahead, c.parked.is_not(None))),
    }


def copy_counts(db: Db, tenant: str | None = None) -> list[Row]:
    """Rows (channel, state, count)."""
    return _counted(db, of_tenant(table("copy").c, tenant), "copy", "channel", "state")


def account_counts(db: Db, tenant: str | None = None) -> list[Row]:
    """Rows (provider, state, count)."""
    return _counted(db, of_tenant(table("account").c, tenant), "account", "provider", "state")


def _counted(db: Db, where: sa.ColumnElement[bool], name: str, *columns: str) -> list[Row]:
    by = [table(name).c[column] for column in columns]
    query = sa.select(*by, sa.func.count().label("count")).where(where)
    return db.all(query.group_by(*by).order_by(*by))


def sources(db: Db) -> list[Row]:
    """Every source that was read, or should have been, by name."""
    cursors = table("source_cursor")
    return db.all(sa.select(cursors).order_by(cursors.c.name))


def refused_counts(db: Db) -> dict[str, int]:
    """By source: how many records are set aside."""
    return {row["source"]: row["count"] for row in _counted(db, sa.true(), "quarantine", "source")}


def sessions_ahead(db: Db) -> dict[str, int]:
    """By source: how many booked sessions have not ended."""
    c = table("booked_session").c
    query = sa.select(c.source, sa.func.count().label("count")).where(
        c.status == "booked", c.ends_at > db.now
    )
    return {row["source"]: row["count"] for row in db.all(query.group_by(c.source))}


def parked(db: Db, limit: int, tenant: str | None = None) -> list[Row]:
    """Parked deliveries of sessions ahead, the nearest first."""
    delivery = table("delivery")
    c = delivery.c
    ahead = sa.and_(c.parked.is_not(None), c.ends_at > db.now, of_tenant(c, tenant))
    query = sa.select(delivery).where(ahead)
    return db.all(query.order_by(delivery.c.starts_at).limit(limit))


def stale(db: Db, limit: int, tenant: str | None = None) -> list[Row]:
    """Rows (id, stale, starts_at, source) of sessions ahead whose last update was refused."""
    session = table("booked_session")
    columns = (session.c.id, session.c.stale, session.c.starts_at, session.c.source)
    query = sa.select(*columns).where(
        session.c.stale.is_not(None),
        session.c.status == "booked",
        session.c.ends_at > db.now,
        of_tenant(session.c, tenant),
    )
    return db.all(query.order_by(session.c.starts_at).limit(limit))


def failing_channels(db: Db) -> list[Row]:
    """Rows (tenant, channel, slots, everybody, since, error): whose last calls failed.

    slots      how many accounts (or senders) of the tenant that concerns
    everybody  no mail server could be reached, so nothing goes this way
    """
    return [*_no_mail_server(db), *_failing_slots(db)]


def _no_mail_server(db: Db) -> list[Row]:
    pause = table("pause")
    since_lately = pause.c.until > db.now - pauses.SAME_STOP
    query = sa.select(pause.c.tenant, pause.c.channel, pause.c.since, pause.c.reason).where(
        pause.c.by == BY_PROVIDER, pause.c.channel == MAIL, since_lately
    )
    rows = db.all(query.order_by(pause.c.tenant))
    return [{**row, "slots": 1, "everybody": True, "error": row["reason"]} for row in rows]


def _failing_slots(db: Db) -> list[Row]:
    slot = table("slot")
    by = (slot.c.tenant, slot.c.channel)
    query = (
        sa.select(
            *by,
            sa.func.count().label("slots"),
            sa.func.min(slot.c.failing_since).label("since"),
            sa.func.min(slot.c.slot).label("slot"),
        )
        .where(slot.c.failures > NOUGHT)
        .group_by(*by)
        .order_by(*by)
    )
    return [
        {**row, "everybody": False, "error": _last_error(db, row["slot"])} for row in db.all(query)
    ]


def _last_error(db: Db, slot: str) -> str | None:
    c = table("delivery").c
    failing = sa.and_(c.slot == slot, c.due_at.is_not(None), c.attempts > 0)
    query = sa.select(c.last_error).where(failing, c.last_error.is_not(None)).order_by(c.starts_at)
    found = db.scalar(query.limit(1))
    return str(found) if found is not None else None


def late(db: Db, before: datetime, limit: int, tenant: str | None = None) -> list[Row]:
    """Rows (session, email, channel, starts_at, last_error) of deliveries of sessions ahead that
    start before `before` and whose calls have failed, the nearest first."""
    c = table("delivery").c
    query = sa.select(c.session, c.email, c.channel, c.starts_at, c.last_error).where(
        c.attempts > NOUGHT,
        c.due_at.is_not(None),
        c.batch.is_(None),
        c.parked.is_(None),
        c.starts_at < before,
        c.ends_at > db.now,
        of_tenant(c, tenant),
    )
    return db.all(query.order_by(c.starts_at).limit(limit))


def overdue_since(db: Db, tenant: str | None = None) -> datetime | None:
    """Since when the longest-waiting due delivery that nothing stops has been due."""
    delivery, slot = table("delivery"), table("slot")
    c = delivery.c
    calm = sa.or_(slot.c.cooling_until.is_(None), slot.c.cooling_until <= db.now)
    query = (
        sa.select(sa.func.min(c.due_at))
        .join(slot, slot.c.slot == c.slot)
        .where(
            c.due_at <= db.now,
            c.batch.is_(None),
            c.parked.is_(None),
            c.ends_at > db.now,
            channels.unpaused(db.now),
            calm,
            of_tenant(c, tenant),
        )
    )
    since = db.scalar(query)
    return since if isinstance(since, datetime) else None


def last_attempt(db: Db) -> int:
    """The number of the newest attempt, 0 when there is none."""
    return int(db.scalar(sa.select(sa.func.max(table("attempt").c.id))) or 0)


def answers(db: Db, last: int, began: datetime) -> list[Row]:
    """Rows (outcome, answer) of attempts that are newer than `last`, or ended since."""
    attempt, line = table("attempt").c, table("journal").c
    found = sa.select(attempt.outcome, attempt.answer)
    mine = sa.and_(*(attempt[name] == line[name] for name in ("tenant", "session", "participant")))
    told = sa.select(attempt.id).join(table("journal"), mine).where(line.at >= began)
    again = sa.and_(attempt.id.in_(told), attempt.id <= last, attempt.ended >= began)
    return db.all(sa.union_all(found.where(attempt.id > last), found.where(again)))


def by_age(db: Db, tenant: str | None) -> list[tuple[str, int]]:
    """For each age: its label, and how many deliveries that could be made have been due so long."""
    c = table("delivery").c
    bounds = [*(db.now - age for _, age in AGES), None]
    ages = [
        sa.func.count().filter(sa.and_(c.due_at <= upper, *([c.due_at > lower] if lower else [])))
        for upper, lower in pairwise(bounds)
    ]
    query = sa.select(*(one.label(f"n{n}") for n, one in enumerate(ages))).where(
        c.due_at <= db.now, c.batch.is_(None), c.parked.is_(None), of_tenant(c, tenant)
    )
    row = db.one(query)
    return [(label, row[f"n{n}"]) for n, (label, _) in enumerate(AGES)] if row else []
