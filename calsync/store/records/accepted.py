"""Writing down that a version of a session was accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from calsync.core.booked import BookedSession
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.ledger.sessions import content_hash, to_json
from calsync.store.records import hashes
from calsync.store.upsert import upsert


def save(
    db: Db, source: str, sessions: Iterable[BookedSession], read_from: Mapping[str, str]
) -> None:
    """Store the sessions as accepted now; `read_from`: by id, the hashes of the raw records that
    they were read from."""
    rows = [_row(db, source, one, read_from.get(one.id)) for one in sessions]
    update = [name for name in (rows[0] if rows else {}) if name not in ("tenant", "id")]
    upsert(db, table("booked_session"), rows, update)


def _row(db: Db, source: str, one: BookedSession, raw: str | None) -> dict[str, Any]:
    digest = content_hash(one)
    return {
        "tenant": one.tenant,
        "id": one.id,
        "source": source,
        "updated_at": one.updated_at,
        "digest": digest,
        "status": one.status.value,
        "program": one.program.id if one.program else None,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "time_zone": one.time_zone,
        "record": to_json(one),
        "stale": None,
        "stored_at": db.now,
        "seen_at": db.now,
        "missing_since": None,
        "nobody_since": None,
        "taken_back": False,
        "upcoming_hours": one.program.upcoming_hours if one.program else None,
        "record_hash": hashes.of_content(digest, raw),
    }
