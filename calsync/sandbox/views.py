"""Calendars that live elsewhere, shown beside the sandbox's own: a CalDAV collection by URL."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.request import Request, urlopen
from zoneinfo import ZoneInfo

from icalendar import Calendar

from calsync.sandbox.invite import read_event
from calsync.sandbox.records import ShownEvent

View = Callable[[], list[ShownEvent]]


@dataclass(frozen=True, slots=True)
class Collection:
    """A CalDAV collection that answers a plain GET with all its events, as Radicale does."""

    url: str
    username: str
    password: str = field(repr=False)
    zone: str = "UTC"

    def __call__(self) -> list[ShownEvent]:
        """Raises OSError when the server cannot be read, ValueError when it sends no calendar."""
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"{self.url} is not an http or https address")
        request = Request(self.url)  # noqa: S310  checked above
        pair = f"{self.username}:{self.password}".encode()
        request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            calendar = Calendar.from_ical(answer.read())
        return [self._shown(event) for event in calendar.walk("VEVENT")]

    def _shown(self, event: object) -> ShownEvent:
        one = read_event(event, ZoneInfo(self.zone))
        return ShownEvent(
            title=one.title,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            location=one.location,
            description=one.description,
            where="caldav",
            uid=one.uid,
            id=one.uid,
            status="confirmed",
            ours=not one.organizer,
            guests=one.attendees,
            url=one.url,
        )
