"""A database row as the JSON record that the format describes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from calsync.errors import RecordError
from calsync.sources.records.record import identify
from calsync.sources.records.times import STAMP, WALL
from calsync.untrusted.json_text import JsonError, parse_json

PARTS = {
    "program": ("id", "name", "kind", "discreet"),
    "place": (
        "kind",
        "url",
        "label",
        "phone",
        "passcode",
        "name",
        "address",
        "instructions",
    ),
    "agenda": ("text", "format", "url"),
}
PLAIN = ("id", "tenant", "status", "title", "time_zone", "url")
TIMES = ("starts_at", "ends_at")
COLUMNS = (
    *PLAIN,
    "updated_at",
    *TIMES,
    *(f"{part}_{name}" for part, names in PARTS.items() for name in names),
    "participants",
    "record",
)
PERSON_COLUMNS = ("session_id", "id", "name", "email", "role", "time_zone", "locale", "person")


def record_of(row: Mapping[str, Any], people: Sequence[object] | None) -> object:
    """The row's record; `people` are its participants when a second query gave them.

    Raises RecordError when a JSON column holds none.
    """
    facts = {"id": plain(row["id"]), "updated_at": stamp_text(row["updated_at"])}
    if row.get("record") is not None:
        record = _json(row, "record")
        return {**facts, **record} if isinstance(record, dict) else record
    made: dict[str, Any] = {name: plain(row.get(name)) for name in PLAIN} | facts
    for name in TIMES:
        made[name] = _when_text(row.get(name))
    for part, names in PARTS.items():
        fields = {name: plain(row.get(f"{part}_{name}")) for name in names}
        made[part] = fields if any(one is not None for one in fields.values()) else None
    made["participants"] = list(people) if people is not None else _json(row, "participants")
    return made


def person_of(row: Mapping[str, Any]) -> dict[str, object]:
    """A row of the participants' query as a participant of the format."""
    return {name: plain(row.get(name)) for name in PERSON_COLUMNS[1:]}


def stamp_text(value: object) -> object:
    """updated_at as the format writes it; without an offset it counts as UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, str) and re.fullmatch(WALL, value) and not re.fullmatch(STAMP, value):
        return f"{value}Z"
    return plain(value)


def plain(value: object) -> object:
    """A database value as JSON has it; what JSON does not know becomes text, without the blanks
    with which CHAR columns are filled up."""
    if isinstance(value, str):
        return value.rstrip(" ")
    if value is None or isinstance(value, int | float | list | dict):
        return value
    if isinstance(value, date):
        return value.isoformat()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _when_text(value: object) -> object:
    """A column without zone holds wall time; one with a zone holds an instant."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).isoformat()
    return plain(value)


def _json(row: Mapping[str, Any], name: str) -> Any:
    value = row.get(name)
    if not isinstance(value, str | bytes):
        return value
    try:
        return parse_json(value)
    except JsonError:
        who = identify({"id": plain(row["id"])})
        raise RecordError(who, name, "is not JSON; write a JSON column") from None
