"""Calendar objects as libical reads them, the library of Evolution, GNOME and KDE: by ctypes."""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_int, c_long, c_void_p
from datetime import UTC, datetime

VEVENT = 4  # ICAL_VEVENT_COMPONENT of icalenums.h


class _Time(ctypes.Structure):
    """struct icaltimetype of libical 3 (icaltime.h)."""

    _fields_ = [
        *(
            (name, c_int)
            for name in ("year", "month", "day", "hour", "minute", "second", "date", "daylight")
        ),
        ("zone", c_void_p),
    ]


def span(library: ctypes.CDLL, data: bytes) -> tuple[datetime, datetime]:
    """Start and end of the object's one event, by the zone that the object itself defines."""
    library.icalparser_parse_string.restype = c_void_p
    library.icalparser_parse_string.argtypes = [c_char_p]
    library.icalcomponent_get_first_component.restype = c_void_p
    library.icalcomponent_get_first_component.argtypes = [c_void_p, c_int]
    library.icalcomponent_free.argtypes = [c_void_p]
    calendar = library.icalparser_parse_string(data)
    event = library.icalcomponent_get_first_component(calendar, VEVENT)
    try:
        return _instant(library, event, "dtstart"), _instant(library, event, "dtend")
    finally:
        library.icalcomponent_free(calendar)


def _instant(library: ctypes.CDLL, event: int, name: str) -> datetime:
    get = getattr(library, f"icalcomponent_get_{name}")
    get.restype, get.argtypes = _Time, [c_void_p]
    library.icaltime_as_timet_with_zone.restype = c_long
    library.icaltime_as_timet_with_zone.argtypes = [_Time, c_void_p]
    at = get(event)
    assert at.zone, f"{name}: libical does not know its zone"
    return datetime.fromtimestamp(library.icaltime_as_timet_with_zone(at, at.zone), UTC)
