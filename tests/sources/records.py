"""Records as a platform writes them; a test names only what it is about."""

from __future__ import annotations

import copy
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

EXAMPLE: dict[str, Any] = {
    "id": "ses-1001",
    "tenant": "default",
    "updated_at": "2026-11-20T09:30:00Z",
    "status": "booked",
    "title": "Session 1: Getting to know each other",
    "program": {
        "id": "prog-7",
        "name": "Women in Engineering",
        "kind": "individual",
        "discreet": False,
    },
    "starts_at": "2026-12-03T15:00:00",
    "ends_at": "2026-12-03T15:45:00",
    "time_zone": "America/Toronto",
    "place": {"kind": "online", "url": "https://zoom.us/j/123456789?pwd=abc", "label": "Zoom"},
    "agenda": {
        "text": "1. Introductions\n2. Goals\n3. Next steps",
        "format": "markdown",
        "url": "https://app.example.org/sessions/1001/agenda",
    },
    "url": "https://app.example.org/sessions/1001",
    "participants": [
        {
            "id": "u-1",
            "name": "Maya Chen",
            "email": "maya@example.org",
            "role": "mentee",
            "time_zone": "America/Toronto",
            "locale": "en",
        },
        {
            "id": "u-2",
            "name": "Sam Okafor",
            "email": "sam@example.org",
            "role": "mentor",
            "time_zone": "Europe/London",
            "locale": "en",
        },
    ],
}
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LEAVE_OUT = object()


def a_record(**changes: Any) -> dict[str, Any]:
    """The example with top-level fields changed, or left out (LEAVE_OUT)."""
    record = copy.deepcopy(EXAMPLE) | changes
    return {name: value for name, value in record.items() if value is not LEAVE_OUT}


def a_person(**changes: Any) -> dict[str, Any]:
    person = {"id": "u-9", "name": "Ana Lima", "email": "ana@example.org"} | changes
    return {name: value for name, value in person.items() if value is not LEAVE_OUT}


def written(path: Path, content: object, at: float = 1_700_000_000) -> Path:
    """The file, with JSON of `content` (or the text itself), last written at `at`."""
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at, at))
    return path


def lines(*records: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)
