"""What a test or a reader of the page sees of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from calsync.sandbox.google.google_event import Entry
from calsync.sandbox.microsoft.graph_event import OutlookEntry
from calsync.sandbox.microsoft.outlook_calendar import SHOWN_FOLDERS, TENTATIVE
from calsync.sandbox.records import Mail, Request, ShownEvent
from calsync.sandbox.world import World


class Watching(World):
    """Everything that can be looked at."""

    def shown(self, person: str) -> list[ShownEvent]:
        """What this person sees, over all calendars, by start."""
        with self.lock:
            box = self.box_of(person)
            events = box.shown()
            if box.google is not None:
                second = self.google.seconds.get(person)
                for calendar in (box.google, *([second] if second is not None else [])):
                    entries = calendar.entries.values()
                    events += [shown_entry(one) for one in entries if one.is_live]
            if box.outlook is not None:
                kept = box.outlook.entries.values()
                events += [
                    shown_in_outlook(one)
                    for one in kept
                    if one.folder in SHOWN_FOLDERS and not one.cancelled
                ]
        view = self.views.get(person)
        if view is not None:
            events += view()
        return sorted(events, key=lambda one: (one.starts_at, one.title, one.id))

    def mails(self, person: str) -> list[Mail]:
        """The person's mails, oldest first."""
        with self.lock:
            return list(self.box_of(person).mails)

    def events(self, person: str) -> list[dict[str, Any]]:
        """The person's Google resources as stored, tombstones included."""
        with self.lock:
            calendar = self.google.calendars[person]
            return [dict(one.resource) for one in calendar.entries.values()]

    def outlook_events(self, person: str) -> list[dict[str, Any]]:
        """The person's Graph resources in UTC with immutable ids, deleted items included.

        Beside Graph's properties: folder (calendar, other, deleted), content (the body as sent) and
        singleValueExtendedProperties.
        """
        with self.lock:
            return self.graph.stored(person)

    def outbox(self) -> list[dict[str, Any]]:
        """Mails that Google and Exchange would have sent because of API calls."""
        with self.lock:
            return self.google.outbox + self.graph.outbox

    def violations(self) -> list[str]:
        """What callers did against the providers' descriptions of their APIs or the contract."""
        with self.lock:
            return self.google.violations + self.graph.violations

    def requests(self, person: str | None = None) -> list[Request]:
        """Requests to the providers' APIs and token endpoints, oldest first."""
        with self.lock:
            return [one for one in self.log if person is None or one.person == person]

    def counts(self, path_contains: str = "") -> dict[str, dict[str, int]]:
        """How many requests each person's credentials made, by method."""
        totals: dict[str, dict[str, int]] = {}
        for one in self.requests():
            if path_contains in one.path:
                methods = totals.setdefault(one.person, {})
                methods[one.method] = methods.get(one.method, 0) + 1
        return totals

    def google_usage(self) -> dict[str, int]:
        """Of Google's quota since `google_quota`: answered and refused requests, and the most in
        any minute: project_minute, person_minute."""
        with self.lock:
            return self.google.quota.told()

    def forget_requests(self) -> None:
        """Empty the request log, the violations and the outbox."""
        with self.lock:
            self.log.clear()
            self.google.violations.clear()
            self.google.outbox.clear()
            self.graph.violations.clear()
            self.graph.outbox.clear()

    def wait_for(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Poll until it is true. Raises TimeoutError."""
        until = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > until:
                raise TimeoutError(f"not true within {seconds} s")
            time.sleep(0.01)


def shown_entry(entry: Entry) -> ShownEvent:
    """A Google event as its person sees it."""
    event = entry.resource
    attendees = event.get("attendees", ())
    return ShownEvent(
        title=event.get("summary", ""),
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        location=event.get("location", ""),
        description=event.get("description", ""),
        where="google",
        uid=event["iCalUID"],
        id=event["id"],
        status=event["status"],
        ours=bool(event["organizer"].get("self")),
        guests=tuple(one["email"] for one in attendees if not one.get("self")),
        url=event.get("source", {}).get("url", ""),
        changed_at=entry.updated_at,
    )


def shown_in_outlook(entry: OutlookEntry) -> ShownEvent:
    """An Outlook event as its person sees it; the uid of a mailed one is its mail's."""
    fields = entry.fields
    return ShownEvent(
        title=fields.get("subject", ""),
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        location=(fields.get("location") or {}).get("displayName") or "",
        description=(fields.get("body") or {}).get("content") or "",
        where="outlook",
        uid=entry.invited[1] if entry.invited else entry.uid,
        id=entry.id,
        status="tentative" if entry.response == TENTATIVE else "confirmed",
        ours=entry.invited is None,
        guests=tuple(entry.guests),
    )
