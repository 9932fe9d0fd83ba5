"""Batches: the changes of one poll or account change, let go or held by the guard."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from calsync.core.guard import (
    SILENT,
    Change,
    ChangeKind,
    Had,
    Limits,
    Tally,
    checksum,
    held_kinds,
    kind_of,
    tallies,
)
from calsync.core.ledger import CopyState, DeliveryKey, Want
from calsync.core.reconcile.telling import WRONG_FOR
from calsync.errors import InputError
from calsync.store.database import Db
from calsync.store.ledger import journal
from calsync.store.ledger.rows import key_of, table
from calsync.store.queue import slots

WINDOW = timedelta(minutes=60)
REMEMBERED = 20  # sessions of one kind that a batch keeps for an hour: more than decide anything
LISTED = 20  # changes of a held batch that operators are shown


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

    changes   the first LISTED of what it would do, those of the nearest sessions
    """

    id: int
    tenant: str
    source: str
    opened: datetime
    counts: Mapping[str, int]
    checksum: str
    sessions: Sequence[str]
    changes: Sequence[HeldChange] = ()


def open_batch(db: Db, tenant: str, source: str) -> int:
    """The open batch of this source; a crashed poll's one is joined."""
    batch = table("batch")
    found = db.scalar(
        sa.select(batch.c.id).where(
            batch.c.tenant == tenant, batch.c.source == source, batch.c.state == "open"
        )
    )
    if found is not None:
        return int(found)
    row = {"tenant": tenant, "source": source, "state": "open", "opened": db.now}
    result = db.run(sa.insert(batch).values(**row, counts="{}", digest=""))
    return int((result.inserted_primary_key or (0,))[0])


def left_open(db: Db, source: str) -> dict[str, int]:
    """Open batches of this source by tenant, those of a poll that died included."""
    batch = table("batch")
    query = sa.select(batch.c.tenant, batch.c.id).where(
        batch.c.source == source, batch.c.state == "open"
    )
    return {row["tenant"]: row["id"] for row in db.all(query)}


def changes(db: Db, batch_id: int) -> list[tuple[Change, ChangeKind]]:
    """What carrying the batch out would do to each person in it."""
    delivery, copy, session = table("delivery"), table("copy"), table("booked_session")
    had: dict[DeliveryKey, list[Had]] = {}
    on = sa.and_(
        copy.c.tenant == delivery.c.tenant,
        copy.c.session == delivery.c.session,
        copy.c.participant == delivery.c.participant,
    )
    for row in db.all(sa.select(copy).join(delivery, on).where(delivery.c.batch == batch_id)):
        had.setdefault(key_of(row), []).append(
            Had(
                row["channel"],
                row["place_key"],
                CopyState(row["state"]),
                row["material_fp"],
                row["quiet_fp"],
            )
        )
    query = (
        sa.select(delivery, session.c.missing_since, session.c.nobody_since, session.c.taken_back)
        .outerjoin(
            session,
            sa.and_(session.c.tenant == delivery.c.tenant, session.c.id == delivery.c.session),
        )
        .where(delivery.c.batch == batch_id)
    )
    found = []
    for row in db.all(query):
        key = key_of(row)
        change = Change(
            key=key,
            version=row["version"],
            wanted=row["want"] == Want.PRESENT and row["covered_by"] is None,
            inferred=row["missing_since"] is not None,
            nobody_left=row["nobody_since"] is not None,
            went_back=bool(row["taken_back"]),
            channel=row["channel"],
            destination=row["place_key"],
            material_fp=row["material_fp"],
            quiet_fp=row["quiet_fp"],
            had=tuple(had.get(key, ())),
            email=row["email"],
            starts_at=row["starts_at"],
        )
        found.append((change, kind_of(change)))
    return found


def close(db: Db, batch_id: int, limits: Limits) -> Held | None:
    """Release the batch, or hold the kinds of which there are too many.

    Called at the end of a poll, and again when a held batch got more changes. Returns what is
    held, or None when everything may go.
    """
    batch = db.one(sa.select(table("batch")).where(table("batch").c.id == batch_id))
    if batch is None:
        return None
    found = changes(db, batch_id)
    counts = tallies(found)
    recent = _recent(db, batch["tenant"], batch_id)
    kinds = held_kinds(counts, recent, *_ahead(db, batch["tenant"]), limits)
    if batch["state"] == "held":  # once held, only a person or the source lets a change go
        kinds = frozenset(counts) - SILENT
    waiting = [(change, kind) for change, kind in found if kind in kinds]
    _release(db, batch_id, [change.key for change, _ in waiting])
    held = Counter(kind.value for _, kind in waiting)
    passed = {kind: tally for kind, tally in counts.items() if kind not in kinds}
    if waiting:
        before = _passed(batch["counts"])
        passed = {
            kind: passed.get(kind, Tally()) + before.get(kind, Tally()) for kind in passed | before
        }
    values = {
        "state": "held" if waiting else "released",
        "counts": _counts(held, passed),
        # What passed counts for an hour from then, however often the held rest is looked at.
        "closed": db.now if batch["state"] == "open" else batch["closed"],
    }
    db.run(sa.update(table("batch")).where(table("batch").c.id == batch_id).values(**values))
    if not waiting:
        return None
    checksum_now = checksum(waiting)
    if checksum_now != batch["digest"]:
        journal.note(db, "batch_held", tenant=batch["tenant"], batch=batch_id, held=dict(held))
    return held_batch(db, batch_id)


def drop_harmless(db: Db, batch_id: int) -> None:
    """Forget a released batch that the guard need not count within the hour: there would be one
    for each pushed session."""
    batch = table("batch")
    mine = sa.and_(batch.c.id == batch_id, batch.c.state == "released")
    counts = db.scalar(sa.select(batch.c.counts).where(mine))
    if counts is not None and set(json.loads(counts).get("passed", {})) <= SILENT:
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
    batch = table("batch")
    query = sa.select(batch.c.id).where(batch.c.tenant == tenant, batch.c.state == "held")
    return [row["id"] for row in db.all(query)]


def _ahead(db: Db, tenant: str) -> tuple[int, int]:
    """The tenant's deliveries of sessions still ahead, and how many of them are wanted."""
    c = table("delivery").c
    wanted = sa.and_(c.want == Want.PRESENT.value, c.covered_by.is_(None))
    row = db.one(
        sa.select(
            sa.func.count().label("all"), sa.func.count().filter(wanted).label("wanted")
        ).where(c.tenant == tenant, c.ends_at > db.now)
    )
    return (row["all"], row["wanted"]) if row else (0, 0)


def _counts(held: Mapping[str, int], passed: Mapping[ChangeKind, Tally]) -> str:
    """What a batch's row keeps of its changes, by kind."""
    return json.dumps(
        {
            "held": held,
            "passed": {kind.value: tally.deliveries for kind, tally in passed.items()},
            "sessions": {
                kind.value: sorted(tally.sessions)[:REMEMBERED] for kind, tally in passed.items()
            },
        }
    )


def _passed(counts: str) -> dict[ChangeKind, Tally]:
    """What passed the guard, of a row written by `_counts`, or by a version that kept no sessions:
    each change counts as a session of its own there."""
    known = json.loads(counts)
    sessions = known.get("sessions", {})
    return {
        ChangeKind(kind): Tally(
            count, frozenset(sessions.get(kind, [f"#{n}" for n in range(min(count, REMEMBERED))]))
        )
        for kind, count in known.get("passed", {}).items()
    }


def _recent(db: Db, tenant: str, batch_id: int) -> dict[ChangeKind, Tally]:
    """What passed the guard within the window."""
    batch = table("batch")
    query = sa.select(batch.c.counts).where(
        batch.c.tenant == tenant,
        batch.c.id != batch_id,
        batch.c.state.in_(["released", "held"]),
        batch.c.closed > db.now - WINDOW,
    )
    total: dict[ChangeKind, Tally] = {}
    for row in db.all(query):
        for kind, tally in _passed(row["counts"]).items():
            total[kind] = total.get(kind, Tally()) + tally
    return total


def _release(db: Db, batch_id: int, waiting: Sequence[DeliveryKey]) -> None:
    delivery = table("delivery")
    mine = delivery.c.batch == batch_id
    # As they are now: a change of accounts beside this may just have moved one to another slot.
    look = db.now + WRONG_FOR
    early = sa.or_(delivery.c.tell_at.is_(None), delivery.c.tell_at < look)
    values = {
        "batch": None,
        "wanted_since": db.now,
        "tell_at": sa.case((early, look), else_=delivery.c.tell_at),
    }
    released = sa.update(delivery).where(mine).values(**values).returning(delivery.c.slot)
    names = set(db.run(released).scalars())
    if waiting:
        db.run(
            sa.update(delivery)
            .where(
                delivery.c.tenant == sa.bindparam("b_tenant"),
                delivery.c.session == sa.bindparam("b_session"),
                delivery.c.participant == sa.bindparam("b_participant"),
            )
            .values(batch=batch_id),
            [
                {"b_tenant": k.tenant, "b_session": k.session, "b_participant": k.participant}
                for k in waiting
            ],
        )
    slots.wake(db, [name for name in names if name])


def held(db: Db) -> list[Held]:
    """Every batch that waits for a person, oldest first."""
    batch = table("batch")
    query = sa.select(batch.c.id).where(batch.c.state == "held").order_by(batch.c.id)
    return [one for row in db.all(query) if (one := held_batch(db, row["id"]))]


def held_batch(db: Db, batch_id: int) -> Held | None:
    batch = db.one(sa.select(table("batch")).where(table("batch").c.id == batch_id))
    if batch is None or batch["state"] != "held":
        return None
    found = changes(db, batch_id)
    return Held(
        id=batch_id,
        tenant=batch["tenant"],
        source=batch["source"],
        opened=batch["opened"],
        counts=dict(Counter(kind.value for _, kind in found)),
        checksum=checksum(found),
        sessions=sorted({change.key.session for change, _ in found}),
        changes=_listed(found),
    )


def _listed(found: Sequence[tuple[Change, ChangeKind]]) -> list[HeldChange]:
    nearest = sorted(found, key=lambda one: (str(one[0].starts_at), one[0].key))
    return [
        HeldChange(change.key.session, change.email, change.starts_at, kind.value)
        for change, kind in nearest[:LISTED]
    ]


def remember_shown(db: Db, one: Held) -> None:
    """Ops saw the batch as it is now."""
    batch = table("batch")
    db.run(sa.update(batch).where(batch.c.id == one.id).values(digest=one.checksum))


def still_held(db: Db, batch_id: int) -> Held:
    """The batch, while it waits for a person. Raises InputError for any other."""
    one = held_batch(db, batch_id)
    if one is None:
        raise InputError(
            f"batch {batch_id} is not held; `calsync status` lists the batches that are"
        )
    return one


def decide(db: Db, batch_id: int, checksum_seen: str, *, reject: bool) -> Held:
    """Let a held batch go, or park its changes until their records change.

    Raises InputError when it is not held, or changed since it was shown with this checksum.
    """
    delivery = table("delivery")
    mine = sa.select(delivery.c.participant).where(delivery.c.batch == batch_id)
    db.all(mine.order_by(delivery.c.session, delivery.c.participant).with_for_update())
    one = still_held(db, batch_id)
    if checksum_seen != one.checksum:
        raise InputError(
            f"batch {batch_id} has changed since it was shown ({checksum_seen}); look at it with "
            f"`calsync status`, then approve --digest {one.checksum}"
        )
    stored = table("batch")
    if reject:
        db.run(
            sa.update(delivery)
            .where(delivery.c.batch == batch_id)
            .values(parked="rejected", due_at=None)
        )
    _release(db, batch_id, [])
    state = "rejected" if reject else "released"
    db.run(
        sa.update(stored)
        .where(stored.c.id == batch_id)
        .values(state=state, closed=db.now - WINDOW)  # approved changes do not count again
    )
    journal.note(db, f"batch_{state}", tenant=one.tenant, batch=batch_id, digest=one.checksum)
    return one
