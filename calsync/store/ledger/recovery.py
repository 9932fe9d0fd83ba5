"""What a ledger remembers of being put back from a backup, and of the listings that follow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import CopyState, DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.ledger import deliveries
from calsync.store.ledger.rows import key_of, table
from calsync.store.prepared import built_once
from calsync.store.queue import pauses
from calsync.store.queue.pauses import BY_COPY, BY_RECOVERY, BY_REPAIRED

PUT_BACK = "the ledger was put back from a backup"
SKEW = timedelta(minutes=10)  # by which the clock of a platform may differ
UNKNOWN_SINCE = (CopyState.LIVE, CopyState.ELSEWHERE, CopyState.STRANDED)


@dataclass(frozen=True, slots=True)
class LostTime:
    """Between a backup and its return."""

    since: datetime
    until: datetime


def put_back_at(db: Db) -> datetime | None:
    """From when on this ledger may know less than calendars and mailboxes: when it was copied, or
    when `recover` was run by hand. None: it was never put back."""
    row = db.one(_times())
    times = [row[name] for name in ("copied_at", "recovered_at") if row and row[name]]
    return max(times, default=None)


@built_once
def _times() -> sa.Select[Any]:
    c = table("instance").c
    return sa.select(c.copied_at, c.recovered_at)


def is_unrecovered_copy(db: Db) -> bool:
    """This ledger is a backup whose copies were not gone through since it was put back."""
    row = db.one(sa.select(table("instance")))
    if row is None or row["copied_at"] is None:
        return False
    return row["recovered_at"] is None or bool(row["recovered_at"] < row["copied_at"])


def begin(db: Db, *, read_again: bool) -> None:
    """From now on nothing is sent until `end`. `read_again`: every source is read from its
    beginning."""
    instance = table("instance")
    if read_again and not is_open(db):  # when it is repeated, sources were read since
        last_read = sa.select(sa.func.max(table("source_cursor").c.last_ok)).scalar_subquery()
        db.run(sa.update(instance).values(copied_at=last_read))
    pauses.stop(db, pauses.ALL, pauses.ALL, BY_RECOVERY, PUT_BACK)
    db.run(sa.update(instance).values(recovered_at=db.now))
    if read_again:
        db.run(sa.update(table("source_cursor")).values(cursor=None, swept_at=None))


def mark_copy(db: Db) -> None:
    """This database is a backup: it sends nothing until somebody resumes it, no daemon runs on it,
    and it reads every source from its beginning."""
    instance = table("instance")
    db.run(
        sa.update(instance).values(copied_at=db.now, owner=None, owner_until=None, heartbeat=None)
    )
    reason = f"it is a backup of {db.now:%Y-%m-%d %H:%M} UTC"
    pauses.stop(db, pauses.ALL, pauses.ALL, BY_COPY, reason)
    db.run(sa.update(table("source_cursor")).values(cursor=None, swept_at=None))


def is_open(db: Db) -> bool:
    """A restore is not repaired yet."""
    return any(one["by"] == BY_RECOVERY for one in pauses.active(db))


def end(db: Db) -> None:
    """The repair is done; an operator looks at what is held, and resumes deliveries."""
    lifted = [pauses.lift(db, pauses.ALL, pauses.ALL, by) for by in (BY_RECOVERY, BY_COPY)]
    if any(lifted):
        pauses.stop(db, pauses.ALL, pauses.ALL, BY_REPAIRED, PUT_BACK)


def unread_sources(db: Db, names: Collection[str]) -> list[str]:
    """Which of these sources were not read completely since the ledger was put back."""
    c = table("source_cursor").c
    swept = {row["name"] for row in db.all(sa.select(c.name).where(c.swept_at.is_not(None)))}
    return sorted(set(names) - swept)


def page(db: Db, after: DeliveryKey | None, limit: int) -> list[DeliveryKey]:
    """The next deliveries that are not over, by their keys."""
    c = table("delivery").c
    key = sa.tuple_(c.tenant, c.session, c.participant)
    query = sa.select(c.tenant, c.session, c.participant).where(deliveries.is_ahead(c, db.now))
    if after is not None:
        query = query.where(key > sa.tuple_(after.tenant, after.session, after.participant))
    ordered = query.order_by(c.tenant, c.session, c.participant).limit(limit)
    return [key_of(row) for row in db.all(ordered)]


def lost_time(db: Db, source: str) -> LostTime | None:
    """Of what this ledger knows nothing, while this source is read for the first time since it was
    put back; else None."""
    until = put_back_at(db)
    if until is None or not unread_sources(db, [source]):
        return None
    copied_at = db.scalar(sa.select(table("instance").c.copied_at))
    return LostTime((copied_at or until) - SKEW, until)


def forget_shown(db: Db, tenant: str, ids: Collection[str]) -> None:
    """Of these sessions, whose records changed in the lost time, what their mailed, former and
    stranded copies show is not known any more."""
    copy, delivery = table("copy"), table("delivery")
    unknown = sa.or_(copy.c.channel == "mail", copy.c.state != CopyState.LIVE.value)
    mine = sa.and_(copy.c.tenant == tenant, copy.c.session.in_(list(ids)))
    standing = copy.c.state.in_([one.value for one in UNKNOWN_SINCE])
    db.run(sa.update(copy).where(mine, standing, unknown).values(material_fp=None))
    deliveries.wake(db, sa.and_(delivery.c.tenant == tenant, delivery.c.session.in_(list(ids))))


def to_list(db: Db, tenant: str | None, before: datetime, after: str, limit: int) -> list[Row]:
    """The next connected accounts, by id, that were not listed since then."""
    c = table("account").c
    query = sa.select(table("account")).where(
        c.state == "active", sa.or_(c.listed_at.is_(None), c.listed_at < before), c.id > after
    )
    if tenant is not None:
        query = query.where(c.tenant == tenant)
    return db.all(query.order_by(c.id).limit(limit))


def unlisted(db: Db, limit: int) -> list[Row]:
    """Connected accounts that were not listed since the ledger was put back."""
    recovered_at = db.scalar(sa.select(table("instance").c.recovered_at))
    return to_list(db, None, recovered_at, "", limit) if recovered_at is not None else []


def listed(db: Db, account: str) -> None:
    """This calendar was listed now: what waited for it decides again."""
    accounts, delivery = table("account"), table("delivery")
    db.run(sa.update(accounts).where(accounts.c.id == account).values(listed_at=db.now))
    deliveries.wake(db, delivery.c.account == account)


def of_account(db: Db, account: Row, destination: str) -> list[Row]:
    """The deliveries ahead of whoever uses this account, or with a copy in its calendar."""
    delivery, copy = table("delivery"), table("copy")
    there = sa.exists().where(
        copy.c.tenant == delivery.c.tenant,
        copy.c.session == delivery.c.session,
        copy.c.participant == delivery.c.participant,
        copy.c.account == account["id"],
        copy.c.place_key == destination,
    )
    theirs = sa.or_(sa.func.lower(delivery.c.email) == account["email"].lower(), there)
    mine = sa.and_(delivery.c.tenant == account["tenant"], delivery.c.ends_at > db.now)
    return db.all(sa.select(delivery).where(mine, theirs))


def cancelled_unseen(db: Db, tenant: str, after: str, limit: int) -> list[Row]:
    """The next sessions ahead, by id, that were cancelled when they were first read after a
    restore, so that nobody was to see them by this ledger: the lost one may have shown them."""
    session, delivery = table("booked_session"), table("delivery")
    mine = sa.and_(delivery.c.tenant == session.c.tenant, delivery.c.session == session.c.id)
    query = sa.select(session.c.id, session.c.record).where(
        session.c.tenant == tenant,
        session.c.id > after,
        session.c.status == "cancelled",
        session.c.ends_at > db.now,
        session.c.record.is_not(None),
        ~sa.exists().where(mine),
    )
    return db.all(query.order_by(session.c.id).limit(limit))


def read_since(db: Db, tenant: str, after: str, limit: int) -> list[str]:
    """The next sessions ahead, by id, of which a record was accepted since the backup that was put
    back was made; none where none was."""
    copied_at = db.scalar(sa.select(table("instance").c.copied_at))
    if copied_at is None:
        return []
    c = table("booked_session").c
    mine = c.tenant == tenant, c.id > after, c.ends_at > db.now, c.stored_at > copied_at
    return [row["id"] for row in db.all(sa.select(c.id).where(*mine).order_by(c.id).limit(limit))]


def is_cancelled_unseen(db: Db, tenant: str, session: str) -> bool:
    """It is cancelled still, and nobody was to see it. Locked: a record that is read meanwhile
    waits."""
    rows, delivery = table("booked_session"), table("delivery")
    c = rows.c
    mine = c.tenant == tenant, c.id == session, c.status == "cancelled"
    if db.first(sa.select(c.id).where(*mine).with_for_update()) is None:
        return False
    shown = sa.select(delivery.c.participant).where(
        delivery.c.tenant == tenant, delivery.c.session == session
    )
    return db.first(shown.limit(1)) is None


def join(db: Db, batch: int, keys: Collection[DeliveryKey]) -> None:
    """These deliveries wait for the guard's word on this batch."""
    for key in keys:
        c = table("delivery").c
        mine = sa.and_(c.tenant == key.tenant, c.session == key.session)
        alone = sa.and_(mine, c.participant == key.participant, c.batch.is_(None))
        db.run(sa.update(table("delivery")).where(alone).values(batch=batch))


def inspect_now(db: Db, keys: Collection[DeliveryKey]) -> None:
    """Have what these deliveries show looked at, as before every session."""
    c: Any = table("delivery").c
    for key in keys:
        mine = sa.and_(c.tenant == key.tenant, c.session == key.session)
        alone = sa.and_(mine, c.participant == key.participant)
        db.run(sa.update(table("delivery")).where(alone).values(look_at=db.now))
