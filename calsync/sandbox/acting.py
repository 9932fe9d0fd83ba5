"""What people do to their calendars and mails by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from calsync.sandbox.microsoft.graph_event import OutlookEntry
from calsync.sandbox.microsoft.outlook_calendar import utc_time
from calsync.sandbox.world import World


class Acting(World):
    """The acts of people. `id` is a provider's, or the uid of an event that came by mail."""

    def user_deletes(self, person: str, event_id: str) -> None:
        """The person removes an event."""
        with self.lock:
            box = self.box_of(person)
            outlook = self._in_outlook(person, event_id)
            if outlook is not None:
                self.graph.calendars[person].move(outlook, "deleted")
            elif box.google is not None and event_id in box.google.entries:
                calendar = self.google.holding(person, event_id)
                calendar.edit_by_hand(event_id, {"status": "cancelled"})
            else:
                box.remove(event_id)

    def user_moves(
        self,
        person: str,
        event_id: str,
        starts_at: datetime,
        ends_at: datetime | None = None,
    ) -> None:
        """The person drags an event elsewhere; it keeps its length unless `ends_at` is given."""
        with self.lock:
            outlook = self._in_outlook(person, event_id)
            entry = outlook or self.entry_of(person, event_id)
            end = ends_at or starts_at + (entry.ends_at - entry.starts_at)
            if outlook is not None:
                moved = {"start": utc_time(starts_at), "end": utc_time(end)}
                self.graph.calendars[person].edit_by_hand(outlook, moved)
                return
            times = {
                "start": {"dateTime": starts_at.isoformat()},
                "end": {"dateTime": end.isoformat()},
            }
            self.google.holding(person, event_id).edit_by_hand(event_id, times)

    def user_edits(self, person: str, event_id: str, **fields: Any) -> None:
        """The person changes fields of an event, by its provider's names."""
        with self.lock:
            outlook = self._in_outlook(person, event_id)
            if outlook is not None:
                self.graph.calendars[person].edit_by_hand(outlook, fields)
                return
            self.entry_of(person, event_id)
            self.google.holding(person, event_id).edit_by_hand(event_id, fields)

    def user_adds_guest(self, person: str, event_id: str, guest: str) -> None:
        """The person invites somebody to an event."""
        with self.lock:
            outlook = self._in_outlook(person, event_id)
            if outlook is not None:
                added = {"emailAddress": {"address": guest, "name": guest}}
                all_guests = {"attendees": [*outlook.fields["attendees"], added]}
                self.graph.calendars[person].edit_by_hand(outlook, all_guests)
                return
            there = self.entry_of(person, event_id).resource.get("attendees", [])
            me = {"email": person, "organizer": True, "responseStatus": "accepted"}
            guests = [*(there or [me]), {"email": guest}]
            self.google.holding(person, event_id).edit_by_hand(event_id, {"attendees": guests})

    def user_moves_to_other_calendar(self, person: str, event_id: str) -> None:
        """The person puts an event into a second calendar. In Outlook its default id changes; in
        Google it keeps its id, and comes back to the first calendar when it is moved again."""
        with self.lock:
            outlook = self._in_outlook(person, event_id)
            if outlook is not None:
                self.graph.calendars[person].move(outlook, "other")
                return
            self.entry_of(person, event_id)
            here, first = self.google.holding(person, event_id), self.google.calendars[person]
            here.move_to(event_id, self.google.open_second(person) if here is first else first)

    def user_copies(self, person: str, event_id: str) -> str:
        """The person duplicates an Outlook event; gives the twin's immutable id."""
        with self.lock:
            calendar = self.graph.calendars[person]
            return calendar.copy(calendar.find(event_id)).id

    def user_responds(self, person: str, uid: str, answer: str = "accepted") -> None:
        """The person answers a mailed invitation: accepted, declined or tentative."""
        with self.lock:
            self.box_of(person).respond(uid, answer)

    def user_opens_mails(self, person: str) -> None:
        """The person reads everything, which lets Exchange act on it."""
        with self.lock:
            self.box_of(person).open_mails()

    def purge_tombstones(self, person: str) -> None:
        """The providers forget the person's deleted events for good."""
        with self.lock:
            for calendars in (self.google.calendars, self.google.seconds, self.graph.calendars):
                if person in calendars:
                    calendars[person].purge()

    def _in_outlook(self, person: str, event_id: str) -> OutlookEntry | None:
        """The event, when it is one of this person's in Outlook."""
        calendar = self.graph.calendars.get(person)
        try:
            return calendar.find(event_id) if calendar else None
        except KeyError:
            return None
