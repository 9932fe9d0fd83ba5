"""Consents on their way: asked for, waiting to be confirmed, done. A state is stored as its hash,
what must be known when the browser comes back is sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from calsync.core.visit import Visit, Visitor
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.vault import Vault


class Step(StrEnum):
    ASKED = "asked"
    CONFIRMING = "confirming"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PendingConsent:
    """One way through a provider's sign-in. `kept` is {} when it is done."""

    id: str
    visit: str
    visitor: Visitor
    provider: str
    step: Step
    kept: Mapping[str, Any] = field(repr=False)
    expires_at: datetime


def place(ident: str) -> str:
    """What the sealed column is bound to."""
    return f"consent:{ident}"


def ask(
    db: Db,
    vault: Vault,
    ident: str,
    visit: Visit,
    provider: str,
    kept: Mapping[str, Any],
    lasts: timedelta,
) -> None:
    """Store a consent that a browser is sent out for."""
    row = {
        "id": ident,
        "tenant": visit.visitor.tenant,
        "visit": visit.id,
        "email": visit.visitor.email,
        "provider": provider,
        "step": Step.ASKED.value,
        "sealed": _seal(vault, ident, kept),
        "created": db.now,
        "expires_at": db.now + lasts,
    }
    db.run(sa.insert(table("consent")), row)


def get(db: Db, vault: Vault, ident: str) -> PendingConsent | None:
    """Raises SealError when the key that sealed it is gone."""
    rows = table("consent")
    row = db.first(sa.select(rows).where(rows.c.id == ident))
    return _consent(vault, row) if row else None


def waiting(db: Db, vault: Vault, visit: Visit) -> PendingConsent | None:
    """What this browser must confirm, the newest."""
    rows = table("consent")
    query = sa.select(rows).where(
        rows.c.visit == visit.id, rows.c.step == Step.CONFIRMING.value, rows.c.expires_at > db.now
    )
    row = db.first(query.order_by(rows.c.created.desc()).limit(1))
    return _consent(vault, row) if row else None


def take(db: Db, ident: str, visit: Visit, step: Step) -> bool:
    """Spend a step of a consent of this browser; False when it was spent before or is over."""
    rows = table("consent")
    live = sa.and_(
        rows.c.id == ident,
        rows.c.visit == visit.id,
        rows.c.step == step.value,
        rows.c.expires_at > db.now,
    )
    done = {"step": Step.DONE.value, "sealed": None}
    return bool(db.run(sa.update(rows).where(live).values(**done)).rowcount)


def hold(db: Db, vault: Vault, ident: str, kept: Mapping[str, Any], lasts: timedelta) -> bool:
    """Keep what a spent consent opened until its person confirms; False when the browser has left
    meanwhile."""
    rows = table("consent")
    spent = sa.and_(rows.c.id == ident, rows.c.step == Step.DONE.value)
    values = {
        "step": Step.CONFIRMING.value,
        "sealed": _seal(vault, ident, kept),
        "expires_at": db.now + lasts,
    }
    return bool(db.run(sa.update(rows).where(spent).values(**values)).rowcount)


def _seal(vault: Vault, ident: str, kept: Mapping[str, Any]) -> bytes:
    return vault.seal("consent", place(ident), json.dumps(dict(kept)).encode())


def _consent(vault: Vault, row: Row) -> PendingConsent:
    kept = {}
    if row["sealed"] is not None:
        kept = json.loads(vault.open("consent", place(row["id"]), row["sealed"]))
    return PendingConsent(
        row["id"],
        row["visit"],
        Visitor(row["tenant"], row["email"]),
        row["provider"],
        Step(row["step"]),
        kept,
        row["expires_at"],
    )
