"""The questions of ops, answered from the ledger as plain data (str, int, None, lists, dicts).

Times are ISO 8601 in UTC. Nothing here carries content, addresses' secrets or tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.address import address_key
from calsync.core.ledger import DeliveryKey
from calsync.core.reconcile.actions import Find, FindUid, Nothing, Send, Step, as_queued
from calsync.core.reconcile.decide import reconcile
from calsync.core.reconcile.reasons import Reason
from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger import announcements, batches, journal, sessions
from calsync.store.ledger.rows import delivery_of, key_of, of_delivery, table
from calsync.store.queue import claims, obstacles, pauses, slots
from calsync.text.instants import iso

Data = dict[str, Any]
STALE_ALERT = timedelta(hours=24)
BEAT_WITHIN = timedelta(minutes=1)


def status(db: Db) -> Data:
    """What the whole installation is doing, and what waits for a person."""
    held = batches.held(db)
    return {
        "now": iso(db.now),
        "heartbeat": iso(db.scalar(sa.select(table("instance").c.heartbeat))),
        "deliveries": _deliveries(db),
        "copies": _copies(db),
        "sources": _sources(db),
        "held": [
            {
                "batch": one.id,
                "tenant": one.tenant,
                "source": one.source,
                "since": iso(one.opened),
                "changes": dict(one.counts),
                "digest": one.checksum,
                "sessions": list(one.sessions)[:20],
            }
            for one in held
        ],
        "stopped": [
            {k: iso(v) if isinstance(v, datetime) else v for k, v in row.items()}
            for row in pauses.active(db)
        ],
        "accounts": _accounts(db),
        "parked": _parked(db),
        "stale": _stale(db),
        "set_aside": [
            {
                "source": row["source"],
                "record": row["record"],
                "field": row["field"],
                "reason": row["reason"],
            }
            for row in sessions.quarantined(db, 20)
        ],
        "alerts": [
            {"at": iso(row["at"]), "session": row["session"], **row["detail"]}
            for row in journal.recent(db, ("alert", "mass_account_loss", "many_dismissed"), 10)
        ],
    }


def _deliveries(db: Db) -> Data:
    delivery = table("delivery")
    c = delivery.c
    ahead = c.ends_at > db.now
    present = sa.and_(ahead, c.want == "present", c.covered_by.is_(None))
    due = sa.and_(ahead, c.due_at <= db.now, c.batch.is_(None), c.parked.is_(None))
    later = sa.and_(ahead, c.due_at > db.now, c.batch.is_(None), c.parked.is_(None))
    count = sa.func.count
    row = db.first(
        sa.select(
            count().filter(present).label("wanted"),
            count().filter(due).label("due"),
            count().filter(later).label("waiting"),
            count().filter(announcements.waiting(db)).label("announced"),
            sa.func.min(c.mail_from).filter(announcements.waiting(db)).label("next_announced"),
            count().filter(sa.and_(ahead, c.batch.is_not(None))).label("held"),
            count().filter(sa.and_(ahead, c.parked.is_not(None))).label("parked"),
            sa.func.min(c.due_at).filter(due).label("oldest_due"),
            sa.func.min(c.due_at).filter(later).label("next_due"),
        )
    )
    found = row or {}
    return {k: iso(v) if isinstance(v, datetime) else v for k, v in found.items()}


def _copies(db: Db) -> list[Data]:
    copy = table("copy")
    query = (
        sa.select(copy.c.channel, copy.c.state, sa.func.count().label("count"))
        .group_by(copy.c.channel, copy.c.state)
        .order_by(copy.c.channel, copy.c.state)
    )
    return db.all(query)


def _sources(db: Db) -> list[Data]:
    cursors = table("source_cursor")
    return [
        {
            "source": row["name"],
            "last_ok": iso(row["last_ok"]),
            "failing_since": iso(row["failing_since"]),
            "error": row["last_error"],
            "swept_at": iso(row["swept_at"]),
        }
        for row in db.all(sa.select(cursors).order_by(cursors.c.name))
    ]


def _accounts(db: Db) -> list[Data]:
    account = table("account")
    query = (
        sa.select(account.c.provider, account.c.state, sa.func.count().label("count"))
        .group_by(account.c.provider, account.c.state)
        .order_by(account.c.provider, account.c.state)
    )
    return db.all(query)


def _parked(db: Db, limit: int = 20) -> list[Data]:
    delivery = table("delivery")
    query = (
        sa.select(delivery)
        .where(delivery.c.parked.is_not(None), delivery.c.ends_at > db.now)
        .order_by(delivery.c.starts_at)
        .limit(limit)
    )
    return [
        {
            "session": row["session"],
            "person": row["email"],
            "parked": row["parked"],
            "error": row["last_error"],
            "starts_at": iso(row["starts_at"]),
        }
        for row in db.all(query)
    ]


def _stale(db: Db) -> list[Data]:
    """Sessions whose last update was refused; `alert` when they start within a day."""
    session = table("booked_session")
    query = sa.select(session.c.id, session.c.stale, session.c.starts_at).where(
        session.c.stale.is_not(None), session.c.status == "booked", session.c.ends_at > db.now
    )
    return [
        {
            "session": row["id"],
            "reason": row["stale"],
            "starts_at": iso(row["starts_at"]),
            "alert": row["starts_at"] - db.now < STALE_ALERT,
        }
        for row in db.all(query.order_by(session.c.starts_at).limit(20))
    ]


def daemon_alive(db: Db) -> bool:
    """A daemon gave a sign of life within a minute and, where only one can run, has not ended."""
    row = db.first(sa.select(table("instance")))
    if row is None or row["heartbeat"] is None or db.now - row["heartbeat"] > BEAT_WITHIN:
        return False
    return db.postgres or row["owner"] is not None


def explain(db: Db, context: Context, session: str, person: str | None, tenant: str | None) -> Data:
    """The whole story of a session, or of one person's copies of it.

    Raises InputError for one the ledger does not know.
    """
    stored, delivery = table("booked_session"), table("delivery")
    query = sa.select(stored).where(stored.c.id == session)
    found = db.all(query.where(stored.c.tenant == tenant) if tenant else query)
    if not found:
        raise InputError(f"no session {session} in the ledger; `calsync sync` polls the sources")
    if len(found) > 1:
        raise InputError(f"{session} exists in several tenants; add --tenant")
    row = found[0]
    people = db.all(
        sa.select(delivery)
        .where(delivery.c.tenant == row["tenant"], delivery.c.session == session)
        .order_by(delivery.c.participant)
    )
    if person is not None:
        people = [one for one in people if _is(person, one)]
        if not people:
            raise InputError(f"{session} has no participant {person}")
    only = people[0]["participant"] if person is not None else None
    return {
        "session": session,
        "tenant": row["tenant"],
        "source": row["source"],
        "status": row["status"],
        "updated_at": iso(row["updated_at"]),
        "starts_at": iso(row["starts_at"]),
        "ends_at": iso(row["ends_at"]),
        "stale": row["stale"],
        "missing_since": iso(row["missing_since"]),
        "people": [_person(db, context, one) for one in people],
        "journal": [
            {
                "at": iso(line["at"]),
                "participant": line["participant"] or None,
                "copy": line["n"],
                "what": line["what"],
                **line["detail"],
            }
            for line in journal.lines(db, row["tenant"], session, only)
        ],
    }


def _is(person: str, row: Row) -> bool:
    """Whether an address or a participant's id names the person of this delivery."""
    by_address = address_key(row["email"]) == address_key(person)
    return by_address or row["participant"].lower() == person.lower()


def _person(db: Db, context: Context, row: Row) -> Data:
    key = key_of(row)
    return {
        "participant": row["participant"],
        "email": row["email"],
        "wants": "nothing" if row["want"] == "absent" else "the session",
        "covered_by": row["covered_by"],
        "route": row["channel"],
        "address": row["address"],
        "account": row["account"],
        "due_at": iso(row["due_at"]),
        "settles_until": iso(row["settle_until"]),
        "invited_from": iso(row["mail_from"]),
        "held_in_batch": row["batch"],
        "parked": row["parked"],
        "last_error": row["last_error"],
        "failures": row["attempts"],
        "next": describe(next_step(db, context, row)),
        "copies": _copies_of(db, key),
    }


def _copies_of(db: Db, key: DeliveryKey) -> list[Data]:
    copy, attempt = table("copy"), table("attempt")
    query = (
        sa.select(copy, attempt.c.do, attempt.c.outcome, attempt.c.answer, attempt.c.started)
        .outerjoin(attempt, attempt.c.id == copy.c.last_attempt)
        .where(of_delivery(copy.c, key))
        .order_by(copy.c.n)
    )
    return [
        {
            "copy": row["n"],
            "uid": row["uid"],
            "channel": row["channel"],
            "address": row["address"],
            "state": row["state"],
            "sequence": row["sequence"],
            "remote_id": row["remote_id"],
            "last_call": row["do"],
            "outcome": row["outcome"],
            "answer": row["answer"],
            "at": iso(row["started"]),
        }
        for row in db.all(query)
    ]


def next_step(db: Db, context: Context, row: Row, *, released: bool = False) -> Step:
    """What happens to this delivery next, and what keeps it waiting; `released` as if no batch held
    it."""
    delivery, tenant = delivery_of(row), context.tenant(row["tenant"])
    if released:
        delivery = replace(delivery, batch=None)
    excluded = tenant.excludes(delivery.email)
    snapshot = claims.snapshot(db, context.sealer, delivery, tenant.policy, excluded=excluded)
    step = reconcile(snapshot).step
    if isinstance(step, Nothing):
        return step
    return as_queued(step, obstacles.of_call(db, row["tenant"], row["slot"], step))


def describe(step: Step) -> str:
    """A step in words."""
    if isinstance(step, Send):
        words = {"create": "make", "change": "change", "withdraw": "withdraw"}
        again = " again, the same bytes" if step.replay else ""
        return f"{words[step.do.value]} copy {step.n} by {step.channel}{again}"
    if isinstance(step, Find):
        return f"look for copy {step.n} in {step.channel} ({step.why})"
    if isinstance(step, FindUid):
        return f"look for the mailed copy {step.n} in {step.channel}"
    if isinstance(step, Nothing):
        until = f" until {iso(step.until)}" if step.until else ""
        return f"nothing ({step}){until}" + (f", then {describe(step.then)}" if step.then else "")
    raise InputError(f"unknown step {type(step).__name__}")


def plan(db: Db, context: Context, rows: Mapping[DeliveryKey, Row] | None = None) -> list[Data]:
    """What the next pass would do for each delivery that has something to do."""
    if rows is None:
        delivery = table("delivery")
        query = (
            sa.select(delivery)
            .where(
                sa.or_(delivery.c.due_at.is_not(None), delivery.c.batch.is_not(None)),
                delivery.c.ends_at > db.now,
            )
            .order_by(delivery.c.starts_at)
        )
        rows = {key_of(row): row for row in db.all(query)}
    planned = []
    for row in rows.values():
        step = next_step(db, context, row, released=True)
        announced = isinstance(step, Nothing) and step.why is Reason.ANNOUNCED
        waits = isinstance(step, Nothing) and step.then is None
        if waits and row["batch"] is None and not announced:
            continue
        planned.append(
            {
                "session": row["session"],
                "person": row["email"],
                "starts_at": iso(row["starts_at"]),
                "step": describe(step),
                "announced": announced,
                "held": row["batch"] is not None,
                "batch": row["batch"],
                "parked": row["parked"],
            }
        )
    return planned


def waiting(db: Db) -> Data:
    """What a pass left behind: how many wait, until when, and why."""
    found = _deliveries(db)
    names = ("due", "waiting", "next_due", "announced", "next_announced", "held", "parked")
    return {name: found.get(name) for name in names}


def waiting_since(db: Db) -> datetime | None:
    """Since when the longest-waiting due delivery that nothing stops has been due."""
    delivery = table("delivery")
    c = delivery.c
    slot = table("slot")
    calm = sa.or_(slot.c.cooling_until.is_(None), slot.c.cooling_until <= db.now)
    query = (
        sa.select(sa.func.min(c.due_at))
        .join(slot, slot.c.slot == c.slot)
        .where(
            c.due_at <= db.now,
            c.batch.is_(None),
            c.parked.is_(None),
            c.ends_at > db.now,
            slots.unpaused(db.now),
            calm,
        )
    )
    since = db.scalar(query)
    return since if isinstance(since, datetime) else None


def answers(db: Db, last: int, began: datetime) -> Data:
    """Counts of this pass's outcomes, and the sessions about which nothing could be decided."""
    attempt, pause = table("attempt"), table("pause")
    new = sa.or_(attempt.c.id > last, attempt.c.ended >= began)
    answers = db.all(sa.select(attempt.c.outcome, attempt.c.answer).where(new))
    setup = db.scalar(
        sa.select(sa.func.count()).where(pause.c.by == "setup", pause.c.until > db.now)
    )
    return {
        "yes": sum(row["outcome"] == "yes" for row in answers),
        "refused": sum((row["answer"] or "").startswith("refused") for row in answers),
        "setup": int(setup or 0),
        "undecided": journal.since(db, "decision_failed", began),
    }
