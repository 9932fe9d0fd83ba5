"""What operators are shown of a held batch, kept in its row.

A batch may hold everybody's changes, and every look at the verdict asks for it. It is counted whole
when it is held and when it is approved; between these, what changes of it is reckoned in.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa

from calsync.core.guard import Change, ChangeKind, fingerprint
from calsync.core.ledger import DeliveryKey
from calsync.store.database import Db, Row
from calsync.store.guard import changes
from calsync.store.guard.changes import Found
from calsync.store.ledger.rows import table

LISTED = 20  # sessions and changes that are shown
KEPT = 60  # changes that are kept, so that enough are left when some have changed

Place = tuple[str, str, str]  # when its session starts, and which delivery it is


@dataclass(slots=True)
class Summary:
    """However large the batch is, a bounded part of it.

    counts   changes by kind
    total    of the fingerprints of all of them
    nearest  the KEPT of them whose sessions start first
    """

    counts: Counter[str] = field(default_factory=Counter)
    total: int = 0
    sessions: list[str] = field(default_factory=list)
    session_count: int = 0
    nearest: list[Place] = field(default_factory=list)

    def listed(self, db: Db, batch: int) -> Found:
        """The nearest changes as they are now."""
        tenant = str(db.scalar(sa.select(table("batch").c.tenant).where(_is(batch))))
        keys = [DeliveryKey(tenant, session, person) for _, session, person in self.nearest]
        found = changes.of_keys(db, batch, keys[:LISTED])
        return sorted(found, key=lambda one: _place(one[0]))

    def replaced(self, before: Found, after: Found) -> None:
        """Changes of one session are these now."""
        for sign, found in ((-1, before), (1, after)):
            for change, kind in found:
                self.counts[kind.value] += sign
                self.total += sign * fingerprint(change, kind)
        whole = self.counts.total() <= len(self.nearest)
        last = None if whole or not self.nearest else self.nearest[-1]
        gone = {_place(change)[1:] for change, _ in before}
        places = [one for one in self.nearest if one[1:] not in gone]
        new = [_place(change) for change, _ in after]
        places += [one for one in new if last is None or one <= last]
        self.nearest = heapq.nsmallest(KEPT, places)
        if before and not after:
            self.session_count -= 1
            session = before[0][0].key.session
            self.sessions = [one for one in self.sessions if one != session]

    def text(self) -> str:
        known = {"counts": dict(+self.counts), "total": self.total, "sessions": self.sessions}
        return json.dumps(known | {"of": self.session_count, "nearest": self.nearest})


def of(found: Iterable[tuple[Change, ChangeKind]]) -> Summary:
    """The summary of all changes of a batch, which come in the order of their sessions."""
    made, last = Summary(), None

    def counted() -> Iterator[Place]:
        nonlocal last
        for change, kind in found:
            made.counts[kind.value] += 1
            made.total += fingerprint(change, kind)
            if change.key.session != last:
                last = change.key.session
                made.session_count += 1
                made.sessions += [last] if len(made.sessions) < LISTED else []
            yield _place(change)

    made.nearest = heapq.nsmallest(KEPT, counted())
    return made


def stored(batch: Row) -> Summary | None:
    """That of a row of a batch; None where it was held by a calsync that kept none, or where too
    few of the nearest are left of it."""
    if batch["summary"] is None:
        return None
    known = json.loads(batch["summary"])
    counts = Counter(known["counts"])
    if len(known["nearest"]) < min(LISTED, counts.total()):
        return None
    nearest = [(one[0], one[1], one[2]) for one in known["nearest"]]
    return Summary(counts, known["total"], known["sessions"], known["of"], nearest)


def keep(db: Db, batch: int, summary: Summary, revision: int) -> None:
    """Keep what was counted, unless the batch changed since it had this revision."""
    same = table("batch").c.revision == revision
    db.run(sa.update(table("batch")).where(_is(batch), same).values(summary=summary.text()))


def replace(db: Db, batch: int, before: Found) -> None:
    """These, which are all of one session in the batch, were changed in this transaction, which has
    locked the row of the batch."""
    row = db.one(sa.select(table("batch").c.summary).where(_is(batch)))
    known = stored(row) if row is not None and before else None
    if known is not None:
        known.replaced(before, changes.of_session(db, batch, before[0][0].key.session))
        db.run(sa.update(table("batch")).where(_is(batch)).values(summary=known.text()))


def forget(db: Db, batch: int) -> None:
    """Somebody whom it may name is forgotten: it is counted anew."""
    _count_anew(db, _is(batch))


def forget_of(db: Db, tenant: str, sessions: Collection[str]) -> None:
    """What is known of these sessions makes their changes another kind than before: batches in
    which some wait are counted anew."""
    if not sessions:
        return
    c, batch = table("delivery").c, table("batch").c
    mine = (c.tenant == tenant, c.session.in_(list(sessions)), c.batch.is_not(None))
    _count_anew(db, batch.id.in_(sa.select(c.batch).where(*mine)))


def _count_anew(db: Db, which: sa.ColumnElement[bool]) -> None:
    anew = {"summary": None, "revision": table("batch").c.revision + 1}
    db.run(sa.update(table("batch")).where(which).values(**anew))


def _is(batch: int) -> sa.ColumnElement[bool]:
    return table("batch").c.id == batch


def _place(change: Change) -> Place:
    return str(change.starts_at), change.key.session, change.key.participant
