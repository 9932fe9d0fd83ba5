"""After a backup was put back: nothing that the ledger believes of its copies is relied upon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from calsync.core.ledger import DeliveryKey
from calsync.core.reconcile.recover import recovered
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import copies, deliveries, journal, recovery
from calsync.store.ledger.rows import delivery_of
from calsync.store.queue import claims

CHUNK = 200  # deliveries in one transaction


@dataclass(frozen=True, slots=True)
class RecoverResult:
    """How many deliveries were gone through, and how many copies count as unknown now."""

    deliveries: int
    copies: int


def recover(
    context: Context,
    progress: Callable[[int], None] = lambda _: None,
    *,
    read_again: bool = True,
) -> RecoverResult:
    """Mark every copy ahead as unknown, and send nothing until `verify --repair` is done. Safe to
    stop, and to repeat.

    read_again   every source is to be read from its beginning
    """

    def begin(db: Db) -> None:
        recovery.begin(db, read_again=read_again)
        journal.note(db, "recovery_begun")

    context.transact("recover_begin", begin)
    after, gone_through, changed = None, 0, 0
    while True:
        found, marked = _chunk(context, after)
        gone_through, changed = gone_through + len(found), changed + marked
        progress(gone_through)
        if len(found) < CHUNK:
            return RecoverResult(gone_through, changed)
        after = found[-1]


def _chunk(context: Context, after: DeliveryKey | None) -> tuple[list[DeliveryKey], int]:
    def work(db: Db) -> tuple[list[DeliveryKey], int]:
        found = recovery.page(db, after, CHUNK)
        return found, sum(_recover_one(context, db, key) for key in found)

    return context.transact("recover", work)


def _recover_one(context: Context, db: Db, key: DeliveryKey) -> int:
    row, changed = deliveries.get(db, key), 0
    if row is None:
        return 0
    for copy in claims.copies(db, context.sealer, key):
        now = recovered(copy, db.now, delivery_of(row))
        if now != copy:
            copies.save(db, context.sealer, key, now, copy)
            journal.note(db, "copy_recovered", key=key, n=copy.n, state=now.state.value)
            changed += 1
    if changed:
        deliveries.wake_one(db, key)
    return changed
