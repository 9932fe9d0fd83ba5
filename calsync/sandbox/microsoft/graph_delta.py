"""Graph's calendarView/delta: what changed in a window of a calendar since the last round.
https://learn.microsoft.com/graph/api/event-delta"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlencode

from calsync.sandbox.microsoft.graph_error import CallerError, GraphError
from calsync.sandbox.microsoft.graph_event import OutlookEntry, Resource
from calsync.sandbox.microsoft.graph_events import PREFIX, GraphCall
from calsync.sandbox.microsoft.graph_query import DEFAULT_PAGE, QueryError, instant
from calsync.sandbox.microsoft.outlook_calendar import OutlookCalendar
from calsync.sandbox.reply import Reply
from calsync.sandbox.switches import Switches

NAMES = frozenset({"delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"})
WINDOW = {"startdatetime": "startDateTime", "enddatetime": "endDateTime"}
SKIP, DELTA = TOKENS = ("$skiptoken", "$deltatoken")
REFUSED = ("$orderby", "$filter", "$select", "$expand", "$search")
EVENT = "#microsoft.graph.event"
# The texts are Graph's as public reports show them:
# https://github.com/microsoftgraph/microsoft-graph-docs/issues/2350
LOST = {
    "SyncStateNotFound": (410, "The sync state generation is not found; generation=1;[highest=9]."),
    "resyncRequired": (410, "Resync required."),
    "syncStateNotFound": (400, "The sync state is not found."),
}


Key = tuple[str, str]
"""A token with its kind before it."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a state token stands for.

    bounds    the window as it was asked for, `after` and `before` as instants
    since     the mailbox's version when the round began: the next one tells of everything later
    known     the events that the caller believes in: immutable id to the id that was told
    waiting   the events that this round has yet to tell, by immutable id
    led_by    the token that led here
    """

    owner: str
    folder: str
    bounds: tuple[str, str]
    after: datetime
    before: datetime
    since: int
    known: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    led_by: Key | None = None

    def shows(self, entry: OutlookEntry | None) -> bool:
        return entry is not None and entry.lies_in(self.folder, self.after, self.before)


class GraphDelta:
    """Rounds and their tokens. `url` is where Graph is served, `show` makes an event's resource.

    Callers hold the sandbox's lock.
    """

    def __init__(
        self, switches: Switches, show: Callable[[GraphCall, OutlookEntry], Resource]
    ) -> None:
        self.url = ""
        self._switches = switches
        self._show = show
        self._rounds: dict[Key, Round] = {}
        self._ended: set[Key] = set()

    def forget(self, owner: str) -> None:
        """Every token of a mailbox ends, as when Exchange's cache is full."""
        self._ended |= {key for key, one in self._rounds.items() if one.owner == owner}

    def answer(self, call: GraphCall, folder: str) -> Reply:
        """One page. Raises GraphError for a lost token, CallerError for a wrong query."""
        kind = next((one for one in TOKENS if call.query.get(one)), "")
        if not kind:
            return self._page(call, self._first(call, folder), is_start=True)
        if len(call.query) > 1:
            raise QueryError(f"A link with {kind} is followed as it was given: it has the window.")
        key = (kind, call.query[kind])
        page = self._opened(call, folder, key)
        if page.led_by and page.led_by[0] == SKIP and self._switches["old_next_links"] == "ended":
            self._ended.add(page.led_by)
        if kind == DELTA:
            page = self._next(call.calendar, page)
        return self._page(call, replace(page, led_by=key), is_start=kind == DELTA)

    def _first(self, call: GraphCall, folder: str) -> Round:
        """A round that tells everything in the window."""
        try:
            bounds = (call.query["startDateTime"], call.query["endDateTime"])
        except KeyError as error:
            raise CallerError(
                400,
                "ErrorInvalidParameter",
                "This request requires a time window specified by the query string parameters "
                "StartDateTime and EndDateTime.",
            ) from error
        after, before = (instant(one) for one in bounds)
        calendar = call.calendar
        started = Round(calendar.owner, folder, bounds, after, before, calendar.version)
        shown = [one for one in calendar.entries.values() if started.shows(one)]
        shown.sort(key=lambda one: one.starts_at)
        return self._repeated(replace(started, waiting=tuple(one.id for one in shown)))

    def _next(self, calendar: OutlookCalendar, last: Round) -> Round:
        """A round that tells what changed since the last one began, oldest change first."""
        changed = {one.id: one.version for one in calendar.entries.values()}
        changed |= {item: version for item, (version, _) in calendar.ended.items()}
        waiting = [
            item
            for item in sorted(changed, key=changed.__getitem__)
            if changed[item] > last.since and self._is_told(calendar, last, item)
        ]
        return self._repeated(replace(last, since=calendar.version, waiting=tuple(waiting)))

    def _is_told(self, calendar: OutlookCalendar, last: Round, item: str) -> bool:
        """Whether a changed event is told, as shown or as removed, by switch."""
        entry = calendar.entries.get(item)
        rule = self._switches["delta_outside"]
        if last.shows(entry) or rule == "removed":
            return True
        stays = entry is not None and entry.folder == last.folder
        return item in last.known and not (rule == "silent" and stays)

    def _repeated(self, page: Round) -> Round:
        """One event may come twice in a round, by switch."""
        again = page.waiting[:1] if self._switches["delta_repeats"] else ()
        return replace(page, waiting=page.waiting + again)

    def _page(self, call: GraphCall, page: Round, *, is_start: bool) -> Reply:
        size = call.prefer.page_size or DEFAULT_PAGE
        if self._switches["short_pages"]:
            size = 0 if is_start else max(1, size // 2)
        known = dict(page.known)
        told = [self._tell(call, page, known, one) for one in page.waiting[:size]]
        left = page.waiting[size:]
        kind, link = (SKIP, "@odata.nextLink") if left else (DELTA, "@odata.deltaLink")
        token = secrets.token_urlsafe(48)
        self._rounds[kind, token] = replace(page, known=known, waiting=left)
        return Reply(
            200,
            {
                "@odata.context": f"{self.url}{PREFIX}$metadata#Collection(event)",
                link: f"{self.url}{call.asked.path}?{kind}={token}",
                "value": told,
            },
            {"Preference-Applied": "odata.track-changes"},
        )

    def _tell(self, call: GraphCall, page: Round, known: dict[str, str], item: str) -> Resource:
        """An event as it is now, or its removal by the id under which it was told."""
        entry = call.calendar.entries.get(item)
        if entry is not None and page.shows(entry):
            resource = {"@odata.type": EVENT, **self._show(call, entry)}
            known[item] = resource["id"]
            return resource
        default = entry.default_id if entry else call.calendar.ended[item][1]
        name = known.pop(item, item if call.prefer.immutable else default)
        return {"@odata.type": EVENT, "id": name, "@removed": {"reason": "deleted"}}

    def _opened(self, call: GraphCall, folder: str, key: Key) -> Round:
        """What a token stands for. Raises GraphError for one that is lost."""
        page = self._rounds.get(key)
        if page is None or (page.owner, page.folder) != (call.calendar.owner, folder):
            raise self._lost(call, ())
        if key in self._ended:
            raise self._lost(call, page.bounds)
        return page

    def _lost(self, call: GraphCall, bounds: tuple[str, ...]) -> GraphError:
        """The caller has to begin anew; a Location may say where."""
        code = str(self._switches["delta_lost"])
        status, message = LOST[code]
        error = GraphError(status, code, message)
        if bounds and code == "resyncRequired":
            window = urlencode(dict(zip(WINDOW.values(), bounds, strict=True)))
            error.headers = {"Location": f"{self.url}{call.asked.path}?{window}&{DELTA}="}
        return error


def read_delta_query(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The window or a token. Raises CallerError for what change tracking refuses, GraphError 501
    for what is not modelled."""
    query: dict[str, str] = {}
    for given, value in pairs:
        name = WINDOW.get(given.lower(), given)
        if name in REFUSED:
            raise CallerError(
                400,
                "ErrorInvalidUrlQuery",
                "The following parameters are not supported with change tracking over the "
                f"'CalendarView' resource: '{', '.join(REFUSED)}'.",
            )
        if name.startswith("$") and name not in TOKENS:
            raise GraphError(501, "notImplemented", f"{name} is not modelled")
        if name not in (*WINDOW.values(), *TOKENS) or name in query:
            raise QueryError(f"The query parameter '{given}' is invalid.")
        query[name] = value
    return query
