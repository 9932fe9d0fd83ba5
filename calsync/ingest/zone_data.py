"""Following other time zone data: sessions move to what their wall times mean by it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from calsync.core.booked import BookedSession
from calsync.core.zones.data import (
    Digests,
    SkippedTimeError,
    by_its_wall_times,
    changed,
    digests,
    fingerprint,
)
from calsync.errors import RecordError
from calsync.ingest.guard.closing import Closed, close, finish
from calsync.ingest.intake import Ground, Intake
from calsync.runtime import zone_data
from calsync.runtime.context import Context
from calsync.store import instance
from calsync.store.database import Db, Row
from calsync.store.ledger import journal, sessions

AT_ONCE = 200  # sessions in one transaction
LISTED = 20  # zones that the journal names


@dataclass(frozen=True, slots=True)
class _Reread:
    """Sessions of a page by the data in use: those that move, and those that cannot be kept."""

    moved: Sequence[BookedSession]
    skipped: Sequence[RecordError]


def notice(db: Db) -> list[str]:
    """Compare the data in use with what was used before, for the zones of the sessions ahead;
    returns those that say something else. Every source is read again then, and what no source shows
    again is computed by `follow`. So is what is in zones that were not looked at before: sessions
    may have come into them since, while older data was in use."""
    known = _known(instance.time_zones(db))
    found = digests(sessions.zones_ahead(db), db.now)
    if known == found:
        return []
    instance.set_time_zones(db, json.dumps(found, sort_keys=True))
    other = changed(known, found) if known is not None else []
    if known is None or other:
        sessions.forget_cursors(db)
    again = sorted({*other, *(found.keys() - (known or {}).keys())})
    if again:
        sessions.begin_recomputing(db, again)
    if other:
        source = zone_data.in_use()
        journal.note(
            db,
            "time_zones_changed",
            zones=other[:LISTED],
            count=len(other),
            read_from=source.read_from,
            version=source.version,
        )
    return other


def _known(stored: str | None) -> Digests | None:
    """None: from before offsets were remembered, or a new installation."""
    if stored is None or not stored.startswith("{"):
        return None
    found: Digests = json.loads(stored)
    return found


def digest(db: Db) -> str | None:
    """One word for the data that was followed last; None: none yet."""
    known = _known(instance.time_zones(db))
    return fingerprint(known) if known is not None else None


def follow(context: Context) -> None:
    """Move what the data moves, source by source and page by page, also after a process that died
    in between. What moves of a source is one batch, which the guard counts."""
    with context.store.read() as db:
        waiting = sessions.to_recompute(db)
    for source in waiting:
        _follow(context, _intake(context, source))


def _intake(context: Context, source: str) -> Intake:
    def ground(tenant: str) -> Ground:
        known = context.tenant(tenant)
        return Ground(known.guard, known.domains, known.mail_lanes)

    return Intake(context.store, context.vault, source, "", ground, context.at)


def _follow(context: Context, intake: Intake) -> None:
    more = True
    while more:
        with context.store.read() as db:
            rows = sessions.recomputing(db, intake.source, AT_ONCE)
        more = len(rows) == AT_ONCE
        if rows:
            _page(intake, rows)
    closed = intake.transact("zones_close", partial(_close, intake))
    finish(intake, closed)


def _page(intake: Intake, rows: Sequence[Row]) -> None:
    reread = _read_again(sessions.from_json(row["record"]) for row in rows)
    prepared = intake.prepare(reread.moved)

    def work(db: Db) -> None:
        known = {(row["tenant"], row["id"]): row["digest"] for row in rows}
        for tenant, mine in sorted(prepared.sessions.items()):
            stored = sessions.stored(db, tenant, list(mine))
            same = [
                one
                for one in mine.values()
                if one.id in stored and stored[one.id]["digest"] == known[tenant, one.id]
            ]
            intake.accept(db, tenant, same, prepared)
        for row in rows:
            mine_too = [one for one in reread.skipped if one.record == row["id"]]
            intake.set_aside(db, mine_too, row["tenant"])
        sessions.recomputed(db, intake.source, rows[-1])

    intake.transact("zones_page", work)


def _read_again(found: Iterable[BookedSession]) -> _Reread:
    moved: list[BookedSession] = []
    skipped: list[RecordError] = []
    for one in found:
        try:
            now = by_its_wall_times(one)
        except SkippedTimeError as error:
            skipped.append(RecordError(one.id, "starts_at", str(error)))
            continue
        if now != one:
            moved.append(now)
    return _Reread(moved, skipped)


def _close(intake: Intake, db: Db) -> Closed:
    closed = close(db, intake)
    sessions.recomputed(db, intake.source, None)
    return closed
