"""Reading a mailed invitation as a mail client does: the text/calendar part, RFC 5546 and 6047."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar


@dataclass(frozen=True, slots=True)
class Invite:
    """One iTIP object. `named` says that the MIME part carried the method parameter."""

    method: str
    named: bool
    uid: str
    sequence: int
    dtstamp: datetime
    organizer: str
    attendees: tuple[str, ...]
    title: str
    starts_at: datetime
    ends_at: datetime
    location: str
    description: str
    url: str

    @property
    def version(self) -> tuple[int, datetime]:
        """What decides which of two messages about one UID is newer: RFC 5546 section 2.1.5."""
        return (self.sequence, self.dtstamp)

    def invites(self, address: str, exact: bool = False) -> bool:
        """Whether this address is among the attendees."""
        if exact:
            return address in self.attendees
        return address.casefold() in {one.casefold() for one in self.attendees}


def read_invite(message: EmailMessage, zone: str) -> Invite | None:
    """The invitation of a message; None without a text/calendar part or without a METHOD.

    `zone` reads floating times. Raises ValueError when the part cannot be understood.
    """
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            return _read_part(part, ZoneInfo(zone))
    return None


def _read_part(part: Any, zone: ZoneInfo) -> Invite | None:
    parameter = str(part.get_param("method") or "")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    method = str(calendar.get("METHOD", ""))
    if not method:
        return None
    if parameter and parameter.upper() != method.upper():
        raise ValueError(f"MIME method {parameter} is not the object's METHOD {method}")
    events = calendar.walk("VEVENT")
    if len(events) != 1:
        raise ValueError(f"{len(events)} events in one message")
    return read_event(events[0], zone, method.upper(), bool(parameter))


def read_event(event: Any, zone: ZoneInfo, method: str = "", named: bool = False) -> Invite:
    """One VEVENT. Raises ValueError when UID, times or DTSTAMP are missing or broken."""
    try:
        starts_at = _instant(event["DTSTART"].dt, zone)
        attendees = event.get("ATTENDEE", [])
        attendees = attendees if isinstance(attendees, list) else [attendees]
        return Invite(
            method=method,
            named=named,
            uid=str(event["UID"]),
            sequence=int(event.get("SEQUENCE", 0)),
            dtstamp=_instant(event["DTSTAMP"].dt, zone),
            organizer=_address(event.get("ORGANIZER", "")),
            attendees=tuple(_address(one) for one in attendees),
            title=str(event.get("SUMMARY", "")),
            starts_at=starts_at,
            ends_at=_end(event, starts_at, zone),
            location=str(event.get("LOCATION", "")),
            description=str(event.get("DESCRIPTION", "")),
            url=str(event.get("URL", "")),
        )
    except (LookupError, AttributeError, TypeError, ArithmeticError) as error:
        raise ValueError(f"the event lacks a usable {error}") from error


def _end(event: Any, starts_at: datetime, zone: ZoneInfo) -> datetime:
    if "DTEND" in event:
        return _instant(event["DTEND"].dt, zone)
    return starts_at + event["DURATION"].dt if "DURATION" in event else starts_at


def _instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _address(value: object) -> str:
    text = str(value)
    return text[7:] if text[:7].lower() == "mailto:" else text
