"""What is known when it is decided whether a person gets the Upcoming Session mail."""

from __future__ import annotations

from calsync.core.ledger import Delivery
from calsync.core.upcoming.rules import UpcomingCase
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.queue import claims, pauses
from calsync.store.upcoming import due


def case_of(context: Context, db: Db, delivery: Delivery) -> UpcomingCase:
    """This delivery's case, read in one transaction."""
    tenant = context.tenant(delivery.key.tenant)
    excluded = tenant.excludes(delivery.email)
    known = claims.snapshot(db, context.sealer, delivery, tenant.policy, excluded=excluded)
    session = due.session(db, delivery.key)
    paused = pauses.is_paused_by_operator(db, tenant.name, delivery.route)
    return UpcomingCase(
        snapshot=known,
        rules=tenant.upcoming,
        since=due.since(db, delivery.key.tenant) or db.now,
        program_hours=session.hours,
        booked=session.booked,
        stale=session.stale,
        paused=paused,
    )
