"""Google Calendar v3 over HTTP: checks against the discovery document, bearer tokens, answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from calsync.sandbox.google.discovery import Discovery
from calsync.sandbox.google.google_calendar import GoogleCalendar
from calsync.sandbox.google.google_error import GoogleError
from calsync.sandbox.google.google_event import Resource, told_in
from calsync.sandbox.google.google_quota import GoogleQuota
from calsync.sandbox.google.partial_answers import apply_mask, read_mask
from calsync.sandbox.reply import Headers, Reply
from calsync.sandbox.sign_in.tokens import Tokens
from calsync.sandbox.switches import Switches

PREFIX = "/calendar/v3/"
# Query parameters of list whose meaning is not modelled: refused, so that nobody trusts them.
UNMODELLED = frozenset({"q", "sharedExtendedProperty", "orderBy"})


@dataclass(frozen=True, slots=True)
class Call:
    """One checked request."""

    calendar: GoogleCalendar
    event_id: str
    query: Mapping[str, list[str]]
    body: Resource
    if_match: str | None


class GoogleApi:
    """Answers requests. `violations` and `outbox` are what tests assert to be empty."""

    def __init__(self, tokens: Tokens, switches: Switches, clock: Callable[[], datetime]) -> None:
        self.calendars: dict[str, GoogleCalendar] = {}  # the primary ones, by their owner
        self.seconds: dict[str, GoogleCalendar] = {}  # another one of these people
        self.violations: list[str] = []
        self.outbox: list[dict[str, Any]] = []
        self.quota = GoogleQuota(clock)
        self._tokens = tokens
        self._switches = switches
        self._clock = clock
        self._discovery = Discovery()
        self._operations: dict[str, Callable[[Call], Reply]] = {
            "calendar.events.insert": self._insert,
            "calendar.events.get": self._get,
            "calendar.events.list": self._list,
            "calendar.events.patch": self._patch,
            "calendar.events.delete": self._delete,
        }

    def open_calendar(self, owner: str, zone: str) -> None:
        """Give an account a calendar; one that is there is kept."""
        if owner not in self.calendars:
            self.calendars[owner] = GoogleCalendar(owner, zone, self._switches, self._clock)

    def open_second(self, owner: str) -> GoogleCalendar:
        """Another calendar of the account; the one that is there is kept."""
        if owner not in self.seconds:
            ident = f"c_{owner.partition('@')[0]}@group.calendar.google.com"
            zone = self.calendars[owner].zone.key
            self.seconds[owner] = GoogleCalendar(ident, zone, self._switches, self._clock)
        return self.seconds[owner]

    def holding(self, owner: str, event_id: str) -> GoogleCalendar:
        """The calendar of the account in which the event stands, else the primary one."""
        second = self.seconds.get(owner)
        entry = second.entries.get(event_id) if second is not None else None
        if second is not None and entry is not None and entry.is_live:
            return second
        return self.calendars[owner]

    def answer(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Reply:
        """The answer to one request; refusals come as Google's JSON."""
        try:
            return self._answer(method, path, query, headers, body)
        except GoogleError as error:
            reply = Reply(error.status, error.to_json())
            if error.status == 401:
                reply.headers["WWW-Authenticate"] = 'Bearer realm="https://accounts.google.com/"'
            return reply

    def _answer(self, method: str, path: str, query: str, headers: Headers, body: bytes) -> Reply:
        found = self._discovery.find(method, path.removeprefix(PREFIX))
        if found is None:
            self.violations.append(f"{method} {path}: no such method")
            raise GoogleError(404, "notFound", "Not Found")
        operation, names = found
        pairs = parse_qsl(query, keep_blank_values=True)
        content = read_json(body)
        wrong = operation.check_query(pairs) + operation.check_body(content)
        self._note(operation.id, wrong)
        owner = self._owner(headers, operation.scopes)
        self.quota.take(owner)
        if wrong:
            raise GoogleError(400, "invalid", "; ".join(wrong))
        work = self._operations.get(operation.id)
        values: dict[str, list[str]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        if operation.id == "calendar.calendarList.list":
            return self._masked(self._calendar_list(owner), values, operation.id)
        if work is None or UNMODELLED & values.keys():
            raise GoogleError(501, "notImplemented", f"{operation.id} is not modelled like this")
        call = Call(
            calendar=self._calendar(owner, names["calendarId"]),
            event_id=names.get("eventId", ""),
            query=values,
            body=content or {},
            if_match=headers.get("If-Match"),
        )
        return self._masked(work(call), values, operation.id)

    def _note(self, operation: str, wrong: list[str]) -> None:
        self.violations.extend(f"{operation}: {one}" for one in wrong)

    def _owner(self, headers: Headers, scopes: frozenset[str]) -> str:
        scheme, _, token = (headers.get("Authorization") or "").partition(" ")
        access = self._tokens.opened_by(token) if scheme.lower() == "bearer" else None
        if access is None:
            raise GoogleError(401, "authError", "Invalid Credentials", "Authorization")
        if not scopes & access.scopes:
            raise GoogleError(
                403, "insufficientPermissions", "Request had insufficient authentication scopes."
            )
        return access.person

    def _calendar(self, owner: str, calendar_id: str) -> GoogleCalendar:
        if owner not in self.calendars:
            raise GoogleError(403, "notACalendarUser", "The user must be signed up for Calendar.")
        if calendar_id in ("primary", owner):
            return self.calendars[owner]
        second = self.seconds.get(owner)
        if second is None or calendar_id != second.owner:
            raise GoogleError(404, "notFound", "Not Found")
        return second

    def _calendar_list(self, owner: str) -> Reply:
        """All calendars of the account, which owns each of them."""
        primary = self._calendar(owner, "primary")
        several = [primary, *([self.seconds[owner]] if owner in self.seconds else [])]
        items = [
            {
                "kind": "calendar#calendarListEntry",
                "id": one.owner,
                "summary": one.owner,
                "timeZone": one.zone.key,
                "accessRole": "owner",
                **({"primary": True} if one is primary else {}),
            }
            for one in several
        ]
        return Reply(200, {"kind": "calendar#calendarList", "items": items})

    def _masked(self, reply: Reply, values: Mapping[str, list[str]], operation: str) -> Reply:
        if "fields" in values and reply.payload is not None:
            try:
                reply.payload = apply_mask(read_mask(values["fields"][0]), reply.payload)
            except ValueError as error:
                self._note(operation, [str(error)])
                raise GoogleError(400, "invalidParameter", str(error)) from error
        return reply

    # Operations

    def _insert(self, call: Call) -> Reply:
        self._check_event(call, "insert")
        event = self._told(call, "insert", lambda: call.calendar.insert(call.body))
        self._mail(call, "insert", event)
        return Reply(200, event, {"ETag": event["etag"]})

    def _get(self, call: Call) -> Reply:
        event = told(call, call.calendar.get(call.event_id))
        return Reply(200, event, {"ETag": event["etag"]})

    def _patch(self, call: Call) -> Reply:
        self._check_event(call, "patch")
        before = call.calendar.get(call.event_id)
        event = self._told(
            call,
            "patch",
            lambda: call.calendar.patch(call.event_id, call.body, call.if_match),
        )
        self._mail(call, "patch", before, event)
        return Reply(200, event, {"ETag": event["etag"]})

    def _delete(self, call: Call) -> Reply:
        self._mail(call, "delete", call.calendar.delete(call.event_id, call.if_match))
        return Reply(204)

    def _list(self, call: Call) -> Reply:
        if "syncToken" in call.query:
            raise GoogleError(410, "fullSyncRequired", "Sync token is no longer valid.")
        matching = list(call.calendar.matching(call.query))
        start, size = self._page(call)
        more = start + size < len(matching)
        page: Resource = {
            "kind": "calendar#events",
            "etag": '"p33"',
            "summary": call.calendar.owner,
            "updated": max((one.get("updated", "") for one in matching), default=""),
            "timeZone": call.calendar.zone.key,
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 10}],
            "items": [told(call, one) for one in matching[start : start + size]],
        }
        page["nextPageToken" if more else "nextSyncToken"] = f"{start + size}"
        return Reply(200, page)

    def _page(self, call: Call) -> tuple[int, int]:
        size = min(int(call.query.get("maxResults", ["250"])[0]), 2500)
        token = call.query.get("pageToken", [""])[0]
        if token and not token.isdecimal():
            raise GoogleError(400, "invalid", "Invalid page token value.")
        if self._switches["short_pages"]:
            size = max(1, size // 2) if token else 0  # the first page is empty
        return int(token or 0), size

    # What is no schema but a rule

    def _check_event(self, call: Call, operation: str) -> None:
        if call.body.get("recurrence"):
            raise GoogleError(501, "notImplemented", "recurring events are not modelled")
        for one in call.body.get("attendees") or ():
            if not one.get("email"):
                self._note(operation, ["attendees without email"])
                raise GoogleError(400, "required", "Missing attendee email.")

    def _told(self, call: Call, operation: str, work: Callable[[], Resource]) -> Resource:
        """Record a 400 as the caller's violation: a rule that no schema carries."""
        try:
            return work()
        except GoogleError as error:
            if error.status == 400 and not error.blameless:
                self._note(operation, [f"{call.event_id} {error.message}".strip()])
            raise

    def _mail(self, call: Call, kind: str, *states: Resource) -> None:
        """Google mails the guests unless it is told sendUpdates=none."""
        if call.query.get("sendUpdates") == ["none"]:
            return
        owner = call.calendar.owner
        guests = {
            one["email"]
            for state in states
            for one in state.get("attendees", ())
            if one["email"].casefold() != owner.casefold()
        }
        for state in states:
            if not state.get("organizer", {}).get("self", "organizer" not in state):
                guests = {state["organizer"]["email"]}  # a guest's answer goes to the organizer
        if guests:
            event = states[-1]["id"]
            entry = {"kind": kind, "person": owner, "event": event, "to": sorted(guests)}
            self.outbox.append(entry)


def told(call: Call, event: Resource) -> Resource:
    """The event in the zone that the query asks for, else in its calendar's."""
    if "timeZone" not in call.query or "start" not in event:
        return event
    try:
        zone = ZoneInfo(call.query["timeZone"][0])
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise GoogleError(400, "invalid", "Invalid time zone value.") from error
    return told_in(event, zone)


def read_json(body: bytes) -> Any:
    """None for no body. Raises GoogleError 400 parseError."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError as error:
        raise GoogleError(400, "parseError", "Parse Error") from error
