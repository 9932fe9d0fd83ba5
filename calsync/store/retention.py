"""Blanking: content whose time is over, and everything about one person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.content.event import event_from_json, event_to_json
from calsync.core.content.render import without_details
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.engine.among import any_value
from calsync.store.guard import summary
from calsync.store.ledger.rows import key_of, of_delivery, table

STANDING = ("live", "unsure", "taken", "stranded")  # states of a copy that may be out there


def hide_details(db: Db, rows: Iterable[Row]) -> None:
    """Of what these deliveries were about keep only what a discreet program shows: whoever is told
    that a session is no longer theirs reads no more than that."""
    for row in rows:
        event = event_from_json(row["content"]) if row["content"] is not None else None
        if event is not None and not event.private:
            mine = of_delivery(table("delivery").c, key_of(row))
            hidden = event_to_json(without_details(event))
            db.run(sa.update(table("delivery")).where(mine).values(content=hidden))


def drop_mail_counts(db: Db, before: datetime) -> None:
    """Delete the counts of mails a day from before."""
    counts = table("mail_count")
    db.run(sa.delete(counts).where(counts.c.day < before.date().isoformat()))


def _blank(db: Db, name: str, column: str, where: sa.ColumnElement[bool]) -> int:
    target = table(name)
    still = sa.and_(where, target.c[column].is_not(None))
    return int(db.run(sa.update(target).where(still).values({column: None})).rowcount)


def of_person(db: Db, person: str, tenant: str | None) -> list[Row]:
    """Every delivery to this person, by the key of their address; in one tenant, or in all."""
    delivery = table("delivery")
    return db.all(sa.select(delivery).where(_theirs(person, tenant)))


def _theirs(person: str, tenant: str | None) -> sa.ColumnElement[bool]:
    c = table("delivery").c
    where = any_value(c.tenant) if tenant is None else c.tenant == tenant
    return sa.and_(where, sa.func.lower(c.email) == person)


def _in(column: Any, tenant: str | None) -> sa.ColumnElement[bool]:
    return sa.true() if tenant is None else sa.and_(column == tenant)


def left_outside(db: Db, person: str, tenant: str | None) -> dict[str, int]:
    """How many events and invitations of this person stand out there, by channel."""
    copy, delivery = table("copy"), table("delivery")
    of_theirs = sa.and_(
        delivery.c.tenant == copy.c.tenant,
        delivery.c.session == copy.c.session,
        delivery.c.participant == copy.c.participant,
    )
    query = (
        sa.select(copy.c.channel, sa.func.count().label("count"))
        .join(delivery, of_theirs)
        .where(_theirs(person, tenant), copy.c.state.in_(STANDING))
        .group_by(copy.c.channel)
    )
    return {row["channel"]: row["count"] for row in db.all(query)}


def shared_ahead(db: Db, rows: Collection[Row]) -> int:
    """In how many sessions ahead of these deliveries somebody else takes part."""
    delivery = table("delivery").c
    ahead = [row for row in rows if row["ends_at"] > db.now and row["want"] == "present"]
    others = (
        sa.select(sa.func.count()).where(
            delivery.tenant == row["tenant"],
            delivery.session == row["session"],
            delivery.participant != row["participant"],
            delivery.want == "present",
        )
        for row in ahead
    )
    return sum(bool(db.scalar(query)) for query in others)


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
    if row["batch"] is not None:
        summary.forget(db, row["batch"])
    delivery, stored = table("delivery"), table("booked_session")
    here = sa.and_(delivery.c.tenant == row["tenant"], delivery.c.session == row["session"])
    covered = sa.and_(here, delivery.c.covered_by == row["participant"])
    db.run(sa.update(delivery).where(covered).values(covered_by=alias))
    mine = sa.and_(stored.c.tenant == row["tenant"], stored.c.id == row["session"])
    db.run(sa.update(stored).where(mine).values(record=None))
    older = table("older_version")
    of_older = (older.c.tenant == row["tenant"], older.c.session == row["session"])
    db.run(sa.delete(older).where(*of_older))
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
        "record_warning": {},
        "delivery": {
            **{"content": None, "email": "", "person": "", **nowhere, **nothing_due},
            **{"want": "absent", "version": row["version"] + 1},
        },
    }


def forget_words(db: Db, spellings: Collection[str], tenant: str | None) -> None:
    """Blank lines and reasons that quote the address in any spelling, as a refused record's may.
    Reasons of refused records belong to no tenant, and come back with the next read."""
    lines, quarantine, stored = table("journal"), table("quarantine"), table("booked_session")

    def quotes(column: Any) -> sa.ColumnElement[bool]:
        lower = sa.func.lower(column)
        return sa.or_(*(lower.contains(one, autoescape=True) for one in spellings))

    quoting = sa.and_(quotes(lines.c.detail), _in(lines.c.tenant, tenant))
    db.run(sa.update(lines).where(quoting).values(detail=""))
    refused = sa.or_(quotes(quarantine.c.reason), quotes(quarantine.c.record))
    db.run(sa.delete(quarantine).where(refused))
    stale = sa.and_(quotes(stored.c.stale), _in(stored.c.tenant, tenant))
    db.run(sa.update(stored).where(stale).values(stale="refused"))


def forget_notices(db: Db, spellings: Collection[str], tenant: str | None) -> None:
    """Delete every notice to this person."""
    notice = table("notice")
    theirs = sa.func.lower(notice.c.person).in_(spellings)
    db.run(sa.delete(notice).where(theirs, _in(notice.c.tenant, tenant)))
