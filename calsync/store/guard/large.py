"""Batches that are too large for one transaction. They are `closing` while they are counted and
released by ranges; whoever comes after a process that died goes on where it was."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from calsync.core.guard import FIRST, ChangeKind, Limits, Tally, held_kinds, sessions_kept
from calsync.store.database import Db, Row
from calsync.store.guard import changes, counts, release
from calsync.store.guard.ahead import WINDOW, ahead, recent
from calsync.store.guard.changes import After
from calsync.store.guard.summary import Summary
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once

CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Counted:
    """What a closing batch holds, by kind. `all_first`: only what sessions bring that nobody knew
    before, whatever happens beside the counting."""

    tallies: Mapping[ChangeKind, Tally]
    released: Tally
    all_first: bool = False


def is_large(db: Db, batch: int) -> bool:
    """It holds more than one transaction should change."""
    some = changes.some_of(batch, changes.RANGE + 1).subquery()
    return int(db.scalar(sa.select(sa.func.count()).select_from(some))) > changes.RANGE


def begin(db: Db, batch: int) -> None:
    """Nothing more is put into this open batch; it is counted and released next."""
    stored = table("batch")
    mine = (stored.c.id == batch, stored.c.state == "open")
    db.run(sa.update(stored).where(*mine).values(state=CLOSING))


def unfinished(db: Db, tenants: Collection[str]) -> list[Row]:
    """Rows (id, tenant) of the batches of these tenants that are being released."""
    return [row for row in db.all(_closing()) if row["tenant"] in tenants]


@built_once
def _closing() -> sa.Select[Any]:
    c = table("batch").c
    return sa.select(c.id, c.tenant).where(c.state == CLOSING).order_by(c.id)


def row(db: Db, batch: int) -> Row | None:
    """The batch, while it is being released."""
    stored = table("batch")
    return db.one(sa.select(stored).where(stored.c.id == batch, stored.c.state == CLOSING))


def known_counts(batch: Row) -> Counted | None:
    """What pages counted; None where that is not all."""
    known = counts.of_open(batch["counts"])
    if not known.plain or batch["revision"]:
        return None
    return Counted(known.tallies, known.released, all_first=True)


def decide(db: Db, batch: Row, counted: Counted, limits: Limits) -> None:
    """Store which kinds go and which wait for a person. What goes counts from now on."""
    stored = table("batch")
    before = recent(db, batch["tenant"], batch["id"])
    total = counted.tallies
    kinds = held_kinds(total, before, *ahead(db, batch["tenant"], total, before, limits), limits)
    go = (FIRST if counted.all_first else frozenset(total)) - kinds
    passed = {kind: tally for kind, tally in total.items() if kind in go}
    passed = counts.added(passed, counts.passed(batch["counts"]))  # of an earlier verdict
    if counted.released.deliveries:
        passed = counts.added(passed, {ChangeKind.FIRST_EVENT: counted.released})
    held = Counter({kind.value: total[kind].deliveries for kind in kinds})
    values = {
        "verdict": _verdict([kind.value for kind in go], all_go=counted.all_first and not kinds),
        "counts": counts.decided(held, passed, sessions_kept(limits)),
        "closed": db.now,
    }
    undecided = (stored.c.id == batch["id"], stored.c.state == CLOSING, stored.c.verdict.is_(None))
    db.run(sa.update(stored).where(*undecided).values(**values))


def approve(db: Db, batch: int, revision: int, *, reject: bool) -> bool:
    """Let all of a held batch go, or park it; False when it changed since it had this revision.
    What is approved does not count again."""
    stored = table("batch")
    same = (stored.c.id == batch, stored.c.state == "held", stored.c.revision == revision)
    verdict = _verdict([], all_go=True, reject=reject)
    values = {"state": CLOSING, "verdict": verdict, "closed": db.now - WINDOW}
    return bool(db.run(sa.update(stored).where(*same).values(**values)).rowcount)


def _verdict(go: Collection[str], *, all_go: bool, reject: bool = False) -> str:
    return json.dumps({"go": sorted(go), "all": all_go, "reject": reject})


def release_range(db: Db, batch: Row, after: After) -> After | None:
    """Let the next range go, as the verdict says; returns where it ended, None behind the last
    one. To be repeated without harm."""
    verdict = json.loads(batch["verdict"])
    if verdict["all"]:
        keys = changes.keys_behind(db, batch["id"], after)
        if keys:
            release.next_of(db, batch["id"], after, reject=verdict["reject"])
        return keys[-1] if keys else None
    found = changes.in_range(db, batch["id"], after)
    go = [change.key for change, kind in found if kind.value in verdict["go"]]
    release.keys(db, batch["id"], go)
    return changes.end_of(found) if found else None


def end(db: Db, batch: Row, shown: Summary) -> bool:
    """Every range is done: what is left, as it is `shown`, waits for a person. False when something
    came to be of a kind that was not counted, and nothing of the batch was to wait: it is counted
    again."""
    stored = table("batch")
    verdict = json.loads(batch["verdict"])
    left = db.scalar(changes.some_of(batch["id"], 1)) is not None
    state = "rejected" if verdict["reject"] else "released"
    held = json.loads(batch["counts"])["held"]
    mine = (stored.c.id == batch["id"], stored.c.state == CLOSING)
    again = left and not held and not verdict["all"]
    if again:
        db.run(sa.update(stored).where(*mine).values(verdict=None))
        return False
    same = (stored.c.revision == batch["revision"], shown.text()) if left else (sa.false(), None)
    values = {
        "state": "held" if left else state,
        "verdict": None,
        "summary": sa.case(same, else_=None),
    }
    if db.run(sa.update(stored).where(*mine).values(**values)).rowcount and left:
        journal.note(db, "batch_held", tenant=batch["tenant"], batch=batch["id"], held=held)
    return True
