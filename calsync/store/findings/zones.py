"""Names of time zones that a provider does not know. There are only so many, and each is tried
anew after a while: providers learn new names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from calsync.core.reconcile.claimed import ForeignZone
from calsync.store.database import Db, Row
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once, instant
from calsync.store.upsert import upsert

TRIED_ANEW = timedelta(days=30)


def unknown_to(db: Db, channel: str) -> frozenset[str]:
    """The names that this channel's provider refused lately."""
    values = {"of_channel": channel, "after": db.now - TRIED_ANEW}
    return frozenset(row["zone"] for row in db.all(_unknown_to(), values))


@built_once
def _unknown_to() -> sa.Select[Any]:
    unknown = table("unknown_zone")
    mine = unknown.c.channel == sa.bindparam("of_channel")
    return sa.select(unknown.c.zone).where(mine, unknown.c.since > instant("after"))


def learn_unknown(db: Db, found: ForeignZone) -> None:
    """A provider has refused this name. The journal tells the first time of each while."""
    names = {"channel": found.channel, "zone": found.zone}
    unknown = table("unknown_zone")
    mine = sa.and_(*(unknown.c[name] == value for name, value in names.items()))
    if db.scalar(sa.select(unknown.c.since).where(mine, _lately(db))) is not None:
        return
    db.run(sa.delete(unknown).where(mine))
    upsert(db, unknown, [{**names, "since": db.now}])
    journal.note(db, "zone_unknown", channel=found.channel, zone=found.zone)


def unknown_lately(db: Db) -> list[Row]:
    """Rows (channel, zone, since)."""
    unknown = table("unknown_zone")
    return db.all(sa.select(unknown).where(_lately(db)).order_by(unknown.c.channel, unknown.c.zone))


def _lately(db: Db) -> sa.ColumnElement[bool]:
    return table("unknown_zone").c.since > db.now - TRIED_ANEW
