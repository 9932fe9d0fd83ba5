"""Google Calendar as a channel: the event is the person's own, private to that person."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import ClassVar

from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from calsync.errors import ChannelError, Missing, Refused, TryLater
from calsync.ports import Abilities, Access
from calsync.untrusted.reading import reads
from providers.google.client import GoogleClient
from providers.google.mapping import (
    INSTANCE,
    event_id,
    insert_body,
    is_tombstone,
    listed,
    patch_body,
    shows,
    sighting,
)
from providers.http.errors import no_calendar
from providers.http.json_body import Reply, Resource, json_bytes


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
        """The event with this copy's id. Absence is proven: the calendar itself answers."""
        try:
            return [_seen(self._client.get(_key(copy), access, until))]
        except Missing:
            self._prove_calendar(access, until)
            return []

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
        proven, stop = False, None
        for copy in copies:
            if stop is None and until <= time.monotonic():
                stop = TryLater("no time left to look", happened="no")
            if stop is not None:
                yield copy, stop
                continue
            try:
                yield copy, _seen(self._client.get(_key(copy), access, until))
            except Missing:
                if not proven:
                    self._prove_calendar(access, until)
                    proven = True
                yield copy, Sighting(_key(copy), Seen.GONE)
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
                seen = _read(listed, one)
                marked.add(seen.remote_id)
                yield seen
            wanted = {event_id(uid) for uid in uids} - marked
            there = list(self._client.ids(since, access, until)) if wanted else []
        except Missing as error:
            raise no_calendar(error) from None
        for ident in sorted(wanted.intersection(there)):
            with suppress(Missing):  # deleted since
                yield _read(listed, self._client.get(ident, access, until))

    def _create(self, prepared: PreparedRequest, access: Access, until: float) -> Reply:
        try:
            return self._client.insert(prepared.body, access, until)
        except Missing as error:
            raise no_calendar(error) from None

    def _at_event(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Reply:
        try:
            if prepared.do is Do.CHANGE:
                return self._client.patch(prepared.key, prepared.body, copy.revision, access, until)
            return self._client.delete(prepared.key, copy.revision, access, until)
        except Missing:
            self._prove_calendar(access, until)
            raise
        except Refused as error:
            if error.reason == "403 forbidden" and self._was_deleted(prepared.key, access, until):
                raise Missing("403 forbidden, deleted", happened="no") from None
            raise

    def _was_deleted(self, key: str, access: Access, until: float) -> bool:
        """Not verified: writing to an event that its owner deleted by hand is said to be forbidden
        (https://github.com/googleapis/google-api-ruby-client/issues/1811)."""
        return is_tombstone(self._client.get(key, access, until))

    def _prove_calendar(self, access: Access, until: float) -> None:
        """Raise Unusable when not the event but the calendar is out of reach."""
        try:
            self._client.prove_calendar(access, until)
        except Missing as error:
            raise no_calendar(error) from None
        except Refused as error:
            if error.reason.startswith("403"):
                raise no_calendar(error) from None
            raise


def _key(copy: Copy) -> str:
    return copy.remote_id or event_id(copy.uid)


def _receipt(reply: Reply, prepared: PreparedRequest) -> Receipt:
    """Raises Missing when what was changed turns out to be deleted."""
    seen = _seen(reply.resource)
    if seen.state is Seen.GONE:
        raise Missing("200 cancelled", happened="no", request_id=reply.request_id)
    applied = shows(reply.resource, json.loads(prepared.body))
    return Receipt(seen.remote_id, seen.revision, reply.request_id, applied)


@reads
def _seen(resource: Resource) -> Sighting:
    return _read(sighting, resource)


@reads
def _read(reader: Callable[[Resource], Sighting], resource: Resource) -> Sighting:
    try:
        return reader(resource)
    except (ValueError, TypeError, AttributeError):
        raise TryLater("200 with an unreadable body") from None
