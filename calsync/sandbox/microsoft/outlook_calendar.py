"""One Outlook mailbox's events and its memory, deleted items included. What it answers follows
Microsoft's reference and public reports; where those disagree, the sandbox's switches decide."""

from __future__ import annotations

import base64
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.sandbox.invite import Invite
from calsync.sandbox.microsoft.graph_error import GraphError
from calsync.sandbox.microsoft.graph_event import (
    Change,
    OutlookEntry,
    an_id,
    foreign_uid,
    new_uid,
    read_properties,
    read_time,
)
from calsync.sandbox.microsoft.graph_schema import GraphSchema
from calsync.sandbox.switches import Switches

SHOWN_FOLDERS = frozenset({"calendar", "other"})
TENTATIVE, ACCEPTED = "tentativelyAccepted", "accepted"


class OutlookCalendar:
    """The calendars of one account. Callers hold the sandbox's lock.

    `oid` is the account's object id in its directory, `id` that of its default calendar,
    `other_id` that of a second one. `version` counts changes, `ended` says in which version an
    event ended for good, and its default id. `on_change` hears what becomes of shown events.
    """

    def __init__(
        self,
        owner: str,
        schema: GraphSchema,
        switches: Switches,
        clock: Callable[[], datetime],
        on_change: Callable[[OutlookCalendar, Change], None],
    ) -> None:
        self.owner = owner
        self.name = owner
        self.oid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{owner}"))
        self.id, self.other_id = an_id("AQMk"), an_id("AQMk")
        self.entries: dict[str, OutlookEntry] = {}
        self.version = 0
        self.ended: dict[str, tuple[int, str]] = {}
        self._transactions: dict[str, tuple[Mapping[str, Any], OutlookEntry]] = {}
        self._schema = schema
        self._switches = switches
        self._clock = clock
        self._on_change = on_change
        self._last_change = datetime.min.replace(tzinfo=UTC)

    # What the API does

    def create(self, fields: Mapping[str, Any]) -> tuple[OutlookEntry, bool]:
        """The event, and whether it is new. Raises GraphError: 400, a known transactionId too."""
        transaction = fields.get("transactionId")
        known = self._transactions.get(transaction) if transaction else None
        if self._switches["transaction_memory"] == "forgotten":
            known = None
        if known is not None:
            answered = self._repeated(known[1], fields == known[0])
            if answered is not None:
                return answered, False
        entry = self._new({**fields})
        entry.transaction = transaction
        if transaction:
            self._transactions[transaction] = (dict(fields), entry)
        return self._store(entry), True

    def get(self, item: str, immutable: bool = True) -> OutlookEntry:
        """By either kind of id, or only by the asked one; a deleted item is found or not: switches.

        Raises GraphError 404, and 400 for an id of the other kind.
        """
        entry = self.entries.get(item)
        mixed = entry is not None and not immutable
        if entry is None:  # a default id serves as long as the item stays where it is
            named = (one for one in self.entries.values() if one.default_id == item)
            entry = next(named, None)
            mixed = entry is not None and immutable
        if mixed and self._switches["mixed_ids"] == "refused":
            raise GraphError(400, "ErrorInvalidIdMalformed")
        hidden = self._switches["deleted_by_id"] == "missing"
        if entry is None or (entry.folder == "deleted" and hidden):
            raise GraphError(404, "ErrorItemNotFound")
        return entry

    def patch(
        self, entry: OutlookEntry, fields: Mapping[str, Any], if_match: str | None = None
    ) -> OutlookEntry:
        """Raises GraphError 400, 412."""
        self._refuse_stale(entry, if_match)
        return self._change(entry, fields) if fields else entry

    def delete(self, entry: OutlookEntry, if_match: str | None = None) -> None:
        """To Deleted Items, and from there for good; by switch at once. Raises GraphError 412."""
        self._refuse_stale(entry, if_match)
        if entry.folder == "deleted" or self._switches["api_delete"] == "purged":
            self._end(entry)
        else:
            self.move(entry, "deleted")

    def listed(self, *, deleted: bool = False, everywhere: bool = False) -> Iterator[OutlookEntry]:
        """The default calendar's events in the order of their making; more folders if asked."""
        folders = {"calendar"} | ({"other"} if everywhere else set())
        folders |= {"deleted"} if deleted else set()
        for one in list(self.entries.values()):
            if one.folder in folders:
                yield one

    # What people and mails do

    def find(self, item: str) -> OutlookEntry:
        """An event that its person sees, by any id or the UID of its mail. Raises KeyError."""
        for one in self.entries.values():
            named = (one.id, one.default_id, one.uid, one.invited[1] if one.invited else "")
            if item in named and one.folder in SHOWN_FOLDERS:
                return one
        raise KeyError(item)

    def edit_by_hand(self, entry: OutlookEntry, fields: Mapping[str, Any]) -> None:
        """What the person changes in Outlook, by Graph's names. Raises GraphError 400."""
        self._change(entry, self._schema.check_event(dict(fields), patch=False).fields)

    def move(self, entry: OutlookEntry, folder: str) -> None:
        """Into calendar, other or deleted: the default id is another one from now on."""
        before = entry.default_id
        entry.folder = folder
        entry.default_id = an_id("AAMk")
        self._store(entry, "deleted" if folder == "deleted" else "updated", before)

    def copy(self, entry: OutlookEntry) -> OutlookEntry:
        """The person duplicates an event; whether our property comes along is unconfirmed."""
        twin = self._new(entry.fields)
        if self._switches["copied_property"]:
            twin.properties = dict(entry.properties)
        return self._store(twin)

    def purge(self) -> None:
        """Deleted Items are emptied."""
        for one in list(self.listed(deleted=True)):
            if one.folder == "deleted":
                self._end(one)

    def put_mailed(self, invite: Invite, tentative: bool) -> None:
        """A mailed invitation becomes a meeting of its foreign organizer, or updates it."""
        fields = mailed_fields(invite, tentative)
        entry = self._mailed(invite.uid, invite.organizer)
        if entry is None:
            entry = self._new(fields)
            entry.invited = (invite.organizer, invite.uid)
            plain = self._switches["mailed_uid"] == "plain"
            entry.uid = invite.uid if plain else foreign_uid(invite.uid)
        else:
            entry.fields.update(fields)
            entry.starts_at, entry.ends_at = invite.starts_at, invite.ends_at
        entry.response = TENTATIVE if tentative else ACCEPTED
        entry.cancelled = False
        self._store(entry)

    def cancel_mailed(self, uid: str, organizer: str, *, by_person: bool) -> None:
        """A mailed CANCEL marks or removes the meeting, by switch; a declined one is removed."""
        entry = self._mailed(uid, organizer)
        if entry is None:
            return
        if by_person or self._switches["exchange_cancel"] == "removed":
            self.move(entry, "deleted")
            return
        entry.cancelled = True
        entry.fields["subject"] = f"Canceled: {entry.fields['subject']}"
        entry.fields["showAs"] = "free"
        self._store(entry)

    # Rules

    def _mailed(self, uid: str, organizer: str) -> OutlookEntry | None:
        for one in self.entries.values():
            if one.invited == (organizer, uid) and one.folder in SHOWN_FOLDERS:
                return one
        return None

    def _repeated(self, entry: OutlookEntry, same: bool) -> OutlookEntry | None:
        """The event that a known transactionId answers, None when a new one is to be made."""
        gone = entry.id not in self.entries or entry.folder == "deleted"
        rule = self._switches["transaction_after_delete"]
        if gone and rule == "new":
            return None
        if same and not (gone and rule == "conflict"):
            return entry
        extra = {}
        if self._switches["existing_event_annotation"]:
            extra["existingEventId"] = entry.default_id
        status = int(self._switches["transaction_conflict"])
        raise GraphError(status, "ErrorDuplicateTransactionId", None, **extra)

    def _refuse_stale(self, entry: OutlookEntry, if_match: str | None) -> None:
        stale = if_match not in (None, "*", entry.etag, f'"{entry.change_key}"')
        if stale and self._switches["if_match"] == "honoured":
            raise GraphError(412, "ErrorIrresolvableConflict")

    def _new(self, fields: Mapping[str, Any]) -> OutlookEntry:
        if not fields.get("start") or not fields.get("end"):
            raise GraphError(400, "ErrorPropertyValidationFailure")
        now = self._clock()
        entry = OutlookEntry(
            id=an_id("AAkA"),
            default_id=an_id("AAMk"),
            uid=new_uid(),
            fields={"attendees": []},
            starts_at=now,
            ends_at=now,
            created_at=now,
            modified_at=now,
        )
        self._apply(entry, fields)
        return entry

    def _change(self, entry: OutlookEntry, fields: Mapping[str, Any]) -> OutlookEntry:
        self._apply(entry, fields)
        return self._store(entry)

    def _apply(self, entry: OutlookEntry, fields: Mapping[str, Any]) -> None:
        """Take over what was sent. Raises GraphError 400 and changes nothing then."""
        new = {name: value for name, value in fields.items() if value is not None}
        merged = {**entry.fields, **new}
        for name in ("singleValueExtendedProperties", "transactionId"):
            merged.pop(name, None)
        if "location" in new:
            merged["locations"] = [new["location"]]
        elif "locations" in new:
            merged["location"] = next(iter(new["locations"]), None)
        any_zone = self._switches["zone_names"] == "any"
        starts_at = read_time(merged["start"], self._schema, any_zone)
        ends_at = read_time(merged["end"], self._schema, any_zone)
        if ends_at < starts_at:
            raise GraphError(400, "ErrorPropertyValidationFailure")
        properties = read_properties(new.get("singleValueExtendedProperties", []))
        entry.fields, entry.starts_at, entry.ends_at = merged, starts_at, ends_at
        entry.properties = {**entry.properties, **properties}

    def _end(self, entry: OutlookEntry) -> None:
        """No folder has it any more. Whoever emptied Deleted Items changed no calendar."""
        if entry.folder in SHOWN_FOLDERS:
            self.version += 1
            entry.version = self.version
            self._on_change(self, Change("deleted", entry.id, entry.default_id, entry.etag))
        self.ended[entry.id] = (entry.version, entry.default_id)
        del self.entries[entry.id]

    def _store(
        self, entry: OutlookEntry, kind: str = "updated", default_id: str = ""
    ) -> OutlookEntry:
        now = max(self._clock(), self._last_change + timedelta(milliseconds=1))
        self._last_change = entry.modified_at = now
        entry.change_key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.version += 1
        entry.version = self.version
        if entry.id not in self.entries:
            kind = "created"
        self.entries[entry.id] = entry
        if entry.folder in SHOWN_FOLDERS or kind == "deleted":
            self._on_change(
                self, Change(kind, entry.id, default_id or entry.default_id, entry.etag)
            )
        return entry


def mailed_fields(invite: Invite, tentative: bool) -> dict[str, Any]:
    """An invitation as fields of an Outlook event."""
    place = {"displayName": invite.location}
    return {
        "subject": invite.title,
        "body": {"contentType": "text", "content": invite.description},
        "location": place,
        "locations": [place],
        "start": utc_time(invite.starts_at),
        "end": utc_time(invite.ends_at),
        "showAs": "tentative" if tentative else "busy",
        "attendees": [{"emailAddress": {"name": one, "address": one}} for one in invite.attendees],
    }


def utc_time(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
