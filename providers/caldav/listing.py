"""What of ours stands in one calendar: after a restore, of which nothing else is known. An object
that cannot be read keeps none of the others from being listed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from calsync.core.calls import Seen, Sighting
from calsync.core.content.icalendar import ShownEvent
from calsync.errors import Missing, TryLater
from calsync.ports import Access
from providers.caldav.addresses import collection_url, is_member, resource_url, same_resource
from providers.caldav.client import CaldavClient, CalendarObject, object_of
from providers.caldav.mapping import object_name, read_object, remote_id, sighting
from providers.caldav.multistatus import ETAG, DavResponse, multiget_body, text_query_body
from providers.caldav.whereabouts import GONE

AT_ONCE = 50  # objects in one report


@dataclass(frozen=True, slots=True)
class CalendarListing:
    """One listing: `since` is as of `calsync.ports.Channel.listed`."""

    client: CaldavClient
    access: Access
    since: datetime
    until: float

    def of(self, instance: str, uids: Collection[str]) -> Iterator[Sighting]:
        """By the marker, then by the names of all that stands there: a new object's name is its
        copy's uid. A report each: a calendar of a person is no larger than a server gives at once.
        """
        marked: set[str] = set()
        for there, shown in self._marked(instance):
            marked.add(same_resource(there.url))
            yield replace(sighting(there, shown, self.access.account), item=shown.item)
        named = [(url, uid) for key, (url, uid) in self._named(uids).items() if key not in marked]
        for start in range(0, len(named), AT_ONCE):
            yield from self._by_name(dict(named[start : start + AT_ONCE]), uids)

    @property
    def _calendar(self) -> str:
        return collection_url(self.access.endpoint)

    def _marked(self, instance: str) -> Iterator[tuple[CalendarObject, ShownEvent]]:
        for answer in self._report(text_query_body("X-CALSYNC-INSTANCE", instance)):
            there = object_of(answer, answer.url)
            # Servers may answer with more than was asked for.
            if answer.status != 200 or instance.encode() not in there.data:
                continue
            shown = _shown(there)  # what cannot be read may be known by its name
            if shown is not None and shown.instance == instance and shown.ends_at > self.since:
                yield there, shown

    def _named(self, uids: Collection[str]) -> Mapping[str, tuple[str, str]]:
        """Where objects stand that have the name of one of these uids, and that uid; nothing of
        them is read."""
        if not uids:
            return {}
        calendar = self._calendar
        wanted = {same_resource(resource_url(calendar, object_name(uid))): uid for uid in uids}
        there = self.client.propfind(calendar, [ETAG], self.access, self.until, depth=1)
        found = ((same_resource(one.url), one.url) for one in there)
        return {key: (url, wanted[key]) for key, url in found if key in wanted}

    def _by_name(self, named: Mapping[str, str], uids: Collection[str]) -> Iterator[Sighting]:
        answers = self._report(multiget_body(remote_id(url) for url in named))
        by_path = {same_resource(one.url): one for one in answers}
        for url, uid in named.items():
            answer = by_path.get(same_resource(url))
            if answer is not None and answer.status in GONE:
                continue
            try:
                there = self._object(url, answer)
            except Missing:
                continue
            shown = _shown(there)
            if shown is None:
                # Without a revision: nothing tells that it is as it was written last.
                yield Sighting(remote_id(url), Seen.UNREADABLE, uid=uid)
            elif shown.uid in uids and shown.ends_at > self.since:
                yield sighting(there, shown, self.access.account)

    def _object(self, url: str, answer: DavResponse | None) -> CalendarObject:
        """What a report leaves out is asked for by itself."""
        if answer is None:
            return self.client.get(url, self.access, self.until)
        return object_of(answer, url)

    def _report(self, body: bytes) -> Sequence[DavResponse]:
        answers = self.client.report(self._calendar, body, self.access, self.until)
        return [one for one in answers if is_member(self._calendar, one.url)]


def _shown(there: CalendarObject) -> ShownEvent | None:
    """What an object shows; None where its server gives something else for it."""
    try:
        return read_object(there)
    except TryLater:
        return None
