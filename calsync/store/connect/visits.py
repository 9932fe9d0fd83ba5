"""How a person's browser comes in: tickets that are taken once, and the visits they begin.

What a browser shows is stored as its SHA-256 only: a stolen database lets nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.visit import Visit, Visitor
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert

KEPT = timedelta(days=1)  # after their end, so that "used" and "expired" can be told apart


@dataclass(frozen=True, slots=True)
class Ticket:
    """A stored way in."""

    visitor: Visitor
    expires_at: datetime
    spent: bool


def hashed(secret: str) -> str:
    """What is stored of a ticket, a cookie or a state."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def new_secret() -> str:
    """43 characters that nobody guesses."""
    return secrets.token_urlsafe(32)


def offer(db: Db, ident: str, visitor: Visitor, expires_at: datetime) -> None:
    """Store a ticket that is not spent yet."""
    row = {"id": ident, **asdict(visitor), "expires_at": expires_at, "spent": None}
    db.run(sa.insert(table("arrival")), row)


def ticket(db: Db, ident: str) -> Ticket | None:
    arrival = table("arrival")
    row = db.first(sa.select(arrival).where(arrival.c.id == ident))
    if row is None:
        return None
    return Ticket(_visitor(row), row["expires_at"], row["spent"] is not None)


def spend(db: Db, ident: str) -> bool:
    """Take a ticket; False when somebody took it before, or it has expired."""
    arrival = table("arrival")
    live = sa.and_(arrival.c.id == ident, arrival.c.spent.is_(None), arrival.c.expires_at > db.now)
    return bool(db.run(sa.update(arrival).where(live).values(spent=db.now)).rowcount)


def spend_link(db: Db, ident: str, visitor: Visitor, expires_at: datetime) -> bool:
    """Take a signed link, which has no row before; False when it was taken before."""
    row = {"id": ident, **asdict(visitor), "expires_at": expires_at, "spent": None}
    upsert(db, table("arrival"), [row])
    return spend(db, ident)


def begin(db: Db, visitor: Visitor, lasts: timedelta) -> tuple[str, Visit]:
    """Let a browser in: what its cookie holds, and the visit."""
    secret = new_secret()
    visit = Visit(hashed(secret), visitor, db.now + lasts)
    row = {"id": visit.id, **asdict(visitor), "created": db.now, "expires_at": visit.expires_at}
    db.run(sa.insert(table("visit")), row)
    return secret, visit


def visit(db: Db, secret: str) -> Visit | None:
    """The visit that a cookie belongs to, while it lasts."""
    visits = table("visit")
    live = sa.and_(visits.c.id == hashed(secret), visits.c.expires_at > db.now)
    row = db.first(sa.select(visits).where(live))
    return Visit(row["id"], _visitor(row), row["expires_at"]) if row else None


def speak(db: Db, ident: str, locale: str) -> None:
    """The language that this visit goes on in."""
    visits = table("visit")
    db.run(sa.update(visits).where(visits.c.id == ident).values(locale=locale))


def leave(db: Db, ident: str) -> None:
    """End a visit, and the consents it began."""
    for name, column in (("consent", "visit"), ("visit", "id")):
        rows = table(name)
        db.run(sa.delete(rows).where(rows.c[column] == ident))


def purge(db: Db) -> None:
    """Drop what ended a while ago."""
    for name in ("arrival", "visit", "consent"):
        rows = table(name)
        db.run(sa.delete(rows).where(rows.c.expires_at < db.now - KEPT))


def forget(db: Db, email: str, tenant: str | None) -> None:
    """Drop everything about one person; in one tenant, or in all."""
    for name in ("arrival", "visit", "consent"):
        rows = table(name)
        here = sa.true() if tenant is None else rows.c.tenant == tenant
        db.run(sa.delete(rows).where(rows.c.email == email, here))


def _visitor(row: sa.RowMapping | dict[str, object]) -> Visitor:
    names = ("tenant", "email", "name", "return_url", "locale")
    return Visitor(*(str(row[name]) for name in names))
