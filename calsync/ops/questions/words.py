"""States in plain words, for operators and for the platform."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from calsync.core.content.visibility import Visibility, VisibilityState
from calsync.core.ledger import MAIL

V = VisibilityState
CALENDARS = {"google": "Google Calendar", "outlook": "Outlook", "caldav": "their CalDAV calendar"}
WHERE = {
    V.CALENDAR: "in {place}",
    V.MAIL: "invited by mail to {address}",
    V.COMING: "on its way to {place}",
    V.LATER: "announced; the invitation to {address} follows",
    V.HELD: "waits until somebody approves its batch",
    V.REMOVED: "removed from {place} by the person",
    V.TAKEN: "made an event of their own by the person, in {place}",
    V.BEFORE: "put there before, by another system or into a calendar that is lost",
    V.THROUGH: "seen through another address or id of the same person",
    V.TROUBLE: "not shown",
}


def where(one: Visibility) -> str:
    """Where a person finds the session, as the end of "it is ..."."""
    address = one.address or "nobody"
    if one.channel == MAIL:
        place = f"the mailbox of {address}"
    else:
        place = f"{CALENDARS.get(one.channel or '', one.channel)} ({address})"
    return WHERE[one.state].format(place=place, address=address)


def local(at: datetime, zone: str) -> str:
    """An instant as it is read in a zone: "Thu 3 Dec 2026, 15:00 America/Toronto"."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} {zone}"
