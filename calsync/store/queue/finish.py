"""How claims end: everything that came out of them, written in one transaction.

Facts first, whoever has the lease by now: copies, attempts, what happened to slots and channels.
Then the schedule, only where the lease is still the claim's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from calsync.core.ledger import Copy, DeliveryKey
from calsync.core.reconcile.claimed import UNCHANGED, Claim, Finished, Schedule
from calsync.core.reconcile.refused_sender import speak_of_the_sender
from calsync.errors import ConflictError
from calsync.store.database import Db
from calsync.store.findings import zones
from calsync.store.lease import DELIVERY
from calsync.store.ledger import copies, deliveries, journal
from calsync.store.ledger.rows import Sealer, table
from calsync.store.prepared import NOW, bound, built_once, instant, of_bound
from calsync.store.queue import claims, limiter, pauses, slots


def finish(db: Db, sealer: Sealer, ends: Sequence[Finished]) -> list[Finished]:
    """Store the ends of these claims. Returns them as they were stored: without a copy whose
    place another one holds by now, and with `stop` only where that is news."""
    for one in ends:
        if one.claim.probes and one.stop is None:
            pauses.end_probe(db, one.claim.delivery.key.tenant, one.claim.probes, works=one.called)
    unread = [(one.claim.delivery.key, one.copy, one.was) for one in ends if one.unread]
    copies.save_answered(
        db, sealer, [(key, copy, was) for key, copy, was in unread if copy and was]
    )
    in_order = sorted(ends, key=lambda one: one.claim.slot)  # whoever locks slots goes this way
    stored = [_store_facts(db, sealer, one) for one in in_order]
    limiter.count_mails(db, [one.claim.delivery.key for one in stored if one.counts_mail])
    for claim in {one.claim.slot: one.claim for one in stored if one.sender_accepted}.values():
        _accept_sender(db, claim)
    answered = [(one.attempt, one.answer, one.request_id) for one in stored if one.attempt]
    copies.update_answered(db, answered)
    journal.note_all(db, [(one.claim.delivery.key, line) for one in stored for line in one.lines])
    touched = _release(db, [(one.claim, one.schedule) for one in stored if one.schedule])
    claims.free_lanes(db, [one.claim for one in stored if one.schedule is not None])
    slots.refresh_all(db, sorted(touched))
    return stored


def _store_facts(db: Db, sealer: Sealer, one: Finished) -> Finished:
    key = one.claim.delivery.key
    if one.copy is not None and not _saved(db, sealer, one, one.copy):
        ended = Schedule(due_at=None) if one.schedule is not None else None
        return Finished(one.claim, ended)  # the end of the copy that holds the place wakes it
    if one.wake:
        deliveries.wake_one(db, key)
    if one.foreign_zone is not None:
        zones.learn_unknown(db, one.foreign_zone)
    _store_slot(db, one)
    if one.stop is not None and not pauses.stop_channel(db, one.stop):
        return replace(one, stop=None)
    return one


def _store_slot(db: Db, one: Finished) -> None:
    """What the answer says of the account or sender, whatever it says of the delivery."""
    slot = one.claim.slot
    if one.failed:
        slots.failed(db, slot, known=one.claim.failures)
    if one.cools_until is not None:
        slots.cool(db, slot, one.cools_until)
    if one.warm:
        slots.warm(db, slot)
    if one.one_by_one_until is not None:
        slots.narrow(db, slot, one.one_by_one_until)
    if one.sender_refused is not None:
        slots.refuse_sender(db, slot, one.sender_refused)


def _accept_sender(db: Db, claim: Claim) -> None:
    """A mail was accepted. What was parked while the sender was refused goes again, where that had
    stopped the channel; otherwise the refusals were of those mails."""
    refused = slots.accept_sender(db, claim.slot)
    if speak_of_the_sender(refused):
        tenant = claim.delivery.key.tenant
        keys = [DeliveryKey(tenant, one.session, one.participant) for one in refused]
        deliveries.unpark(db, "refused", keys)


def _saved(db: Db, sealer: Sealer, one: Finished, copy: Copy) -> bool:
    """False when the copy would take a place that another one holds."""
    if one.unread and one.was is not None:
        return True  # it is stored with those of the others
    takes_a_place = copy.occupies and not (one.was is not None and one.was.occupies)
    if not takes_a_place:
        copies.save(db, sealer, one.claim.delivery.key, copy, one.was)
        return True
    try:
        with db.savepoint():
            copies.save(db, sealer, one.claim.delivery.key, copy, one.was)
    except ConflictError:
        return False
    return True


def _release(db: Db, ended: Sequence[tuple[Claim, Schedule]]) -> set[str]:
    """End the leases where they are still the claims'; returns the slots in which something
    changed."""
    alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for claim, schedule in ended:
        statement, values = _ending(db, claim, schedule)
        alike.setdefault((statement, *values), []).append(values)
    found = [row for (one, *_), rows in alike.items() for row in db.first_of_each(one, rows)]
    return {claim.slot for claim, _ in ended} | {row["slot"] for row in found if row} - {None}


def _ending(db: Db, claim: Claim, schedule: Schedule) -> tuple[Any, dict[str, Any]]:
    """The statement that ends a lease, and its values."""
    values = {
        "token": claim.token,
        "version_then": claim.delivery.version,
        "due_then": claim.delivery.due_at,
        "due_next": schedule.due_at,
        "slot_next": schedule.slot,
        "parked_next": schedule.parked,
        "now": db.now,
        **DELIVERY.given_back(),
    }
    also = {
        "attempts": schedule.attempts,
        "last_error": schedule.last_error,
        "look_at": schedule.inspect_at,
    }
    outlook = schedule.outlook
    if outlook is not None:
        values |= {"tell_next": outlook.tell_at, "stands_next": outlook.stands_until}
    changed = {name: value for name, value in also.items() if value is not UNCHANGED}
    statement = _released(
        moves=schedule.slot is not None,
        parks=schedule.parked is not None,
        looks_ahead=outlook is not None,
        corrected=outlook is not None and outlook.right and claim.delivery.told is not None,
    )
    return statement, values | bound(claim.delivery.key) | changed


@built_once
def _released(*, moves: bool, parks: bool, looks_ahead: bool, corrected: bool) -> Any:
    delivery = table("delivery")
    c = delivery.c
    changed = c.version != sa.bindparam("version_then", type_=sa.Integer())
    woken = c.due_at.is_distinct_from(instant("due_then"))
    values: dict[str, Any] = {
        "due_at": sa.case((sa.or_(changed, woken), NOW), else_=instant("due_next"))
    }
    if parks:
        values["parked"] = sa.case((changed, c.parked), else_=sa.bindparam("parked_next"))
    if moves:
        values["slot"] = sa.case((changed, c.slot), else_=sa.bindparam("slot_next"))
    if looks_ahead:
        values["tell_at"] = sa.case((changed, c.tell_at), else_=instant("tell_next"))
        values["stands_until"] = sa.case((changed, c.stands_until), else_=instant("stands_next"))
    if corrected:
        values["told"] = sa.case((changed, c.told), else_=sa.null())
    mine = sa.and_(of_bound(c), DELIVERY.mine(sa.bindparam("token")))
    return sa.update(delivery).where(mine).values(**values).returning(c.slot)
