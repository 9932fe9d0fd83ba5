"""Writing copies and attempts. Copies change only under their delivery's lease, or when the
outcome of the very attempt they wait for arrives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from calsync.core.calls import PreparedRequest
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Attempt, Copy, CopyState, DeliveryKey, Outcome
from calsync.core.reconcile.prepare import with_attempt
from calsync.errors import ConflictError
from calsync.store.database import Db, Row
from calsync.store.ledger import deliveries
from calsync.store.ledger.rows import Sealer, changed_fields, copy_fields, of_delivery, table
from calsync.store.prepared import bound, built_once, of_bound
from calsync.store.upsert import upsert

PRIMARY_KEY = ("tenant", "session", "participant", "n")
Saved = tuple[DeliveryKey, Copy, Copy | None]  # whose, as it is now, and as it was; None: new


def save(db: Db, sealer: Sealer, key: DeliveryKey, copy: Copy, was: Copy | None = None) -> None:
    """Store the copy. When it stops keeping others out of its place, they are woken.

    Raises ConflictError when another copy holds the place it would take.
    """
    save_all(db, sealer, [(key, copy, was)])


def save_all(db: Db, sealer: Sealer, saved: Sequence[Saved]) -> None:
    """`save` of several copies; of none twice."""
    made, kept = [], []
    for key, copy, was in saved:
        columns = copy_fields(key, copy, sealer) | {"changed_at": db.now}
        if was is None:
            mine = (key.tenant, key.session, key.participant, copy.n)
            made.append(dict(zip(PRIMARY_KEY, mine, strict=True)) | columns)
        else:
            kept.append(columns | bound(key) | {"of_n": copy.n})
    db.write(_copy(), kept)
    if made:
        upsert(db, table("copy"), made, [name for name in made[0] if name not in PRIMARY_KEY])
    for key, copy, was in saved:
        _wake_kept_out(db, key, copy, was)


def save_answered(
    db: Db, sealer: Sealer, answered: Sequence[tuple[DeliveryKey, Copy, Copy]]
) -> None:
    """Store what answers made of copies, which were not read again, while each waits for its
    answer; the second copy is what it was. Raises ConflictError where somebody else has dealt with
    one since."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for key, copy, was in answered:
        attempt = copy.attempt.id if copy.attempt is not None else None
        row = changed_fields(key, copy, was, sealer) | bound(key)
        row |= {"changed_at": db.now, "of_n": copy.n, "of_attempt": attempt}
        alike.setdefault(tuple(row), []).append(row)
    if sum(db.write(_waiting(), rows) for rows in alike.values()) != len(answered):
        raise ConflictError("a copy waits for this answer no more")
    for key, copy, was in answered:
        _wake_kept_out(db, key, copy, was)


@built_once
def _waiting() -> sa.Update:
    c = table("copy").c
    this = sa.and_(of_bound(c), c.n == sa.bindparam("of_n"))
    waits = sa.and_(c.last_attempt == sa.bindparam("of_attempt"), c.state == CopyState.UNSURE.value)
    return sa.update(table("copy")).where(this, waits)


def _wake_kept_out(db: Db, key: DeliveryKey, copy: Copy, was: Copy | None) -> None:
    if was is not None and (_keeps_others_out(was) and not _keeps_others_out(copy)):
        wake_waiting(db, key, was.destination)


@built_once
def _copy() -> sa.Update:
    c = table("copy").c
    return sa.update(table("copy")).where(of_bound(c), c.n == sa.bindparam("of_n"))


def _keeps_others_out(copy: Copy) -> bool:
    return copy.occupies or copy.state is CopyState.TAKEN


def wake_waiting(db: Db, key: DeliveryKey, destination: str) -> None:
    """Deliveries of this session that want this place may be able to have it now."""
    delivery = table("delivery")
    deliveries.wake(
        db,
        sa.and_(
            delivery.c.tenant == key.tenant,
            delivery.c.session == key.session,
            delivery.c.place_key == destination,
            delivery.c.participant != key.participant,
        ),
    )


def wake_in_accounts(db: Db, tenant: str, emails: Collection[str]) -> None:
    """Deliveries with a copy in an account of these people (lower case) decide again: a stranded
    copy may be reachable, a live one may be lost."""
    c, wanted = table("account").c, sorted(set(emails))
    for start in range(0, len(wanted), 500):
        mine = (c.tenant == tenant, c.email.in_(wanted[start : start + 500]))
        _wake_in(db, tenant, sa.select(c.id).where(*mine))


def _wake_in(db: Db, tenant: str, accounts: sa.Select[Any]) -> None:
    c, copy, sessions = table("delivery").c, table("copy").c, set[str]()
    for column in (copy.account, copy.handed_to):  # each has an index of its own
        known = sa.select(copy.session).where(column.in_(accounts))
        sessions |= {row["session"] for row in db.all(known.distinct())}
    with_copy = sa.exists().where(
        copy.tenant == c.tenant,
        copy.session == c.session,
        copy.participant == c.participant,
        sa.or_(copy.account.in_(accounts), copy.handed_to.in_(accounts)),
    )
    wanted = sorted(sessions)
    for start in range(0, len(wanted), 500):
        named = c.session.in_(wanted[start : start + 500])
        deliveries.wake(db, sa.and_(c.tenant == tenant, named, with_copy))


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """An attempt that is to be stored: of which delivery and copy, as that is to wait for it and as
    it was (None: it is new), through which channel and account, with which bytes, for which
    content, and of which version of the delivery."""

    key: DeliveryKey
    copy: Copy
    was: Copy | None
    via: tuple[str, str | None]
    prepared: PreparedRequest
    event: DesiredEvent
    version: int

    def stored(self, ident: int, deadline: datetime) -> Copy:
        """The copy, which waits for this attempt."""
        channel, account = self.via
        attempt = Attempt(
            id=ident,
            do=self.prepared.do,
            version=self.version,
            channel=channel,
            account=account,
            material_fp=self.prepared.material_fp,
            quiet_fp=self.prepared.quiet_fp,
            outcome=Outcome.OPEN,
            deadline=deadline,
            content=self.event,
        )
        return with_attempt(self.copy, attempt, self.prepared, self.event)


def start(db: Db, sealer: Sealer, begun: Sequence[NewAttempt], deadline: datetime) -> list[Copy]:
    """Store new attempts with their exact bytes, and their copies; returns these, each with its
    attempt. Raises ConflictError like `save`."""
    rows = [_started(db, sealer, one, deadline) for one in begun]
    found = db.first_of_each(_new_attempt(), rows)
    made = [
        one.stored(int(row["id"]), deadline)
        for one, row in zip(begun, found, strict=True)
        if row is not None
    ]
    save_all(db, sealer, [(one.key, copy, one.was) for one, copy in zip(begun, made, strict=True)])
    return made


def _started(db: Db, sealer: Sealer, one: NewAttempt, deadline: datetime) -> dict[str, Any]:
    key, prepared = one.key, one.prepared
    return {
        "tenant": key.tenant,
        "session": key.session,
        "participant": key.participant,
        "n": one.copy.n,
        "do": prepared.do.value,
        "version": one.version,
        "channel": one.via[0],
        "account": one.via[1],
        "material_fp": prepared.material_fp,
        "quiet_fp": prepared.quiet_fp,
        "wire": sealer.prepared(key, one.copy.n, prepared, one.event),
        "outcome": Outcome.OPEN.value,
        "started": db.now,
        "deadline": deadline,
        "sends": 1,
        "maybes": 0,
    }


@built_once
def _new_attempt() -> sa.Insert:
    target = table("attempt")
    return sa.insert(target).returning(target.c.id)


def update_attempt(db: Db, attempt: Attempt) -> None:
    """Store what changed of an attempt: outcome, sends, maybes and deadline."""
    db.write(_attempt(), _changed(db, attempt))


def update_answered(db: Db, answered: Sequence[tuple[Attempt, str | None, str | None]]) -> None:
    """Store what changed of these attempts, each with its answer's word and the provider's id of
    the request; what is None stays."""
    rows: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for attempt, answer, request_id in answered:
        row = _changed(db, attempt)
        if answer is not None:
            row |= {"answer": answer, "vendor_request_id": request_id}
        rows.setdefault(tuple(row), []).append(row)
    for alike in rows.values():
        db.write(_attempt(), alike[0] if len(alike) == 1 else alike)


def _changed(db: Db, attempt: Attempt) -> dict[str, object]:
    """What was accepted is never sent again: its bytes go."""
    blanked = {"wire": None} if attempt.outcome is Outcome.YES else {}
    return blanked | {
        "of_id": attempt.id,
        "outcome": attempt.outcome.value,
        "sends": attempt.sends,
        "maybes": attempt.maybes,
        "conflict": attempt.conflict,
        "deadline": attempt.deadline,
        "ended": db.now if attempt.outcome is not Outcome.OPEN else None,
    }


@built_once
def _attempt() -> sa.Update:
    target = table("attempt")
    return sa.update(target).where(target.c.id == sa.bindparam("of_id"))


def answered(db: Db, attempt: Attempt) -> bool:
    """What came of this attempt is stored, or its bytes were sent once more since."""
    target = table("attempt")
    query = sa.select(target.c.sends, target.c.outcome).where(target.c.id == attempt.id)
    now = db.one(query.with_for_update())
    if now is None:
        return False
    return bool(now["sends"] > attempt.sends or now["outcome"] != Outcome.OPEN.value)


def stored_request(
    db: Db, sealer: Sealer, key: DeliveryKey, n: int, attempt: Attempt
) -> tuple[PreparedRequest, DesiredEvent | None] | None:
    """The exact bytes of an attempt; None when the purge has blanked them."""
    target = table("attempt")
    sealed = db.scalar(sa.select(target.c.wire).where(target.c.id == attempt.id))
    return sealer.open_prepared(key, n, sealed) if sealed is not None else None


def with_last_call(db: Db, key: DeliveryKey) -> list[Row]:
    """The delivery's copies in their order, each with do, outcome, answer and started of its last
    attempt."""
    copy, attempt = table("copy"), table("attempt")
    query = (
        sa.select(copy, attempt.c.do, attempt.c.outcome, attempt.c.answer, attempt.c.started)
        .outerjoin(attempt, attempt.c.id == copy.c.last_attempt)
        .where(of_delivery(copy.c, key))
        .order_by(copy.c.n)
    )
    return db.all(query)
