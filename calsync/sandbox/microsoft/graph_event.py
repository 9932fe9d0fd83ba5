"""Graph's event resource: identifiers, times, and what an answer shows."""

from __future__ import annotations

import base64
import html
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from calsync.sandbox.microsoft.graph_error import GraphError
from calsync.sandbox.microsoft.graph_schema import GraphSchema, extended_id

Resource = dict[str, Any]
NEVER = "0001-01-01T00:00:00Z"
# MS-OXCICAL 2.1.3.1.1.20.26: a foreign UID becomes an Exchange GlobalObjectId with "vCal-Uid" in it
GOID_HEAD = bytes.fromhex("040000008200E00074C5B7101A82E008")
DEFAULTS: Mapping[str, Any] = {
    "subject": "",
    "importance": "normal",
    "sensitivity": "normal",
    "showAs": "busy",
    "isAllDay": False,
    "isReminderOn": True,
    "reminderMinutesBeforeStart": 15,
    "categories": [],
    "attendees": [],
    "hideAttendees": False,
    "allowNewTimeProposals": True,
    "responseRequested": True,
    "isOnlineMeeting": False,
    "onlineMeetingProvider": "unknown",
    "recurrence": None,
}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an event. `kind` is created, updated or deleted, `default_id` what it was."""

    kind: str
    id: str
    default_id: str
    etag: str


@dataclass(slots=True)
class OutlookEntry:
    """One event. `folder` is calendar, other (a second calendar) or deleted; times aware UTC.

    id          the immutable one; `default_id` is a new one after every move
    uid         what Graph calls iCalUId
    invited     (organizer, UID) when a mail made it; `response` is its person's answer then
    version     its mailbox's when it last changed
    """

    id: str
    default_id: str
    uid: str
    fields: Resource
    starts_at: datetime
    ends_at: datetime
    created_at: datetime
    modified_at: datetime
    change_key: str = ""
    folder: str = "calendar"
    properties: dict[str, str] = field(default_factory=dict)
    transaction: str | None = None
    invited: tuple[str, str] | None = None
    response: str = "organizer"
    cancelled: bool = False
    version: int = 0

    @property
    def etag(self) -> str:
        return f'W/"{self.change_key}"'

    @property
    def guests(self) -> list[str]:
        """Attendees' addresses."""
        return [one["emailAddress"]["address"] for one in self.fields["attendees"]]

    def lies_in(self, folder: str, after: datetime, before: datetime) -> bool:
        """Whether a view of this folder, bounded by two instants, shows it."""
        return self.folder == folder and self.starts_at < before and self.ends_at > after


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a request's Prefer header asks for; `page_size` None leaves it to Graph."""

    immutable: bool
    zone_name: str
    zone: ZoneInfo
    page_size: int | None = None


def an_id(kind: str) -> str:
    """A fresh identifier: case-sensitive, with characters that a path must escape."""
    return f"{kind}{base64.urlsafe_b64encode(secrets.token_bytes(45)).decode()}AAA="


def new_uid() -> str:
    """An iCalUId that Exchange makes for an event of its own."""
    body = bytes(20) + (16).to_bytes(4, "little") + secrets.token_bytes(16)
    return (GOID_HEAD + body).hex().upper()


def foreign_uid(uid: str) -> str:
    """The iCalUId of an event that came by mail with this UID."""
    data = b"vCal-Uid" + (1).to_bytes(4, "little") + uid.encode() + b"\0"
    return (GOID_HEAD + bytes(20) + len(data).to_bytes(4, "little") + data).hex().upper()


def read_time(value: Mapping[str, Any], schema: GraphSchema, any_zone: bool) -> datetime:
    """The instant of start or end: its wall clock in its zone. An offset in it is not looked at.

    Raises GraphError 400.
    """
    zone = schema.zone(value.get("timeZone") or "UTC", any_zone)
    try:
        wall = datetime.fromisoformat(value.get("dateTime") or "")
        return wall.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise GraphError(400, "ErrorPropertyValidationFailure") from error


def has_offset(value: Mapping[str, Any]) -> bool:
    """Whether a dateTime carries what belongs into its timeZone."""
    return bool(re.search(r"T.*(Z|[+-]\d\d:?\d\d)$", value.get("dateTime") or "", re.IGNORECASE))


def read_properties(items: list[Mapping[str, Any]]) -> dict[str, str]:
    """Extended properties by their id. Raises GraphError 400."""
    found = {}
    for one in items:
        if not isinstance(one.get("id"), str) or not isinstance(one.get("value"), str):
            raise GraphError(400, "ErrorInvalidRequest", "An extended property needs id and value.")
        found[extended_id(one["id"])] = one["value"]
    return found


def as_location(given: Mapping[str, Any] | None) -> Resource:
    """A location as it is answered."""
    name = (given or {}).get("displayName") or ""
    kind = {"uniqueId": name, "uniqueIdType": "private"} if name else {"uniqueIdType": "unknown"}
    return {"displayName": "", "locationType": "default", **kind, **(given or {})}


def as_html(body: Mapping[str, Any] | None) -> str:
    """A body as v1.0 answers it: always a whole HTML page, whatever was sent."""
    content = (body or {}).get("content") or ""
    if (body or {}).get("contentType") != "html":
        content = html.escape(content).replace("\n", "<br>")
    head = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    return f"<html>\r\n<head>\r\n{head}\r\n</head>\r\n<body>\r\n{content}\r\n</body>\r\n</html>\r\n"


def as_text(body: Mapping[str, Any] | None) -> str:
    content = re.sub(r"<[^>]+>", " ", (body or {}).get("content") or "")
    return " ".join(html.unescape(content).split())


def tell(entry: OutlookEntry, owner: tuple[str, str], prefer: Preferences) -> Resource:
    """The whole resource; `owner` is name and address of the mailbox."""
    fields = {**DEFAULTS, **entry.fields}
    name, address = owner if entry.invited is None else (entry.invited[0], entry.invited[0])
    item = entry.id if prefer.immutable else entry.default_id
    resource: Resource = {
        "@odata.etag": entry.etag,
        "id": item,
        "createdDateTime": stamp(entry.created_at),
        "lastModifiedDateTime": stamp(entry.modified_at),
        "changeKey": entry.change_key,
        **{key: fields[key] for key in DEFAULTS},
        "transactionId": entry.transaction,
        "originalStartTimeZone": fields["start"].get("timeZone") or "UTC",
        "originalEndTimeZone": fields["end"].get("timeZone") or "UTC",
        "iCalUId": entry.uid,
        "hasAttachments": False,
        "bodyPreview": as_text(fields.get("body"))[:255],
        "isCancelled": entry.cancelled,
        "isDraft": False,
        "isOrganizer": entry.invited is None,
        "seriesMasterId": None,
        "type": "singleInstance",
        "webLink": f"https://outlook.office365.com/owa/?itemid={entry.default_id}",
        "onlineMeetingUrl": None,
        "onlineMeeting": None,
        "responseStatus": {"response": entry.response, "time": NEVER},
        "body": {"contentType": "html", "content": as_html(fields.get("body"))},
        "start": tell_time(entry.starts_at, prefer),
        "end": tell_time(entry.ends_at, prefer),
        "location": as_location(fields.get("location")),
        "locations": [as_location(one) for one in fields.get("locations") or ()],
        "organizer": {"emailAddress": {"name": name, "address": address}},
    }
    resource["attendees"] = [as_attendee(one) for one in fields["attendees"]]
    return resource


def tell_time(moment: datetime, prefer: Preferences) -> Resource:
    """An instant in the asked zone, with seven digits of a second as Graph writes them."""
    wall = moment.astimezone(prefer.zone)
    return {"dateTime": f"{wall:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": prefer.zone_name}


def as_attendee(given: Mapping[str, Any]) -> Resource:
    status = {"response": "none", "time": NEVER}
    return {"type": "required", "status": status, **given}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "0Z")
