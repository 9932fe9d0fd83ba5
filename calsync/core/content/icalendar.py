"""iCalendar text: mailed invitations (RFC 5546), calendar objects for CalDAV, and reading them.

Mailed times are in UTC and need no VTIMEZONE. A calendar object has its person's zone, because
clients show and edit an event in the zone that it names. Equal arguments give equal bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.utils import parseaddr
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Parameters, Timezone, vDDDTypes, vText
from icalendar.timezone import tzp

from calsync.core.content.event import DesiredEvent
from calsync.core.content.folding import folded
from calsync.core.content.vtimezone import ZoneNamed, vtimezone, zones_of
from calsync.core.ledger import Copy
from calsync.untrusted.reading import reads

PRODID = "-//calsync//calsync 1.0//EN"

Method = Literal["REQUEST", "CANCEL"]
Lines = dict[str, str]  # of an event, by name: what follows it, parameters and a colon included
FIRST = ("SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE")  # the others by their names

# Everything a reader could take for a line end or for nothing at all; tab and newline may stay.
# Lone surrogates have no UTF-8 form.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# What reading strange iCalendar ends in.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+")


@dataclass(frozen=True, slots=True)
class ContentHashes:
    """Of the fields we own. Equal hashes show the same, white space at ends of lines aside.

    material  start, end and location; starts with "?" when the event became recurring, all-day or
              floating, and then equals none of ours
    quiet     title and description
    """

    material: str
    quiet: str

    def __str__(self) -> str:
        return f"{self.material}.{self.quiet}"

    @classmethod
    def read(cls, text: str) -> ContentHashes:
        """What `str` wrote; of anything else, hashes that equal none."""
        material, _, quiet = text.partition(".")
        return cls(material, quiet)


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """What a calendar object shows now.

    starts_at, ends_at      aware UTC; floating times and dates are read as UTC
    attendees, organizer    bare addresses, "" when there is no organizer
    material_fp, quiet_fp   fingerprints written by `calendar_object`, None when they are missing
    written                 digests of the owned fields as they were written, None when missing
    digests                 digests of the owned fields as they are
    instance, item          the copy's marker, None when it is missing
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str = field(repr=False)
    location: str = field(repr=False)
    description: str = field(repr=False)
    attendees: tuple[str, ...] = field(repr=False)
    organizer: str
    material_fp: str | None
    quiet_fp: str | None
    written: ContentHashes | None
    hashes: ContentHashes
    instance: str | None = None
    item: str | None = None

    @property
    def is_plain(self) -> bool:
        """One event from one instant to another: see `ContentHashes`."""
        return not self.hashes.material.startswith("?")


def invitation(
    copy: Copy,
    event: DesiredEvent,
    now: datetime,
    *,
    method: Method,
    organizer_name: str,
    rsvp: bool = True,
) -> bytes:
    """The iTIP object that invites `copy.address`, updates the invitation, or cancels it.

    `copy.organizer` is an address, or "Name <address>"; `organizer_name` is shown when it has no
    name of its own. `rsvp`: an answer is asked for (RFC 5545, section 3.2.17). For CANCEL `event`
    is what the copy last showed. Raises ValueError when an address cannot be written.
    """
    name = event.details.name if event.details else ""
    lines = _vevent_of(copy, event, now, zone=None) | {
        "STATUS": ":CONFIRMED" if method == "REQUEST" else ":CANCELLED",
        "ORGANIZER": _organizer(copy.organizer, organizer_name),
        "ATTENDEE": _attendee(copy.address, method, name, rsvp=rsvp),
        "X-MICROSOFT-DISALLOW-COUNTER": ":TRUE",
    }
    return _vcalendar(lines, method)


def calendar_object(copy: Copy, event: DesiredEvent, now: datetime) -> bytes:
    """The object for one CalDAV resource. Without ORGANIZER and ATTENDEE no server mails anybody.

    Its times are in the zone of `event`, which it defines. It carries the fingerprints of `event`
    and the digests of the owned fields, which `read_calendar_object` gives back.
    """
    zone = _zone(event)
    lines = _vevent_of(copy, event, now, zone=zone) | {
        "STATUS": ":CONFIRMED",
        "X-CALSYNC-MATERIAL": _text(event.material_fp),
        "X-CALSYNC-QUIET": _text(event.quiet_fp),
        "X-CALSYNC-SHOWN": _text(str(owned_hashes(event))),
    }
    return _vcalendar(lines, zone=vtimezone(zone, event.starts_at.year) if zone else None)


def calendar_file(uid: str, sequence: int, event: DesiredEvent, now: datetime) -> bytes:
    """The object that a person adds to a calendar themselves. Without METHOD and people it is no
    invitation, so that no mail program answers it (RFC 5546, section 1.3)."""
    return _vcalendar(_vevent(uid, sequence, event, now) | {"STATUS": ":CONFIRMED"})


@reads
def read_calendar_object(data: bytes) -> ShownEvent:
    """Read the one event of a calendar object, whoever wrote it last.

    Raises ValueError, without quoting content, when there is no event or it cannot be understood.
    """
    # A string that is the name of a file would be read as that file; bytes never are.
    if not isinstance(data, bytes):
        raise TypeError("a calendar object is read from bytes")
    try:
        parsed = Calendar.from_ical(data, multiple=True)
        found = [(part, calendar) for calendar in parsed for part in calendar.walk("VEVENT")]
        events = [(event, calendar) for event, calendar in found if isinstance(event, Event)]
        masters = [one for one in events if "RECURRENCE-ID" not in one[0]] or events
        master, calendar = masters[0]
        return _as_meant(master, calendar)
    except UNREADABLE as error:
        raise ValueError(f"not a readable calendar object ({type(error).__name__})") from None
    finally:
        tzp.use_default()  # forgets the definitions that the library keeps for the whole process


def owned_hashes(event: DesiredEvent) -> ContentHashes:
    """The hashes of the fields we own, as `calendar_object` writes them."""
    instants = (event.starts_at, event.ends_at)
    return _hashes(instants, one_line(event.location), one_line(event.title), clean(event.text))


def clean(text: str) -> str:
    """Text without control characters; every line end is a newline."""
    if text.replace("\n", "").isprintable():  # holds no other, and most texts do not
        return text
    return _CONTROL.sub("", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """`clean` text with every run of white space made one space."""
    return " ".join((text if text.isprintable() else clean(text)).split())


def bare_name(text: str) -> str:
    """A display name: one line without double quotes, which no calendar parameter can hold."""
    return one_line(text.replace('"', "")).strip()


def _vcalendar(event: Lines, method: Method | None = None, zone: Timezone | None = None) -> bytes:
    """The object of one event. Its lines have the order and the form that icalendar gives them,
    which makes ten objects of each."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}"]
    if method:
        lines.append(f"METHOD:{method}")
    if zone is not None:
        lines += [str(line) for line in zone.content_lines() if line]
    names = [*FIRST, *sorted(event.keys() - set(FIRST))]
    lines += ["BEGIN:VEVENT", *(f"{name}{event[name]}" for name in names), "END:VEVENT"]
    return b"".join(folded(line) + b"\r\n" for line in [*lines, "END:VCALENDAR"])


def _text(text: str) -> str:
    r"""A text whose backslashes stay: icalendar takes the `\N` of `C:\New` for the end of a line.

    RFC 5545, section 3.3.11: https://datatracker.ietf.org/doc/html/rfc5545#section-3.3.11
    """
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return ":" + escaped.replace("\n", "\\n")


def _zone(event: DesiredEvent) -> ZoneInfo | None:
    """The zone in which the event's times can be written; None: in UTC only.

    A local time that clocks show twice means the first of the two (RFC 5545 3.3.5), and to libical
    the second: only UTC says which. The zone data of this machine may lack a zone that it had.
    """
    try:
        zone = ZoneInfo(event.time_zone)
    except (KeyError, ValueError):
        return None
    local = [at.astimezone(zone) for at in (event.starts_at, event.ends_at)]
    return None if any(_shown_twice(at) or at.tzname() == "UTC" for at in local) else zone


def _shown_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _vevent_of(copy: Copy, event: DesiredEvent, now: datetime, *, zone: ZoneInfo | None) -> Lines:
    lines = _vevent(copy.uid, copy.sequence, event, now, zone=zone)
    if copy.marked_private and not event.private:
        lines["CLASS"] = ":PUBLIC"  # the default (RFC 5545, section 3.8.1.3), in place of ours
    if copy.marker is not None:
        lines["X-CALSYNC-INSTANCE"] = _text(copy.marker.instance)
        lines["X-CALSYNC-ITEM"] = _text(copy.marker.item)
    return lines


def _vevent(
    uid: str, sequence: int, event: DesiredEvent, now: datetime, *, zone: ZoneInfo | None = None
) -> Lines:
    lines = {
        "UID": f":{vText(uid).to_ical().decode()}",
        "SEQUENCE": f":{sequence}",
        "DTSTAMP": _time(now, None),
        "DTSTART": _time(event.starts_at, zone),
        "DTEND": _time(event.ends_at, zone),
        "SUMMARY": _text(one_line(event.title)),
        "TRANSP": ":OPAQUE",
    }
    texts = {"LOCATION": one_line(event.location), "DESCRIPTION": clean(event.text)}
    lines |= {name: _text(text) for name, text in texts.items() if text}
    if url := one_line(event.url):
        lines["URL"] = f":{url}"
    if event.private:
        lines["CLASS"] = ":PRIVATE"
    return lines


def _time(at: datetime, zone: ZoneInfo | None) -> str:
    """In the zone, which the object defines, or in UTC."""
    local = _whole_second(at).astimezone(zone or UTC)
    if zone is None:
        text = local.replace(tzinfo=None).isoformat()
        return f":{text.replace('-', '').replace(':', '')}Z"
    value = vDDDTypes(local)
    params = value.params.to_ical().decode()
    return f"{params and ';'}{params}:{value.to_ical().decode()}"


def _whole_second(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("times of events are aware")
    return at.astimezone(UTC).replace(microsecond=0)


@lru_cache(maxsize=256)
def _organizer(organizer: str, name: str) -> str:
    own_name, address = parseaddr(organizer.removeprefix("mailto:"))
    return _named(own_name or name, address)


def _attendee(address: str, method: Method, name: str, *, rsvp: bool) -> str:
    asked = ""
    if method == "REQUEST":
        answer = "TRUE" if rsvp else "FALSE"
        asked = f";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP={answer}"
    return _named(name, address, asked)


def _named(name: str, address: str, more: str = "") -> str:
    """Somebody's address with a name, and more parameters after it."""
    if not _ADDRESS.fullmatch(address) or clean(address) != address:
        raise ValueError("an address of the invitation is not a plain mail address")
    if shown := bare_name(name):
        more = f";CN={_parameter(shown)}{more}"
    return f"{more}:mailto:{address}"


def _parameter(name: str) -> str:
    """The value of CN. Most names are letters and blanks; icalendar writes the others."""
    if name.replace(" ", "").isalnum():
        return f'"{name}"' if " " in name else name
    written: str = Parameters({"CN": name}).to_ical().decode()
    return written.removeprefix("CN=")


def _as_meant(vevent: Event, calendar: Calendar) -> ShownEvent:
    """By the zone data, which is what clients go by; where that contradicts what we wrote, by the
    zones as the object defines them. An object that nobody touched since shows what was written:
    rules that changed meanwhile are no edit of its person's."""
    shown = _shown(vevent, zones_of(calendar))
    if shown.written is None or shown.hashes.material == shown.written.material:
        return shown
    try:
        then = _shown(vevent, zones_of(calendar, as_defined=True))
    except UNREADABLE:  # of a zone that we know nobody needs the definition
        return shown
    return then if then.hashes.material == shown.written.material else shown


def _shown(vevent: Event, zones: ZoneNamed) -> ShownEvent:
    start = _in_own_zone(vevent.start, vevent["DTSTART"], zones)
    end = _in_own_zone(vevent.end, vevent["DTEND" if "DTEND" in vevent else "DTSTART"], zones)
    starts_at, ends_at = _instant(start), _instant(end)
    summary, location, description = (
        str(vevent.get(name, "")) for name in ("SUMMARY", "LOCATION", "DESCRIPTION")
    )
    hashes = _hashes((starts_at, ends_at), location, summary, description)
    plain = all(isinstance(at, datetime) and at.tzinfo for at in (start, end))
    if not plain or "RRULE" in vevent or "RDATE" in vevent:
        hashes = replace(hashes, material=f"?{hashes.material}")
    attendees = vevent.get("ATTENDEE", [])
    return ShownEvent(
        uid=str(vevent["UID"]),
        starts_at=starts_at,
        ends_at=ends_at,
        summary=summary,
        location=location,
        description=description,
        attendees=tuple(map(_bare, attendees if isinstance(attendees, list) else [attendees])),
        organizer=_bare(vevent.get("ORGANIZER", "")),
        material_fp=_optional(vevent, "X-CALSYNC-MATERIAL"),
        quiet_fp=_optional(vevent, "X-CALSYNC-QUIET"),
        written=_written(_optional(vevent, "X-CALSYNC-SHOWN")),
        hashes=hashes,
        instance=_optional(vevent, "X-CALSYNC-INSTANCE"),
        item=_optional(vevent, "X-CALSYNC-ITEM"),
    )


def _in_own_zone(at: date, written: object, zones: ZoneNamed) -> date:
    """The time that stands there, in the zone that its own object gives the name."""
    name = written.params.get("TZID") if isinstance(written, vDDDTypes) else None
    if name is None or not isinstance(at, datetime):
        return at
    return at.replace(tzinfo=zones(str(name)))


def _optional(vevent: Event, name: str) -> str | None:
    return str(vevent[name]) if name in vevent else None


def _written(text: str | None) -> ContentHashes | None:
    return None if text is None else ContentHashes.read(text)


def _bare(address: str) -> str:
    return re.sub("^mailto:", "", str(address), flags=re.IGNORECASE)


def _instant(at: date) -> datetime:
    if not isinstance(at, datetime):
        return datetime(at.year, at.month, at.day, tzinfo=UTC)
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:  # in the first year of the calendar, or the last: drift like any other
        return at.replace(tzinfo=UTC)


def _hashes(
    instants: tuple[datetime, datetime], location: str, title: str, description: str
) -> ContentHashes:
    times = [_whole_second(at).isoformat() for at in instants]
    return ContentHashes(_hash(*times, location), _hash(title, description))


def _hash(*texts: str) -> str:
    """White space at the ends of lines and of the text does not count: servers trim it."""
    trimmed = ["\n".join(map(str.rstrip, clean(text).split("\n"))).strip() for text in texts]
    return hashlib.sha256("\0".join(trimmed).encode()).hexdigest()[:20]
