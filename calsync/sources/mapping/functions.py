"""The named functions that expressions of a mapping may use, beside those of JMESPath itself.

Each takes null for null, so that a field that is absent stays absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite

from jmespath import functions

from calsync.untrusted.reading import reads

Tables = Mapping[str, Mapping[str, str]]

MILLISECONDS = 100_000_000_000  # seconds of the year 5138: what is larger is in thousandths
ANYTHING_ELSE = "*"
SHOWN = 40


class NoEntryError(ValueError):
    """A lookup table does not name a value; the text says which."""


class Functions(functions.Functions):
    """`tables` are the lookup tables of the mapping."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @functions.signature({"types": ["number", "string", "null"]})
    def _func_epoch(self, value: float | str | None) -> str | None:
        """Seconds or milliseconds since 1970 as an instant."""
        return _instant(value)

    @functions.signature({"types": ["string", "null"]}, {"types": ["number", "string", "null"]})
    def _func_add_minutes(self, start: str | None, minutes: float | str | None) -> str | None:
        """A date and time so many minutes later, with the offset that it had."""
        return _later(start, minutes)

    @functions.signature(
        {"types": ["string", "number", "boolean", "null"]},
        {"types": ["string"]},
        {"types": ["number"]},
    )
    def _func_split(self, text: object, sign: str, part: float) -> str | None:
        """One part of a text between signs: 0 is the first, -1 the last."""
        return None if text is None else _part(_text(text).split(sign or None), part)

    @functions.signature({"types": ["string", "number", "boolean", "null"]})
    def _func_lower(self, text: object) -> str | None:
        """A text in lower case, without blanks around it."""
        return None if text is None else _text(text).strip().lower()

    @functions.signature({"types": ["string"]}, {"types": ["string", "number", "boolean", "null"]})
    def _func_lookup(self, table: str, value: object) -> str | None:
        """What the table of `map.lookup` has for a value; for one that it does not name what it
        has for "*". Raises NoEntryError."""
        if value is None:
            return None
        known, key = self._tables.get(table, {}), _text(value)
        found = known.get(key, known.get(ANYTHING_ELSE))
        if found is None:
            raise NoEntryError(f"map.lookup.{table} does not name {_shown(key)!r}; add it")
        return found


@reads
def _instant(value: float | str | None) -> str | None:
    try:
        seconds = float(value) if value not in (None, "") else None
        if seconds is None or not isfinite(seconds):
            return None
        if abs(seconds) >= MILLISECONDS:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


@reads
def _later(start: str | None, minutes: float | str | None) -> str | None:
    try:
        begins = datetime.fromisoformat(start or "")
        return (
            begins + timedelta(minutes=float(minutes if minutes is not None else ""))
        ).isoformat()
    except (ValueError, TypeError, OverflowError):
        return None


@reads
def _part(parts: list[str], number: float) -> str | None:
    try:
        return parts[int(number)]
    except (ValueError, OverflowError, IndexError):
        return None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(key: str) -> str:
    return "".join(sign for sign in key[:SHOWN] if sign.isprintable())
