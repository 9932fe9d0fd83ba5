"""In which calendar of its account an object stands. A person who moves it to another calendar
(WebDAV's MOVE, or a copy and a removal) leaves nothing where it was; its UID stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsync.errors import AccessLost, ChannelError, TryLater
from calsync.ports import Access
from providers.caldav.addresses import collection_url, is_member, resource_url, same_resource
from providers.caldav.client import CaldavClient, CalendarObject, object_of
from providers.caldav.discovery import calendars_beside
from providers.caldav.mapping import object_name
from providers.caldav.multistatus import uid_query_body

MOST = 20  # other calendars that are searched for one event
OBJECT = b"BEGIN:VCALENDAR"
GONE = frozenset({404, 410})  # of an object: it was removed since


@dataclass(frozen=True, slots=True)
class Bearers:
    """What bears a UID. `all_searched`: no other calendar of the account can hold it."""

    objects: Sequence[CalendarObject]
    all_searched: bool = True


class Calendars:
    """The account's calendars during one call, listed when they are first needed."""

    def __init__(self, client: CaldavClient, access: Access, until: float) -> None:
        self._client, self._access, self._until = client, access, until
        self._own = collection_url(access.endpoint)
        self._listed: tuple[Sequence[str], bool] | None = None

    def find(self, uid: str) -> Bearers:
        """The objects with this UID in the account's own calendar; where there is none, those in
        another one. Raises ChannelError when the own calendar does not answer."""
        own = self._in(self._own, uid)
        if own.objects:
            return own
        others, complete = self._others()
        complete = complete and own.all_searched
        for calendar in others:
            try:
                found = self._in(calendar, uid)
            except (TryLater, AccessLost):
                raise
            except ChannelError:
                complete = False
                continue
            if found.objects:
                return found
            complete = complete and found.all_searched
        return Bearers((), complete)

    def in_own(self, uid: str) -> Sequence[CalendarObject]:
        return self._in(self._own, uid).objects

    def _in(self, calendar: str, uid: str) -> Bearers:
        """An object that its server cannot show may be the one. By its name it is: that is the
        uid's, and a person's move leaves it. Raises TryLater then."""
        answers = self._client.report(calendar, uid_query_body(uid), self._access, self._until)
        there = (one for one in answers if is_member(calendar, one.url) and one.status not in GONE)
        found = [object_of(one, one.url) for one in there]
        # Servers may answer with more than was asked for.
        objects = [one for one in found if uid.encode() in one.data]
        unread = [one for one in found if OBJECT not in one.data.upper()]
        own_name = same_resource(resource_url(calendar, object_name(uid)))
        if any(same_resource(one.url) == own_name for one in unread):
            raise TryLater("200 without the object: its server cannot show it", happened="no")
        return Bearers(objects, not unread)

    def _others(self) -> tuple[Sequence[str], bool]:
        if self._listed is None:
            beside = calendars_beside(self._client, self._access, self._until)
            several = beside or ()
            urls = [one.href for one in several if one.writable]
            self._listed = urls[:MOST], beside is not None and len(urls) <= MOST
        return self._listed
