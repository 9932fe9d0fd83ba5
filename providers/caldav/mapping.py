"""Calendar objects as sightings, and our fields written into what a person has edited. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote, urlsplit

from calsync.core.address import address_key
from calsync.core.calls import PreparedRequest, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.content.folding import folded
from calsync.core.content.icalendar import ContentHashes, ShownEvent, read_calendar_object
from calsync.core.ledger import Copy, Marker
from calsync.errors import TryLater
from calsync.untrusted.reading import reads
from calsync.untrusted.values import number
from providers import fields
from providers.caldav.client import CalendarObject
from providers.fields import Marks

# The fields we write; the others of an event are the user's after it was created.
OWNED = frozenset(
    {"DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "SEQUENCE"}
)
MARKER = "X-CALSYNC-"
# Said of an owned field in other words, or wrong once it is written: a session is one event at one
# time, and these clients show their own form of description and location first.
SUPERSEDED = frozenset(
    {
        "LAST-MODIFIED",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "EXRULE",
        "X-ALT-DESC",
        "X-APPLE-STRUCTURED-LOCATION",
        "GEO",
    }
)

_TZID = re.compile(r';TZID="?([^":;]+)', re.IGNORECASE)
LARGEST = 2**31 - 1  # RFC 5545 3.3.8: an INTEGER is no larger

Lines = Sequence[str]


def object_key(copy: Copy) -> str:
    """Where the copy is: the path it was seen at, before that its own name in the calendar."""
    return copy.remote_id or new_key(copy)


def new_key(copy: Copy) -> str:
    return object_name(copy.uid)


def object_name(uid: str) -> str:
    """The name in its calendar of what is made with this uid."""
    return f"{quote(uid, safe='')}.ics"


def remote_id(url: str) -> str:
    return urlsplit(url).path


@reads
def read_object(there: CalendarObject) -> ShownEvent:
    """What it shows. Raises TryLater for what is no calendar object."""
    try:
        return read_calendar_object(there.data)
    except ValueError as error:
        raise unreadable(error) from None


def unreadable(error: ValueError) -> TryLater:
    """A login page of something in between looks like this as well, and will pass."""
    text = "not UTF-8" if isinstance(error, UnicodeError) else str(error)
    return TryLater(f"200 with {text}", happened="no")


def sighting(found: CalendarObject, shown: ShownEvent, address: str) -> Sighting:
    """What one object shows; `address` is the calendar owner's.

    Where nothing says what was written, an edit is drift of both fingerprints.
    """
    marks = None
    if shown.material_fp is not None and shown.quiet_fp is not None:
        sent = shown.written or ContentHashes("", "")
        marks = Marks(shown.material_fp, shown.quiet_fp, sent, shown.hashes)
    guests, where = has_guests(shown, address), remote_id(found.url)
    span = (shown.starts_at, shown.ends_at) if shown.is_plain else None
    return fields.sighting(where, found.etag, shown.uid, marks, guests=guests, span=span)


def has_guests(shown: ShownEvent, address: str) -> bool:
    """We invite nobody: anyone besides the calendar's owner was added by hand."""
    owner = address_key(address)
    return any(address_key(one) != owner for one in shown.attendees)


def shows(data: bytes, prepared: PreparedRequest) -> bool:
    """Whether the stored object carries the owned fields and markers of the wire."""
    stored, sent = read_calendar_object(data), read_calendar_object(prepared.body)
    marks = (stored.uid, stored.material_fp, stored.quiet_fp, stored.hashes)
    return marks == (sent.uid, prepared.material_fp, prepared.quiet_fp, sent.hashes)


def says_the_same(one: bytes, other: bytes) -> bool:
    """Both have the same lines, in whatever order a server has put them."""
    return one == other or sorted(_lines(one)) == sorted(_lines(other))


@reads
def merged(theirs: bytes, ours: bytes) -> bytes:
    """Their object with our fields: every other line of the event stays as the person left it,
    alarms and categories included. A series becomes the one event again. Zones are defined as we
    define them, and only those that are named.

    Raises ValueError when it has no event.
    """
    (around, event), (our_around, our_event) = _parts(theirs), _parts(ours)
    rest, their_zones = _without_zones(around)
    written = list(_own(our_event))
    hides = "CLASS" in map(_name, written)  # ours only while we set it
    new = [line for line in written if _is_ours(_name(line)) or _name(line) == "CLASS"]
    sequence = max(_sequence([*new, *_own(event)]))
    inside = [
        *(line for line in new if _name(line) != "SEQUENCE"),
        # A lower one would make the event look older than what the person's devices have.
        f"SEQUENCE:{sequence}",
        *_kept(event[1:-1], without="CLASS" if hides else ""),
    ]
    zones = their_zones | _without_zones(our_around)[1]
    named = {zone for line in inside for zone in _TZID.findall(line)}
    defined = [line for zone, block in zones.items() if zone in named for line in block]
    lines = [*rest[:-1], *defined, event[0], *inside, event[-1], rest[-1]]
    return b"".join(folded(line) + b"\r\n" for line in lines)


@reads
def adopted(theirs: bytes, event: DesiredEvent, marker: Marker) -> bytes:
    """Their object marked as ours showing `event`, every other line as it was. Raises ValueError
    when it has no event."""
    around, theirs_event = _parts(theirs)
    shown = read_calendar_object(theirs)
    same = (shown.starts_at, shown.ends_at) == (event.starts_at, event.ends_at)
    sent = fields.as_adopted(shown.hashes, same_times=same)
    marks = {
        "MATERIAL": event.material_fp,
        "QUIET": event.quiet_fp,
        "SHOWN": str(sent),
        "INSTANCE": marker.instance,
        "ITEM": marker.item,
    }
    lines = [f"{MARKER}{name}:{value}" for name, value in marks.items()]
    kept = [line for line in theirs_event[1:-1] if not _name(line).startswith(MARKER)]
    whole = [*around[:-1], theirs_event[0], *lines, *kept, theirs_event[-1], around[-1]]
    return b"".join(folded(line) + b"\r\n" for line in whole)


def is_adoptable(shown: ShownEvent) -> bool:
    """One event at one time, which calsync never marked; see `ContentHashes` of a series."""
    return shown.material_fp is None and shown.is_plain


def is_shared(shown: ShownEvent, address: str) -> bool:
    """It has guests, or is the person's copy of somebody else's event."""
    organizer = shown.organizer
    return has_guests(shown, address) or bool(organizer and not _is(organizer, address))


def _is(one: str, address: str) -> bool:
    return address_key(one) == address_key(address)


def _parts(data: bytes) -> tuple[Lines, Lines]:
    """The lines around the events, and those of the event (of a series: of its master)."""
    around: list[str] = []
    events: list[list[str]] = []
    path: list[str] = []
    for line in _lines(data):
        if _name(line) == "BEGIN":
            path.append(_value(line).upper())
            if path[1:] == ["VEVENT"]:
                events.append([])
        if path[1:2] == ["VEVENT"]:
            events[-1].append(line)
        elif _name(line) != "METHOD":
            around.append(line)
        if _name(line) == "END":
            path.pop()
    masters = [one for one in events if "RECURRENCE-ID" not in map(_name, _own(one))]
    if not events or path:
        raise ValueError("no event in this calendar object")
    return around, (masters or events)[0]


def _without_zones(around: Lines) -> tuple[Lines, dict[str, Lines]]:
    """The other lines around the events, and those of each VTIMEZONE by its TZID."""
    rest: list[str] = []
    zones: dict[str, Lines] = {}
    block: list[str] = []
    for line in around:
        mark = _name(line), _value(line).upper()
        into = block if block or mark == ("BEGIN", "VTIMEZONE") else rest
        into.append(line)
        if mark == ("END", "VTIMEZONE"):
            zones.update((_value(one), block) for one in block if _name(one) == "TZID")
            block = []
    return rest, zones


def _lines(data: bytes) -> list[str]:
    """The unfolded lines. Only real line ends count: texts may hold others (U+2028). What has no
    colon is none (RFC 5545 3.1)."""
    unfolded = re.sub("\r?\n[ \t]", "", data.decode("utf-8-sig"))
    return [line for line in re.split("\r?\n", unfolded) if ":" in line]


def _name(line: str) -> str:
    return re.split("[:;]", line, maxsplit=1)[0].strip().upper()


def _value(line: str) -> str:
    return line.partition(":")[2].strip()


def _is_ours(name: str) -> bool:
    return name in OWNED or name.startswith(MARKER)


def _levels(block: Lines) -> Iterator[tuple[int, str]]:
    """Each line with how many components begun inside the block it lies in."""
    depth = 0
    for line in block:
        depth += _name(line) == "BEGIN"
        yield depth, line
        depth -= _name(line) == "END"


def _own(event: Lines) -> Iterator[str]:
    """The lines of the event itself, without those of its alarms."""
    return (line for depth, line in _levels(event[1:-1]) if depth == 0)


def _kept(inside: Lines, *, without: str) -> Iterator[str]:
    for depth, line in _levels(inside):
        name = _name(line)
        if depth or not (_is_ours(name) or name in SUPERSEDED or name == without):
            yield line


def _sequence(lines: Iterable[str]) -> Iterator[int]:
    yield 0
    for line in lines:
        value = number(line.rpartition(":")[2].strip()) if _name(line) == "SEQUENCE" else None
        if value is not None and 0 <= value <= LARGEST:
            yield int(value)
