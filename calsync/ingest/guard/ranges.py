"""Large batches, closed in many short transactions: counted, decided, released by ranges."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from calsync.core.guard import Change, ChangeKind, Limits, Tally, sessions_kept, tallies
from calsync.runtime import failpoints
from calsync.store.database import Row, Store
from calsync.store.guard import changes, counts, large, summary
from calsync.store.guard.large import Counted


def close(store: Store, at: failpoints.At, batch: int, limits: Limits) -> None:
    """Let the guard decide about a batch that is closing, unless it has, and release what may go.
    Whatever of this was done already is not done again."""
    while (row := _closing(store, batch)) is not None:
        if row["verdict"] is None:
            counted = large.known_counts(row) or _counted(store, row, limits)
            decide = partial(large.decide, batch=row, counted=counted, limits=limits)
            failpoints.transact(store, at, "guard_decide", decide)
        else:
            _release(store, at, row)


def _closing(store: Store, batch: int) -> Row | None:
    with store.read() as db:
        return large.row(db, batch)


def _counted(store: Store, batch: Row, limits: Limits) -> Counted:
    """Count by kind, range by range: no transaction lasts, and nobody waits for it."""
    most, after = sessions_kept(limits), changes.FROM_THE_START
    total: dict[ChangeKind, Tally] = {}
    while True:
        with store.read() as db:
            found = changes.in_range(db, batch["id"], after)
        if not found:
            return Counted(total, counts.of_open(batch["counts"]).released)
        total = counts.limited(counts.added(total, tallies(found)), most)
        after = changes.end_of(found)


def _release(store: Store, at: failpoints.At, batch: Row) -> None:
    after: changes.After | None = changes.FROM_THE_START
    while after is not None:
        release = partial(large.release_range, batch=batch, after=after)
        after = failpoints.transact(store, at, "guard_release", release)
    left = summary.of(_left(store, batch))
    failpoints.transact(store, at, "guard_end", partial(large.end, batch=batch, shown=left))


def _left(store: Store, batch: Row) -> Iterator[tuple[Change, ChangeKind]]:
    after = changes.FROM_THE_START
    while True:
        with store.read() as db:
            found = changes.in_range(db, batch["id"], after)
        if not found:
            return
        yield from found
        after = changes.end_of(found)
