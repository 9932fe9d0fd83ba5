"""Wall times and stamps of a record: read exactly, or refused with what to write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from calsync.core.zones.data import occurrences

_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
WALL = f"^{_CLOCK}{_OFFSET}?$"
STAMP = f"^{_CLOCK}{_OFFSET}$"
_EPOCH = r"[0-9]{9,10}(\.[0-9]{1,9})?"
WHEN = f"^({_CLOCK}{_OFFSET}?|{_EPOCH})$"  # what a start or an end may be
LATEST_EPOCH = 9_999_999_999
YEARS = range(1970, 2201)

LONGEST = timedelta(hours=24)


class TimesError(ValueError):
    """A time cannot be used; the text says why and what to write instead."""


def read_stamp(text: str) -> datetime:
    """An instant with an offset or Z, in UTC. Raises TimesError."""
    hint = "write it with an offset or Z, such as 2026-11-20T09:30:00Z"
    if not re.fullmatch(STAMP, text):
        raise TimesError(f"is not a date and time with an offset; {hint}")
    return _parse(text, hint).astimezone(UTC)


def read_wall(text: str, zone: ZoneInfo, *, utc: bool = False) -> tuple[datetime, str | None]:
    """The UTC instant of a session's start or end, and a warning or None. Raises TimesError.

    Without an offset it is the wall time in `zone`; a time that the clocks show twice means its
    first occurrence, with a warning. With `utc` it is UTC instead. `Z`, `+00:00` and seconds since
    1970 are instants, whatever the zone; any other offset must be true for the zone at that time.
    """
    hint = "write the local wall time, such as 2026-12-03T15:00:00"
    if not re.fullmatch(WHEN, text):
        raise TimesError(f"is not a date and time; {hint}")
    given = _instant_or_wall(text, hint)
    if utc and given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    if given.utcoffset() == timedelta(0):
        return given.astimezone(UTC), None
    wall = given.replace(tzinfo=None)
    shown = occurrences(wall, zone)
    if not shown:
        raise TimesError(
            f"{wall.isoformat()} does not exist in {zone.key}: the clocks skip it; "
            "write a time before or after the change"
        )
    if given.tzinfo is not None:
        for one in shown:
            if one.utcoffset() == given.utcoffset():
                return one.astimezone(UTC), None
        raise TimesError(
            f"has an offset that {zone.key} does not have then; write {_offsets(shown)}, or no "
            "offset"
        )
    twice = None
    if len(shown) > 1:
        which = _offsets(shown)
        twice = f"{wall.isoformat()} happens twice in {zone.key}, the first is taken; add {which}"
    return shown[0].astimezone(UTC), twice


def _offsets(shown: Sequence[datetime]) -> str:
    return " or ".join(one.isoformat(timespec="seconds")[19:] for one in shown)


def wall_times(starts_at: str, ends_at: str) -> tuple[datetime, datetime] | None:
    """A start and an end that can be read, as clocks show them; None where one of them is an
    instant, whatever clocks show then."""
    start, end = (_instant_or_wall(one, "") for one in (starts_at, ends_at))
    return None if start.tzinfo or end.tzinfo else (start, end)


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """Raises TimesError when `ends_at` is not after `starts_at`, or more than 24 h after."""
    if ends_at <= starts_at:
        raise TimesError("is not after starts_at; write when the session ends")
    if ends_at - starts_at > LONGEST:
        raise TimesError("is more than 24 h after starts_at; write when this one session ends")


def _instant_or_wall(text: str, hint: str) -> datetime:
    """Aware when the text says which instant it is, else naive."""
    if not re.fullmatch(_EPOCH, text):
        return _parse(text, hint)
    return _possible(datetime.fromtimestamp(float(text), UTC), hint)


def _parse(text: str, hint: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise TimesError(f"is not a date that exists; {hint}") from error
    return _possible(read, hint)


def _possible(read: datetime, hint: str) -> datetime:
    if read.year not in YEARS:
        raise TimesError(f"is not between the years {YEARS[0]} and {YEARS[-1]}; {hint}")
    return read
