"""What Graph's event calls do: create, read, change, delete, list, and whom Exchange mails."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from calsync.sandbox.microsoft.graph_error import GraphError
from calsync.sandbox.microsoft.graph_event import (
    OutlookEntry,
    Preferences,
    Resource,
    has_offset,
    tell,
)
from calsync.sandbox.microsoft.graph_query import QueryError, instant, read_filter, read_order
from calsync.sandbox.microsoft.graph_schema import GraphSchema
from calsync.sandbox.microsoft.outlook_calendar import OutlookCalendar
from calsync.sandbox.reply import Incoming, Reply
from calsync.sandbox.switches import Switches

PREFIX = "/v1.0/"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GraphCall:
    """One checked request; `select` None wants every property."""

    calendar: OutlookCalendar
    item: str
    query: Mapping[str, str]
    select: frozenset[str] | None
    expand: frozenset[str]
    skip: int
    top: int
    body: Any
    prefer: Preferences
    if_match: str | None
    asked: Incoming


class GraphEvents:
    """The calls on one mailbox. `violations` and `outbox` are what tests assert to be empty.

    `url` is where Graph is served; links to next pages begin with it.
    """

    def __init__(self, switches: Switches) -> None:
        self.url = ""
        self.violations: list[str] = []
        self.outbox: list[dict[str, Any]] = []
        self.schema = GraphSchema()
        self._switches = switches
        self._operations: dict[tuple[str, str], Callable[[GraphCall], Reply]] = {
            ("GET", "calendar"): self._calendar,
            ("GET", "events"): self._list,
            ("POST", "events"): self._create,
            ("GET", "calendarView"): self._view,
            ("GET", "otherView"): lambda call: self._view(call, "other"),
            ("GET", "eventCalendar"): self._calendar_of_event,
            ("GET", "event"): self._get,
            ("PATCH", "event"): self._patch,
            ("DELETE", "event"): self._delete,
        }

    def note(self, asked: Incoming, wrong: str) -> None:
        """Record a caller's mistake."""
        where = re.sub(
            r"(events|users|subscriptions)/[^/]+", r"\1/{id}", asked.path.removeprefix(PREFIX)
        )
        self.violations.append(f"{asked.method} {where}: {wrong}")

    def _profile(self, owner: OutlookCalendar) -> Resource:
        return {
            "@odata.context": f"{self.url}{PREFIX}$metadata#users/$entity",
            "id": owner.oid,
            "displayName": owner.name,
            "mail": owner.owner,
            "userPrincipalName": owner.owner,
        }

    def _calendar(self, call: GraphCall) -> Reply:
        owner = {"name": call.calendar.name, "address": call.calendar.owner}
        return Reply(
            200,
            {
                "id": call.calendar.id,
                "name": "Calendar",
                "isDefaultCalendar": True,
                "canEdit": True,
                "canShare": True,
                "isRemovable": False,
                "isTallyingResponses": True,
                "changeKey": call.calendar.id[-24:],
                "allowedOnlineMeetingProviders": ["teamsForBusiness"],
                "defaultOnlineMeetingProvider": "teamsForBusiness",
                "owner": owner,
            },
        )

    def _create(self, call: GraphCall) -> Reply:
        fields = self._checked(call.asked, call.body, patch=False)
        if not fields.get("transactionId"):
            self.note(call.asked, "no transactionId: a retry would make a second event")
        entry, is_new = self._told(call.asked, lambda: call.calendar.create(fields))
        if is_new:
            self._mail("invitation", call.calendar, entry, entry.guests)
        return Reply(201, self._show(call, entry))

    def _get(self, call: GraphCall) -> Reply:
        entry = call.calendar.get(call.item, call.prefer.immutable)
        return Reply(200, self._show(call, entry))

    def _patch(self, call: GraphCall) -> Reply:
        fields = self._checked(call.asked, call.body, patch=True)
        entry = call.calendar.get(call.item, call.prefer.immutable)
        before = entry.guests
        self._told(call.asked, lambda: call.calendar.patch(entry, fields, call.if_match))
        if entry.folder != "deleted" and entry.invited is None and fields:
            gone = [one for one in before if one not in entry.guests]
            kept = [one for one in entry.guests if one in before]
            self._mail("cancellation", call.calendar, entry, gone)
            self._mail("update", call.calendar, entry, kept if set(fields) != {"attendees"} else [])
            new = [one for one in entry.guests if one not in before]
            self._mail("invitation", call.calendar, entry, new)
        return Reply(200, self._show(call, entry))

    def _delete(self, call: GraphCall) -> Reply:
        entry = call.calendar.get(call.item, call.prefer.immutable)
        was_there = entry.folder != "deleted"
        call.calendar.delete(entry, call.if_match)
        if was_there and entry.invited is None:
            self._mail("cancellation", call.calendar, entry, entry.guests)
        elif was_there and entry.invited and self._switches["decline_mail"]:
            self._mail("decline", call.calendar, entry, [entry.invited[0]])
        return Reply(204)

    def _list(self, call: GraphCall) -> Reply:
        wanted = None
        if "$filter" in call.query:
            wanted = read_filter(call.query["$filter"], self._switches)
        by_property = wanted is not None and wanted.by_property
        deleted = by_property and bool(self._switches["property_filter_deleted"])
        entries = list(call.calendar.listed(deleted=deleted, everywhere=by_property))
        if wanted is not None:
            entries = [one for one in entries if wanted.fits(one)]
        return self._page(call, entries)

    def _calendar_of_event(self, call: GraphCall) -> Reply:
        """The navigation property `calendar` of an event; Deleted Items are no calendar."""
        entry = call.calendar.get(call.item, call.prefer.immutable)
        if entry.folder == "deleted":
            raise GraphError(404, "ErrorItemNotFound")
        owner = call.calendar
        return Reply(200, {"id": owner.id if entry.folder == "calendar" else owner.other_id})

    def _view(self, call: GraphCall, folder: str = "calendar") -> Reply:
        try:
            after, before = (instant(call.query[f"{name}DateTime"]) for name in ("start", "end"))
        except KeyError as error:
            raise QueryError(f"This request requires the query parameter {error}.") from error
        wanted = (
            read_filter(call.query["$filter"], self._switches) if "$filter" in call.query else None
        )
        entries = [
            one
            for one in call.calendar.listed(everywhere=True)
            if one.lies_in(folder, after, before) and (not wanted or wanted.fits(one))
        ]
        return self._page(call, sorted(entries, key=lambda one: one.starts_at))

    def _page(self, call: GraphCall, entries: list[OutlookEntry]) -> Reply:
        if "$orderby" in call.query:
            read_order(call.query["$orderby"])(entries)
        skip, top = call.skip, call.top
        if self._switches["short_pages"]:
            top = max(1, top // 2) if skip or "$skip" in call.query else 0  # the first is empty
        page: Resource = {"@odata.context": f"{self.url}{PREFIX}$metadata#users/events"}
        page["value"] = [self._show(call, one) for one in entries[skip : skip + top]]
        if skip + top < len(entries):
            query = urlencode({**call.query, "$skip": str(skip + top)})
            page["@odata.nextLink"] = f"{self.url}{call.asked.path}?{query}"
        return Reply(200, page)

    def _show(self, call: GraphCall, entry: OutlookEntry) -> Resource:
        owner = (call.calendar.name, call.calendar.owner)
        resource = tell(entry, owner, call.prefer)
        if call.select is not None:
            resource = {name: one for name, one in resource.items() if name in call.select}
        found = [
            {"id": name, "value": value}
            for name, value in entry.properties.items()
            if name in call.expand
        ]
        if found:  # an event without the property comes without the list
            resource["singleValueExtendedProperties"] = found
        return resource

    # What is no schema but a rule

    def _checked(self, asked: Incoming, body: object, *, patch: bool) -> dict[str, Any]:
        checked = self._told(asked, lambda: self.schema.check_event(body, patch=patch))
        for name in checked.dropped:
            self.note(asked, f"{name} cannot be written")
        for name in ("start", "end"):
            if has_offset(checked.fields.get(name) or {}):
                self.note(asked, f"{name}.dateTime carries an offset, which Graph does not look at")
        if checked.fields.get("isOnlineMeeting") or checked.fields.get("recurrence"):
            raise GraphError(501, "notImplemented", "Teams and series are not modelled")
        return checked.fields

    def _told(self, asked: Incoming, work: Callable[[], T]) -> T:
        """Record a 400 as the caller's violation."""
        try:
            return work()
        except GraphError as error:
            if error.status == 400 and error.code != "ErrorDuplicateTransactionId":
                self.note(asked, f"{error.code}: {error.message}")
            raise

    def _mail(
        self, kind: str, calendar: OutlookCalendar, entry: OutlookEntry, to: list[str]
    ) -> None:
        """Exchange mails the others; nothing in a request can keep it from that."""
        others = sorted({one for one in to if one.casefold() != calendar.owner.casefold()})
        if others:
            event = {"kind": kind, "person": calendar.owner, "event": entry.id, "to": others}
            self.outbox.append(event)
