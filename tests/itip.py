"""A second opinion on iCalendar text: strict, and written without the library that writes it.

`problems` knows the grammar of RFC 5545 3.1 as far as we use it and the presence tables of RFC 5546
3.2.2 (REQUEST) and 3.2.5 (CANCEL), plus what calsync promises beyond them.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

ONCE, MAYBE, NEVER = (1, 1), (0, 1), (0, 0)

COMMON = {
    "UID": ONCE,
    "DTSTAMP": ONCE,
    "DTSTART": ONCE,
    "DTEND": ONCE,
    "SUMMARY": ONCE,
    "SEQUENCE": ONCE,
    "STATUS": ONCE,
    "TRANSP": ONCE,
    "LOCATION": MAYBE,
    "DESCRIPTION": MAYBE,
    "URL": MAYBE,
    "CLASS": MAYBE,
    "X-CALSYNC-INSTANCE": MAYBE,
    "X-CALSYNC-ITEM": MAYBE,
    "REQUEST-STATUS": NEVER,
    "DURATION": NEVER,
    "X-MICROSOFT-CDO-APPT-SEQUENCE": NEVER,
}
MAILED = {"ORGANIZER": ONCE, "ATTENDEE": ONCE, "X-MICROSOFT-DISALLOW-COUNTER": ONCE}
STORED = {name: ONCE for name in ("X-CALSYNC-MATERIAL", "X-CALSYNC-QUIET", "X-CALSYNC-SHOWN")}
TABLE = {
    "REQUEST": COMMON | MAILED,
    "CANCEL": COMMON | MAILED,
    "": COMMON,
    None: COMMON | STORED,
}
STATUS = {
    "REQUEST": {"CONFIRMED", "TENTATIVE"},
    "CANCEL": {"CANCELLED"},
    "": {"CONFIRMED"},
    None: {"CONFIRMED"},
}
TEXTS = {"SUMMARY", "LOCATION", "DESCRIPTION"}
PARTSTATS = {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"}

_LINE = re.compile(
    r"(?P<name>[A-Z0-9-]+)"
    r'(?P<params>(?:;[A-Z0-9-]+=(?:"[^"\x00-\x1f\x7f]*"|[^";:,\x00-\x1f\x7f]*))*)'
    r":(?P<value>.*)"
)
_PARAM = re.compile(r';([A-Z0-9-]+)=(?:"([^"]*)"|([^";:,]*))')


@dataclass(frozen=True)
class Line:
    name: str
    params: dict[str, str]
    value: str


def lines(data: bytes) -> list[Line]:
    """Unfolded content lines. Raises ValueError with the first thing that is wrong."""
    if not data.endswith(b"\r\n") or re.search(rb"(?<!\r)\n|\r(?!\n)", data):
        raise ValueError("line ends are CRLF, the last one included")
    physical = data[:-2].split(b"\r\n")
    for line in physical:
        if len(line) > 75:
            raise ValueError(f"a line of {len(line)} octets")
        line.decode("utf-8")  # a fold inside a character would not decode
    unfolded = data[:-2].decode("utf-8").replace("\r\n ", "").split("\r\n")
    found = []
    for text in unfolded:
        if re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f]", text):
            raise ValueError("a control character")
        match = _LINE.fullmatch(text)
        if match is None:
            raise ValueError("not a content line")
        params = {name: quoted or plain for name, quoted, plain in _PARAM.findall(match["params"])}
        found.append(Line(match["name"], params, match["value"]))
    return found


def problems(data: bytes, method: str | None, *, answers_read: bool = True) -> list[str]:
    """What a strict reader finds wrong; `method` None is an object for a CalDAV resource, "" a file
    that a person adds themselves. `answers_read`: somebody reads what is answered to a REQUEST."""
    try:
        found = lines(data)
    except ValueError as error:
        return [str(error)]
    zones: list[str] = []
    if method is None:
        found, zones = _without_zones(found)
    begins = [line.value for line in found if line.name == "BEGIN"]
    if begins != ["VCALENDAR", "VEVENT"]:
        return [f"components {begins}: no time zone, alarm or second event belongs here"]
    start = next(i for i, line in enumerate(found) if line.value == "VEVENT")
    head, event = found[1:start], found[start + 1 : -2]
    return [
        *_head(head, method),
        *_counts(event, TABLE[method]),
        *_values(event, method, zones),
        *_people(event, method, "TRUE" if answers_read else "FALSE"),
    ]


def _without_zones(found: list[Line]) -> tuple[list[Line], list[str]]:
    """The other lines, and the names of the zones that the object defines."""
    kept, zones, inside = [], [], False
    for line in found:
        inside = inside or (line.name, line.value) == ("BEGIN", "VTIMEZONE")
        if not inside:
            kept.append(line)
        elif line.name == "TZID":
            zones.append(line.value)
        inside = inside and (line.name, line.value) != ("END", "VTIMEZONE")
    return kept, zones


def _head(head: list[Line], method: str | None) -> list[str]:
    wanted = {"VERSION": ["2.0"], "PRODID": ["-//calsync//calsync 1.0//EN"]}
    wanted |= {"METHOD": [method]} if method else {}
    got: dict[str, list[str]] = {}
    for line in head:
        got.setdefault(line.name, []).append(line.value)
    return [] if got == wanted else [f"calendar properties {got}"]


def _counts(event: list[Line], table: dict[str, tuple[int, int]]) -> list[str]:
    counts = Counter(line.name for line in event)
    wrong = [
        f"{name} {counts[name]} times"
        for name, (least, most) in table.items()
        if not least <= counts[name] <= most
    ]
    return wrong + [f"{name} is not in the table" for name in counts if name not in table]


def _values(event: list[Line], method: str | None, zones: list[str]) -> list[str]:
    wrong, times = [], {}
    local = {"DTSTART", "DTEND"} if zones else set()
    for line in event:
        if line.name in ("DTSTAMP", "DTSTART", "DTEND"):
            times[line.name] = line.value
            params = {"TZID": ",".join(zones)} if line.name in local else {}
            end = "" if line.name in local else "Z"
            if line.params != params or not re.fullmatch(rf"\d{{8}}T\d{{6}}{end}", line.value):
                wrong.append(f"{line.name} is neither in UTC nor in the one zone that is defined")
        if line.name in TEXTS and re.search(r"[\\;,]", re.sub(r"\\[\\;,nN]", "", line.value)):
            wrong.append(f"{line.name} is not escaped")
        if line.name == "STATUS" and line.value not in STATUS[method]:
            wrong.append(f"STATUS {line.value}")
        if line.name == "SEQUENCE" and not line.value.isdecimal():
            wrong.append("SEQUENCE is no number")
        if line.name == "CLASS" and line.value not in ("PUBLIC", "PRIVATE"):
            wrong.append(f"CLASS {line.value}")
    if times.get("DTEND", "") <= times.get("DTSTART", ""):
        wrong.append("DTEND is not after DTSTART")
    return wrong


def _people(event: list[Line], method: str | None, rsvp: str) -> list[str]:
    wrong = []
    for line in event:
        if line.name not in ("ORGANIZER", "ATTENDEE"):
            continue
        if not re.fullmatch(r"mailto:[^\s@:;,\"]+@[^\s@:;,\"]+", line.value):
            wrong.append(f"{line.name} is no mailto URI")
        if line.params.get("PARTSTAT", "NEEDS-ACTION") not in PARTSTATS:
            wrong.append("PARTSTAT")
        if line.params.get("RSVP", "FALSE") not in ("TRUE", "FALSE"):
            wrong.append("RSVP")
        if "SENT-BY" in line.params:
            wrong.append("SENT-BY is read differently everywhere")
        asked = line.params.get("RSVP")
        if line.name == "ATTENDEE" and method == "REQUEST" and asked != rsvp:
            wrong.append(f"RSVP={asked} asks for an answer, or for none, in place of {rsvp}")
    return wrong
