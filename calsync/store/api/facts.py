"""The feed of facts: recorded with what happened, numbered when somebody reads.

A number is given after the commit, by one reader at a time, so that no fact can appear behind a
cursor that was already handed out (docs/decisions/0006).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from calsync.core.account import Grant
from calsync.core.facts import MEANING, REASONS, Fact, FactKind
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.upsert import insert, upsert

# What waits for a number is looked for in the order of `uq_fact_number`: PostgreSQL does not see
# that a tenant who reads the feed has nearly none, and would look for them among all facts.
AT_ONCE = 1000  # facts numbered in one transaction


@dataclass(frozen=True, slots=True)
class Tail:
    """Numbers given so far, and the last one of those that were deleted again."""

    last: int = 0
    purged: int = 0


def record(
    db: Db, fact: Fact, *, tenant: str, session: str, participant: str, account: str | None
) -> None:
    """Add the fact; it is told once this transaction is committed."""
    add(db, [row_of(db, fact, tenant, session, participant, account)])


def add(db: Db, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add facts, see `row_of`."""
    insert(db, table("fact"), rows)  # a number is given when somebody reads


def row_of(
    db: Db, fact: Fact, tenant: str, session: str, participant: str, account: str | None
) -> dict[str, Any]:
    """The fact as it is stored."""
    detail = {
        "channel": fact.channel,
        "reason": fact.reason,
        "field": fact.field,
        "advice": fact.advice,
        "policy": fact.policy,
        "old": fact.old,
        "new": fact.new,
    }
    known = {name: value for name, value in detail.items() if value is not None}
    return {
        "ident": uuid4().hex,
        "tenant": tenant,
        "at": db.now,
        "kind": fact.kind.value,
        "session": session,
        "participant": participant,
        "account": account,
        "detail": json.dumps(known) if known else "",
    }


def anything_new(db: Db, tenant: str) -> bool:
    """Whether committed facts wait for their numbers."""
    fact = table("fact").c
    query = sa.select(fact.id).where(fact.tenant == tenant, fact.number.is_(None))
    return db.first(query.order_by(fact.number).limit(1)) is not None


def number(db: Db, tenant: str) -> int:
    """Give the tenant's committed facts their numbers; returns how many got one. The feed's row is
    locked first, and looked at afterwards: two who do this at a time follow one another."""
    feed, fact = table("feed"), table("fact")
    upsert(db, feed, [{"tenant": tenant, "last": 0, "purged": 0}])
    mine = feed.c.tenant == tenant
    last = int(db.scalar(sa.select(feed.c.last).where(mine).with_for_update()))
    query = sa.select(fact.c.id).where(fact.c.tenant == tenant, fact.c.number.is_(None))
    in_order = query.order_by(fact.c.number, fact.c.id).limit(AT_ONCE)
    found = [row["id"] for row in db.all(in_order)]
    if not found:
        return 0
    numbers = [{"of_id": ident, "number": last + n} for n, ident in enumerate(found, start=1)]
    db.run(sa.update(fact).where(fact.c.id == sa.bindparam("of_id")), numbers)
    db.run(sa.update(feed).where(mine).values(last=last + len(found)))
    return len(found)


def tail(db: Db, tenant: str) -> Tail:
    feed = table("feed")
    row = db.one(sa.select(feed.c.last, feed.c.purged).where(feed.c.tenant == tenant))
    return Tail(**row) if row else Tail()


def between(
    db: Db, tenant: str, after: int, limit: int, last: int | None = None, *, link: str = ""
) -> list[Row]:
    """Up to `limit` facts behind the number `after` (up to `last`), in order, as they are told.
    `link`: where people connect again, "" for nowhere."""
    fact, account = table("fact"), table("account")
    query = (
        sa.select(fact, account.c.email, account.c.provider, account.c.grant)
        .outerjoin(account, account.c.id == fact.c.account)
        .where(fact.c.tenant == tenant, fact.c.number > after)
        .order_by(fact.c.number)
        .limit(limit)
    )
    if last is not None:
        query = query.where(fact.c.number <= last)
    return [_told(row, link) for row in db.all(query)]


def _told(row: Row, link: str) -> dict[str, Any]:
    detail = json.loads(row["detail"]) if row["detail"] else {}
    kind, reason = FactKind(row["kind"]), detail.get("reason")
    return {
        "id": row["ident"],
        "cursor": str(row["number"]),
        "at": row["at"],
        "kind": kind.value,
        "session": row["session"] or None,
        "participant": row["participant"] or None,
        "account": row["account"],
        "person": row["email"],
        "channel": detail.get("channel") or row["provider"],
        "reason": reason,
        "field": detail.get("field"),
        "policy": detail.get("policy"),
        "old_time": _times(detail.get("old")),
        "new_time": _times(detail.get("new")),
        "todo": _todo(kind, row, link),
        "message": _message(kind, reason, detail),
    }


def _times(span: list[str] | None) -> dict[str, str] | None:
    return {"starts_at": span[0], "ends_at": span[1]} if span else None


def _message(kind: FactKind, reason: str | None, detail: dict[str, Any]) -> str:
    text = REASONS[reason] if reason else MEANING[kind]
    return f"{text} {detail['field']} {detail['advice']}." if "advice" in detail else text


def _todo(kind: FactKind, row: Row, link: str) -> dict[str, str | None] | None:
    """What somebody has to do about it. Only its own person can connect an account again."""
    if kind is not FactKind.ACCOUNT_LOST or row["grant"] != Grant.OWN.value:
        return None
    return {"action": "reconnect", "url": link or None, "email": row["email"]}
