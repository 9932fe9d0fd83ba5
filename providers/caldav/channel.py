"""CalDAV as a channel: one object in the person's calendar, without organizer and attendees.

On which servers it was tried: docs/caldav.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.content.icalendar import calendar_object
from calsync.core.ledger import Copy, Do
from calsync.errors import Changed, ChannelError, Missing, Refused, TryLater
from calsync.ports import Abilities, Access
from providers.caldav.addresses import (
    collection_url,
    is_member,
    on_same_origin,
    resource_url,
    same_resource,
)
from providers.caldav.client import CaldavClient, CalendarObject, object_of
from providers.caldav.errors import error_of
from providers.caldav.listing import CalendarListing
from providers.caldav.mapping import (
    adopted,
    has_guests,
    is_adoptable,
    is_shared,
    merged,
    new_key,
    object_key,
    read_object,
    remote_id,
    says_the_same,
    shows,
    sighting,
    unreadable,
)
from providers.caldav.multistatus import DavResponse, multiget_body
from providers.caldav.settings import CaldavSettings
from providers.caldav.whereabouts import Calendars
from providers.http.transport import Answer, Transport


class CaldavChannel:
    """See `calsync.ports.Channel`. `Access.endpoint` is the URL of the calendar; a wire's key and
    a `remote_id` are an object's path on that server, or its bare name in the calendar."""

    kind: ClassVar[str] = "caldav"
    able: ClassVar[Abilities] = Abilities(can_inspect=True, inspect_batch=50)

    def __init__(self, settings: CaldavSettings, transport: Transport) -> None:
        self._client = CaldavClient(settings, transport)

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        key = new_key(copy) if do is Do.CREATE else object_key(copy)
        body = b"" if do is Do.WITHDRAW else calendar_object(copy, event, now)
        return PreparedRequest(do, key, body, event.material_fp, event.quiet_fp)

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """A change and a removal read the object first: what is the person's own is kept, and an
        event with guests is left alone (Changed, `no`), for its server would mail them. One in
        which nobody else had anything is changed unread, where its server refuses to (Changed,
        `no`) once somebody has."""
        url = resource_url(collection_url(access.endpoint), prepared.key)
        if prepared.do is Do.CREATE:
            etag = self._client.create(url, prepared.body, access, until)
            return self._confirmed(url, prepared, prepared.body, etag, access, until)
        if prepared.do is Do.CHANGE and copy.is_all_ours and access.refuses_stale:
            return self._replaced(url, prepared, prepared.body, copy.revision, access, until)
        there = self._client.get(url, access, until)
        if _cannot_be_shown(there, copy):
            if prepared.do is Do.WITHDRAW:
                self._client.delete(url, access, until)
                return Receipt(remote_id(url))
            return self._replaced(url, prepared, prepared.body, there.etag, access, until)
        shown = read_object(there)
        if shown.material_fp is not None and has_guests(shown, copy.address):
            raise Changed("the event has guests now", happened="no")
        if prepared.do is Do.WITHDRAW:
            self._client.delete(url, access, until)
            return Receipt(remote_id(url))
        if shown.uid != copy.uid or shown.material_fp is None:
            raise Changed("the event is not ours any more", happened="no")
        if copy.revision not in {None, there.etag}:
            raise Changed("the event was edited", happened="no")
        body = _merged(there, prepared)
        return self._replaced(url, prepared, body, there.etag, access, until)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        """The object at the copy's href, else what bears its UID in the calendar, else in another
        one of the account. Nothing found is proven: the calendar itself has answered."""
        url = resource_url(collection_url(access.endpoint), object_key(copy))
        try:
            return [_sighted(self._client.get(url, access, until), copy)]
        except Missing:
            found = Calendars(self._client, access, until).find(copy.uid)
        if not found.objects and not found.all_searched:
            return [Sighting(remote_id(url), Seen.ABSENT, unsearched=True)]
        return _bearing(copy.uid, found.objects, copy.address)

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        """Every event in the calendar with this UID, whoever made it."""
        found = Calendars(self._client, access, until).in_own(uid)
        return _bearing(uid, found, access.account)

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        """One report for all copies in the account's calendar. Trouble with one copy is yielded for
        it, trouble with the calendar is raised."""
        calendar = collection_url(access.endpoint)
        urls = [resource_url(calendar, object_key(copy)) for copy in copies]
        paths = [remote_id(url) for url in urls if is_member(calendar, url)]
        # DAViCal answers 500 where nothing is named.
        body = multiget_body(paths)
        answers = self._client.report(calendar, body, access, until) if paths else []
        by_path = {same_resource(answer.url): answer for answer in answers}
        calendars = Calendars(self._client, access, until)
        for copy, url in zip(copies, urls, strict=True):
            try:
                there = self._at(url, by_path.get(same_resource(url)), access, until)
                yield copy, _sighted(there, copy)
            except Missing:
                yield copy, _elsewhere(copy, url, calendars)
            except ChannelError as error:
                yield copy, error

    def listed(
        self, instance: str, uids: Collection[str], since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        yield from CalendarListing(self._client, access, since, until).of(instance, uids)

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        """`copy.remote_id` may be a whole URL. Raises Refused for one on another server."""
        calendar = collection_url(access.endpoint)
        url = on_same_origin(calendar, copy.remote_id or "")
        if url is None:
            raise Refused("the event is on another server than the calendar", happened="no")
        there = self._client.get(resource_url(calendar, remote_id(url)), access, until)
        shown, marker = read_object(there), copy.marker
        seen = sighting(there, shown, copy.address)
        if is_shared(shown, copy.address):
            return replace(seen, has_guests=True)
        if marker is None or shown.item == marker.item:
            return seen
        if not is_adoptable(shown):
            return replace(seen, state=Seen.NOT_OURS)
        try:
            body = adopted(there.data, event, marker)
        except ValueError as error:
            raise unreadable(error) from None
        etag = self._client.replace(there.url, body, there.etag, access, until)
        marked = CalendarObject(there.url, etag, body)
        if etag is None:  # the server may have stored something else
            marked = self._client.get(there.url, access, until)
        return sighting(marked, read_object(marked), copy.address)

    def _at(
        self, url: str, answer: DavResponse | None, access: Access, until: float
    ) -> CalendarObject:
        """What a report has of this URL. What it leaves out, and what is in another calendar, is
        asked for by itself, so that a short answer proves no absence. Raises ChannelError."""
        if answer is None:
            return self._client.get(url, access, until)
        if answer.status != 200:
            raise error_of(Answer(answer.status, {}, b""), "object")
        return object_of(answer, url)

    def _replaced(
        self,
        url: str,
        prepared: PreparedRequest,
        body: bytes,
        revision: str | None,
        access: Access,
        until: float,
    ) -> Receipt:
        etag = self._client.replace(url, body, revision, access, until)
        return self._confirmed(url, prepared, body, etag, access, until)

    def _confirmed(
        self,
        url: str,
        prepared: PreparedRequest,
        body: bytes,
        etag: str | None,
        access: Access,
        until: float,
    ) -> Receipt:
        """`body` was stored. With a strong ETag it is there as it was sent (RFC 4791 5.3.4),
        without one the server may have stored something else."""
        plain = says_the_same(body, prepared.body)
        if etag is not None:
            return Receipt(remote_id(url), etag, all_ours=plain)
        try:
            there = self._client.get(url, access, until)
            applied, same = shows(there.data, prepared), there.data == body
            return Receipt(remote_id(url), there.etag, applied=applied, all_ours=plain and same)
        except (ChannelError, ValueError) as error:
            what = error.reason if isinstance(error, ChannelError) else "it cannot be read"
            raise TryLater(f"stored, but not confirmed: {what}", happened="maybe") from None


def _cannot_be_shown(there: CalendarObject, copy: Copy) -> bool:
    """Its server gives something else for it, and by its ETag it is what we wrote last: nothing in
    it is its person's own. SOGo 5.8 answers `(null)` when it would fold a line within an emoji."""
    if copy.revision is None or copy.revision != there.etag:
        return False
    try:
        read_object(there)
    except TryLater:
        return True
    return False


def _sighted(there: CalendarObject, copy: Copy) -> Sighting:
    if not _cannot_be_shown(there, copy):
        return _seen(there, copy.uid, copy.address)
    fps = copy.material_fp, copy.quiet_fp
    return Sighting(remote_id(there.url), Seen.LIVE, there.etag, copy.uid, *fps)


def _seen(there: CalendarObject, uid: str, address: str) -> Sighting:
    """The sighting; an object of another uid at this href is not ours, whatever it carries."""
    shown = read_object(there)
    seen = sighting(there, shown, address)
    if shown.uid == uid:
        return seen
    return Sighting(seen.remote_id, Seen.NOT_OURS, seen.revision, shown.uid)


def _elsewhere(copy: Copy, url: str, calendars: Calendars) -> Sighting | ChannelError:
    """What there is of a copy that is not where it was."""
    try:
        found = calendars.find(copy.uid)
        moved = _bearing(copy.uid, found.objects, copy.address)
    except ChannelError as error:
        return error
    live = next((one for one in moved if one.state is Seen.LIVE), None)
    return live or Sighting(remote_id(url), Seen.GONE, unsearched=not found.all_searched)


def _bearing(uid: str, found: Sequence[CalendarObject], address: str) -> list[Sighting]:
    seen = (_seen(one, uid, address) for one in found)
    return [one for one in seen if one.uid == uid]


def _merged(there: CalendarObject, prepared: PreparedRequest) -> bytes:
    try:
        return merged(there.data, prepared.body)
    except ValueError as error:
        raise unreadable(error) from None
