"""Google Calendar as a channel: the event is the person's own, private to that person."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from calsync.core.address import address_key
from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from calsync.errors import ChannelError, Missing, Refused, TryLater
from calsync.ports import Abilities, Access
from calsync.untrusted.reading import reads
from providers.google.client import GoogleClient
from providers.google.mapping import (
    INSTANCE,
    adopted_body,
    bears,
    event_id,
    insert_body,
    is_adoptable,
    is_shared,
    is_tombstone,
    listed,
    patch_body,
    shown,
    sighting,
)
from providers.google.whereabouts import OtherCalendars, key_in, placed, prove_calendar
from providers.http.errors import no_calendar
from providers.http.json_body import Reply, Resource, json_bytes

UNMARKED = "drift:unmarked"  # what an event shows that says nothing of it


class GoogleChannel:
    """See `calsync.ports.Channel`. Change and removal are sent with the revision last seen: what
    a person did meanwhile comes back as Changed instead of being written over."""

    kind: ClassVar[str] = "google"
    able: ClassVar[Abilities] = Abilities(can_inspect=True, inspect_batch=250, names_zones=True)

    def __init__(self, client: GoogleClient) -> None:
        self._client = client

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        """The call as bytes; `now` plays no part in it."""
        match do:
            case Do.CREATE:
                made = insert_body(copy.uid, event, copy.marker)
                key, body = event_id(copy.uid), json_bytes(made)
            case Do.CHANGE:
                changed = patch_body(event, copy.marker, marked_private=copy.marked_private)
                key, body = _key(copy), json_bytes(changed)
            case Do.WITHDRAW:
                key, body = _key(copy), b""
        return PreparedRequest(do, key, body, event.material_fp, event.quiet_fp)

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """One call. Only after an answer that the event is not there, a second one that reads."""
        if prepared.do is Do.CREATE:
            return _receipt(self._create(prepared, access, until), prepared)
        reply = self._at_event(prepared, copy, access, until)
        if prepared.do is Do.CHANGE:
            return _receipt(reply, prepared)
        return Receipt(prepared.key, request_id=reply.request_id)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        """The event with this copy's id, looked for in the account's other calendars where it is
        not in its own. Absence is proven: the calendar itself answers."""
        seen = self._look(copy, OtherCalendars(self._client, access, until), access, until)
        return [] if seen.state is Seen.ABSENT and not seen.unsearched else [seen]

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        """Every event with this iCalUID that is not deleted, whoever made it."""
        try:
            return [_seen(one) for one in self._client.by_uid(uid, access, until)]
        except Missing as error:
            raise no_calendar(error) from None

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        """Event by event, so that nobody else's entries are read. Trouble with one copy is yielded
        for it, trouble with the account is raised; copies that time or Google's limits leave over
        get TryLater."""
        others, stop = OtherCalendars(self._client, access, until), None
        for copy in copies:
            if stop is None and until <= time.monotonic():
                stop = TryLater("no time left to look", happened="no")
            if stop is not None:
                yield copy, stop
                continue
            try:
                seen = self._look(copy, others, access, until)
                absent = seen.state is Seen.ABSENT
                yield copy, replace(seen, state=Seen.GONE) if absent else seen
            except TryLater as error:
                stop = error if error.scope != "copy" else None
                yield copy, error
            except Refused as error:
                yield copy, error

    def listed(
        self, instance: str, uids: Collection[str], since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        """By the marker, then by the ids of all that stands there: an event's id is its copy's."""
        marked: set[str] = set()
        try:
            for one in self._client.by_marker(INSTANCE, instance, since, access, until):
                seen = listed(one)
                marked.add(seen.remote_id)
                yield seen
            wanted = {event_id(uid) for uid in uids} - marked
            there = list(self._client.ids(since, access, until)) if wanted else []
        except Missing as error:
            raise no_calendar(error) from None
        for ident in sorted(wanted.intersection(there)):
            with suppress(Missing):  # deleted since
                yield listed(self._client.get(ident, access, until))

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        """`copy.remote_id` may name the calendar in front, `calendar/event`."""
        calendar, _, ident = (copy.remote_id or "").rpartition("/")
        mine = calendar and address_key(calendar) == address_key(copy.address)
        key = key_in("" if mine and access.calendar == "primary" else calendar, ident, access)
        ident, there = placed(key, access)
        try:
            found = self._client.foreign(ident, there, until)
        except Missing:
            prove_calendar(self._client, access, until)
            raise
        return replace(self._adopted(found, copy, event, there, until), remote_id=key)

    def _adopted(
        self, found: Resource, copy: Copy, event: DesiredEvent, there: Access, until: float
    ) -> Sighting:
        seen, marker = _seen(found), copy.marker
        if seen.state is Seen.GONE:
            raise Missing("200 cancelled", happened="no")
        if is_shared(found):
            return replace(seen, has_guests=True)
        if marker is None or bears(found, marker):
            return seen
        if not is_adoptable(found):
            return replace(seen, state=Seen.NOT_OURS)
        body = json_bytes(adopted_body(found, event, marker))
        return _seen(self._client.patch(seen.remote_id, body, seen.revision, there, until).resource)

    def _look(self, copy: Copy, others: OtherCalendars, access: Access, until: float) -> Sighting:
        """What there is of a copy, wherever in the account. ABSENT: nothing, which is proven."""
        key = _key(copy)
        event, there = placed(key, access)
        try:
            seen = replace(_seen(self._client.get(event, there, until)), remote_id=key)
        except Missing:
            others.prove_own()
            seen = Sighting(key, Seen.ABSENT)
        if seen.state not in (Seen.GONE, Seen.ABSENT):
            return seen
        moved = others.find(event, key)
        if moved is None:
            return replace(seen, unsearched=not others.all_known)
        return _followed(_seen(moved[1]), moved[0], event == event_id(copy.uid))

    def _create(self, prepared: PreparedRequest, access: Access, until: float) -> Reply:
        try:
            return self._client.insert(prepared.body, access, until)
        except Missing as error:
            raise no_calendar(error) from None

    def _at_event(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Reply:
        event, there = placed(prepared.key, access)
        try:
            if prepared.do is Do.CHANGE:
                return self._client.patch(event, prepared.body, copy.revision, there, until)
            return self._client.delete(event, copy.revision, there, until)
        except Missing:
            prove_calendar(self._client, access, until)
            raise
        except Refused as error:
            if error.reason == "403 forbidden" and self._was_deleted(event, there, until):
                raise Missing("403 forbidden, deleted", happened="no") from None
            raise

    def _was_deleted(self, key: str, access: Access, until: float) -> bool:
        """Not verified: writing to an event that its owner deleted by hand is said to be forbidden
        (https://github.com/googleapis/google-api-ruby-client/issues/1811)."""
        return is_tombstone(self._client.get(key, access, until))


def _key(copy: Copy) -> str:
    return copy.remote_id or event_id(copy.uid)


@reads
def _receipt(reply: Reply, prepared: PreparedRequest) -> Receipt:
    """Raises Missing when what was changed turns out to be deleted, TryLater for no event."""
    try:
        seen, applied = shown(reply.resource, json.loads(prepared.body))
    except (ValueError, TypeError, AttributeError):
        raise TryLater("200 with an unreadable body") from None
    if seen.state is Seen.GONE:
        raise Missing("200 cancelled", happened="no", request_id=reply.request_id)
    remote_id = seen.remote_id if prepared.do is Do.CREATE else prepared.key
    return Receipt(remote_id, seen.revision, reply.request_id, applied)


def _followed(seen: Sighting, key: str, is_made_by_us: bool) -> Sighting:
    """An event of ours that stands in another calendar now. Not verified: it keeps its private
    properties there; one that lost them is known by its id, and shows nothing to rely on."""
    seen = replace(seen, remote_id=key)
    if seen.state is not Seen.NOT_OURS or not is_made_by_us:
        return seen
    return replace(seen, state=Seen.LIVE, material_fp=UNMARKED, quiet_fp=UNMARKED)


@reads
def _seen(resource: Resource) -> Sighting:
    try:
        return sighting(resource)
    except (ValueError, TypeError, AttributeError):
        raise TryLater("200 with an unreadable body") from None
