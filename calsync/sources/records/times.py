"""Wall times, zones and stamps of a record: read exactly, or refused with what to write."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_CLOCK = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_OFFSET = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)"
WALL = f"^{_CLOCK}{_OFFSET}?$"
STAMP = f"^{_CLOCK}{_OFFSET}$"
YEARS = range(1970, 2201)

# Files of the system's zone folder that are no IANA zones; what they mean differs by machine.
_NO_ZONES = {"localtime", "posixrules", "Factory"}
LONGEST = timedelta(hours=24)


class TimesError(ValueError):
    """A time cannot be used; the text says why and what to write instead."""


def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of this name, or None when there is none."""
    if name in _NO_ZONES or name.startswith(("right/", "posix/")):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, or a very long one
        return None


def read_stamp(text: str) -> datetime:
    """An instant with an offset or Z, in UTC. Raises TimesError."""
    hint = "write it with an offset or Z, such as 2026-11-20T09:30:00Z"
    if not re.fullmatch(STAMP, text):
        raise TimesError(f"is not a date and time with an offset; {hint}")
    return _parse(text, hint).astimezone(UTC)


def read_wall(text: str, zone: ZoneInfo) -> tuple[datetime, str | None]:
    """The UTC instant of a wall time in `zone`, and a warning or None. Raises TimesError.

    An offset in the text must be true for the zone at that time. A time that the clocks show
    twice means its first occurrence, with a warning, unless an offset says which.
    """
    hint = "write the local wall time, such as 2026-12-03T15:00:00"
    if not re.fullmatch(WALL, text):
        raise TimesError(f"is not a date and time; {hint}")
    given = _parse(text, hint)
    wall = given.replace(tzinfo=None)
    shown = _occurrences(wall, zone)
    if not shown:
        raise TimesError(
            f"{wall.isoformat()} does not exist in {zone.key}: the clocks skip it; "
            "write a time before or after the change"
        )
    which = " or ".join(one.isoformat(timespec="seconds")[19:] for one in shown)
    if given.tzinfo is not None:
        for one in shown:
            if one.utcoffset() == given.utcoffset():
                return one.astimezone(UTC), None
        raise TimesError(
            f"has an offset that {zone.key} does not have then; write {which}, or no offset"
        )
    twice = f"{wall.isoformat()} happens twice in {zone.key}, the first is taken; add {which}"
    return shown[0].astimezone(UTC), twice if len(shown) > 1 else None


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """Raises TimesError when `ends_at` is not after `starts_at`, or more than 24 h after."""
    if ends_at <= starts_at:
        raise TimesError("is not after starts_at; write when the session ends")
    if ends_at - starts_at > LONGEST:
        raise TimesError("is more than 24 h after starts_at; write when this one session ends")


def _parse(text: str, hint: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise TimesError(f"is not a date that exists; {hint}") from error
    if read.year not in YEARS:
        raise TimesError(f"is not between the years {YEARS[0]} and {YEARS[-1]}; {hint}")
    return read


def _occurrences(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """When clocks in `zone` show `wall`: never in a spring gap, twice in autumn, else once."""
    found: list[datetime] = []
    for fold in (0, 1):
        instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        local = instant.astimezone(zone)
        if local.replace(tzinfo=None, fold=0) == wall and local.fold == fold:
            found.append(local)
    return found
