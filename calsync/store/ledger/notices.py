"""Notices: plain mails without .ics, each sent once per key."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.queue import slots
from calsync.store.upsert import upsert

UNREACHABLE, REMAINS, DIGEST = "unreachable", "entry_may_remain", "digest"
LOST, CONNECTED, DISCONNECTED = "account_lost", "account_connected", "account_disconnected"
OWNER_LOST, OWNER_MANY = "owner_account_lost", "owner_many_lost"


def want(
    db: Db, tenant: str, kind: str, person: str, subject_key: str, *, after: timedelta = timedelta()
) -> None:
    """Have this notice sent, not before then, unless it ever was wanted before."""
    row = {
        "tenant": tenant,
        "kind": kind,
        "person": person,
        "subject_key": subject_key,
        "state": "due",
        "attempts": 0,
        "due_at": db.now + after,
        "created": db.now,
    }
    upsert(db, table("notice"), [row])


def drop(db: Db, tenant: str, kind: str) -> None:
    """Send none of these that still wait for their first send."""
    notice = table("notice")
    mine = sa.and_(notice.c.tenant == tenant, notice.c.kind == kind, notice.c.state == "due")
    db.run(sa.update(notice).where(mine).values(state="dropped", due_at=None))


def forget(db: Db, kind: str, ids: Collection[str]) -> None:
    """Delete notices of this kind about these accounts."""
    notice = table("notice")
    about = sa.or_(*(notice.c.subject_key.startswith(f"{ident} ") for ident in ids), sa.false())
    db.run(sa.delete(notice).where(notice.c.kind == kind, about))


def place(row: Mapping[str, Any]) -> str:
    """What the sealed bytes of this notice are bound to."""
    return f"notice:{row['tenant']}:{row['kind']}:{row['person']}:{row['subject_key']}"


def account_of(row: Mapping[str, Any]) -> str:
    """The account that a notice is about, or the provider of many: its subject's first word."""
    return str(row["subject_key"]).partition(" ")[0]


def _mine(row: Row) -> sa.ColumnElement[bool]:
    notice = table("notice")
    return sa.and_(
        notice.c.tenant == row["tenant"],
        notice.c.kind == row["kind"],
        notice.c.person == row["person"],
        notice.c.subject_key == row["subject_key"],
    )


def claim(db: Db, lease: timedelta) -> Row | None:
    """Take the next due notice under a lease, or None. Where mail is paused none is due."""
    notice, pause = table("notice"), table("pause")
    paused = sa.exists().where(
        sa.or_(pause.c.tenant == notice.c.tenant, pause.c.tenant == "*"),
        pause.c.channel.in_([slots.MAIL, "*"]),
        sa.or_(pause.c.until.is_(None), pause.c.until > db.now),
    )
    row = db.first(
        sa.select(notice)
        .where(
            notice.c.state.in_(["due", "unsure"]),
            notice.c.due_at <= db.now,
            sa.or_(notice.c.lease_until.is_(None), notice.c.lease_until < db.now),
            ~paused,
        )
        .order_by(notice.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True, of=notice)
    )
    if row is None:
        return None
    row["lease_token"] = secrets.token_hex(8)
    db.run(
        sa.update(table("notice"))
        .where(_mine(row))
        .values(lease_token=row["lease_token"], lease_until=db.now + lease)
    )
    return row


def start(db: Db, row: Row, body: bytes) -> None:
    """Store the exact bytes before the call, and count it; a replay sends the same."""
    values = {"wire": body, "state": "unsure", "attempts": row["attempts"] + 1}
    db.run(sa.update(table("notice")).where(_mine(row)).values(**values))


def finish(db: Db, row: Row, state: str, due_at: datetime | None = None) -> None:
    """Store the outcome: sent, refused, dropped, or due again."""
    notice = table("notice")
    db.run(
        sa.update(notice)
        .where(_mine(row), notice.c.lease_token == row["lease_token"])
        .values(state=state, due_at=due_at, lease_token=None, lease_until=None)
    )
