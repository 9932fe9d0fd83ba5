"""A desired event as a Graph event, and a Graph event as a sighting. Pure.

Five fields of an event are ours: start, end, location (material), subject and body (quiet), and
`sensitivity` while a program is discreet. Two
named properties travel with them: the copy's uid, by which the event is found, and what it was
made to show, so that a later reader can tell whether it still does. The body plays no part in
that: Exchange rewrites HTML, and a hash of it would tell nothing.
Fields: https://learn.microsoft.com/graph/api/resources/event
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import urlsplit

from calsync.core.calls import Seen, Sighting, Span
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import ContentHashes
from calsync.core.ledger import Marker
from calsync.untrusted.reading import reads
from calsync.untrusted.values import iso_instant, opaque
from providers import fields
from providers.fields import Marks, normal_text
from providers.http.json_body import Resource

# Named properties live in a namespace of the application's own; this one must never change.
NAMESPACE = "{6f1f7b9c-3a0e-4c55-9d43-6b0f6a1c2e77}"
KEY = f"String {NAMESPACE} Name calsyncKey"
SHOWN = f"String {NAMESPACE} Name calsyncShown"
INSTANCE = f"String {NAMESPACE} Name calsyncInstance"
ITEM = f"String {NAMESPACE} Name calsyncItem"

# What calsync reads of an event; of an entry that is only met while proving presence, the id.
FIELDS = (
    "id,iCalUId,createdDateTime,type,subject,start,end,location,attendees,isOrganizer,isAllDay,"
    "sensitivity"
)
EXPAND = f"singleValueExtendedProperties($filter=id eq '{SHOWN}')"
EXPAND_ALL = (
    f"singleValueExtendedProperties($filter=id eq '{SHOWN}' or id eq '{KEY}' or id eq '{ITEM}'"
    f" or id eq '{INSTANCE}')"
)
REMINDER_MINUTES = 15
SUBJECT, LOCATION, BODY = 255, 255, 32_000

# RFC 5545 UIDs of others as Exchange keeps them: [MS-OXCICAL] 2.1.3.1.1.20.26.
GLOBAL_ID = bytes.fromhex("040000008200E00074C5B7101A82E008") + bytes(20)
FOREIGN_UID = b"vCal-Uid\x01\x00\x00\x00"


def create_body(uid: str, event: DesiredEvent, marker: Marker | None = None) -> dict[str, Any]:
    """The body of a create: no attendees, so that Exchange mails nobody, now or later."""
    body = _owned(uid, event, marker)
    body["singleValueExtendedProperties"].append({"id": KEY, "value": uid})
    body |= {
        "attendees": [],
        "showAs": "busy",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": REMINDER_MINUTES,
        "transactionId": uid,
    }
    if event.private:
        body["sensitivity"] = "private"
    return body


def patch_body(
    uid: str, event: DesiredEvent, marker: Marker | None = None, *, marked_private: bool = False
) -> dict[str, Any]:
    """The body of a change: the owned fields only. An event that we `marked_private` before is made
    a normal one again."""
    body = _owned(uid, event, marker)
    if event.private or marked_private:
        body["sensitivity"] = "private" if event.private else "normal"
    return body


def _owned(uid: str, event: DesiredEvent, marker: Marker | None) -> dict[str, Any]:
    owned: dict[str, Any] = {
        "subject": limited_subject(event.title),
        "body": {"contentType": "HTML", "content": limited_body(event)},
        "start": _moment(event.starts_at),
        "end": _moment(event.ends_at),
        "location": {"displayName": limited_location(event)},
    }
    sent = hashes(owned)
    shown = " ".join((uid, event.material_fp, event.quiet_fp, sent.material, sent.quiet))
    named = {SHOWN: shown}
    if marker is not None:
        named |= {INSTANCE: marker.instance, ITEM: marker.item}
    properties = [{"id": name, "value": value} for name, value in named.items()]
    return {**owned, "singleValueExtendedProperties": properties}


def _moment(instant: datetime) -> dict[str, str]:
    """Always UTC: Graph knows only some zone names, and Outlook shows the reader's own zone."""
    return {"dateTime": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}


def limited_subject(text: str) -> str:
    """Not verified for Graph: a subject in MAPI holds 255 characters."""
    return text[:SUBJECT]


def limited_location(event: DesiredEvent) -> str:
    """Not verified: as long as a subject. A cut link opens nothing, so a longer one is replaced by
    its host; the whole link stands in the body."""
    if len(event.location) <= LOCATION or event.location != event.join_url:
        return event.location[:LOCATION]
    return (urlsplit(event.join_url).hostname or "")[:LOCATION]


def limited_body(event: DesiredEvent) -> str:
    """Not verified: writes of several megabytes are accepted. Longer HTML is sent as text, which
    can be cut without breaking a tag."""
    if len(event.html) <= BODY:
        return event.html
    return escape(event.text[: BODY // 2], quote=False).replace("\n", "<br>")[:BODY]


def sighting(resource: Resource) -> Sighting:
    """What one event that stands in a calendar shows. Raises ValueError when it is no event."""
    remote_id, revision = opaque(resource.get("id")), opaque(resource.get("@odata.etag"))
    if not remote_id:
        raise ValueError("an event without id")
    uid, guests = opaque(resource.get("iCalUId")), has_guests(resource)
    marks, span = _marks(resource), _span(resource)
    return fields.sighting(remote_id, revision, uid, marks, guests=guests, span=span)


def _span(resource: Resource) -> Span | None:
    try:
        start, end = _instant(resource["start"]), _instant(resource["end"])
    except (KeyError, ValueError, TypeError):
        return None
    return None if resource.get("isAllDay") else (start, end)


def _marks(resource: Resource) -> Marks | None:
    shown = shown_property(resource).split(" ")
    if len(shown) != 5 or resource.get("type", "singleInstance") != "singleInstance":
        return None
    _, material_fp, quiet_fp, material, quiet = shown
    return Marks(material_fp, quiet_fp, ContentHashes(material, quiet), hashes(resource))


def adopted_body(resource: Resource, event: DesiredEvent, marker: Marker) -> dict[str, Any]:
    """The body of a change that marks somebody else's event as ours, and alters nothing in it."""
    shown = (resource.get("start") or {}, resource.get("end") or {})
    wanted = (_moment(event.starts_at), _moment(event.ends_at))
    same = [normal_moment(one) for one in shown] == [normal_moment(one) for one in wanted]
    sent = fields.as_adopted(hashes(resource), same_times=same)
    written = (marker.item, event.material_fp, event.quiet_fp, sent.material, sent.quiet)
    named = {SHOWN: " ".join(written), INSTANCE: marker.instance, ITEM: marker.item}
    properties = [{"id": name, "value": value} for name, value in named.items()]
    return {"singleValueExtendedProperties": properties}


def is_adoptable(resource: Resource) -> bool:
    """One event at one time, which calsync never marked."""
    is_single = resource.get("type", "singleInstance") == "singleInstance"
    return is_single and not resource.get("isAllDay") and not shown_property(resource)


def is_marked(resource: Resource, marker: Marker) -> bool:
    """It was adopted with this marker already."""
    return shown_property(resource).split(" ")[0] == marker.item


def is_shared(resource: Resource) -> bool:
    """People are invited to it, or the person to somebody else's."""
    return bool(resource.get("attendees")) or resource.get("isOrganizer") is False


def shows(answer: Resource, body: Resource) -> bool:
    """Whether Graph's answer carries the owned fields of the body it was sent."""
    hidden = body.get("sensitivity") in (None, answer.get("sensitivity", "normal"))
    return hidden and _normal(answer) == _normal(body)


def has_guests(resource: Resource) -> bool:
    """We invite nobody: whoever is invited to an event of the person's own was added by hand, and
    every write would be mailed to them. In somebody else's meeting the person is the guest."""
    return bool(resource.get("attendees")) and resource.get("isOrganizer") is not False


def shown_property(resource: Resource) -> str:
    """What the event was made to show, "" when it does not say."""
    return named_property(resource, SHOWN)


def named_property(resource: Resource, name: str) -> str:
    """The value of a property of ours, "" when the event has none."""
    for one in resource.get("singleValueExtendedProperties") or ():
        if str(one.get("id", "")).lower() == name.lower():
            return opaque(one.get("value")) or ""
    return ""


def bears(resource: Resource, name: str, value: str) -> bool:
    """A property of ours has this value; Graph compares them without case."""
    return named_property(resource, name).lower() == value.lower()


def may_bear(resource: Resource, name: str, value: str) -> bool:
    """A property of ours has this value, or our properties cannot be read."""
    try:
        return bears(resource, name, value)
    except (ValueError, TypeError, AttributeError):
        return True


@reads
def listed(resource: Resource, known: Container[str]) -> Sighting:
    """One event of a listing by our marker. Of several with one key, the oldest is ours: a person's
    duplicate has our properties too; `known` are the keys seen so far. One that cannot be read is
    UNREADABLE."""
    uid = item = None
    try:
        key = named_property(resource, KEY)
        uid, item = (key if key and key not in known else None), named_property(resource, ITEM)
        return replace(sighting(resource), uid=uid, item=item or None)
    except (ValueError, TypeError, AttributeError):
        ident = opaque(resource.get("id")) or ""
        return Sighting(ident, Seen.UNREADABLE, uid=uid, item=item or None)


@reads
def made_before(resource: Resource, instant: datetime) -> bool:
    """The event was made before this instant, by all that it says."""
    try:
        return iso_instant(resource["createdDateTime"]) < instant
    except (KeyError, ValueError, TypeError):
        return False


def first_made(found: Iterable[Resource]) -> list[Resource]:
    """Oldest first: a person who copies our event in Outlook copies our properties with it."""
    return sorted(found, key=lambda one: str(one.get("createdDateTime", "")))


@reads
def window(resource: Resource) -> tuple[str, str] | None:
    """Start and end of an event as the bounds of a calendar view; None when it shows none."""
    try:
        return view(_instant(resource["start"]), _instant(resource["end"]))
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def view(start: datetime, end: datetime) -> tuple[str, str]:
    """The bounds of a calendar view that meets an event at these instants, at least a minute."""
    bounds = (start, max(end, start + timedelta(minutes=1)))
    first, last = (one.astimezone(UTC).replace(tzinfo=None, microsecond=0) for one in bounds)
    return f"{first.isoformat()}Z", f"{last.isoformat()}Z"


def key_filter(uid: str) -> str:
    """The `$filter` for every event in the mailbox that bears our key."""
    return property_filter(KEY, uid)


def any_key_filter() -> str:
    """The `$filter` for every event in the mailbox that bears a key of any copy: each has hyphens.
    `ne` would also fit what has no key, perhaps (not verified)."""
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and contains(ep/value,'-'))"


def property_filter(name: str, value: str) -> str:
    """The `$filter` for every event in the mailbox whose property of ours has this value."""
    fits = f"ep/id eq '{name}' and ep/value eq '{quoted(value)}'"
    return f"singleValueExtendedProperties/Any(ep: {fits})"


def uid_filters(uid: str) -> list[str]:
    """The `$filter`s for what a mail client made of an invitation. Not verified: that Graph filters
    by iCalUId, and that it shows the UID inside a global object id rather than as it is."""
    return [f"iCalUId eq '{quoted(one)}'" for one in (global_object_id(uid), uid)]


def global_object_id(uid: str) -> str:
    """[MS-OXCICAL] 2.1.3.1.1.20.26: the UID of somebody else's invitation as Graph shows it."""
    data = FOREIGN_UID + uid.encode() + b"\x00"
    return (GLOBAL_ID + len(data).to_bytes(4, "little") + data).hex().upper()


def quoted(value: str) -> str:
    return value.replace("'", "''")


def hashes(resource: Resource) -> ContentHashes:
    """Of the material and of the quiet fields, blind to what Graph writes otherwise."""
    material, quiet = _normal(resource)
    return fields.content_hashes(material, quiet)


def _normal(resource: Resource) -> tuple[list[str], list[str]]:
    """The material and the quiet fields, without what Graph writes otherwise."""
    material = [
        normal_moment(resource.get("start") or {}),
        normal_moment(resource.get("end") or {}),
        normal_text((resource.get("location") or {}).get("displayName") or ""),
    ]
    return material, [normal_text(resource.get("subject") or "")]


def normal_moment(value: Mapping[str, Any]) -> str:
    """The instant: Graph answers with seven digits of a second."""
    try:
        return _instant(value).isoformat(timespec="seconds")
    except (KeyError, ValueError, TypeError, AttributeError):
        return json.dumps(value, sort_keys=True)


def _instant(value: Mapping[str, Any]) -> datetime:
    """Graph's wall clock in UTC, which every request prefers. Raises ValueError for another."""
    if value["timeZone"] not in ("UTC", "Etc/UTC"):
        raise ValueError("not in UTC")
    return iso_instant(value["dateTime"]).replace(tzinfo=UTC)
