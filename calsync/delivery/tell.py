"""Telling: who is to know by a plain mail that something of their session stands wrong."""

from __future__ import annotations

from datetime import timedelta

from calsync.accounts import reroute
from calsync.core.ledger import Snapshot
from calsync.core.reconcile.telling import WRONG_FOR, to_tell
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import journal, notices
from calsync.store.queue import claims, pauses, tellings

AT_ONCE = 50  # deliveries in one transaction
CALLING = timedelta(minutes=1)  # a call that is being made may correct it


def run(context: Context) -> int:
    """Ask about every delivery whose instant has come; returns how many people are told."""
    told = 0
    while True:
        asked, found = context.transact("tell", lambda db: _some(context, db))
        told += found
        if asked < AT_ONCE:
            return told


def _some(context: Context, db: Db) -> tuple[int, int]:
    """Returns how many were asked about, and how many people are told."""
    asked = tellings.due(db, AT_ONCE)
    return len(asked), sum(_ask(context, db, one) for one in asked)


def _ask(context: Context, db: Db, asked: tellings.DueTelling) -> bool:
    delivery = asked.delivery
    tenant = context.tenant(delivery.key.tenant)
    excluded = tenant.excludes(delivery.email)
    known = claims.snapshot(db, context.sealer, delivery, tenant.policy, excluded=excluded)
    telling = to_tell(known)
    if telling is None or telling.at > db.now:
        tellings.ask_again(db, delivery.key, telling.at if telling is not None else None)
        return False
    if asked.is_claimed:
        tellings.ask_again(db, delivery.key, db.now + CALLING)
        return False
    if pauses.is_paused_by_operator(db, delivery.key.tenant, delivery.route):
        tellings.ask_again(db, delivery.key, db.now + WRONG_FOR)
        return False
    if _waits_for_a_lost_account(known):
        tellings.ask_again(db, delivery.key, db.now + WRONG_FOR)
        reroute.serve_by_mail(context, db, delivery.key)
        return False
    _tell(db, known, telling.kind)
    return True


def _waits_for_a_lost_account(known: Snapshot) -> bool:
    """Many accounts were lost at once, and nobody's sessions were handed over to mail."""
    route = known.delivery.route
    return route is not None and known.delivery.wanted and known.lost(route.account)


def _tell(db: Db, known: Snapshot, kind: str) -> None:
    delivery = known.delivery
    notices.want_of_session(db, delivery, kind)
    still_wrong = kind if delivery.wanted or known.copies else None
    tellings.told(db, delivery.key, still_wrong, delivery.material_version)
    reason = f"a plain mail tells the person ({kind})"
    journal.note(db, "person_told", key=delivery.key, kind=kind, reason=reason)
