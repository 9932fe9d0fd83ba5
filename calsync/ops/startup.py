"""What a daemon or a single pass does first: take in what changed around the ledger."""

from __future__ import annotations

from calsync.accounts import domains, reroute
from calsync.errors import ConfigError
from calsync.ingest import zone_data
from calsync.runtime.context import Context
from calsync.store import instance
from calsync.store.connect import spellings
from calsync.store.database import Db
from calsync.store.ledger import deliveries
from calsync.store.ledger.rows import key_of
from calsync.store.queue import pauses
from calsync.store.sealing import canaries
from calsync.store.sealing.canaries import KnownKeys


def begin(context: Context) -> None:
    """Follow another configuration and other time zone data."""

    def work(db: Db) -> None:
        configuration_changed(context, db, context.settings.configuration)
        addresses_corrected(context, db)
        zone_data.notice(db)

    context.transact("begin", work)
    zone_data.follow(context)


def check_keys(context: Context, *, newest: bool = True) -> None:
    """Refuse keys that would seal, and not open, what this ledger holds; remember those that open
    it. `newest`: the key that the ledger was sealed with last must be among them.

    Raises ConfigError for each key whose bytes differ from before, and for a newest one that is not
    configured.
    """
    with context.store.read() as db:
        known = canaries.examine(db, context.vault)
    if known.proven and not known.changed:

        def work(db: Db) -> KnownKeys:
            canaries.add(db, context.vault, known.proven)
            return canaries.examine(db, context.vault)  # another process may have been faster

        known = context.transact("canary", work)
    problems = [_CHANGED.format(kid=kid) for kid in known.changed]
    if newest and known.absent is not None:
        kid, since = known.absent
        problems.append(_ABSENT.format(kid=kid, since=f"{since:%Y-%m-%d %H:%M} UTC"))
    if problems:
        raise ConfigError([f"security.keys: {one}" for one in problems])


_CHANGED = (
    "the key {kid!r} is not the one that this database was sealed with under that id; put the "
    "former one back, and give a new key an id of its own"
)
_ABSENT = (
    "this database has been sealed with the key {kid!r} since {since}, which is not listed; add "
    "it. Where several machines use the database, a new key is first added behind the current one "
    "on every machine, then put first on every machine; then `calsync db reseal` is run once, and "
    "only then the old key is removed. If it is lost for good: `calsync db reseal --lost {kid}`"
)


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
