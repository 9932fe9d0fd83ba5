"""A database row as the JSON record that the format describes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from calsync.errors import RecordError
from calsync.sources.records.record import identify, stamp_of
from calsync.sources.records.times import STAMP, WALL
from calsync.sources.sql.loading import NotText
from calsync.untrusted.json_text import JsonError, parse_json

PARTS = {
    "program": ("id", "name", "kind", "discreet", "upcoming_hours"),
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
# dev.mysql.com/doc/refman/8.4/en/date-and-time-types.html: what is stored for a date that is none.
ZERO_DATE = "0000-00-00"
COLUMNS = (
    *PLAIN,
    "updated_at",
    *TIMES,
    *(f"{part}_{name}" for part, names in PARTS.items() for name in names),
    "participants",
    "record",
)
PERSON = ("id", "name", "email", "role", "time_zone", "locale", "person")
PERSON_COLUMNS = ("session_id", *PERSON, "updated_at")


def record_of(
    row: Mapping[str, Any],
    people: Sequence[object] | None,
    people_changed: datetime | None = None,
) -> object:
    """The row's record; `people` are its participants when a second query gave them, and
    `people_changed` when that query says they last changed: the newer date counts.

    Raises RecordError when a JSON column holds none.
    """
    facts = {"id": plain_id(row["id"]), "updated_at": stamp_text(row["updated_at"])}
    if row.get("record") is not None:
        record = _json(row, "record")
        return {**facts, **record} if isinstance(record, dict) else record
    if people_changed is not None and people_changed > (stamp_of(facts) or people_changed):
        facts["updated_at"] = people_changed.isoformat()
    made: dict[str, Any] = {name: _filled(row.get(name)) for name in PLAIN} | facts
    for name in TIMES:
        made[name] = _when_text(row.get(name))
    for part, names in PARTS.items():
        fields = {name: _filled(row.get(f"{part}_{name}")) for name in names}
        made[part] = fields if any(one is not None for one in fields.values()) else None
    made["participants"] = list(people) if people is not None else _json(row, "participants")
    return made


def answer_of(row: Mapping[str, Any], people: Sequence[object] | None) -> dict[str, object]:
    """The row as it came, as JSON has it, in the order of the format; with its participants when a
    second query gave them."""
    known = {name: _when_text(row[name]) for name in COLUMNS if name in row}
    for name in ("participants", "record"):
        with suppress(RecordError):  # then it is shown as the text that it is
            known |= {name: _json(row, name)} if name in row else {}
    return known if people is None else known | {"participants_query": list(people)}


def person_of(row: Mapping[str, Any]) -> dict[str, object]:
    """A row of the participants' query as a participant of the format."""
    return {name: _filled(row.get(name)) for name in PERSON}


def stamp_text(value: object) -> object:
    """updated_at as the format writes it; without an offset it counts as UTC."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, str) and re.fullmatch(WALL, value) and not re.fullmatch(STAMP, value):
        return f"{value}Z"
    return plain(value)


def is_zero(value: object) -> bool:
    """Whether this is MySQL's date that is none, 0000-00-00, which drivers hand on as text."""
    return isinstance(value, str) and value.startswith(ZERO_DATE)


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


def plain_id(value: object) -> object:
    """The id in a column, as JSON has it. Two that are not text may look alike as text: they are
    none."""
    return None if isinstance(value, NotText) else plain(value)


def _filled(value: object) -> object:
    """A value as JSON has it; text of blanks is none, for many platforms write it for NULL."""
    known = plain(value)
    return None if isinstance(known, str) and not known.strip() else known


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
    except JsonError as error:
        who = identify({"id": plain_id(row["id"])})
        raise RecordError(who, name, f"cannot be used: {error}; write a JSON column") from None
