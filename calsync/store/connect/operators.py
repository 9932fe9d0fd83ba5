"""How operators come to the ops page: tickets that are taken once, and the visits they begin.

What a browser shows is stored as its SHA-256 only, as for the participants' page.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.store.connect.visits import KEPT, hashed, new_secret
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who looks at the ops page.

    tenant  the one that is shown; EVERY: the whole installation
    who     as the journal names them
    acts    they may change something, not only look
    """

    tenant: str
    who: str
    acts: bool


@dataclass(frozen=True, slots=True)
class OperatorVisit:
    """An operator's browser, until it ends. `id` is the hash of its cookie."""

    id: str
    operator: Operator
    expires_at: datetime


def offer(db: Db, operator: Operator, lasts: timedelta) -> tuple[str, datetime]:
    """A ticket that lets one browser in, once, and when it expires."""
    return _store(db, "ticket", operator, lasts)


def enter(db: Db, ticket: str, lasts: timedelta) -> str | None:
    """Take a ticket: what the browser's cookie holds. None: it is spent, expired or none."""
    c = table("operator_visit").c
    live = sa.and_(_is(ticket, "ticket"), c.spent.is_(None), c.expires_at > db.now)
    row = db.first(sa.select(table("operator_visit")).where(live))
    taken = sa.update(table("operator_visit")).where(live).values(spent=db.now)
    if row is None or not db.run(taken).rowcount:
        return None
    return begin(db, _operator(row), lasts)


def begin(db: Db, operator: Operator, lasts: timedelta) -> str:
    """Let a browser in; returns what its cookie holds."""
    return _store(db, "visit", operator, lasts)[0]


def visit(db: Db, cookie: str) -> OperatorVisit | None:
    """Whose browser shows this cookie, while the visit lasts."""
    c = table("operator_visit").c
    live = sa.and_(_is(cookie, "visit"), c.expires_at > db.now)
    row = db.first(sa.select(table("operator_visit")).where(live))
    return OperatorVisit(row["id"], _operator(row), row["expires_at"]) if row else None


def leave(db: Db, cookie: str) -> None:
    """End the visit of a browser."""
    db.run(sa.delete(table("operator_visit")).where(_is(cookie, "visit")))


def is_open(db: Db, ticket: str) -> bool:
    """The ticket lets somebody in; it stays good."""
    c = table("operator_visit").c
    live = sa.and_(_is(ticket, "ticket"), c.spent.is_(None), c.expires_at > db.now)
    return db.first(sa.select(c.id).where(live)) is not None


def purge(db: Db) -> None:
    """Drop what ended a while ago."""
    visits = table("operator_visit")
    db.run(sa.delete(visits).where(visits.c.expires_at < db.now - KEPT))


def _store(db: Db, kind: str, operator: Operator, lasts: timedelta) -> tuple[str, datetime]:
    secret, expires_at = new_secret(), db.now + lasts
    row = {
        "id": hashed(secret),
        "kind": kind,
        "tenant": operator.tenant,
        "who": operator.who,
        "acts": operator.acts,
        "expires_at": expires_at,
        "spent": None,
    }
    db.run(sa.insert(table("operator_visit")), row)
    return secret, expires_at


def _is(secret: str, kind: str) -> sa.ColumnElement[bool]:
    c = table("operator_visit").c
    return sa.and_(c.id == hashed(secret), c.kind == kind)


def _operator(row: Row) -> Operator:
    return Operator(row["tenant"], row["who"], bool(row["acts"]))
