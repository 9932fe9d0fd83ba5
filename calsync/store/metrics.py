"""Figures for graphs of operations: counts over the whole installation, nobody's name."""

from __future__ import annotations

import sqlalchemy as sa

from calsync.store.api import webhooks
from calsync.store.database import Db
from calsync.store.instance import heartbeat
from calsync.store.ledger.rows import table
from calsync.store.queue import slots


def figures(db: Db) -> dict[str, float]:
    """By name: how much there is now. Seconds where the name says so."""
    delivery, account = table("delivery").c, table("account").c
    ahead = delivery.ends_at > db.now
    due = sa.and_(delivery.due_at <= db.now, slots.claimable(table("delivery")))
    counts = {
        "deliveries_ahead": ahead,
        "deliveries_due": sa.and_(ahead, due),
        "deliveries_held": sa.and_(ahead, delivery.batch.is_not(None)),
        "deliveries_parked": sa.and_(ahead, delivery.parked.is_not(None)),
    }
    found = {name: _count(db, "delivery", where) for name, where in counts.items()}
    found["batches_held"] = _count(db, "batch", table("batch").c.state == "held")
    found["records_refused"] = _count(db, "quarantine", sa.true())
    found["webhook_dead_letters"] = _count(db, "dead_letter", sa.true())
    found["webhook_facts_waiting"] = float(sum(one["waiting"] for one in webhooks.listed(db)))
    for state in ("active", "reconnect", "unusable"):
        found[f"accounts_{state}"] = _count(db, "account", account.state == state)
    beat = heartbeat(db)
    if beat is not None:
        found["heartbeat_age_seconds"] = (db.now - beat).total_seconds()
    return found


def _count(db: Db, name: str, where: sa.ColumnElement[bool]) -> float:
    query = sa.select(sa.func.count()).select_from(table(name)).where(where)
    return float(db.scalar(query) or 0)
