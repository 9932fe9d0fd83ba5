"""Microsoft Graph v1.0, the calendar part: checks against its metadata, tokens, answers."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote

from calsync.sandbox.microsoft.graph_delta import NAMES as DELTA_NAMES
from calsync.sandbox.microsoft.graph_delta import GraphDelta, read_delta_query
from calsync.sandbox.microsoft.graph_error import CallerError, GraphError
from calsync.sandbox.microsoft.graph_event import Preferences, tell
from calsync.sandbox.microsoft.graph_events import PREFIX, GraphCall, GraphEvents
from calsync.sandbox.microsoft.graph_messenger import Messenger
from calsync.sandbox.microsoft.graph_query import read_expand, read_page, read_query, read_select
from calsync.sandbox.microsoft.graph_subscriptions import Asked, Subscriptions
from calsync.sandbox.microsoft.outlook_calendar import OutlookCalendar
from calsync.sandbox.reply import Headers, Incoming, Reply
from calsync.sandbox.sign_in.sign_in import GraphAccess, SignIn
from calsync.sandbox.switches import Switches

PREFERENCE = re.compile(r'([\w.\-]+)\s*=\s*"?([^",;]*)"?')
# There, but not modelled: refused, so that nobody trusts them.
UNMODELLED = re.compile(
    r"(events/[^/]+/(cancel|accept|decline|tentativelyAccept|forward|permanentDelete|instances"
    r"|attachments|extensions|snoozeReminder|dismissReminder)|events/(microsoft\.graph\.)?delta(\(\))?"
    r"|translateExchangeIds|outlook/.*|calendars|calendarGroups|mailboxSettings|messages.*)"
)
READ = frozenset({"Calendars.Read", "Calendars.ReadWrite"})
WRITE = frozenset({"Calendars.ReadWrite"})
PROFILE = frozenset({"User.Read", "User.Read.All", "User.ReadBasic.All", "User.ReadWrite"})


class GraphApi(GraphEvents):
    """Answers requests to /v1.0/."""

    def __init__(
        self,
        sign_in: SignIn,
        switches: Switches,
        clock: Callable[[], datetime],
        lock: threading.Condition,
    ) -> None:
        super().__init__(switches)
        self.calendars: dict[str, OutlookCalendar] = {}
        self._sign_in = sign_in
        self._clock = clock
        self.delta = GraphDelta(switches, self._show)
        self.messenger = Messenger(lock)
        self.subscriptions = Subscriptions(
            self.messenger, switches, clock, sign_in.tenant_id, sign_in.client_id
        )
        self._operations |= {
            ("GET", "calendarView/delta"): lambda call: self.delta.answer(call, "calendar"),
            ("GET", "otherView/delta"): lambda call: self.delta.answer(call, "other"),
        }

    def serve_at(self, url: str) -> None:
        """Where all this is served; links begin with it."""
        self.url = self.delta.url = self.subscriptions.url = url

    def open_calendar(self, owner: str, name: str) -> OutlookCalendar:
        """Give an account an Outlook mailbox; one that is there is kept."""
        if owner not in self.calendars:
            self.calendars[owner] = OutlookCalendar(
                owner, self.schema, self._switches, self._clock, self.subscriptions.hear
            )
        self.calendars[owner].name = name
        return self.calendars[owner]

    def answer(self, asked: Incoming) -> Reply:
        """The answer to one request; refusals come as Graph's JSON."""
        request_id = str(uuid.uuid4())
        client_id = asked.headers.get("client-request-id") or request_id
        try:
            reply = self._answer(asked)
        except GraphError as error:
            reply = Reply(error.status, error.to_json(request_id, client_id))
            if error.status == 401:
                reply.headers["WWW-Authenticate"] = 'Bearer realm=""'
            reply.headers |= error.headers
            if isinstance(error, CallerError):
                self.note(asked, error.message)
        reply.headers["request-id"] = request_id
        if (asked.headers.get("return-client-request-id") or "").lower() == "true":
            reply.headers["client-request-id"] = client_id
        return reply

    def stored(self, person: str) -> list[dict[str, Any]]:
        """Everything in a mailbox, for looking at. Raises KeyError."""
        calendar = self.calendars[person]
        prefer = Preferences(immutable=True, zone_name="UTC", zone=self.schema.zone("UTC"))
        return [
            tell(one, (calendar.name, calendar.owner), prefer)
            | {
                "folder": one.folder,
                "content": (one.fields.get("body") or {}).get("content") or "",
                "singleValueExtendedProperties": [
                    {"id": name, "value": value} for name, value in one.properties.items()
                ],
            }
            for one in calendar.entries.values()
        ]

    def owner_of(self, asked: Incoming) -> str:
        """Whose mailbox a request goes to, "" when nobody's or everybody's."""
        parts = asked.path.removeprefix(PREFIX).split("/")
        if parts[0] == "users" and len(parts) > 1:
            calendar = self.user(unquote(parts[1]))
            return calendar.owner if calendar else ""
        access = self._sign_in.access_of(asked.bearer)
        return access.person if access else ""

    def user(self, name: str) -> OutlookCalendar | None:
        """An account by object id or address."""
        for one in self.calendars.values():
            if name.casefold() in (one.oid, one.owner.casefold()):
                return one
        return None

    def opened(self, asked: Incoming) -> GraphAccess:
        """What the bearer token opens. Raises GraphError 401."""
        access = self._sign_in.opened_by(asked.bearer)
        if access is None:
            raise GraphError(401, "InvalidAuthenticationToken")
        return access

    def _answer(self, asked: Incoming) -> Reply:
        access = self.opened(asked)
        if parts_of(asked)[0] == "subscriptions":
            return self._subscription(asked, access)
        owner, rest = self._mailbox(asked, access)
        kind, item = self._resource(asked, owner, rest)
        known = {kind_ for _, kind_ in self._operations} | {"profile"}
        method = asked.method
        if kind not in known:
            if UNMODELLED.fullmatch("/".join(rest)):
                raise GraphError(501, "notImplemented", f"{'/'.join(rest)} is not modelled")
            self.note(asked, "no such resource")
            raise GraphError(400, "BadRequest", f"Resource not found for the segment '{rest[0]}'.")
        if kind == "profile" and method == "GET":
            permit(access, PROFILE, "Authorization_RequestDenied")
            return Reply(200, self._profile(owner))
        work = self._operations.get((method, kind))
        if work is None:
            self.note(asked, "no such method")
            raise GraphError(
                405,
                "Request_BadRequest",
                "Specified HTTP method is not allowed for the request target.",
            )
        permit(access, READ if method == "GET" else WRITE, "ErrorAccessDenied")
        return work(self._call(asked, owner, item, kind))

    def _subscription(self, asked: Incoming, access: GraphAccess) -> Reply:
        """A person subscribes to the own mailbox only, the application to everyone's."""
        permit(access, READ, "ErrorAccessDenied")
        prefer = self._preferences(asked.headers)
        body = self._body(asked)
        path = parts_of(asked)[1:]
        if asked.method == "POST" and not path:
            if not prefer.immutable:
                self.note(asked, 'no Prefer: IdType="ImmutableId"')
            if isinstance(body, dict) and not body.get("clientState"):
                self.note(asked, "no clientState: a forged notification would look like Graph's")

        def mailbox(resource: str) -> OutlookCalendar:
            return self._mailbox(replace(asked, path=PREFIX + resource), access)[0]

        return self.subscriptions.answer(
            Asked(asked.method, path, body, access.person, prefer.immutable, mailbox)
        )

    def _mailbox(
        self, asked: Incoming, access: GraphAccess
    ) -> tuple[OutlookCalendar, tuple[str, ...]]:
        """The mailbox that the path names, and the path below it. Raises GraphError."""
        parts = parts_of(asked)
        if parts[0] == "me":
            if not access.person:
                self.note(asked, "/me with an application's token")
                raise GraphError(
                    400,
                    "BadRequest",
                    "/me request is only valid with delegated authentication flow.",
                )
            name, rest = access.person, parts[1:]
        elif parts[0] == "users" and len(parts) > 1:
            name, rest = unquote(parts[1]), parts[2:]
        else:
            self.note(asked, "no such resource")
            raise GraphError(400, "BadRequest", f"Resource not found for the segment '{parts[0]}'.")
        calendar = self.user(name)
        if calendar is None and access.person == name:
            raise GraphError(404, "MailboxNotEnabledForRESTAPI")
        if calendar is None:
            code = str(self._switches["unknown_user"])
            raise GraphError(404, code, f"Resource '{name}' does not exist.")
        if access.person not in ("", calendar.owner):
            raise GraphError(403, "ErrorAccessDenied")
        return calendar, rest

    def _resource(
        self, asked: Incoming, owner: OutlookCalendar, rest: tuple[str, ...]
    ) -> tuple[str, str]:
        """What kind of resource a path below a mailbox names, and the event's id."""
        if rest[-1:] and rest[-1] in DELTA_NAMES:
            rest = (*rest[:-1], "delta")
        if (
            rest[:1] + rest[2:3] == ("calendars", "calendarView")
            and unquote(rest[1]) == owner.other_id
        ):
            return "/".join(("otherView", *rest[3:])), ""
        if rest[:1] == ("calendars",) and len(rest) > 1:
            if unquote(rest[1]) != owner.id:
                raise GraphError(404, "ErrorItemNotFound")
            rest = ("calendar", *rest[2:])
        if rest[:1] == ("calendar",) and len(rest) > 1:
            rest = rest[1:]
        if rest == ():
            return "profile", ""
        if len(rest) == 2 and rest[0] == "events" and rest[1] != "delta":
            return "event", unquote(rest[1])
        if len(rest) == 3 and rest[0] == "events" and rest[2] == "calendar":
            return "eventCalendar", unquote(rest[1])
        return (rest[0] if len(rest) == 1 else "/".join(rest)), ""

    def _call(self, asked: Incoming, owner: OutlookCalendar, item: str, kind: str) -> GraphCall:
        prefer = self._preferences(asked.headers)
        if kind != "calendar" and not prefer.immutable:
            self.note(asked, 'no Prefer: IdType="ImmutableId"')
        pairs = parse_qsl(asked.query, keep_blank_values=True)
        query = read_delta_query(pairs) if kind.endswith("/delta") else read_query(pairs)
        skip, top = read_page(query)
        return GraphCall(
            calendar=owner,
            item=item,
            query=query,
            select=read_select(query["$select"], self.schema.properties)
            if "$select" in query
            else None,
            expand=read_expand(query["$expand"]) if "$expand" in query else frozenset(),
            skip=skip,
            top=top,
            body=self._body(asked),
            prefer=prefer,
            if_match=asked.headers.get("If-Match"),
            asked=asked,
        )

    def _preferences(self, headers: Headers) -> Preferences:
        """Raises GraphError 400 for a zone that Graph does not know."""
        many = headers.get_all("Prefer") if isinstance(headers, Message) else None
        text = ", ".join(many or [headers.get("Prefer") or ""])
        given = {name.lower(): value for name, value in PREFERENCE.findall(text)}
        name = given.get("outlook.timezone", "UTC")
        zone = self.schema.zone(name, self._switches["zone_names"] == "any")
        size = given.get("odata.maxpagesize", "")
        return Preferences(
            immutable=given.get("idtype", "").lower() == "immutableid",
            zone_name=name,
            zone=zone,
            page_size=int(size) if size.isdecimal() and int(size) else None,
        )

    def _body(self, asked: Incoming) -> Any:
        if not asked.body:
            return None
        if asked.method in ("GET", "DELETE"):
            self.note(asked, "a body where none is expected")
            return None
        if not (asked.headers.get("Content-Type") or "").lower().startswith("application/json"):
            self.note(asked, "a body without Content-Type: application/json")
            raise GraphError(400, "RequestBodyRead", "A supported MIME type could not be found.")
        try:
            return json.loads(asked.body)
        except ValueError as error:
            self.note(asked, "the body is not JSON")
            raise GraphError(400, "BadRequest", "Unable to read JSON request payload.") from error


def parts_of(asked: Incoming) -> tuple[str, ...]:
    """The path below /v1.0/."""
    return tuple(asked.path.removeprefix(PREFIX).strip("/").split("/"))


def permit(access: GraphAccess, scopes: frozenset[str], code: str) -> None:
    """Raises GraphError 403 unless the token carries one of the scopes."""
    if not scopes & access.scopes:
        raise GraphError(403, code)
