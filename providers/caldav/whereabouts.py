"""In which calendar of its account an object stands. A person who moves it to another calendar
(WebDAV's MOVE, or a copy and a removal) leaves nothing where it was; its UID stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calsync.errors import AccessLost, ChannelError, TryLater
from calsync.ports import Access
from providers.caldav.addresses import collection_url, is_member
from providers.caldav.client import CaldavClient, CalendarObject, object_of
from providers.caldav.discovery import calendars_beside
from providers.caldav.multistatus import uid_query_body

MOST = 20  # other calendars that are searched for one event


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
        own = self.in_own(uid)
        if own:
            return Bearers(own)
        others, complete = self._others()
        for calendar in others:
            try:
                found = self._in(calendar, uid)
            except (TryLater, AccessLost):
                raise
            except ChannelError:
                complete = False
                continue
            if found:
                return Bearers(found)
        return Bearers((), complete)

    def in_own(self, uid: str) -> list[CalendarObject]:
        return self._in(self._own, uid)

    def _in(self, calendar: str, uid: str) -> list[CalendarObject]:
        answers = self._client.report(calendar, uid_query_body(uid), self._access, self._until)
        found = (
            object_of(one, one.url)
            for one in answers
            if one.status == 200 and is_member(calendar, one.url)
        )
        # Servers may answer with more than was asked for.
        return [one for one in found if uid.encode() in one.data]

    def _others(self) -> tuple[Sequence[str], bool]:
        if self._listed is None:
            beside = calendars_beside(self._client, self._access, self._until)
            several = beside or ()
            urls = [one.href for one in several if one.writable]
            self._listed = urls[:MOST], beside is not None and len(urls) <= MOST
        return self._listed
