"""What a daemon or a single pass does first: take in what changed around the ledger."""

from __future__ import annotations

from calsync.accounts import domains, reroute
from calsync.runtime.context import Context
from calsync.store import instance, schema
from calsync.store.connect import spellings
from calsync.store.database import Db
from calsync.store.ledger import deliveries, journal, sessions
from calsync.store.ledger.rows import key_of
from calsync.store.queue import pauses


def begin(context: Context) -> None:
    """Follow another configuration and other time zone data."""

    def work(db: Db) -> None:
        configuration_changed(context, db, context.settings.configuration)
        addresses_corrected(context, db)
        time_zones_changed(db, schema.tzdata_version())

    context.transact("begin", work)


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
