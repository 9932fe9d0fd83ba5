"""The desired event: what one participant should see of one session, and its stored form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from html import escape
from typing import Any


class MailCause(StrEnum):
    """What happened that a mail tells of. docs/messages.md shows each as people read it."""

    BOOKED = "booked"
    BOOKED_AGAIN = "booked_again"
    MOVED = "moved"
    LINK = "link"  # another link, passcode or number
    VENUE = "venue"
    PEOPLE = "people"
    UPDATED = "updated"  # nobody knows what its reader saw before
    CANCELLED = "cancelled"
    REMOVED = "removed"  # it takes place without its reader
    REPLACED = "replaced"  # its reader has, or gets, another invitation to it
    IN_CALENDAR = "in_calendar"  # a connected calendar shows it now
    OLD_ADDRESS = "old_address"  # of a reader whose mails go to another mailbox now
    NEW_ADDRESS = "new_address"
    BY_MAIL = "by_mail"  # its calendar is not connected any more
    RESENT = "resent"
    # Of notices: no calendar could be written as it should have been.
    UNSHOWN = "unshown"  # it shows nothing
    OUTDATED = "outdated"  # it shows an old version
    STILL_THERE = "still_there"  # it shows a session that was cancelled
    STILL_THERE_REMOVED = "still_there_removed"  # or one that its reader does not take part in


class CalendarObstacle(StrEnum):
    """Why a calendar could not be written."""

    LOST = "lost"  # we have lost access to it
    MOVED = "moved"  # the person moved the entry to where we cannot see it
    GUESTS = "guests"  # the person added guests, whom a change would mail
    REFUSED = "refused"  # it does not take the entry, or does not answer


@dataclass(frozen=True, slots=True)
class NamedLink:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Details:
    """The parts of a description by themselves.

    kind     "online", "in_person", or "" while nothing is agreed
    label    the conferencing tool as people know it
    name     the reader's own; "" where none can be shown
    people   the others by name, as many as are shown; none of a discreet program
    others   how many there are besides those
    how      how to find the venue or get in
    agenda   where the snippet of the agenda begins and ends in the event's text
    agenda_html  the same in its HTML
    """

    kind: str = ""
    name: str = ""
    label: str = ""
    phone: str = ""
    passcode: str = ""
    people: tuple[str, ...] = ()
    others: int = 0
    how: str = ""
    agenda: tuple[int, int] = (0, 0)
    agenda_html: tuple[int, int] = (0, 0)
    links: tuple[NamedLink, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What a mail tells beside the event. Not stored: its bytes are.

    before       the event that its reader saw last, where the mail says what changed
    older_entry  a calendar that is lost may show an older version
    repeated     an earlier mail to its reader may have the same subject
    obstacle     of a notice: why, and of which calendar: its channel, and the account's address
    file_url     of a notice: where the session is had as a calendar file; "" for nowhere
    """

    cause: MailCause
    before: DesiredEvent | None = None
    older_entry: bool = False
    repeated: bool = False
    obstacle: CalendarObstacle | None = None
    channel: str = ""
    address: str = ""
    file_url: str = ""


@dataclass(frozen=True, slots=True)
class DesiredEvent:
    """What one participant should see, complete: a channel needs nothing else to show it.

    starts_at, ends_at   aware UTC instants
    time_zone            IANA name in which this person reads times
    location             join link, or place and address, or "" while nothing is agreed
    join_url             "" when the session is not online
    url                  View & Edit link, "" when the platform gave none
    text, html           the description, same content; html uses only a b i u br ul ol li p
    private              ask the calendar to hide details from others (discreet programs)
    material_fp, quiet_fp  fingerprints, see core/content/fingerprints.py
    details              None: stored by a version that did not keep them
    told                 for mails; never stored
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str
    join_url: str
    url: str
    text: str
    html: str
    private: bool
    locale: str
    material_fp: str
    quiet_fp: str
    details: Details | None = None
    told: Told | None = field(default=None, compare=False)


def with_line(event: DesiredEvent, line: str) -> DesiredEvent:
    """The event with one more sentence, above its description."""
    text, html = f"{line}\n\n", f"<p>{escape(line)}</p>"
    details = event.details
    if details is not None and details.agenda != (0, 0):
        first, last = details.agenda
        start, end = details.agenda_html
        by, by_html = len(text), len(html)
        details = replace(
            details,
            agenda=(first + by, last + by),
            agenda_html=(start + by_html, end + by_html),
        )
    return replace(event, text=text + event.text, html=html + event.html, details=details)


@lru_cache(maxsize=256)  # what is sent is stored with the call, and then with its copy
def event_to_json(event: DesiredEvent) -> str:
    """The stored form; `event_from_json` reads it back to an equal event."""
    values = {name: getattr(event, name) for name in _STORED}
    for name in ("starts_at", "ends_at"):
        values[name] = values[name].isoformat()
    if event.details is not None:
        values["details"] = {name: getattr(event.details, name) for name in _DETAILS}
        values["details"]["links"] = [
            {"label": one.label, "url": one.url} for one in event.details.links
        ]
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


_STORED = tuple(one.name for one in fields(DesiredEvent) if one.name != "told")
_DETAILS = tuple(one.name for one in fields(Details))


def event_from_json(text: str) -> DesiredEvent:
    """Read what `event_to_json` wrote, in this version or another."""
    stored = json.loads(text)
    values = {one.name: stored[one.name] for one in fields(DesiredEvent) if one.name in stored}
    for name in ("starts_at", "ends_at"):
        values[name] = datetime.fromisoformat(values[name])
    if stored.get("details"):
        values["details"] = _details(stored["details"])
    return DesiredEvent(**values)


def was_private(text: str) -> bool:
    """Whether the event was private that `event_to_json` wrote, without making the whole of it."""
    return bool(json.loads(text).get("private"))


def _details(stored: Mapping[str, Any]) -> Details:
    known = {one.name: stored[one.name] for one in fields(Details) if one.name in stored}
    for name in ("people", "agenda", "agenda_html"):
        known[name] = tuple(known.get(name, getattr(Details(), name)))
    known["links"] = tuple(NamedLink(one["label"], one["url"]) for one in known.get("links", ()))
    return Details(**known)
