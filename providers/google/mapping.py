"""A desired event as a Google event, and a Google event as a sighting. Pure.

Six fields of an event are ours: start, end, location (material), summary, description (quiet) and
`source`, the link to the agenda; and `visibility`, while a program is discreet. Three private
properties travel with them: the two fingerprints and hashes of the fields as sent, so that a later
reader can tell whether they still show that.
Field rules: https://developers.google.com/workspace/calendar/api/v3/reference/events
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any
from uuid import UUID

from calsync.core.calls import Seen, Sighting, Span
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import ContentHashes
from calsync.core.ledger import Marker
from calsync.untrusted.reading import reads
from calsync.untrusted.values import iso_instant, opaque
from providers import fields
from providers.fields import Marks, normal_text
from providers.google.description import normal_description
from providers.http.json_body import Resource

MATERIAL, QUIET, SHOWN = "cs_material", "cs_quiet", "cs_shown"
MARKERS = (MATERIAL, QUIET, SHOWN)
Times = tuple[datetime | None, datetime | None]  # start and end
OUR_ID = re.compile("[0-9a-f]{32}")
INSTANCE, ITEM = "cs_instance", "cs_item"  # by which a calendar is listed

# What calsync reads of an event, for the `fields` parameter.
FIELDS = (
    "id,iCalUID,status,etag,start,end,summary,location,description,visibility,"
    "attendees(email,self),extendedProperties/private"
)


def event_id(uid: str) -> str:
    """Our Google id of a copy: its uid without dashes, which is base32hex as Google asks."""
    return uid.replace("-", "").lower()


def uid_of(remote_id: str) -> str | None:
    """The uid of the copy that was made with this id; None where it cannot be one of ours."""
    return str(UUID(remote_id)) if OUR_ID.fullmatch(remote_id) else None


def insert_body(uid: str, event: DesiredEvent, marker: Marker | None = None) -> dict[str, Any]:
    """The body of `events.insert`: nobody else's address, reminders and colour left alone."""
    body = {"id": event_id(uid), **_owned(event, marker)}
    if event.private:
        body["visibility"] = "private"
    return {name: value for name, value in body.items() if value is not None}


def patch_body(
    event: DesiredEvent, marker: Marker | None = None, *, marked_private: bool = False
) -> dict[str, Any]:
    """The body of `events.patch`: the owned fields only; None takes a field away. An event that we
    `marked_private` before is given the calendar's default back."""
    body = _owned(event, marker)
    if event.private or marked_private:
        body["visibility"] = "private" if event.private else "default"
    return body


def _owned(event: DesiredEvent, marker: Marker | None) -> dict[str, Any]:
    owned: dict[str, Any] = {
        "summary": limited_text(event.title),
        "location": limited_text(event.location) or None,
        "description": limited_description(event) or None,
        "start": _moment(event.starts_at, event.time_zone),
        "end": _moment(event.ends_at, event.time_zone),
        "source": {"title": limited_text(event.title), "url": event.url} if event.url else None,
    }
    times = event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)
    markers = (event.material_fp, event.quiet_fp, str(hashes(owned, times)))
    private = dict(zip(MARKERS, markers, strict=True))
    if marker is not None:
        private |= {INSTANCE: marker.instance, ITEM: marker.item}
    return {**owned, "extendedProperties": {"private": private}}


def _moment(instant: datetime, zone: str) -> dict[str, str]:
    """The instant is fixed by its offset; the zone says how the event is displayed."""
    text = instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"dateTime": text, "timeZone": zone}


def zone_named(body: bytes | None) -> str:
    """The zone that this insert or patch names; "" for UTC, which every calendar knows."""
    start = json.loads(body).get("start") if body else None
    zone = start["timeZone"] if start else "UTC"
    return "" if zone == "UTC" else str(zone)


def limited_text(text: str) -> str:
    """Not verified: Google documents no limit for summary and location; 1,024 is safe."""
    return text[:1024]


def limited_description(event: DesiredEvent) -> str:
    """Not verified: descriptions are reported to be cut at about 8,000 characters
    (https://github.com/discourse/discourse-calendar/pull/14). Longer HTML is sent as text, which
    can be cut without breaking a tag."""
    if len(event.html) <= 8000:
        return event.html
    return escape(event.text[:6000], quote=False)[:8000]


def sighting(resource: Resource) -> Sighting:
    """What one event resource shows. Raises ValueError when it is no event."""
    return _read(resource)[0]


def shown(answer: Resource, body: Resource) -> tuple[Sighting, bool]:
    """What Google's answer shows, and whether it carries the owned fields and markers of the body
    that it was sent. Raises ValueError when it is no event."""
    seen, marks = _read(answer)
    if marks is None:
        return seen, False
    markers, sent = private_properties(answer), private_properties(body)
    same = all(markers.get(name) == sent[name] for name in MARKERS)
    same = same and body.get("visibility") in (None, answer.get("visibility", "default"))
    # An earlier release may have hashed a stored body otherwise.
    return seen, same and (marks.now == marks.sent or marks.now == hashes(body))


def _read(resource: Resource) -> tuple[Sighting, Marks | None]:
    remote_id, revision = opaque(resource.get("id")), opaque(resource.get("etag"))
    if not remote_id:
        raise ValueError("an event without id")
    uid = opaque(resource.get("iCalUID"))
    if is_tombstone(resource):
        return Sighting(remote_id, Seen.GONE, revision, uid), None
    guests, times = has_guests(resource), _times(resource)
    marks, span = _marks(resource, times), _span(*times)
    seen = fields.sighting(remote_id, revision, uid, marks, guests=guests, span=span)
    return seen, marks


def _times(resource: Resource) -> Times:
    """Start and end; None for one that is no instant."""
    return _instant(resource.get("start")), _instant(resource.get("end"))


def _instant(value: Any) -> datetime | None:
    try:
        return iso_instant(value["dateTime"])
    except (KeyError, ValueError, TypeError):
        return None


def _span(start: datetime | None, end: datetime | None) -> Span | None:
    if start is None or end is None or not (start.tzinfo and end.tzinfo):
        return None
    return start, end


@reads
def listed(resource: Resource) -> Sighting:
    """One event of a listing by our marker, UNREADABLE where it cannot be read. The id that a
    person's own duplicate has is another than the one its properties were made with."""
    try:
        seen = sighting(resource)
        item = opaque(private_properties(resource).get(ITEM))
    except (ValueError, TypeError, AttributeError):
        ident = opaque(resource.get("id")) or ""
        return Sighting(ident, Seen.UNREADABLE, uid=uid_of(ident))
    return replace(seen, uid=uid_of(seen.remote_id), item=item)


def _marks(resource: Resource, times: Times) -> Marks | None:
    private = private_properties(resource)
    if not all(opaque(private.get(name)) for name in MARKERS):
        return None
    sent = ContentHashes.read(private[SHOWN])
    return Marks(private[MATERIAL], private[QUIET], sent, hashes(resource, times))


def adopted_body(resource: Resource, event: DesiredEvent, marker: Marker) -> dict[str, Any]:
    """The body of a patch that marks somebody else's event as ours, and changes nothing in it."""
    wanted = (_moment(event.starts_at, "UTC"), _moment(event.ends_at, "UTC"))
    shown = (resource.get("start") or {}, resource.get("end") or {})
    same = [normal_moment(one) for one in shown] == [normal_moment(one) for one in wanted]
    sent = fields.as_adopted(hashes(resource), same_times=same)
    private = dict(zip(MARKERS, (event.material_fp, event.quiet_fp, str(sent)), strict=True))
    private |= {INSTANCE: marker.instance, ITEM: marker.item}
    return {"extendedProperties": {"private": private}}


def is_adoptable(resource: Resource) -> bool:
    """One event at one time, which calsync never marked."""
    is_series = bool(resource.get("recurrence") or resource.get("recurringEventId"))
    is_marked = _marks(resource, _times(resource)) is not None
    return "dateTime" in (resource.get("start") or {}) and not (is_series or is_marked)


def bears(resource: Resource, marker: Marker) -> bool:
    """It is marked with this marker already."""
    return private_properties(resource).get(ITEM) == marker.item


def is_shared(resource: Resource) -> bool:
    """It has guests, or is the person's copy of somebody else's event."""
    organizer = resource.get("organizer")
    return has_guests(resource) or (isinstance(organizer, dict) and not organizer.get("self"))


def is_tombstone(resource: Resource) -> bool:
    """Deleted events stay readable as cancelled ones; of those only the id is guaranteed."""
    return resource.get("status") == "cancelled"


def has_guests(resource: Resource) -> bool:
    """We invite nobody: anyone besides the calendar's owner was added by hand."""
    return any(not one.get("self") for one in resource.get("attendees") or ())


def private_properties(resource: Resource) -> Mapping[str, str]:
    return (resource.get("extendedProperties") or {}).get("private") or {}


def hashes(resource: Resource, times: Times = (None, None)) -> ContentHashes:
    """Of the material and of the quiet fields, blind to what Google may write otherwise. `times`:
    its start and end, where they were read before."""
    start, end = times
    return fields.content_hashes(
        material=[
            normal_moment(resource.get("start") or {}, start),
            normal_moment(resource.get("end") or {}, end),
            normal_text(resource.get("location") or ""),
        ],
        quiet=[
            normal_text(resource.get("summary") or ""),
            normal_description(resource.get("description") or ""),
        ],
    )


def normal_moment(value: Mapping[str, str], instant: datetime | None = None) -> str:
    """The instant, where it is not known from the value: Google answers with the calendar's own
    offset. A day stays a day."""
    try:
        moment = instant or iso_instant(value["dateTime"])
    except (KeyError, ValueError):
        return json.dumps(value, sort_keys=True)
    return moment.isoformat(timespec="seconds")
