"""What keeps a call in the queue: asked by whoever tells what will happen, never by a claim."""

from __future__ import annotations

import sqlalchemy as sa

from calsync.core.reconcile.actions import Act
from calsync.core.reconcile.reasons import Obstacle, Reason, paused
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses, slots


def of_call(db: Db, tenant: str, waits_in: str | None, act: Act) -> list[Obstacle]:
    """Pauses and cooling of the slot in which a delivery waits and of the one its next call goes
    through. A delivery is claimed only from the first and called only through the second."""
    slot = table("slot")
    names = [slots.slot_name(tenant, act.channel, act.account), *([waits_in] if waits_in else [])]
    query = sa.select(slot.c.channel, slot.c.cooling_until).where(slot.c.slot.in_(names))
    queues = db.all(query)
    channels = {act.channel, *(row["channel"] for row in queues)}
    stops = [
        paused(row["channel"], row["by"], row["reason"], row["until"])
        for row in pauses.active(db)
        if row["tenant"] in (pauses.ALL, tenant) and row["channel"] in (pauses.ALL, *channels)
    ]
    cooling = [
        Obstacle(Reason.COOLING, row["cooling_until"])
        for row in queues
        if row["cooling_until"] is not None and row["cooling_until"] > db.now
    ]
    return stops + cooling
