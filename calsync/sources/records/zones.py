"""Names of time zones as platforms write them: IANA names, and those of Windows."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# Files of the system's zone folder that are no IANA zones; what they mean differs by machine.
_NO_ZONES = {"localtime", "posixrules", "Factory"}
# Windows has these since 2025, CLDR since version 48; icalendar's table is older.
# https://github.com/unicode-org/cldr/blob/main/common/supplemental/windowsZones.xml
_NEWER = {
    "Alberta Standard Time": "America/Edmonton",
    "British Columbia Standard Time": "America/Vancouver",
    "Manitoba Standard Time": "America/Winnipeg",
}


class ZoneNameError(ValueError):
    """No zone has this name; the text says what to write instead."""


def find_zone(name: str) -> ZoneInfo | None:
    """The IANA zone of exactly this name, or None when there is none."""
    if name in _NO_ZONES or name.startswith(("right/", "posix/")):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, or a very long one
        return None


def read_zone(text: str) -> tuple[ZoneInfo, str | None]:
    """The zone that a platform means, and a warning or None. Raises ZoneNameError.

    Blanks around the name do not count. A name of Windows, as SQL Server, .NET and Outlook have
    them, means the zone that CLDR maps it to where no territory is known (001). An IANA name in
    another case is not taken, because Google and CalDAV clients would not: it is told in its own.
    """
    name = text.strip()
    folded = name.casefold()
    # A file system that ignores case, as on macOS, finds zones by names that nobody else knows.
    right = _iana_names().get(folded.replace(" ", "_"))
    zone = find_zone(name)
    if zone is not None and right in (name, None):
        return zone, None
    iana = _windows_names().get(folded)
    if iana is not None and (zone := find_zone(iana)) is not None:
        return zone, f"is the Windows name of a zone, {iana} is taken; write {iana}"
    raise ZoneNameError(f"write {right or 'an IANA zone, such as America/Toronto'}")


@lru_cache(maxsize=1)
def _iana_names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() - _NO_ZONES}


@lru_cache(maxsize=1)
def _windows_names() -> dict[str, str]:
    return {name.casefold(): iana for name, iana in (WINDOWS_TO_OLSON | _NEWER).items()}
