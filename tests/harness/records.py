"""Booked sessions as a platform writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

Record = dict[str, Any]


def a_record(
    ident: str,
    people: Sequence[Mapping[str, str]],
    *,
    start: datetime | None = None,
    days: float = 9,
    **changes: Any,
) -> Record:
    """An online session of one hour in UTC, so many days from now unless it has a start."""
    start = (start or now() + timedelta(days=days)).replace(microsecond=0, tzinfo=None)
    return {
        "id": ident,
        "status": "booked",
        "title": f"Title of {ident}",
        "program": {"id": "prog-1", "name": "Program", "kind": "individual"},
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
        "time_zone": "UTC",
        "place": {"kind": "online", "url": "https://zoom.us/j/1", "label": "Zoom"},
        "participants": [dict(one) for one in people],
        **changes,
    }


def moved(record: Record, by: timedelta) -> Record:
    """The same session at another time."""
    times = {
        name: (datetime.fromisoformat(record[name]) + by).isoformat()
        for name in ("starts_at", "ends_at")
    }
    return {**record, **times}


def now() -> datetime:
    return datetime.now(UTC)
