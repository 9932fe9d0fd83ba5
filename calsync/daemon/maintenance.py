"""What is done from time to time: by the daemon on its clock, by a single pass once."""

from __future__ import annotations

from datetime import timedelta

from calsync.accounts import connect, disconnect
from calsync.core.reconcile.actions import UNREACHABLE
from calsync.core.reconcile.predicates import unreachable_at
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import deliveries, notices
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import claims, slots

TRIED_BY = timedelta(minutes=5)  # what became due later is left to its first try
SILENT = ("only_to", "forgotten")  # parked so that nothing at all is sent


def once(context: Context) -> None:
    """Everything that a pass should not leave behind."""
    with context.write("reap") as db:
        slots.reap(db)
    tell_unreachable(context)
    connect.check_unusable(context)


def disconnects(context: Context) -> None:
    """End accounts from which the last event is withdrawn, and what their provider knows of us."""
    with context.write("disconnects") as db:
        disconnect.finish(context, db)
    disconnect.revoke(context)


def tell_unreachable(context: Context) -> int:
    """Have people told by a plain mail whose session starts soon and is not shown anywhere,
    whatever keeps it back: refused, cooling, paused. Returns how many."""
    with context.write("unreachable") as db:
        return sum(_tell(context, db, tenant) for tenant in deliveries.tenants_ahead(db))


def _tell(context: Context, db: Db, tenant: str) -> int:
    policy, told = context.tenant(tenant).policy, 0
    for row in deliveries.starting(db, tenant, policy.unreachable_mail, TRIED_BY):
        if row["parked"] in SILENT:
            continue
        at = unreachable_at(claims.snapshot(db, context.sealer, delivery_of(row), policy))
        if at is not None and at <= db.now:
            about = row["session"], row["material_fp"]
            notices.want_of_session(db, tenant, UNREACHABLE, row["email"], *about)
            told += 1
    return told
