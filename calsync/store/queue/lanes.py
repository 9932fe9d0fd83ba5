"""How many lanes an account has: how many of its calls are made at once, by all processes.

A lane that is not to be used for a while is under a lease that nobody has: claims need not ask how
many there are, and it outlasts a restart.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.lease import LANE, new_token
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert


def arrange(db: Db, slot: str, lanes: int) -> None:
    """The slot has so many lanes from now on. A call in one that goes is not disturbed."""
    lane = table("lane")
    upsert(db, lane, [{"slot": slot, "lane": number} for number in range(lanes)])
    db.run(sa.delete(lane).where(lane.c.slot == slot, lane.c.lane >= lanes))


def narrow(db: Db, slot: str, until: datetime) -> None:
    """Only the slot's first lane is used until then. Calls that are being made in the others end
    as they will, and free nothing."""
    c = table("lane").c
    sooner = sa.or_(c.lease_until.is_(None), c.lease_until < until)
    others = sa.update(table("lane")).where(c.slot == slot, c.lane > 0, sooner)
    db.run(others.values(**LANE.taken(new_token(), until)))
