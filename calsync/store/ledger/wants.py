"""What is wanted of sessions, written down: the poll's and the account changes' only way into the
ledger. What is new of several sessions, what changed, and the journal's lines of all, is written
together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from calsync.core.desired import Wanted
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db
from calsync.store.guard import changes, pages, summary
from calsync.store.ledger import journal
from calsync.store.ledger.deliveries import Write, diff
from calsync.store.ledger.rows import route_of, table
from calsync.store.prepared import bound, built_once, of_bound
from calsync.store.upsert import upsert

Rows = Sequence[Mapping[str, Any]]  # of one session's deliveries, locked


def write_wanted(
    db: Db, tenant: str, session: str, wanted: Sequence[Wanted], rows: Rows, *, write: Write
) -> list[DeliveryKey]:
    """Store what is wanted for one session; who is no longer named is no longer wanted.

    Returns the deliveries that changed. Their slots exist afterwards but are not woken: that
    happens when the batch is released, or by `slots.wake` when there is none.
    """
    wants = Wants(db, tenant)
    changed = wants.write(session, wanted, rows, write)
    wants.store()
    return changed


class Wants:
    """Takes what is wanted of a tenant's sessions, one after the other, for `store` to write. At
    once is written what changes of a session that waits in another batch: that batch is asked what
    is left of it."""

    def __init__(self, db: Db, tenant: str) -> None:
        self._db, self._tenant = db, tenant
        self._new: list[dict[str, Any]] = []
        self._changed: dict[tuple[str, ...], list[dict[str, Any]]] = {}  # by what is set
        self._lines: list[tuple[DeliveryKey, dict[str, Any], bool]] = []

    def write(
        self, session: str, wanted: Sequence[Wanted], rows: Rows, write: Write
    ) -> list[DeliveryKey]:
        """`write_wanted` of one session, of which it knows no delivery yet but these rows."""
        known = {row["participant"]: row for row in rows}
        elsewhere = _OtherBatches(self._db, session)
        changed: list[DeliveryKey] = []
        for participant, one in _with_former(wanted, known).items():
            key = DeliveryKey(self._tenant, session, participant)
            before = known.get(participant)
            columns = diff(self._db.now, key, one, before, write)
            if columns is None:
                continue
            if columns["batch"] not in (None, write.batch):
                columns["batch"] = elsewhere.changed(key, columns["batch"], write)
            changed.append(key)
            self._lines.append((key, columns, before is None))
            if before is not None:
                self._changed.setdefault(tuple(columns), []).append(columns | bound(key))
            else:
                named = {"tenant": self._tenant, "session": session, "participant": participant}
                self._new.append(named | columns)
        if elsewhere:
            self._store_changed()
            elsewhere.end()
        return changed

    def store(self) -> None:
        """Everything that was taken, in place of which nothing may be read or written before."""
        self._store_changed()
        upsert(self._db, table("delivery"), self._new)
        journal.note_wants(self._db, self._lines)
        self._new, self._lines = [], []

    def _store_changed(self) -> None:
        for alike in self._changed.values():
            self._db.write(_delivery(), alike)
        self._changed = {}


class _OtherBatches:
    """Batches in which changes of a session wait that is changed again by another one, or none."""

    def __init__(self, db: Db, session: str) -> None:
        self._db, self._session = db, session
        self._keys: dict[int, list[DeliveryKey]] = {}
        self._before: dict[int, changes.Found] = {}

    def __bool__(self) -> bool:
        return bool(self._keys)

    def changed(self, key: DeliveryKey, batch: int, write: Write) -> int | None:
        """This delivery, which waits in that batch, changes: the batch in which it waits next."""
        state = pages.changed_elsewhere(self._db, batch)
        if batch not in self._keys:
            self._before[batch] = changes.of_session(self._db, batch, self._session)
        self._keys.setdefault(batch, []).append(key)
        # Nobody saw this change when a batch that is closing was let go.
        return write.batch if state == "closing" else batch

    def end(self) -> None:
        """Their deliveries are written."""
        for batch, keys in self._keys.items():
            pages.release_silent(self._db, batch, keys)
            summary.replace(self._db, batch, self._before[batch])


def _with_former(
    wanted: Sequence[Wanted], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, Wanted]:
    """What is wanted by participant; who has a delivery and is not named wants nothing."""
    named = {one.participant: one for one in wanted}
    for participant, row in known.items():
        if participant not in named:
            named[participant] = Wanted(
                participant, row["email"], row["person"], None, route_of(row), None
            )
    return named


@built_once
def _delivery() -> sa.Update:
    return sa.update(table("delivery")).where(of_bound(table("delivery").c))
