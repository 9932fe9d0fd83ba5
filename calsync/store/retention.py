"""Blanking: content whose time is over, and everything about one person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import key_of, of_delivery, table


def blank_content(db: Db, before: datetime) -> dict[str, int]:
    """Blank the content of sessions that ended before; returns how many rows of each table."""
    session, delivery = table("booked_session").c, table("delivery").c
    attempt, copy, notice = table("attempt").c, table("copy").c, table("notice").c
    ended = sa.func.coalesce(session.ends_at, session.stored_at)  # a tombstone has no times
    sent = sa.and_(attempt.started < before, ~_may_be_replayed())
    return {
        "booked_session": _blank(db, "booked_session", "record", ended < before),
        "delivery": _blank(db, "delivery", "content", delivery.ends_at < before),
        "attempt": _blank(db, "attempt", "wire", sa.or_(sent, _over(attempt, before))),
        "copy": _blank(db, "copy", "content", _over(copy, before)),
        "notice": _blank(db, "notice", "wire", notice.created < before),
    }


def drop_lines(db: Db, before: datetime) -> int:
    """Delete the journal's lines from before; returns how many."""
    lines = table("journal")
    return int(db.run(sa.delete(lines).where(lines.c.at < before)).rowcount)


def drop_mail_counts(db: Db, before: datetime) -> None:
    """Delete the counts of mails a day from before."""
    counts = table("mail_count")
    db.run(sa.delete(counts).where(counts.c.day < before.date().isoformat()))


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


def of_person(db: Db, person: str) -> list[Row]:
    """Every delivery to this person, by the key of their address."""
    delivery = table("delivery")
    return db.all(sa.select(delivery).where(sa.func.lower(delivery.c.email) == person))


def named_like(db: Db, key: DeliveryKey, name: str) -> int:
    """How many participants of this session have an id that begins with `name`."""
    delivery = table("delivery").c
    query = sa.select(sa.func.count()).where(
        delivery.tenant == key.tenant,
        delivery.session == key.session,
        delivery.participant.startswith(name, autoescape=True),
    )
    return int(db.scalar(query) or 0)


def forget_delivery(db: Db, row: Row, alias: str) -> None:
    """Blank one person's delivery and whatever names them beside it; their id becomes `alias`."""
    for name, values in _forgotten(row, alias).items():
        target = table(name)
        mine = of_delivery(target.c, key_of(row))
        db.run(sa.update(target).where(mine).values(participant=alias, **values))
    delivery, stored = table("delivery"), table("booked_session")
    here = sa.and_(delivery.c.tenant == row["tenant"], delivery.c.session == row["session"])
    covered = sa.and_(here, delivery.c.covered_by == row["participant"])
    db.run(sa.update(delivery).where(covered).values(covered_by=alias))
    mine = sa.and_(stored.c.tenant == row["tenant"], stored.c.id == row["session"])
    db.run(sa.update(stored).where(mine).values(record=None))
    if row["ends_at"] <= db.now:
        for name, column in (("delivery", "content"), ("copy", "content"), ("attempt", "wire")):
            c = table(name).c
            of_session = sa.and_(c.tenant == row["tenant"], c.session == row["session"])
            _blank(db, name, column, of_session)


def _forgotten(row: Row, alias: str) -> dict[str, dict[str, object]]:
    """By table, the columns of somebody who is forgotten."""
    nowhere = {"channel": None, "account": None, "address": None, "place_key": None}
    nothing_due = {"due_at": None, "look_at": None, "last_error": None, "parked": "forgotten"}
    nothing_due |= {"tell_at": None, "told": None}
    place = {"address": "", "place_key": alias, "holds": False}
    return {
        "attempt": {"wire": None, "answer": None},
        "copy": {"content": None, **place, "remote_id": None, "look_at": None},
        "journal": {},
        "fact": {},
        "mail_count": {},
        "unexpected_failure": {},
        "delivery": {
            **{"content": None, "email": "", "person": "", **nowhere, **nothing_due},
            **{"want": "absent", "version": row["version"] + 1},
        },
    }


def forget_words(db: Db, spellings: Collection[str]) -> None:
    """Blank lines and reasons that quote the address in any spelling, as a refused record's may."""
    lines, quarantine, stored = table("journal"), table("quarantine"), table("booked_session")

    def quotes(column: Any) -> sa.ColumnElement[bool]:
        lower = sa.func.lower(column)
        return sa.or_(*(lower.contains(one, autoescape=True) for one in spellings))

    db.run(sa.update(lines).where(quotes(lines.c.detail)).values(detail=""))
    refused = sa.or_(quotes(quarantine.c.reason), quotes(quarantine.c.record))
    db.run(sa.delete(quarantine).where(refused))
    db.run(sa.update(stored).where(quotes(stored.c.stale)).values(stale="refused"))


def forget_accounts(db: Db, spellings: Collection[str]) -> list[str]:
    """Delete the accounts of this person, and those that have this address; returns their ids."""
    account = table("account")
    theirs = sa.or_(account.c.email.in_(spellings), sa.func.lower(account.c.address).in_(spellings))
    ids = [row["id"] for row in db.all(sa.select(account.c.id).where(theirs))]
    db.run(sa.delete(account).where(theirs))
    return ids


def forget_notices(db: Db, spellings: Collection[str]) -> None:
    """Delete every notice to this person."""
    notice = table("notice")
    db.run(sa.delete(notice).where(sa.func.lower(notice.c.person).in_(spellings)))
