"""One Google calendar and its memory, tombstones included. What it answers follows Google's
reference and public reports; where those disagree, the sandbox's switches decide."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from calsync.sandbox.google.google_error import GoogleError
from calsync.sandbox.google.google_event import (
    UNKNOWN_NAMES,
    Entry,
    EventFilter,
    Resource,
    as_guests,
    in_zone,
    mailed_fields,
    merge,
    reformatted,
    stamp,
    without_nulls,
)
from calsync.sandbox.invite import Invite
from calsync.sandbox.switches import Switches

CLIENT_ID = re.compile(r"[0-9a-v]{5,1024}")
# What a guest may change on the own copy; the rest belongs to the organizer.
OWN_COPY = frozenset({"reminders", "colorId", "transparency", "visibility", "extendedProperties"})


class GoogleCalendar:
    """One calendar of an account, by its id: the primary one's is the owner's address. Callers hold
    the sandbox's lock."""

    def __init__(
        self, owner: str, zone: str, switches: Switches, clock: Callable[[], datetime]
    ) -> None:
        self.owner = owner
        self.zone = ZoneInfo(zone)
        self.entries: dict[str, Entry] = {}
        self._by_uid: dict[str, list[str]] = {}
        self._switches = switches
        self._clock = clock
        self._last_change = datetime.min.replace(tzinfo=UTC)

    # What the API does

    def insert(self, body: Mapping[str, Any]) -> Resource:
        """Raises GoogleError: 400 for a bad id or times, 409 duplicate for a known id or uid."""
        fields = without_nulls(body)
        if "id" in fields and "iCalUID" in fields:
            raise GoogleError(400, "invalid", "Only one of id and iCalUID may be given.")
        event_id = fields.get("id") or secrets.token_hex(13)
        if not CLIENT_ID.fullmatch(event_id):
            raise GoogleError(400, "invalid", "Invalid resource id value.")
        uid = fields.get("iCalUID") or f"{event_id}@google.com"
        self._refuse_duplicate(event_id, fields.get("iCalUID"))
        starts_at, ends_at = self._times(fields)
        resource: Resource = {
            "kind": "calendar#event",
            "etag": "",
            "id": event_id,
            "status": "confirmed",
            "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
            "created": "",
            "updated": "",
            "creator": {"email": self.owner, "self": True},
            "organizer": {"email": self.owner, "self": True},
            "iCalUID": uid,
            "sequence": 0,
            "reminders": {"useDefault": True},
            "eventType": "default",
            **fields,
        }
        return self._store(Entry(resource, starts_at, ends_at, starts_at), is_new=True)

    def get(self, event_id: str) -> Resource:
        """Tombstones are answered too. Raises GoogleError 404."""
        return self._answer(self._find(event_id))

    def patch(
        self, event_id: str, body: Mapping[str, Any], if_match: str | None = None
    ) -> Resource:
        """Merge the body into the event; null removes a field. Raises GoogleError."""
        entry = self._find(event_id)
        self._refuse_stale(entry, if_match)
        if not entry.is_live:
            self._patch_tombstone(entry, body)
        elif not entry.resource["organizer"].get("self"):
            body = self._guest_patch(body)
        return self._change(entry, body) if body else self._answer(entry)

    def delete(self, event_id: str, if_match: str | None = None) -> Resource:
        """Leaves a tombstone and gives the event as it was. Raises GoogleError 404, 410, 412."""
        entry = self._find(event_id)
        if not entry.is_live:
            raise GoogleError(410, "deleted", "Resource has been deleted")
        self._refuse_stale(entry, if_match)
        before = dict(entry.resource)
        self._change(entry, {"status": "cancelled"})
        return before

    def matching(self, query: Mapping[str, list[str]]) -> Iterator[Resource]:
        """The events that a list call asks for, in the order of their making."""
        wanted = EventFilter(query, self._switches)
        uids = query.get("iCalUID")
        ids = list(self.entries) if uids is None else self._by_uid.get(uids[0], [])
        for event_id in ids:
            entry = self.entries[event_id]
            if wanted.fits(entry):
                yield self._answer(entry)

    # What people and mails do

    def put_mailed(self, invite: Invite) -> None:
        """A mailed invitation becomes an event of its foreign organizer, or updates it."""
        known = [self.entries[one] for one in self._by_uid.get(invite.uid, ())]
        fields = mailed_fields(invite)
        for entry in known:
            if entry.resource["organizer"].get("email") == invite.organizer:
                fields["sequence"] = max(invite.sequence, entry.resource["sequence"])
                self._change(entry, fields)
                entry.by_hand = False
                return
        if known:
            return  # somebody else's UID: not this organizer's to change
        event_id = "_" + base64.b32hexencode(invite.uid.encode()).decode().rstrip("=").lower()
        starts_at, ends_at = self._times(fields)
        resource = {
            "kind": "calendar#event",
            "etag": "",
            "id": event_id,
            "htmlLink": f"https://www.google.com/calendar/event?eid={event_id}",
            "created": "",
            "updated": "",
            "creator": {"email": self.owner, "self": True},
            "organizer": {"email": invite.organizer},
            "iCalUID": invite.uid,
            "reminders": {"useDefault": True},
            "eventType": "default",
            **fields,
        }
        self._store(Entry(resource, starts_at, ends_at, starts_at), is_new=True)

    def cancel_mailed(self, uid: str, organizer: str) -> None:
        """A mailed CANCEL removes its organizer's event and no other."""
        for event_id in self._by_uid.get(uid, ()):
            entry = self.entries[event_id]
            if entry.resource["organizer"].get("email") == organizer and entry.is_live:
                self._change(entry, {"status": "cancelled"})

    def edit_by_hand(self, event_id: str, fields: Mapping[str, Any]) -> Resource:
        """What the person changes in the calendar's own pages. Raises GoogleError 404."""
        entry = self._find(event_id)
        entry.by_hand = fields.get("status") == "cancelled"
        return self._change(entry, fields)

    def move_to(self, event_id: str, other: GoogleCalendar) -> None:
        """The person puts an event into another calendar: it keeps its id there, is organised by
        that calendar, and leaves a tombstone that tells nothing but its id. Raises GoogleError 404.
        https://developers.google.com/workspace/calendar/api/v3/reference/events/move"""
        entry = self._find(event_id)
        moved = dict(entry.resource) | {"organizer": {"email": other.owner, "self": True}}
        if self._switches["moved_properties"] == "lost":
            moved.pop("extendedProperties", None)
        other.take(replace(entry, resource=moved))
        self._change(entry, {"status": "cancelled"})

    def take(self, entry: Entry) -> None:
        """An event from elsewhere, also one that was here before."""
        known = self.entries.pop(entry.resource["id"], None)
        if known is not None:
            self._by_uid[known.resource["iCalUID"]].remove(entry.resource["id"])
        self._store(entry, is_new=True)

    def purge(self) -> None:
        """Forget the tombstones, as Google does eventually."""
        for event_id in [one for one, entry in self.entries.items() if not entry.is_live]:
            uid = self.entries.pop(event_id).resource["iCalUID"]
            self._by_uid[uid].remove(event_id)

    # Rules

    def _find(self, event_id: str) -> Entry:
        entry = self.entries.get(event_id)
        if entry is None:
            raise GoogleError(404, "notFound", "Not Found")
        return entry

    def _refuse_duplicate(self, event_id: str, uid: str | None) -> None:
        known = self.entries.get(event_id)
        if known is not None:
            revive = self._switches["insert_over_tombstone"] == "revived"
            if known.is_live or not revive:
                raise duplicate()
            self._by_uid[known.resource["iCalUID"]].remove(event_id)
        if uid in self._by_uid and self._switches["repeated_uid"] == "conflict":
            raise duplicate()

    def _refuse_stale(self, entry: Entry, if_match: str | None) -> None:
        if if_match not in (None, "*", entry.resource["etag"]):
            raise GoogleError(412, "conditionNotMet", "Precondition Failed", "If-Match")

    def _patch_tombstone(self, entry: Entry, body: Mapping[str, Any]) -> None:
        rule = self._switches["patch_tombstone"]
        revives = body.get("status") in ("confirmed", "tentative")
        # https://github.com/googleapis/google-api-ruby-client/issues/1811
        if rule == "forbidden" or (rule == "kept" and revives and entry.by_hand):
            raise GoogleError(403, "forbidden", "Forbidden")
        if rule == "gone":
            raise GoogleError(410, "deleted", "Resource has been deleted")
        if rule == "revived":
            entry.resource["status"] = "confirmed"

    def _guest_patch(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        rule = self._switches["guest_patch"]
        shared = body.keys() - OWN_COPY
        if rule == "local" or not shared:
            return body
        if rule == "forbidden":
            raise GoogleError(
                403,
                "forbiddenForNonOrganizer",
                "Shared properties can only be changed by the organizer of the event.",
            )
        return {name: value for name, value in body.items() if name in OWN_COPY}

    def _change(self, entry: Entry, body: Mapping[str, Any]) -> Resource:
        merged = merge(entry.resource, body)
        for name in ("id", "iCalUID"):
            if merged.get(name) != entry.resource[name]:
                raise GoogleError(400, "invalid", f"{name} cannot be changed.")
        if merged.get("sequence", 0) < entry.resource.get("sequence", 0):
            raise GoogleError(400, "invalid", "Invalid sequence value.")
        merged.setdefault("status", "confirmed")
        starts_at, ends_at = self._times(merged)
        moved = (starts_at, ends_at) != (entry.starts_at, entry.ends_at)
        ended = merged["status"] != entry.resource["status"]
        if (moved or ended) and "sequence" not in body:
            merged["sequence"] = entry.resource.get("sequence", 0) + 1
        quiet = set(body) == {"reminders"}
        entry.resource, entry.starts_at, entry.ends_at = merged, starts_at, ends_at
        return self._store(entry, keep_updated=quiet)

    def _store(self, entry: Entry, *, is_new: bool = False, keep_updated: bool = False) -> Resource:
        now = max(self._clock(), self._last_change + timedelta(milliseconds=1))
        self._last_change = now
        resource = entry.resource
        resource["etag"] = f'"{int(now.timestamp() * 1000) * 2}"'
        if not keep_updated:
            entry.updated_at = now
            resource["updated"] = stamp(now)
        if is_new:
            resource["created"] = stamp(now)
            self.entries[resource["id"]] = entry
            self._by_uid.setdefault(resource["iCalUID"], []).append(resource["id"])
        if "attendees" in resource:
            resource["attendees"] = as_guests(resource["attendees"], self.owner)
        if "description" in resource and self._switches["description"] == "reformatted":
            resource["description"] = reformatted(resource["description"])
        return self._answer(entry)

    def _answer(self, entry: Entry) -> Resource:
        if entry.is_live or self._switches["tombstone_details"] == "keep":
            return entry.resource
        return {name: entry.resource[name] for name in ("kind", "etag", "id", "status")}

    def _times(self, fields: Resource) -> tuple[datetime, datetime]:
        """Both instants; start and end are rewritten in the calendar's zone, as Google does."""
        instants = []
        unknown = UNKNOWN_NAMES[str(self._switches["renamed_zone"])]
        for name in ("start", "end"):
            if fields[name].get("timeZone") in unknown:
                raise unknown_zone(name)
            fields[name], instant = in_zone(fields[name], self.zone, name)
            instants.append(instant)
        if instants[1] < instants[0]:
            raise GoogleError(400, "timeRangeEmpty", "The specified time range is empty.")
        return instants[0], instants[1]


def unknown_zone(name: str) -> GoogleError:
    """Of a zone that exists: which of them Google knows by now is told nowhere."""
    error = GoogleError(400, "invalid", f"Invalid time zone definition for {name} time.")
    error.blameless = True
    return error


def duplicate() -> GoogleError:
    return GoogleError(409, "duplicate", "The requested identifier already exists.")
