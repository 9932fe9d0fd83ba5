"""The journal: one line per decision and answer, append-only, without tokens or content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.facts import ALERTS, fact_of
from calsync.core.ledger import DeliveryKey
from calsync.core.reconcile.claimed import Note
from calsync.store.api import facts
from calsync.store.database import Db
from calsync.store.ledger.rows import of_tenant, table
from calsync.store.upsert import insert


def note(
    db: Db,
    what: str,
    *,
    tenant: str = "",
    session: str = "",
    key: DeliveryKey | None = None,
    n: int | None = None,
    **detail: object,
) -> None:
    """Add one line. `what` is a fixed past-tense name; `detail` holds short, harmless facts. What
    concerns the platform goes into its feed as well."""
    note_of(db, key or DeliveryKey(tenant, session, ""), what, detail, n)


def note_of(
    db: Db, key: DeliveryKey, what: str, detail: Mapping[str, object], n: int | None = None
) -> None:
    """`note` of one delivery, with the facts in hand."""
    note_all(db, [(key, Note(what, detail, n))])


def note_all(db: Db, lines: Sequence[tuple[DeliveryKey, Note]]) -> None:
    """`note` of several deliveries at once."""
    insert(db, table("journal"), [_row(db, key, line) for key, line in lines])
    told = []
    for key, line in lines:
        known = _known(line)
        fact = fact_of(line.what, known)
        if fact is not None and key.tenant:
            account = str(known["account"]) if "account" in known else None
            told.append(facts.row_of(db, fact, key.tenant, key.session, key.participant, account))
    facts.add(db, told)


def _row(db: Db, key: DeliveryKey, line: Note) -> dict[str, object]:
    known = _known(line)
    return {
        "at": db.now,
        "tenant": key.tenant,
        "session": key.session,
        "participant": key.participant,
        "n": line.n,
        "what": line.what,
        "detail": json.dumps(known, default=str, ensure_ascii=False) if known else "",
    }


def _known(line: Note) -> dict[str, object]:
    return {name: value for name, value in line.facts.items() if value is not None}


def note_wants(db: Db, changed: Sequence[tuple[DeliveryKey, Mapping[str, Any], bool]]) -> None:
    """Lines for deliveries whose want changed, as (key, new columns, new to the ledger)."""
    rows = []
    for key, columns, is_new in changed:
        gone = columns["want"] == "absent"
        detail = {
            "version": columns["version"],
            "route": columns["channel"],
            "material": columns["material_version"] == columns["version"],
            "covered_by": columns["covered_by"],
            "batch": columns["batch"],
        }
        known = {name: value for name, value in detail.items() if value is not None}
        rows.append(
            {
                "at": db.now,
                "tenant": key.tenant,
                "session": key.session,
                "participant": key.participant,
                "what": "unwanted" if gone else "wanted" if is_new else "want_changed",
                "detail": json.dumps(known, ensure_ascii=False),
            }
        )
    insert(db, table("journal"), rows)


def lines(
    db: Db, tenant: str, session: str, participant: str | None = None
) -> list[dict[str, Any]]:
    """The lines of one session, or of one person's delivery of it, oldest first."""
    journal = table("journal")
    query = sa.select(journal).where(journal.c.tenant == tenant, journal.c.session == session)
    if participant is not None:
        query = query.where(journal.c.participant.in_([participant, ""]))
    return [
        {**row, "detail": json.loads(row["detail"]) if row["detail"] else {}}
        for row in db.all(query.order_by(journal.c.id))
    ]


def since(db: Db, what: str, began: datetime) -> list[str]:
    """Sessions with such a line since then, in order of their ids."""
    journal = table("journal")
    query = sa.select(journal.c.session).where(journal.c.what == what, journal.c.at >= began)
    return [row["session"] for row in db.all(query.distinct().order_by(journal.c.session))]


def recent(
    db: Db, what: tuple[str, ...], limit: int = 20, tenant: str | None = None
) -> list[dict[str, Any]]:
    """The newest lines of these kinds, newest first."""
    return _newest(db, table("journal").c.what.in_(what), limit, tenant)


def alerts(db: Db, limit: int, tenant: str | None = None) -> list[dict[str, Any]]:
    """The newest lines that operators are alerted of, newest first."""
    return _newest(db, sa.text(ALERTS), limit, tenant)  # word by word as in its index


def _newest(db: Db, which: Any, limit: int, tenant: str | None) -> list[dict[str, Any]]:
    journal = table("journal")
    query = sa.select(journal).where(which, of_tenant(journal.c, tenant))
    return [
        {**row, "detail": json.loads(row["detail"]) if row["detail"] else {}}
        for row in db.all(query.order_by(journal.c.id.desc()).limit(limit))
    ]
