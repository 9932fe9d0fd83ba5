"""What people do to their calendars and mails by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from calsync.sandbox.world import World


class Acting(World):
    """The acts of people. `id` is Google's, or the uid of an event that a mail client keeps."""

    def user_deletes(self, person: str, event_id: str) -> None:
        """The person removes an event, Google's by id or a mailed one by uid."""
        with self.lock:
            box = self.box_of(person)
            if box.google is not None and event_id in box.google.entries:
                box.google.edit_by_hand(event_id, {"status": "cancelled"})
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
            entry = self.entry_of(person, event_id)
            end = ends_at or starts_at + (entry.ends_at - entry.starts_at)
            times = {
                "start": {"dateTime": starts_at.isoformat()},
                "end": {"dateTime": end.isoformat()},
            }
            self.google.calendars[person].edit_by_hand(event_id, times)

    def user_edits(self, person: str, event_id: str, **fields: Any) -> None:
        """The person changes fields of an event, by Google's names."""
        with self.lock:
            self.entry_of(person, event_id)
            self.google.calendars[person].edit_by_hand(event_id, fields)

    def user_adds_guest(self, person: str, event_id: str, guest: str) -> None:
        """The person invites somebody to an event."""
        with self.lock:
            there = self.entry_of(person, event_id).resource.get("attendees", [])
            me = {"email": person, "organizer": True, "responseStatus": "accepted"}
            guests = [*(there or [me]), {"email": guest}]
            self.google.calendars[person].edit_by_hand(event_id, {"attendees": guests})

    def user_responds(self, person: str, uid: str, answer: str = "accepted") -> None:
        """The person answers a mailed invitation: accepted, declined or tentative."""
        with self.lock:
            self.box_of(person).respond(uid, answer)

    def user_opens_mails(self, person: str) -> None:
        """The person reads everything, which lets Exchange act on it."""
        with self.lock:
            self.box_of(person).open_mails()

    def purge_tombstones(self, person: str) -> None:
        """Google forgets the person's deleted events for good."""
        with self.lock:
            self.google.calendars[person].purge()
