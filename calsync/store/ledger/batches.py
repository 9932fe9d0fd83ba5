"""Batches: the changes of one poll or account change, let go or held by the guard."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.guard import (
    SILENT,
    ChangeKind,
    Limits,
    checksum,
    checksum_of,
    held_kinds,
    sessions_kept,
    tallies,
)
from calsync.errors import InputError
from calsync.store.database import Db, Row
from calsync.store.guard import changes, counts, release, summary
from calsync.store.guard.ahead import WINDOW, ahead, recent
from calsync.store.guard.counts import OpenCounts
from calsync.store.guard.summary import Summary
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once


@dataclass(frozen=True, slots=True)
class HeldChange:
    """What approving a held batch would do to one person."""

    session: str
    person: str
    starts_at: datetime | None
    kind: str


@dataclass(frozen=True, slots=True)
class Held:
    """A held batch as ops see it.

    sessions  the first 20 of the sessions it concerns, of `session_count`
    changes   the first 20 of what it would do, those of the nearest sessions
    revision  how often what it holds was changed by others
    summary   what of it is kept with its row
    """

    id: int
    tenant: str
    source: str
    opened: datetime
    counts: Mapping[str, int]
    checksum: str
    sessions: Sequence[str]
    changes: Sequence[HeldChange] = ()
    session_count: int = 0
    revision: int = 0
    summary: Summary = field(default_factory=Summary)


def open_batch(db: Db, tenant: str, source: str) -> int:
    """The open batch of this source; a crashed poll's one is joined."""
    batch = table("batch")
    found = db.scalar(_open_of(), {"of_tenant": tenant, "of_source": source})
    if found is not None:
        return int(found)
    row = {"tenant": tenant, "source": source, "state": "open", "opened": db.now}
    first = counts.still_open(OpenCounts(), 0)
    result = db.run(sa.insert(batch).values(**row, counts=first, digest=""))
    return int((result.inserted_primary_key or (0,))[0])


@built_once
def _open_of() -> sa.Select[Any]:
    c = table("batch").c
    mine = (c.tenant == sa.bindparam("of_tenant"), c.source == sa.bindparam("of_source"))
    return sa.select(c.id).where(*mine, c.state == "open")


def left_open(db: Db, source: str) -> dict[str, int]:
    """Open batches of this source by tenant, those of a poll that died included."""
    rows = db.all(_left_open(), {"of_source": source})
    return {row["tenant"]: row["id"] for row in rows}


@built_once
def _left_open() -> sa.Select[Any]:
    c = table("batch").c
    mine = (c.source == sa.bindparam("of_source"), c.state == "open")
    return sa.select(c.tenant, c.id).where(*mine)


def close(db: Db, batch_id: int, limits: Limits) -> Held | None:
    """Release the batch, or hold the kinds of which there are too many.

    Called at the end of a poll, and again when a held batch got more changes. Returns what is
    held, or None when everything may go.
    """
    batch = db.one(sa.select(table("batch")).where(table("batch").c.id == batch_id))
    if batch is None:
        return None
    found = list(changes.of_batch(db, batch_id))
    total = tallies(found)
    before = recent(db, batch["tenant"], batch_id)
    kinds = held_kinds(total, before, *ahead(db, batch["tenant"], total, before, limits), limits)
    if batch["state"] == "held":  # once held, only a person or the source lets a change go
        kinds = frozenset(total) - SILENT
    waiting = [(change, kind) for change, kind in found if kind in kinds]
    if waiting:
        release.keys(db, batch_id, [change.key for change, kind in found if kind not in kinds])
    else:
        release.whole(db, batch_id)
    held = Counter(kind.value for _, kind in waiting)
    passed = {kind: tally for kind, tally in total.items() if kind not in kinds}
    early = counts.of_open(batch["counts"]).released
    if early.deliveries:
        passed = counts.added(passed, {ChangeKind.FIRST_EVENT: early})
    if waiting:
        passed = counts.added(passed, counts.passed(batch["counts"]))
    values = {
        "state": "held" if waiting else "released",
        "counts": counts.decided(held, passed, sessions_kept(limits)),
        # What passed counts for an hour from then, however often the held rest is looked at.
        "closed": db.now if batch["state"] == "open" else batch["closed"],
        "summary": _unless_changed(batch, summary.of(waiting)) if waiting else None,
    }
    db.run(sa.update(table("batch")).where(table("batch").c.id == batch_id).values(**values))
    if not waiting:
        return None
    checksum_now = checksum(waiting)
    if checksum_now != batch["digest"]:
        journal.note(db, "batch_held", tenant=batch["tenant"], batch=batch_id, held=dict(held))
    return held_batch(db, batch_id)


def _unless_changed(batch: Row, counted: Summary) -> sa.ColumnElement[str | None]:
    """What was counted, unless somebody changed the batch beside that: then it is counted anew. Its
    row is not locked before: whoever changes a delivery of it locks that one first."""
    same = table("batch").c.revision == batch["revision"]
    return sa.case((same, counted.text()), else_=None)


def drop_harmless(db: Db, batch_id: int) -> None:
    """Forget a released batch that the guard need not count within the hour: there would be one
    for each pushed session."""
    batch = table("batch")
    mine = sa.and_(batch.c.id == batch_id, batch.c.state == "released")
    known = db.scalar(sa.select(batch.c.counts).where(mine))
    if known is not None and set(json.loads(known).get("passed", {})) <= SILENT:
        db.run(sa.delete(batch).where(mine))


def held_with(db: Db, tenant: str, session: str) -> Held | None:
    """The held batch in which somebody's change of this session waits, if there is one."""
    delivery, batch = table("delivery"), table("batch")
    found = db.scalar(
        sa.select(delivery.c.batch)
        .join(batch, batch.c.id == delivery.c.batch)
        .where(
            delivery.c.tenant == tenant,
            delivery.c.session == session,
            batch.c.state == "held",
        )
        .limit(1)
    )
    return held_batch(db, found) if found is not None else None


def touched(db: Db, tenant: str) -> list[int]:
    """Held batches of the tenant: a poll may have changed what they hold."""
    return [row["id"] for row in db.all(_held_of(), {"of_tenant": tenant})]


@built_once
def _held_of() -> sa.Select[Any]:
    c = table("batch").c
    return sa.select(c.id).where(c.tenant == sa.bindparam("of_tenant"), c.state == "held")


def held(db: Db) -> list[Held]:
    """Every batch that waits for a person, oldest first."""
    batch = table("batch")
    query = sa.select(batch.c.id).where(batch.c.state == "held").order_by(batch.c.id)
    return [one for row in db.all(query) if (one := held_batch(db, row["id"]))]


def held_batch(db: Db, batch_id: int, *, counted: bool = False) -> Held | None:
    """The batch, while it waits for a person; from what is kept of it, or `counted` anew."""
    batch = db.one(sa.select(table("batch")).where(table("batch").c.id == batch_id))
    if batch is None or batch["state"] != "held":
        return None
    shown = None if counted else summary.stored(batch)
    if shown is None:
        shown = summary.of(changes.of_batch(db, batch_id))
    return Held(
        id=batch_id,
        tenant=batch["tenant"],
        source=batch["source"],
        opened=batch["opened"],
        counts=dict(+shown.counts),
        checksum=checksum_of(shown.total),
        sessions=shown.sessions,
        session_count=shown.session_count,
        changes=[
            HeldChange(change.key.session, change.email, change.starts_at, kind.value)
            for change, kind in shown.listed(db, batch_id)
        ],
        revision=batch["revision"],
        summary=shown,
    )


def uncounted(db: Db) -> list[Held]:
    """The held batches, counted, that every look at them would count."""
    batch = table("batch")
    rows = db.all(sa.select(batch.c.id, batch.c.summary).where(batch.c.state == "held"))
    bare = [row["id"] for row in rows if summary.stored(row) is None]
    return [one for ident in bare if (one := held_batch(db, ident, counted=True))]


def remember_shown(db: Db, one: Held, *, seen: bool) -> None:
    """Keep what was counted of the batch. `seen`: ops saw it as it was then."""
    batch = table("batch")
    if seen:
        db.run(sa.update(batch).where(batch.c.id == one.id).values(digest=one.checksum))
    summary.keep(db, one.id, one.summary, one.revision)


def still_held(db: Db, batch_id: int) -> Held:
    """The batch, counted, while it waits for a person. Raises InputError for any other."""
    one = held_batch(db, batch_id, counted=True)
    if one is None:
        raise InputError(
            f"batch {batch_id} is not held; `calsync status` lists the batches that are"
        )
    return one


def seen_as(one: Held, checksum_seen: str) -> Held:
    """The batch. Raises InputError when it changed since it was shown with this checksum."""
    if checksum_seen != one.checksum:
        raise InputError(
            f"batch {one.id} has changed since it was shown ({checksum_seen}); look at it with "
            f"`calsync status`, then approve --digest {one.checksum}"
        )
    return one


def decide(db: Db, batch_id: int, checksum_seen: str, *, reject: bool) -> Held:
    """Let a held batch go, or park its changes until their records change.

    Raises InputError when it is not held, or changed since it was shown with this checksum.
    """
    delivery = table("delivery")
    mine = sa.select(delivery.c.participant).where(delivery.c.batch == batch_id)
    db.all(mine.order_by(delivery.c.session, delivery.c.participant).with_for_update())
    one = seen_as(still_held(db, batch_id), checksum_seen)
    stored = table("batch")
    release.whole(db, batch_id, reject=reject)
    state = "rejected" if reject else "released"
    db.run(
        sa.update(stored)
        .where(stored.c.id == batch_id)
        .values(
            state=state, closed=db.now - WINDOW, summary=None
        )  # approved changes do not count again
    )
    journal.note(db, f"batch_{state}", tenant=one.tenant, batch=batch_id, digest=one.checksum)
    return one
