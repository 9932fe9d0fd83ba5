"""What a page puts into its source's open batch: counted when the page is stored, so that nobody
counts it again. First calendar entries go at once, while nothing else is in the batch."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from calsync.core.guard import FIRST, SILENT, ChangeKind, Limits, Tally, sessions_kept
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db
from calsync.store.guard import changes, counts, release
from calsync.store.guard.counts import OpenCounts
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once

Kinds = Mapping[DeliveryKey, ChangeKind]


def written(db: Db, batch: int, firsts: Kinds | None, limits: Limits) -> None:
    """A page put these deliveries into the batch, of sessions that nobody knew before. `firsts`
    None: of other sessions as well; then nothing of the batch goes before its verdict."""
    known = counts.of_open(str(db.scalar(_counts(), {"of_id": batch})))
    if not known.plain:
        return
    if firsts is None or not set(firsts.values()) <= FIRST:
        now = OpenCounts(plain=False, released=known.released)
    else:
        now = _with(known, firsts)
        events = [key for key, kind in firsts.items() if kind is ChangeKind.FIRST_EVENT]
        release.keys(db, batch, events)
    kept = counts.still_open(now, sessions_kept(limits))
    db.write(_batch(), {"of_id": batch, "counts": kept})


@built_once
def _counts() -> sa.Select[Any]:
    c = table("batch").c
    return sa.select(c.counts).where(c.id == sa.bindparam("of_id"))


@built_once
def _batch() -> sa.Update:
    return sa.update(table("batch")).where(table("batch").c.id == sa.bindparam("of_id"))


def _with(known: OpenCounts, firsts: Kinds) -> OpenCounts:
    """First events are counted as released: they are in the batch no more."""
    by_kind: dict[ChangeKind, list[str]] = {}
    for key, kind in firsts.items():
        by_kind.setdefault(kind, []).append(key.session)
    tallies = {kind: Tally(len(ids), frozenset(ids)) for kind, ids in by_kind.items()}
    events = tallies.pop(ChangeKind.FIRST_EVENT, Tally())
    return OpenCounts(
        tallies=counts.added(known.tallies, tallies), released=known.released + events
    )


def changed_elsewhere(db: Db, batch: int) -> str:
    """A delivery of this batch is being changed by somebody who writes into another one, or into
    none. Returns the state of the batch, which stays as it is until this transaction ends."""
    stored = table("batch")
    more = sa.update(stored).where(stored.c.id == batch)
    more = more.values(revision=stored.c.revision + 1).returning(stored.c.state)
    return str(db.run(more).scalar())


def release_silent(db: Db, batch: int, keys: Collection[DeliveryKey]) -> None:
    """Let those of these deliveries go that the batch, where it is held, need not hold any longer:
    their records changed back."""
    stored = table("batch").c
    if db.scalar(sa.select(stored.state).where(stored.id == batch)) != "held":
        return
    found = changes.of_keys(db, batch, keys)
    release.keys(db, batch, [change.key for change, kind in found if kind in SILENT])
