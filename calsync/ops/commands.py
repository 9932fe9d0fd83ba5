"""The verbs of ops, each one short transaction over the ledger. None makes a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.accounts import domains, reroute
from calsync.core.account import AccountState
from calsync.core.desired import wanted_of
from calsync.core.ledger import Copy, CopyState, DeliveryKey, Route, Want, copy_uid
from calsync.errors import InputError
from calsync.notices import request_notice
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db, Row
from calsync.store.ledger import batches, copies, deliveries, journal, sessions
from calsync.store.ledger.deliveries import BACKFILL, KEPT_BACK, Write
from calsync.store.ledger.rows import account_of, key_of, of_delivery, table
from calsync.store.queue import pauses, route_lock, slots


@dataclass(frozen=True, slots=True)
class Selection:
    """Which deliveries a verb means; empty fields do not limit. `start` and `end` are instants
    the session's start must lie between."""

    sessions: Sequence[str] = ()
    person: str | None = None
    program: str | None = None
    tenant: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def where(self) -> sa.ColumnElement[bool]:
        delivery, session = table("delivery"), table("booked_session")
        c = delivery.c
        parts: list[sa.ColumnElement[bool]] = [sa.true()]
        if self.sessions:
            parts.append(c.session.in_(list(self.sessions)))
        if self.person:
            parts.append(
                sa.or_(sa.func.lower(c.email) == self.person.lower(), c.participant == self.person)
            )
        if self.tenant:
            parts.append(c.tenant == self.tenant)
        if self.start:
            parts.append(c.starts_at >= self.start)
        if self.end:
            parts.append(c.starts_at < self.end)
        if self.program:
            parts.append(
                sa.exists().where(
                    session.c.tenant == c.tenant,
                    session.c.id == c.session,
                    session.c.program == self.program,
                )
            )
        return sa.and_(*parts)


def selected(db: Db, selection: Selection) -> list[Row]:
    """Upcoming deliveries that the selection means. Raises InputError for an unknown session or
    person."""
    delivery = table("delivery")
    if selection.sessions:
        c = delivery.c
        known = {
            row["session"]
            for row in db.all(
                sa.select(c.session).where(c.session.in_(list(selection.sessions))).distinct()
            )
        }
        unknown = [one for one in selection.sessions if one not in known]
        if unknown:
            raise InputError(
                f"no such session in the ledger: {', '.join(unknown)}; `calsync sync` polls first"
            )
    if selection.person and not deliveries.keys(db, Selection(person=selection.person).where()):
        raise InputError(
            f"no participant {selection.person} in the ledger; give an address or participant id "
            "that `calsync explain SESSION` shows"
        )
    query = sa.select(delivery).where(selection.where(), delivery.c.ends_at > db.now)
    return db.all(query.order_by(delivery.c.starts_at))


def resync(db: Db, selection: Selection, *, rewrite: bool = False) -> int:
    """Decide again about these deliveries, look at what is live, unpark what was refused.

    rewrite   also take the current wording where the facts are the same (calendars only: a
              reworded invitation is never mailed)
    """
    rows = selected(db, selection)
    if rewrite:
        _rewrite(db, rows)
    delivery = table("delivery")
    for row in rows:
        mine = of_delivery(delivery.c, key_of(row))
        look_at = db.now if row["account"] else row["look_at"]
        parked = row["parked"] if row["parked"] in KEPT_BACK else None
        values: dict[str, Any] = {"parked": parked, "attempts": 0, "look_at": look_at}
        db.run(sa.update(delivery).where(mine).values(**values))
        deliveries.wake(db, mine, priority=BACKFILL)
    journal.note(db, "resync_asked", count=len(rows), rewrite=rewrite or None)
    return len(rows)


def _rewrite(db: Db, rows: Sequence[Row]) -> None:
    by_tenant: dict[str, set[str]] = {}
    for row in rows:
        by_tenant.setdefault(row["tenant"], set()).add(row["session"])
    for tenant, ids in by_tenant.items():
        stored = sessions.stored(db, tenant, ids)
        route_lock.choosing(db, tenant)
        known = deliveries.of_sessions(db, tenant, ids)
        for ident, row in stored.items():
            if row["record"] is None or row["status"] != "booked":
                continue
            session = sessions.from_json(row["record"])
            people = accounts.of_emails(db, tenant, {one.email for one in session.participants})
            write = Write(None, rewrite=True, priority=BACKFILL)
            wanted = wanted_of(session, people)
            deliveries.write_wanted(db, tenant, ident, wanted, known.get(ident, []), write=write)
    slots.wake(db, {row["slot"] for row in rows if row["slot"]})


def configuration_changed(context: Context, db: Db, found: str) -> bool:
    """Unpark what another configuration may let go: refused calls, people outside `only_to`; and
    reroute people whose mail domain was added to the `domains` settings, or removed."""
    instance = table("instance")
    if db.scalar(sa.select(instance.c.configuration)) == found:
        return False
    db.run(sa.update(instance).values(configuration=found))
    pauses.lift(db, pauses.ALL, pauses.ALL, "setup")
    delivery = table("delivery")
    deliveries.unpark(db, sa.true(), reasons=["refused"])
    waiting = sa.select(
        delivery.c.tenant, delivery.c.session, delivery.c.participant, delivery.c.email
    ).where(delivery.c.parked == "only_to")
    for row in db.all(waiting):
        if not context.tenant(row["tenant"]).excludes(row["email"]):
            deliveries.unpark(db, of_delivery(delivery.c, key_of(row)))
    domains.follow(context, db)
    return True


def time_zones_changed(db: Db, version: str) -> bool:
    """New time zone data: every source is read again, so that instants are computed anew and
    what moved goes through the guard."""
    instance = table("instance")
    known = db.scalar(sa.select(instance.c.tzdata))
    if known == version:
        return False
    db.run(sa.update(instance).values(tzdata=version))
    if known is not None:
        db.run(sa.update(table("source_cursor")).values(cursor=None))
        journal.note(db, "time_zones_changed", before=known, now=version)
    return known is not None


def pause(db: Db, tenant: str, channel: str) -> None:
    """Stop claims, not polls; what is in the air ends."""
    pauses.stop(db, tenant, channel, "ops", "paused by ops")
    journal.note(db, "paused", tenant=tenant, channel=channel)


def resume(context: Context, db: Db, tenant: str, channel: str) -> int:
    """Lift every stop of this tenant and channel, whoever made it; returns how many.

    After a mass loss of accounts their people are now served by mail.
    """
    incidents = [
        one
        for one in pauses.active(db)
        if one["by"] == "incident"
        and tenant in (pauses.ALL, one["tenant"])
        and channel in (pauses.ALL, one["channel"])
    ]
    lifted = pauses.lift(db, tenant, channel)
    for one in incidents:
        lost = [
            account_of(row)
            for row in accounts.listed(db, one["tenant"])
            if row["provider"] == one["channel"] and row["state"] in ("reconnect", "unusable")
        ]
        for account in lost:
            if account.state is AccountState.RECONNECT:
                request_notice.lost(db, account)
        reroute.reroute(context, db, one["tenant"], [account.email for account in lost])
    journal.note(db, "resumed", tenant=tenant, channel=channel, lifted=lifted)
    return lifted


def baseline(
    context: Context, db: Db, known: Mapping[tuple[str, str, str], Mapping[str, Any]]
) -> int:
    """Record that every upcoming session already stands somewhere, put there by another system.

    Nothing leaves for them until a material change. `known` may give, by (tenant, session,
    participant), the uid, sequence and organizer of an invitation that was mailed.
    """
    delivery, copy = table("delivery"), table("copy")
    none_yet = ~sa.exists().where(
        copy.c.tenant == delivery.c.tenant,
        copy.c.session == delivery.c.session,
        copy.c.participant == delivery.c.participant,
    )
    query = sa.select(delivery).where(
        none_yet,
        delivery.c.want == Want.PRESENT.value,
        delivery.c.covered_by.is_(None),
        delivery.c.place_key.is_not(None),
        delivery.c.ends_at > db.now,
    )
    touched: set[tuple[str, int]] = set()
    rows = db.all(query)
    for row in rows:
        key = key_of(row)
        told = known.get((key.tenant, key.session, key.participant), {})
        value = Copy(
            n=1,
            uid=str(told.get("uid", "")),
            channel=row["channel"],
            account=row["account"],
            address=row["address"],
            destination=row["place_key"],
            state=CopyState.ELSEWHERE,
            organizer=str(told.get("organizer", "")),
            sequence=int(told.get("sequence", 0)),
            material_fp=row["material_fp"],
            quiet_fp=row["quiet_fp"],
        )
        copies.save(db, context.sealer, key, value)
        if row["batch"] is not None:
            touched.add((row["tenant"], row["batch"]))
    for tenant, batch in touched:
        if batch in batches.touched(db, tenant):  # an open one is closed by its own poll
            batches.close(db, batch, context.tenant(tenant).guard)
    journal.note(db, "baseline_recorded", count=len(rows))
    return len(rows)


def find_delivery(db: Db, session: str, person: str, tenant: str | None = None) -> DeliveryKey:
    """The delivery of a session to a person, named by address or participant id.

    Raises InputError where there is none, or several of different tenants.
    """
    selection = Selection(sessions=(session,), person=person, tenant=tenant)
    found = deliveries.keys(db, selection.where())
    if not found:
        raise InputError(
            f"{session} has no participant {person}; `calsync explain {session}` lists them"
        )
    if len({one.tenant for one in found}) > 1:
        raise InputError(f"{session} exists in several tenants; add --tenant")
    return found[0]


def hurry(db: Db) -> int:
    """Settling counts as over for everything that still waits for it; returns how many."""
    delivery = table("delivery")
    waiting = sa.and_(delivery.c.settle_until > db.now, delivery.c.parked.is_(None))
    keys = deliveries.keys(db, waiting)
    db.run(sa.update(delivery).where(waiting).values(settle_until=None, due_at=db.now))
    slots.wake(
        db,
        {
            str(row["slot"])
            for key in keys
            if (row := deliveries.get(db, key)) is not None and row["slot"]
        },
    )
    return len(keys)


def sample_copy(context: Context, key: DeliveryKey, channel: str, route: Route) -> Copy:
    """A first copy as it would be made, for looking at what a channel is given."""
    return Copy(
        n=1,
        uid=copy_uid(context.namespace, key, 1),
        channel=channel,
        account=route.account,
        address=route.address,
        destination=route.destination,
        state=CopyState.PLANNED,
        organizer=context.tenant(key.tenant).organizer,
    )
