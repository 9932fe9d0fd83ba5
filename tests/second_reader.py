"""A second, independent reading of .ics files: neither ours nor by the library that writes them.

vobject reads the components and properties, dateutil the VTIMEZONEs. A zone's name means nothing
here: what the file itself defines is what a mail client has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import vobject
from dateutil import tz
from vobject.base import Component, ParseError, VObjectError


@dataclass(frozen=True)
class Reading:
    """What one VEVENT says. Times are aware UTC; addresses are without "mailto:"; "" is absent."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    organizer: str
    attendees: tuple[str, ...]
    status: str
    location: str
    description: str
    summary: str
    url: str


def read(data: bytes) -> Reading:
    """The only event of the only calendar. Raises ValueError for what a strict reader refuses:
    lines that do not unfold into properties, and time zones that are not defined in the file or
    defined with other offsets than the named zone has."""
    try:
        (calendar,) = vobject.readComponents(data.decode("utf-8"), transform=False)
        (event,) = calendar.contents.get("vevent", [])
    except (VObjectError, ParseError) as error:
        raise ValueError(f"vobject refuses it: {type(error).__name__}") from error
    zones = _zones(calendar)
    return Reading(
        method=_text(calendar, "method"),
        uid=_text(event, "uid"),
        sequence=int(_text(event, "sequence")),
        starts_at=_instant(event, "dtstart", zones),
        ends_at=_instant(event, "dtend", zones),
        organizer=_address(_text(event, "organizer")),
        attendees=tuple(_address(one.value) for one in event.contents.get("attendee", [])),
        status=_text(event, "status"),
        location=_text(event, "location"),
        description=_text(event, "description"),
        summary=_text(event, "summary"),
        url=_text(event, "url"),
    )


def _text(component: Component, name: str) -> str:
    found = component.contents.get(name, [])
    if len(found) > 1:
        raise ValueError(f"{name} {len(found)} times")
    return str(found[0].value) if found else ""


def _address(value: str) -> str:
    return re.sub("^mailto:", "", value, flags=re.IGNORECASE)


def _zones(calendar: Component) -> tz.tzical | None:
    parts = calendar.contents.get("vtimezone", [])
    if not parts:
        return None
    text = "".join(one.serialize(validate=False) for one in parts)
    return tz.tzical(StringIO(text))


def _instant(event: Component, name: str, zones: tz.tzical | None) -> datetime:
    (line,) = event.contents.get(name, [None])
    if line is None:
        raise ValueError(f"no {name}")
    if line.value.endswith("Z"):
        return datetime.strptime(line.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    wall = datetime.strptime(line.value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  # the zone follows
    zone = line.params.get("TZID", [""])[0]
    defined = zones.get(zone) if zones is not None and zone else None
    if defined is None:
        raise ValueError(f"{name} has no time zone that the file defines")
    at = wall.replace(tzinfo=defined)
    if at.utcoffset() != wall.replace(tzinfo=ZoneInfo(zone)).utcoffset():
        raise ValueError(f"{name}: the file's {zone} has another offset than {zone}")
    return at.astimezone(UTC)
