"""How far each tenant's webhook has told the feed, and what its receiver never took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store.api import facts
from calsync.store.database import Db, Row
from calsync.store.lease import WEBHOOK, new_token
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert


@dataclass(frozen=True, slots=True)
class Portion:
    """Facts that are told next, under a lease. `attempts` failed before."""

    tenant: str
    facts: Sequence[Row]
    attempts: int
    failing_since: datetime | None
    token: str

    @property
    def first(self) -> int:
        return int(self.facts[0]["cursor"])

    @property
    def last(self) -> int:
        return int(self.facts[-1]["cursor"])


def begin(db: Db, tenant: str) -> bool:
    """A webhook that is new here tells what happens from now on. False: it has not begun, as more
    of what happened before may wait for its number."""
    if not db.scalar(sa.select(sa.func.count()).where(table("webhook").c.tenant == tenant)):
        if facts.number(db, tenant) == facts.AT_ONCE:
            return False
        row = {"tenant": tenant, "sent": facts.tail(db, tenant).last, "due_at": db.now}
        upsert(db, table("webhook"), [row | {"attempts": 0}])
    return True


def waits(db: Db, tenant: str, *, at_once: bool = False) -> bool:
    """Whether there is something to tell now; `at_once`: whatever waits for its next call too."""
    row = db.one(sa.select(table("webhook")).where(_may_go(db, tenant, at_once=at_once)))
    if row is None:
        return False
    return row["sent"] < facts.tail(db, tenant).last or facts.anything_new(db, tenant)


def claim(
    db: Db, tenant: str, lease: timedelta, most: int, *, link: str = "", at_once: bool = False
) -> Portion | None:
    """The next facts under a lease; a single one while the receiver fails, so that one it never
    takes keeps no others back for good. None when there is nothing to tell. `link`: see
    `facts.between`; `at_once`: see `waits`."""
    webhook = table("webhook")
    facts.number(db, tenant)
    mine = _may_go(db, tenant, at_once=at_once)
    row = db.one(sa.select(webhook).where(mine).with_for_update(skip_locked=True))
    if row is None:
        return None
    found = facts.between(db, tenant, row["sent"], 1 if row["attempts"] else most, link=link)
    if not found:
        return None
    token, its = new_token(), webhook.c.tenant == tenant
    db.run(sa.update(webhook).where(its).values(**WEBHOOK.taken(token, db.now + lease)))
    return Portion(tenant, found, row["attempts"], row["failing_since"], token)


def _may_go(db: Db, tenant: str, *, at_once: bool) -> sa.ColumnElement[bool]:
    webhook = table("webhook").c
    due = sa.true() if at_once else webhook.due_at <= db.now
    return sa.and_(webhook.tenant == tenant, due, WEBHOOK.free(db.now))


def last_problem(db: Db, tenant: str) -> str | None:
    """Why the last call of the tenant's webhook was not taken, given up or not; None when it was,
    or while there was none."""
    hook = table("webhook").c
    problem = db.scalar(sa.select(hook.last_error).where(hook.tenant == tenant))
    return str(problem) if problem else None


def taken(db: Db, portion: Portion) -> None:
    """The receiver has these facts."""
    calm = {"sent": portion.last, "attempts": 0, "failing_since": None, "last_error": None}
    _finish(db, portion, due_at=db.now, **calm)


def failed(db: Db, portion: Portion, reason: str, again: datetime) -> None:
    since = portion.failing_since or db.now
    values = {"attempts": portion.attempts + 1, "failing_since": since, "last_error": reason}
    _finish(db, portion, due_at=again, **values)


def bury(db: Db, portion: Portion, reason: str) -> None:
    """Give these facts up: they become a dead letter, and the next ones are told."""
    calm = {"sent": portion.last, "attempts": 0, "failing_since": None, "last_error": reason}
    if _finish(db, portion, due_at=db.now, **calm):
        letter = {
            "tenant": portion.tenant,
            "first": portion.first,
            "last": portion.last,
            "attempts": portion.attempts + 1,
            "reason": reason,
            "at": db.now,
        }
        db.run(sa.insert(table("dead_letter")), letter)


def _finish(db: Db, portion: Portion, **values: object) -> bool:
    webhook = table("webhook")
    mine = sa.and_(webhook.c.tenant == portion.tenant, WEBHOOK.mine(portion.token))
    ended = values | WEBHOOK.given_back()
    return bool(db.run(sa.update(webhook).where(mine).values(**ended)).rowcount)


def listed(db: Db) -> list[Row]:
    """Every webhook and how many facts it has yet to tell."""
    webhook, fact = table("webhook"), table("fact").c
    behind = sa.or_(fact.number.is_(None), fact.number > webhook.c.sent)
    left = sa.select(sa.func.count()).where(fact.tenant == webhook.c.tenant, behind)
    query = sa.select(webhook, left.scalar_subquery().label("waiting"))
    return db.all(query.order_by(webhook.c.tenant))


def troubled(db: Db) -> list[Row]:
    """Rows (tenant, failing_since, error, dead_letters) of webhooks that fail or gave facts up."""
    hook, letter = table("webhook").c, table("dead_letter").c
    count = sa.select(sa.func.count()).where(letter.tenant == hook.tenant).scalar_subquery()
    lost = sa.exists().where(letter.tenant == hook.tenant)
    query = sa.select(
        hook.tenant,
        hook.failing_since,
        hook.last_error.label("error"),
        count.label("dead_letters"),
    ).where(sa.or_(hook.failing_since.is_not(None), lost))
    return db.all(query.order_by(hook.tenant))


def dead(db: Db, tenant: str | None, idents: Sequence[int] = ()) -> list[Row]:
    """Dead letters, oldest first. Raises InputError for an id that is none."""
    letter = table("dead_letter")
    query = sa.select(letter).order_by(letter.c.id)
    if tenant:
        query = query.where(letter.c.tenant == tenant)
    found = db.all(query.where(letter.c.id.in_(idents)) if idents else query)
    missing = set(idents) - {row["id"] for row in found}
    if missing:
        raise InputError(
            f"there is no dead letter {min(missing)}; `calsync webhooks list` shows them"
        )
    return found


def forget(db: Db, ident: int) -> None:
    letter = table("dead_letter")
    db.run(sa.delete(letter).where(letter.c.id == ident))
