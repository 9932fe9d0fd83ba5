"""What stands in a calendar. An answer to GET proves nothing by itself.

An ordinary delete moves an event to Deleted Items, and its immutable id goes with it: reading it by
id may still succeed (not verified). An event counts as present only when a view of a calendar lists
it, and as absent only when the calendar answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from calsync.core.ledger import Copy
from calsync.errors import AccessLost, ChannelError, Missing, Setup, Unusable
from calsync.ports import Access
from providers.http.errors import no_calendar
from providers.http.json_body import Resource
from providers.outlook.client import (
    MOST_PARTS,
    GraphClient,
    calendar_of,
    events_where,
    ids_between,
    whole_event,
)
from providers.outlook.mapping import EXPAND, first_made, key_filter, view, window

Found = Resource | ChannelError
# Not verified: of a batch to one mailbox, parts beyond the fourth may be throttled. Who asks for
# single copies takes these as not known; a listing is worth nothing without them.
# https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
FEW = 4
# Where nothing is known of an event's times, a view shows at least that the calendar answers.
SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of one copy.

    remote_id  its id, also of one that was removed; None: there is no sign of it
    resource   the event as it stands in a calendar; None: proven not to
    """

    remote_id: str | None = None
    resource: Resource | None = field(default=None, repr=False)


class Presence:
    """Looks into one account's calendars, up to 20 questions to a request."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    def of_copies(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> list[Trace | ChannelError]:
        """By the id Graph gave, else by our key. Trouble with one copy stands in the place of its
        trace; trouble with the account is raised."""
        found = self._read(
            [path for copy in copies for path in _paths(copy, access)], access, until
        )
        pairs = zip(copies, found[::2], found[1::2], strict=True)
        first = [_first(copy, event, listed) for copy, event, listed in pairs]
        unproven = [one for one in first if isinstance(one, Mapping)]
        proofs = iter(self._prove(unproven, access, until))
        return [_proven(one, next(proofs)) if isinstance(one, Mapping) else one for one in first]

    def where(
        self, conditions: Iterable[str], access: Access, until: float, *, expand: str = EXPAND
    ) -> list[Resource]:
        """The events that stand in a calendar and fit one of these `$filter`s, oldest first."""
        found = self.all_where(conditions, access, until, expand)
        for _, proof in found:
            if isinstance(proof, ChannelError):
                raise proof
        return [one for one, _ in found]

    def all_where(
        self, conditions: Iterable[str], access: Access, until: float, expand: str
    ) -> list[tuple[Resource, Literal[True] | ChannelError]]:
        """The same events, those included of which it could not be told whether they stand in a
        calendar, with the reason."""
        paths = [events_where(condition, access, expand) for condition in conditions]
        lists = [_sure(one) for one in self._read(paths, access, until, FEW)]
        events = list(
            {str(one["id"]): one for listed in lists for one in _entries(listed)}.values()
        )
        proofs = self._prove(events, access, until, FEW)
        by_id = {str(one["id"]): proof for one, proof in zip(events, proofs, strict=True)}
        ordered = ((one, by_id[str(one["id"])]) for one in first_made(events))
        return [(one, proof or True) for one, proof in ordered if proof is not False]

    def _prove(
        self, events: Sequence[Resource], access: Access, until: float, parts: int = MOST_PARTS
    ) -> list[bool | ChannelError]:
        """Whether each stands in a calendar: a view at the times it shows lists it, be it one of
        the calendar that its person moved it to."""
        if not events:
            return []
        bounds = [window(one) or view(SOME_TIME, SOME_TIME) for one in events]
        idents = [str(one["id"]) for one in events]
        views = [ids_between(times, access) for times in bounds]
        shown = self._read(views, access, until, parts)
        proofs = [_lists(_sure_calendar(one), idents[n]) for n, one in enumerate(shown)]
        absent = [n for n, proof in enumerate(proofs) if proof is False]
        asked = [calendar_of(idents[n], access) for n in absent]
        elsewhere = dict(zip(absent, self._read(asked, access, until, parts), strict=True))
        moved: dict[int, str] = {}
        for n, calendar in elsewhere.items():
            if not isinstance(calendar, ChannelError):
                moved[n] = ids_between(bounds[n], access, str(calendar.get("id", "")))
            elif not isinstance(calendar, Missing):
                proofs[n] = calendar
        found = self._read(list(moved.values()), access, until, parts)
        for n, listed in zip(moved, found, strict=True):
            proofs[n] = False if isinstance(listed, Missing) else _lists(listed, idents[n])
        return proofs

    def _read(
        self, paths: Sequence[str], access: Access, until: float, parts: int = MOST_PARTS
    ) -> list[Found]:
        """Raises what concerns the whole account."""
        found = self._client.read(paths, access, until, parts)
        for one in found:
            if isinstance(one, AccessLost | Unusable | Setup):
                raise one
        return found


def _paths(copy: Copy, access: Access) -> tuple[str, str]:
    """The copy itself, and what stands where it was last shown."""
    if copy.remote_id is None:
        event = events_where(key_filter(copy.uid), access)
    else:
        event = whole_event(copy.remote_id, access)
    shown = copy.content
    times = view(shown.starts_at, shown.ends_at) if shown else view(SOME_TIME, SOME_TIME)
    return event, ids_between(times, access)


def _first(copy: Copy, event: Found, listed: Found) -> Resource | Trace | ChannelError:
    """What the first answers tell of a copy: its trace, or an event that is still to be proven."""
    around = _sure_calendar(listed)
    if isinstance(around, ChannelError):
        return around
    if isinstance(event, ChannelError):
        return Trace(copy.remote_id) if isinstance(event, Missing) else event
    candidates = [event] if copy.remote_id else first_made(_entries(event))
    for one in candidates:
        if _lists(around, str(one["id"])) is True:
            return Trace(str(one["id"]), one)
    return candidates[0] if candidates else Trace()


def _proven(event: Resource, proof: bool | ChannelError) -> Trace | ChannelError:
    if isinstance(proof, ChannelError):
        return proof
    return Trace(str(event["id"]), event if proof else None)


def _lists(listed: Found, ident: str) -> bool | ChannelError:
    if isinstance(listed, ChannelError):
        return listed
    return any(one["id"] == ident for one in _entries(listed))


def _entries(listed: Resource) -> list[Resource]:
    return [one for one in listed.get("value", ()) if isinstance(one, dict) and one.get("id")]


def _sure(found: Found) -> Resource:
    found = _sure_calendar(found)
    if isinstance(found, ChannelError):
        raise found
    return found


def _sure_calendar(listed: Found) -> Found:
    """Raises Unusable when not an event but the calendar is not there."""
    if isinstance(listed, Missing):
        raise no_calendar(listed)
    return listed
