"""Google's event resource: its times, how PATCH merges, what list filters by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calsync.sandbox.google.google_error import GoogleError
from calsync.sandbox.invite import Invite
from calsync.sandbox.switches import Switches

Resource = dict[str, Any]

# Names that Google does not know, by the switch for what it knows of a renamed zone.
UNKNOWN_NAMES = {
    "known": frozenset[str](),
    "by_old_name": frozenset({"Europe/Kyiv"}),
    "unknown": frozenset({"Europe/Kyiv", "Europe/Kiev"}),
}


@dataclass(slots=True)
class Entry:
    """One event ever made here. `starts_at`, `ends_at` are aware UTC."""

    resource: Resource
    starts_at: datetime
    ends_at: datetime
    updated_at: datetime
    by_hand: bool = False  # its person deleted it, not an API

    @property
    def is_live(self) -> bool:
        return bool(self.resource["status"] != "cancelled")


class EventFilter:
    """The filters of one list call."""

    def __init__(self, query: Mapping[str, list[str]], switches: Switches) -> None:
        self._uid = "iCalUID" in query
        self._pairs = [one.partition("=")[::2] for one in query.get("privateExtendedProperty", ())]
        self._deleted = query.get("showDeleted") == ["true"]
        self._since = _bound(query, "updatedMin")
        self._after = _bound(query, "timeMin")
        self._before = _bound(query, "timeMax")
        self._switches = switches

    def fits(self, entry: Entry) -> bool:
        """Whether the event belongs in the answer."""
        if self._since is not None and entry.updated_at < self._since:
            return False
        if not entry.is_live and not self._shows_tombstone():
            return False
        if self._after is not None and entry.ends_at <= self._after:
            return False
        if self._before is not None and entry.starts_at >= self._before:
            return False
        return not self._pairs or self._has_properties(entry.resource)

    def _shows_tombstone(self) -> bool:
        if self._uid and not self._switches["uid_list_tombstones"]:
            return False
        if self._pairs and not self._switches["property_list_tombstones"]:
            return False
        return self._deleted or self._since is not None  # deletions since updatedMin always show

    def _has_properties(self, resource: Resource) -> bool:
        private = resource.get("extendedProperties", {}).get("private", {})
        matches = (private.get(name) == value for name, value in self._pairs)
        return all(matches) if self._switches["properties_match"] == "all" else any(matches)


def _bound(query: Mapping[str, list[str]], name: str) -> datetime | None:
    return read_instant(query[name][0]) if name in query else None


def without_nulls(body: Mapping[str, Any]) -> Resource:
    """A deep copy; a null field is no field."""
    return {
        name: without_nulls(value) if isinstance(value, dict) else value
        for name, value in body.items()
        if value is not None
    }


def merge(old: Mapping[str, Any], change: Mapping[str, Any]) -> Resource:
    """PATCH semantics: objects merge, lists and values replace, null removes."""
    merged = dict(old)
    for name, value in change.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            before = merged.get(name)
            merged[name] = merge(before if isinstance(before, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def in_zone(value: Mapping[str, Any], zone: ZoneInfo, name: str) -> tuple[Resource, datetime]:
    """Start or end as Google answers it: with the calendar's offset; and its instant."""
    if "date" in value and "dateTime" not in value:
        return dict(value), day_start(value["date"], zone, name)
    if "dateTime" not in value or "date" in value:
        raise GoogleError(400, "invalid", f"Invalid {name} time.")
    try:
        moment = datetime.fromisoformat(value["dateTime"].upper())
    except ValueError as error:
        raise GoogleError(400, "invalid", f"Invalid {name} time.") from error
    try:
        named = ZoneInfo(value["timeZone"]) if "timeZone" in value else None
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise GoogleError(
            400, "invalid", f"Invalid time zone definition for {name} time."
        ) from error
    if moment.tzinfo is None:
        if named is None:
            raise GoogleError(400, "required", f"Missing time zone definition for {name} time.")
        moment = moment.replace(tzinfo=named)
    try:
        local, instant = moment.astimezone(zone).replace(microsecond=0), moment.astimezone(UTC)
    except OverflowError as error:
        raise GoogleError(400, "invalid", f"Invalid {name} time.") from error
    text = local.isoformat().replace("+00:00", "Z")
    return {"dateTime": text, "timeZone": value.get("timeZone", zone.key)}, instant


def told_in(resource: Resource, zone: ZoneInfo) -> Resource:
    """The event with its times in the zone that a caller asked for."""
    times = {name: in_zone(resource[name], zone, name)[0] for name in ("start", "end")}
    return resource | times


def day_start(value: str, zone: ZoneInfo, name: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), zone).astimezone(UTC)
    except ValueError as error:
        raise GoogleError(400, "invalid", f"Invalid {name} date.") from error


def read_instant(text: str) -> datetime:
    """An RFC 3339 time with its offset. Raises ValueError."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_guests(attendees: list[Resource], owner: str) -> list[Resource]:
    """Attendees as Google answers them: an answer for each, and which of them is the owner."""
    guests: list[Resource] = [{"responseStatus": "needsAction", **one} for one in attendees]
    for guest in guests:
        if guest["email"].casefold() == owner.casefold():
            guest["self"] = True
    return guests


def reformatted(description: str) -> str:
    """The same text in other HTML, as a rich text editor would store it."""
    text = re.sub(r"<br\s*/?>", "<br />", description).replace("&#39;", "'")
    return text.replace("&quot;", '"').rstrip()


def mailed_fields(invite: Invite) -> Resource:
    """An invitation as fields of a Google event."""
    return {
        "status": "confirmed",
        "summary": invite.title,
        "location": invite.location,
        "description": invite.description,
        "start": {"dateTime": invite.starts_at.isoformat()},
        "end": {"dateTime": invite.ends_at.isoformat()},
        "sequence": invite.sequence,
        "attendees": [{"email": one} for one in invite.attendees],
        **({"source": {"title": invite.title, "url": invite.url}} if invite.url else {}),
    }
