"""Everything that is wrong with one refused record, for who can send it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from calsync.errors import RecordError
from calsync.sources.records.format import SessionRecord, TombstoneRecord
from calsync.sources.records.notes import without_notes
from calsync.sources.records.reading import WRITE
from calsync.sources.records.record import FACTS
from calsync.sources.records.times import TimesError, read_stamp, read_wall
from calsync.sources.records.zones import ZoneNameError, read_zone
from calsync.untrusted.reading import reads


@reads
def faults_of(record: object, first: RecordError, *, utc: bool = False) -> list[RecordError]:
    """The refusal `first`, and whatever else in the record would be refused next: each field
    once."""
    raw, _ = without_notes(record)
    found = {first.field: first}
    if isinstance(raw, dict):
        named = {**raw, "id": first.record}
        for name, reason in (*_of_format(named), *_of_times(named, utc)):
            found.setdefault(name, RecordError(first.record, name, reason))
    return list(found.values())


def _of_format(raw: dict[str, Any]) -> Iterator[tuple[str, str]]:
    model = TombstoneRecord if raw.get("status") == "cancelled" else SessionRecord
    try:
        model.model_validate(raw)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = str(fault["loc"][0])
            if name in FACTS and len(fault["loc"]) == 1:
                what = "is missing" if fault["type"] == "missing" else "cannot be used"
                yield name, f"{what}; {WRITE[name]}"


def _of_times(raw: dict[str, Any], utc: bool) -> Iterator[tuple[str, str]]:
    """A date that there is not, a zone that there is not, or a time that there is not in it."""
    with_text = {name for name, value in raw.items() if isinstance(value, str)}
    try:
        if "updated_at" in with_text:
            read_stamp(raw["updated_at"])
    except TimesError as error:
        yield "updated_at", str(error)
    if raw.get("status") == "cancelled" or "time_zone" not in with_text:
        return
    try:
        zone, _ = read_zone(raw["time_zone"])
    except ZoneNameError as error:
        yield "time_zone", f"is not an IANA zone; {error}"
        return
    for name in sorted(with_text.intersection(("starts_at", "ends_at"))):
        try:
            read_wall(raw[name], zone, utc=utc)
        except TimesError as error:
            yield name, str(error)
