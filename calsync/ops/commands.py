"""The verbs of ops, each one short transaction over the ledger. None makes a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calsync.accounts import domains, reroute
from calsync.core.account import AccountState
from calsync.core.desired import wanted_of
from calsync.core.ledger import Copy, CopyState, DeliveryKey, Route, copy_uid
from calsync.errors import InputError
from calsync.notices import request_notice
from calsync.runtime.context import Context
from calsync.store import instance
from calsync.store.connect import accounts, spellings
from calsync.store.database import Db, Row
from calsync.store.ledger import batches, copies, deliveries, journal, selection, sessions
from calsync.store.ledger.deliveries import BACKFILL, Write
from calsync.store.ledger.rows import account_of, key_of
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses, route_lock, slots


def selected(db: Db, chosen: Selection) -> list[Row]:
    """Upcoming deliveries that the selection means. Raises InputError for an unknown session or
    person."""
    unknown = selection.unknown_sessions(db, chosen.sessions)
    if unknown:
        raise InputError(
            f"no such session in the ledger: {', '.join(unknown)}; `calsync sync` polls first"
        )
    if chosen.person and not selection.keys(db, Selection(person=chosen.person)):
        raise InputError(
            f"no participant {chosen.person} in the ledger; give an address or participant id "
            "that `calsync explain SESSION` shows"
        )
    return selection.ahead(db, chosen)


def resync(db: Db, chosen: Selection, *, rewrite: bool = False) -> int:
    """Decide again about these deliveries, look at what is live, unpark what was refused.

    rewrite   also take the current wording where the facts are the same (calendars only: a
              reworded invitation is never mailed)
    """
    rows = selected(db, chosen)
    if rewrite:
        _rewrite(db, rows)
    deliveries.decide_again(db, rows)
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
    if not instance.remember_configuration(db, found):
        return False
    pauses.lift(db, pauses.ALL, pauses.ALL, "setup")
    deliveries.unpark(db, "refused")
    shut_out = deliveries.parked(db, "only_to")
    free = [row for row in shut_out if not context.tenant(row["tenant"]).excludes(row["email"])]
    deliveries.unpark(db, "only_to", [key_of(row) for row in free])
    domains.follow(context, db)
    return True


def addresses_corrected(context: Context, db: Db) -> int:
    """Upcoming sessions go to accounts that nobody was found by before; see `spellings`. Returns
    how many deliveries changed."""
    found = spellings.correct(db)
    return sum(reroute.reroute(context, db, tenant, found[tenant]) for tenant in sorted(found))


def time_zones_changed(db: Db, version: str) -> bool:
    """New time zone data: every source is read again, so that instants are computed anew and
    what moved goes through the guard."""
    known = instance.remember_time_zones(db, version)
    if known is None:
        return False
    sessions.forget_cursors(db)
    journal.note(db, "time_zones_changed", before=known, now=version)
    return True


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
    touched: set[tuple[str, int]] = set()
    rows = deliveries.never_sent(db)
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
    found = selection.keys(db, Selection(sessions=(session,), person=person, tenant=tenant))
    if not found:
        raise InputError(
            f"{session} has no participant {person}; `calsync explain {session}` lists them"
        )
    if len({one.tenant for one in found}) > 1:
        raise InputError(f"{session} exists in several tenants; add --tenant")
    return found[0]


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
