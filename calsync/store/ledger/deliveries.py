"""What is wanted of deliveries, and when it is due. `store.ledger.wants` writes it down.

Nothing here touches a copy or makes a call; it sets what should be true and makes it due.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.content.event import DesiredEvent, event_to_json, was_private
from calsync.core.content.fingerprints import keep
from calsync.core.desired import Standing, Wanted
from calsync.core.ledger import MAIL, DeliveryKey, Want
from calsync.core.reconcile.telling import WRONG_FOR
from calsync.store.database import Db, Row
from calsync.store.engine.among import among, these
from calsync.store.lease import DELIVERY
from calsync.store.ledger.rows import key_of, of_delivery, route_of, table
from calsync.store.prepared import built_once
from calsync.store.queue import slots
from calsync.values import replaced

DEBOUNCE = timedelta(seconds=60)
DEBOUNCE_MOST = timedelta(minutes=5)
ROSTER_DEBOUNCE = timedelta(minutes=15)
SOON = timedelta(hours=2)
TOLD_AT_MOST = timedelta(days=7)  # before a start: the most that policy.unreachable_mail_minutes is
FIRST, NORMAL, BACKFILL = 0, 1, 2
KEPT_BACK = ("rejected", "forgotten")  # parked until the record changes, whatever else does


@dataclass(frozen=True, slots=True)
class Write:
    """How a change is written.

    batch     the batch it belongs to until that is released; None: at once
    roster    only names in a group changed: calendars wait until the roster settles
    rewrite   take the new wording even where the facts are the same
    cancelled the session does not take place
    priority  None: by how soon the session starts
    """

    batch: int | None
    roster: bool = False
    rewrite: bool = False
    cancelled: bool = False
    priority: int | None = None


def of_sessions(db: Db, tenant: str, ids: Collection[str]) -> dict[str, list[Row]]:
    """Delivery rows of these sessions, by session id, locked: only who holds them may write what
    is wanted, or an older want could overwrite a newer one."""
    found: dict[str, list[Row]] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), 500):
        values = these(tenant, wanted[start : start + 500])
        for row in db.all(_of_sessions(), values):
            found.setdefault(row["session"], []).append(row)
    return found


@built_once
def _of_sessions() -> sa.Select[Any]:
    c = table("delivery").c
    query = sa.select(table("delivery")).where(among(c.tenant, c.session))
    return query.order_by(c.session, c.participant).with_for_update()


def standing(rows: Sequence[Mapping[str, Any]]) -> list[Standing]:
    """What these deliveries of one session are to show now."""
    return [
        Standing(row["participant"], row["email"], row["material_fp"], row["covered_by"])
        for row in rows
        if row["want"] == Want.PRESENT.value
    ]


def diff(
    now: datetime,
    key: DeliveryKey,
    wanted: Wanted,
    row: Mapping[str, Any] | None,
    write: Write,
) -> dict[str, Any] | None:
    """The delivery's new columns, or None when nothing about it changed. Pure."""
    if row is None:
        return None if wanted.event is None else _new(now, key, wanted, wanted.event, write)
    want = Want.PRESENT if wanted.event else Want.ABSENT
    event = wanted.event
    if event is not None:
        quiet = event.quiet_fp if write.rewrite else keep(row["quiet_fp"], event.quiet_fp)
        material_fp = keep(row["material_fp"], event.material_fp)
        event = replaced(event, material_fp=material_fp, quiet_fp=quiet)
    material = want.value != row["want"] or (
        event is not None and event.material_fp != row["material_fp"]
    )
    quiet_only = event is not None and event.quiet_fp != row["quiet_fp"]
    moved = wanted.route != route_of(row) or wanted.covered_by != row["covered_by"]
    moved = moved and (event is not None or row["want"] == Want.PRESENT)
    if not (material or quiet_only or moved):
        return None
    columns = _after(now, wanted, event, row) | {
        "want": want.value,
        "cancelled": None if event else write.cancelled,
        "version": row["version"] + 1,
        "material_version": row["version"] + 1 if material else row["material_version"],
        "batch": row["batch"] if row["batch"] is not None else write.batch,
        "mail_from": None if material or moved else row["mail_from"],
        "attempts": 0,
        "slot": slots.slot_of(key.tenant, wanted.route),
        "priority": _priority(now, write, event.starts_at if event else row["starts_at"]),
    }
    if material:
        columns["wanted_since"] = now
    if material or moved:
        columns["tell_at"] = _first_look(now, row["starts_at"], columns["starts_at"])
    if row["parked"] not in KEPT_BACK or material or quiet_only:  # another account frees nothing
        columns |= {"parked": None, "due_at": now}
    return columns | _debounce(now, wanted, row, write, material=material)


def _new(
    now: datetime, key: DeliveryKey, wanted: Wanted, event: DesiredEvent, write: Write
) -> dict[str, Any]:
    return _after(now, wanted, event, {}) | {
        "want": Want.PRESENT.value,
        "version": 1,
        "material_version": 1,
        "batch": write.batch,
        "due_at": now,
        "settle_from": None,
        "settle_until": None,
        "wanted_since": now,
        "tell_at": _first_look(now, event.starts_at),
        "parked": None,
        "attempts": 0,
        "slot": slots.slot_of(key.tenant, wanted.route),
        "priority": FIRST if write.priority is None else write.priority,
    }


def _after(
    now: datetime, wanted: Wanted, event: DesiredEvent | None, row: Mapping[str, Any]
) -> dict[str, Any]:
    """Columns that follow from what is wanted; an absent one keeps what it was about."""
    route = wanted.route
    place: dict[str, Any] = {
        "email": wanted.email or row.get("email", ""),
        "person": wanted.person,
        "channel": route.channel if route else None,
        "account": route.account if route else None,
        "address": route.address if route else None,
        "place_key": route.destination if route else None,
        "covered_by": wanted.covered_by,
    }
    if event is None:
        kept = ("content", "material_fp", "quiet_fp", "starts_at", "ends_at")
        return place | {name: row[name] for name in kept}
    return place | {
        "stands_until": _stands_until(event, row),
        "content": event_to_json(event),
        "material_fp": event.material_fp,
        "quiet_fp": event.quiet_fp,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
    }


def _first_look(now: datetime, *starts: datetime) -> datetime:
    """When to see whether what is wanted is shown. The end of a claim knows it better; this is for
    what no claim gets to."""
    return max(now + WRONG_FOR, min(starts) - TOLD_AT_MOST)


def _stands_until(event: DesiredEvent, row: Mapping[str, Any]) -> datetime | None:
    """What stands out there may go on showing the time that was wanted before."""
    known = [at for at in (row.get("ends_at"), row.get("stands_until")) if at is not None]
    last = max(known, default=event.ends_at)
    return last if last > event.ends_at else None


def _priority(now: datetime, write: Write, starts_at: datetime) -> int:
    if write.priority is not None:
        return write.priority
    return FIRST if starts_at - now < timedelta(hours=24) else NORMAL


def _debounce(
    now: datetime, wanted: Wanted, row: Mapping[str, Any], write: Write, *, material: bool
) -> dict[str, Any]:
    """When a change may reach a live copy: mailed updates wait for the last of a burst, unless the
    session starts soon or was to start soon."""
    route, starts_at = wanted.route, row["starts_at"]
    event, by_mail = wanted.event, route is not None and route.channel == MAIL
    if event is not None:
        starts_at = min(starts_at, event.starts_at)
    soon = starts_at - now < SOON
    waiting = row["settle_until"] is not None and row["settle_until"] > now
    since = row["settle_from"] if waiting and row["settle_from"] else now
    if material and by_mail and not soon:
        return {"settle_from": since, "settle_until": min(now + DEBOUNCE, since + DEBOUNCE_MOST)}
    if event is not None and not by_mail and _hides_more_or_less(row, event):
        return {"settle_from": None, "settle_until": None}
    if write.roster and not material and not soon:
        return {"settle_from": since, "settle_until": since + ROSTER_DEBOUNCE}
    if waiting and not material:  # a quiet change does not end the wait of a material one
        return {"settle_from": row["settle_from"], "settle_until": row["settle_until"]}
    return {"settle_from": None, "settle_until": None}


def _hides_more_or_less(row: Mapping[str, Any], event: DesiredEvent) -> bool:
    """Its program became discreet, or open: what others may read of it changes at once."""
    return row["content"] is not None and was_private(row["content"]) != event.private


def of_session(db: Db, tenant: str, session: str) -> list[Row]:
    """Deliveries of this session, by participant id."""
    c = table("delivery").c
    query = sa.select(table("delivery")).where(c.tenant == tenant, c.session == session)
    return db.all(query.order_by(c.participant))


def people(db: Db, tenant: str, ids: Collection[str]) -> list[Row]:
    """Rows (session, participant, email) of everybody in these sessions."""
    c, wanted = table("delivery").c, list(ids)
    found: list[Row] = []
    for start in range(0, len(wanted), 500):
        mine = (c.tenant == tenant, c.session.in_(wanted[start : start + 500]))
        found += db.all(sa.select(c.session, c.participant, c.email).where(*mine))
    return found


def with_work(db: Db) -> list[Row]:
    """Deliveries of sessions ahead that are due some day, or held, the nearest first."""
    c = table("delivery").c
    conditions = (  # one for each index; no two of them hold
        slots.claimable(table("delivery")),
        c.batch.is_not(None),
        sa.and_(c.parked.is_not(None), c.batch.is_(None), c.due_at.is_not(None)),
    )
    found = (sa.select(table("delivery")).where(one, c.ends_at > db.now) for one in conditions)
    return db.all(sa.union_all(*found).order_by("starts_at"))


def get(db: Db, key: DeliveryKey) -> Row | None:
    delivery = table("delivery")
    return db.one(sa.select(delivery).where(of_delivery(delivery.c, key)))


def any_open(db: Db) -> bool:
    """Something is due, or being worked on now."""
    c = table("delivery").c
    is_open = sa.or_(c.due_at <= db.now, DELIVERY.lasts(db.now))
    return db.first(sa.select(c.session).where(is_open, c.batch.is_(None)).limit(1)) is not None


def is_ahead(c: Any, now: Any) -> sa.ColumnElement[bool]:
    """For delivery: the session is not over, or an entry that shows a later end is not."""
    return sa.or_(c.ends_at > now, c.stands_until > now)


def wake_one(db: Db, key: DeliveryKey) -> None:
    """Make this delivery due now, unless it is over."""
    wake(db, of_delivery(table("delivery").c, key))


def wake(db: Db, where: sa.ColumnElement[bool], *, priority: int | None = None) -> int:
    """Make deliveries due now, unless they are held or over; returns how many."""
    delivery = table("delivery")
    values: dict[str, Any] = {"due_at": db.now}
    if priority is not None:
        values["priority"] = priority
    woken = list(
        db.run(
            sa.update(delivery)
            .where(where, is_ahead(delivery.c, db.now))
            .values(**values)
            .returning(delivery.c.slot)
        ).scalars()
    )
    slots.wake(db, {name for name in woken if name})
    return len(woken)


def unpark(db: Db, reason: str, keys: Collection[DeliveryKey] | None = None) -> None:
    """What is parked for this reason may go again, from now; `keys` limits it to those."""
    delivery = table("delivery")
    limits = [sa.true()] if keys is None else [of_delivery(delivery.c, key) for key in keys]
    for where in limits:
        parked = sa.and_(where, delivery.c.parked == reason)
        if db.run(sa.update(delivery).where(parked).values(parked=None, attempts=0)).rowcount:
            wake(db, where)


def parked(db: Db, reason: str) -> list[Row]:
    """Deliveries that are parked for this reason."""
    delivery = table("delivery")
    return db.all(sa.select(delivery).where(delivery.c.parked == reason))


def decide_again(db: Db, rows: Sequence[Row]) -> None:
    """Decide anew about these deliveries, after all news: unparked unless somebody keeps them back,
    and inspected where they stand in a calendar."""
    delivery = table("delivery")
    copy = table("copy")
    for row in rows:
        mine = of_delivery(delivery.c, key_of(row))
        refused = sa.and_(of_delivery(copy.c, key_of(row)), copy.c.again_at.is_not(None))
        db.run(sa.update(copy).where(refused).values(again_at=None))
        look_at = db.now if row["account"] else row["look_at"]
        kept = row["parked"] if row["parked"] in KEPT_BACK else None
        db.run(sa.update(delivery).where(mine).values(parked=kept, attempts=0, look_at=look_at))
        wake(db, mine, priority=BACKFILL)


def end_debounce(db: Db) -> int:
    """Nothing waits for the end of a burst any longer; returns how many did."""
    delivery = table("delivery")
    c, names = delivery.c, list[str | None]()
    claimable = sa.and_(c.due_at.is_not(None), c.batch.is_(None))
    for which in (claimable, c.batch.is_not(None)):  # each has an index of its own
        waiting = sa.and_(c.settle_until > db.now, c.parked.is_(None), which)
        ended = sa.update(delivery).where(waiting).values(settle_until=None, due_at=db.now)
        names += db.run(ended.returning(c.slot)).scalars()
    slots.wake(db, {name for name in names if name})
    return len(names)


def never_sent(db: Db) -> list[Row]:
    """Wanted deliveries of sessions ahead that have no copy, and a place to be shown in."""
    delivery, copy = table("delivery"), table("copy")
    c = delivery.c
    none_yet = ~sa.exists().where(
        copy.c.tenant == c.tenant,
        copy.c.session == c.session,
        copy.c.participant == c.participant,
    )
    wanted = (c.want == Want.PRESENT.value, c.covered_by.is_(None), c.place_key.is_not(None))
    return db.all(sa.select(delivery).where(none_yet, *wanted, c.ends_at > db.now))
