"""Retention: content and old lines leave by themselves; `forget` blanks one person at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.runtime.context import Context
from calsync.store.api import facts
from calsync.store.connect import visits
from calsync.store.database import Db, Row
from calsync.store.ledger import journal, notices
from calsync.store.ledger.rows import key_of, of_delivery, table
from calsync.store.vault import Vault


def run_once(context: Context, content_days: int, journal_days: int) -> dict[str, int]:
    """Blank what is past its retention; returns how many rows of each table."""
    with context.write("purge") as db:
        old = db.now - timedelta(days=content_days)
        session, delivery = table("booked_session").c, table("delivery").c
        attempt, copy, notice = table("attempt").c, table("copy").c, table("notice").c
        ended = sa.func.coalesce(session.ends_at, session.stored_at)  # a tombstone has no times
        sent = sa.and_(attempt.started < old, ~_may_be_replayed())
        done = {
            "booked_session": _blank(db, "booked_session", "record", ended < old),
            "delivery": _blank(db, "delivery", "content", delivery.ends_at < old),
            "attempt": _blank(db, "attempt", "wire", sa.or_(sent, _over(attempt, old))),
            "copy": _blank(db, "copy", "content", _over(copy, old)),
            "notice": _blank(db, "notice", "wire", notice.created < old),
        }
        lines, counts = table("journal"), table("mail_count")
        before = db.now - timedelta(days=journal_days)
        done["journal"] = int(db.run(sa.delete(lines).where(lines.c.at < before)).rowcount)
        done["fact"] = facts.purge(db, before)
        day = (db.now - timedelta(days=2)).date().isoformat()
        db.run(sa.delete(counts).where(counts.c.day < day))
        visits.purge(db)
    return done


def _blank(db: Db, name: str, column: str, where: sa.ColumnElement[bool]) -> int:
    target = table(name)
    still = sa.and_(where, target.c[column].is_not(None))
    return int(db.run(sa.update(target).where(still).values({column: None})).rowcount)


def _over(columns: Any, before: datetime) -> sa.ColumnElement[bool]:
    """`columns` (copy or attempt) belong to a delivery that ended before."""
    delivery = table("delivery").c
    return sa.exists().where(
        delivery.tenant == columns.tenant,
        delivery.session == columns.session,
        delivery.participant == columns.participant,
        delivery.ends_at < before,
    )


def _may_be_replayed() -> sa.ColumnElement[bool]:
    """For attempt: a copy waits for it, and would be sent the same bytes once more."""
    attempt, copy = table("attempt").c, table("copy").c
    waits = sa.exists().where(copy.last_attempt == attempt.id, copy.state == "unsure")
    return sa.or_(waits, attempt.outcome == "open")


def forget(db: Db, vault: Vault, email: str) -> dict[str, int]:
    """Blank everything about one person: content, sealed bytes, credentials; in the journal
    their ids become a keyed hash. What exists in calendars and mailboxes stays as it is.

    Of sessions that are over, nothing of what anybody was shown stays either: their names are in
    it. Upcoming ones go on without this person, and name them until the platform no longer does.
    """
    delivery, account, notice = table("delivery"), table("account"), table("notice")
    person = email.strip().lower()
    rows = db.all(sa.select(delivery).where(sa.func.lower(delivery.c.email) == person))
    for row in rows:
        _forget_delivery(db, row, _alias(db, vault, row))
    theirs = sa.or_(account.c.email == person, sa.func.lower(account.c.address) == person)
    ids = [row["id"] for row in db.all(sa.select(account.c.id).where(theirs))]
    notices.forget(db, notices.OWNER_LOST, ids)
    gone = int(db.run(sa.delete(account).where(theirs)).rowcount)
    db.run(sa.delete(notice).where(sa.func.lower(notice.c.person) == person))
    visits.forget(db, person)
    _forget_words(db, person)
    journal.note(db, "person_forgotten", person=vault.keyed_hash("forget", person)[:16])
    return {"deliveries": len(rows), "accounts": gone}


def _alias(db: Db, vault: Vault, row: Row) -> str:
    """A name that tells nothing, and that no earlier forgetting has used in this session."""
    delivery = table("delivery").c
    name = "forgotten-" + vault.keyed_hash("forget", row["participant"])[:16]
    query = sa.select(sa.func.count()).where(
        delivery.tenant == row["tenant"],
        delivery.session == row["session"],
        delivery.participant.startswith(name, autoescape=True),
    )
    before = int(db.scalar(query) or 0)
    return f"{name}-{before + 1}" if before else name


def _forget_delivery(db: Db, row: Row, alias: str) -> None:
    changes: dict[str, dict[str, object]] = {
        "attempt": {"wire": None, "answer": None},
        "copy": {
            **{"content": None, "address": "", "place_key": alias, "holds": False},
            **{"remote_id": None, "look_at": None},
        },
        "journal": {},
        "fact": {},
        "mail_count": {},
        "delivery": {
            **{"content": None, "email": "", "person": "", "address": None, "place_key": None},
            **{
                "channel": None,
                "account": None,
                "due_at": None,
                "look_at": None,
                "last_error": None,
            },
            **{"parked": "forgotten", "want": "absent", "version": row["version"] + 1},
        },
    }
    for name, values in changes.items():
        target = table(name)
        mine = of_delivery(target.c, key_of(row))
        db.run(sa.update(target).where(mine).values(participant=alias, **values))
    of_session = [row["tenant"], row["session"]]
    delivery, stored = table("delivery"), table("booked_session")
    covered = sa.and_(
        delivery.c.tenant == of_session[0],
        delivery.c.session == of_session[1],
        delivery.c.covered_by == row["participant"],
    )
    db.run(sa.update(delivery).where(covered).values(covered_by=alias))
    mine = sa.and_(stored.c.tenant == of_session[0], stored.c.id == of_session[1])
    db.run(sa.update(stored).where(mine).values(record=None))
    if row["ends_at"] <= db.now:
        for name, column in (("delivery", "content"), ("copy", "content"), ("attempt", "wire")):
            c = table(name).c
            _blank(db, name, column, sa.and_(c.tenant == of_session[0], c.session == of_session[1]))


def _forget_words(db: Db, person: str) -> None:
    """Lines and reasons that quote the address, as a refused record's may."""
    lines, quarantine, stored = table("journal"), table("quarantine"), table("booked_session")

    def quotes(column: Any) -> sa.ColumnElement[bool]:
        return sa.func.lower(column).contains(person, autoescape=True)

    db.run(sa.update(lines).where(quotes(lines.c.detail)).values(detail=""))
    refused = sa.or_(quotes(quarantine.c.reason), quotes(quarantine.c.record))
    db.run(sa.delete(quarantine).where(refused))
    db.run(sa.update(stored).where(quotes(stored.c.stale)).values(stale="refused"))
