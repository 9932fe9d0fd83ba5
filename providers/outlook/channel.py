"""Outlook as a channel: the event is the person's own appointment, with no attendees.

Exchange mails every attendee about every write, and nothing turns that off. So each change and
removal is preceded by a look at the event itself, and none is sent to one that has attendees. Where
a tenant proved that Graph refuses a change for another revision, the revision stands for the look.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from calsync.core.calls import PreparedRequest, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, Do
from calsync.errors import Changed, ChannelError, Missing, Refused, TryLater
from calsync.ports import Abilities, Access
from calsync.untrusted.reading import reads
from providers.http.errors import no_calendar
from providers.http.json_body import Reply, Resource, json_bytes
from providers.outlook.client import GraphClient
from providers.outlook.errors import MadeBefore
from providers.outlook.mapping import (
    EXPAND_ALL,
    INSTANCE,
    adopted_body,
    any_key_filter,
    create_body,
    has_guests,
    is_adoptable,
    is_marked,
    is_shared,
    listed,
    made_before,
    may_bear,
    patch_body,
    property_filter,
    shows,
    sighting,
    uid_filters,
)
from providers.outlook.presence import Presence, Trace

JUST_NOW = timedelta(minutes=10)  # how far the clocks of Microsoft and this machine may differ


class OutlookChannel:
    """See `calsync.ports.Channel`. `Access.username` names the mailbox where an application's own
    token is used; without it the mailbox is the token's.

    conditional_patch  a change is sent without a look, for the revision that calsync knows. Not
                       verified: that Graph compares If-Match of an event, and that whatever a
                       person does to one, a guest and a removal included, changes its revision
    """

    kind: ClassVar[str] = "outlook"
    able: ClassVar[Abilities] = Abilities(can_inspect=True, inspect_batch=20)

    def __init__(self, client: GraphClient, *, conditional_patch: bool = False) -> None:
        self._client, self._presence = client, Presence(client)
        self._conditional = conditional_patch

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        """The call as bytes; `now` plays no part in it."""
        match do:
            case Do.CREATE:
                key, body = copy.uid, json_bytes(create_body(copy.uid, event, copy.marker))
            case Do.CHANGE:
                hidden = copy.marked_private
                changed = patch_body(copy.uid, event, copy.marker, marked_private=hidden)
                key, body = _key(copy), json_bytes(changed)
            case Do.WITHDRAW:
                key, body = _key(copy), b""
        return PreparedRequest(do, key, body, event.material_fp, event.quiet_fp)

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """One write. A change or removal reads first, a create only after an answer that leaves
        open what was done."""
        if prepared.do is Do.CREATE:
            return self._create(prepared, copy, access, until)
        if prepared.do is Do.CHANGE and self._conditional and copy.remote_id and copy.revision:
            with suppress(Missing):  # not there any more, or moved: the look tells
                return self._as_known(copy.remote_id, copy.revision, prepared, access, until)
        event = self._without_guests(copy, access, until)
        key, revision = str(event["id"]), event.get("@odata.etag")
        if prepared.do is Do.CHANGE:
            reply = self._client.patch(key, prepared.body, revision, access, until)
            return _receipt(reply, prepared)
        reply = self._client.delete(key, revision, access, until)
        return Receipt(key, request_id=reply.request_id)

    def _as_known(
        self, key: str, revision: str, prepared: PreparedRequest, access: Access, until: float
    ) -> Receipt:
        """The change alone. Raises Changed for an event that is another by now."""
        return _receipt(self._client.patch(key, prepared.body, revision, access, until), prepared)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        """The event with the copy's id, else the first made of those with its key. A removed one is
        reported gone when its id is known; others leave no tombstone that may be read."""
        trace = self._trace(copy, access, until)
        return [] if trace.remote_id is None else [_seen(copy, trace)]

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        """Every event in a calendar with this iCalendar UID, whoever made it. None where Graph
        refuses to filter by it (not verified): what was mailed is then cancelled by mail."""
        try:
            events = self._presence.where(uid_filters(uid), access, until)
        except Refused as error:
            if not error.reason.startswith("400"):
                raise
            return []
        return [_sighting(one) for one in events]

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        """In batches. Trouble with one copy is yielded for it, trouble with the account raised."""
        if until <= time.monotonic():
            yield from ((one, TryLater("no time left to look", happened="no")) for one in copies)
            return
        traces = self._presence.of_copies(copies, access, until)
        for copy, trace in zip(copies, traces, strict=True):
            try:
                yield copy, trace if isinstance(trace, ChannelError) else _seen(copy, trace)
            except TryLater as error:
                yield copy, error

    def listed(
        self, instance: str, uids: Collection[str], since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        """What stands in a calendar, oldest first; past events too."""
        known: set[str] = set()
        marked = property_filter(INSTANCE, instance)
        asked = [marked, any_key_filter()] if uids else [marked]
        for one, is_there in self._presence.all_where(asked, access, until, EXPAND_ALL):
            seen = listed(one, known)
            known.add(seen.uid or "")
            if isinstance(is_there, ChannelError):
                if is_there.scope != "copy":
                    raise is_there
                seen = replace(seen, state=Seen.UNREADABLE)
            if seen.uid in uids or may_bear(one, INSTANCE, instance):
                yield seen

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        """Not verified: an id that was read without Prefer: IdType="ImmutableId" is taken too; the
        answer names the immutable one."""
        found, marker = self._trace(copy, access, until).resource, copy.marker
        if found is None:
            raise Missing("not in a calendar", happened="no")
        seen = _sighting(found)
        if is_shared(found):
            return replace(seen, has_guests=True)
        if marker is None or is_marked(found, marker):
            return seen
        if not is_adoptable(found):
            return replace(seen, state=Seen.NOT_OURS)
        marks = adopted_body(found, event, marker)
        body = json_bytes(marks)
        reply = self._client.patch(seen.remote_id, body, seen.revision, access, until)
        return _sighting({**reply.resource, **marks})  # an answer shows no properties of ours

    def _create(
        self, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Receipt:
        try:
            reply = self._client.create(prepared.body, access, until)
        except MadeBefore as error:
            return self._made_before(error, prepared, copy, access, until)
        except Missing as error:
            raise no_calendar(error) from None
        receipt = _receipt(reply, prepared)
        replayed = copy.attempt is not None and copy.attempt.sends > 1
        if replayed or made_before(reply.resource, datetime.now(UTC) - JUST_NOW):
            self._prove_replayed(replace(copy, remote_id=receipt.remote_id), access, until)
        return receipt

    def _prove_replayed(self, copy: Copy, access: Access, until: float) -> None:
        """Not verified: repeating a create may be answered 201 with an event that has been deleted
        since. Raises Missing then. A ledger put back from a backup may repeat one unknowingly."""
        if self._trace(copy, access, until).resource is None:
            raise Missing("201 for a deleted event", happened="no")

    def _made_before(
        self, error: MadeBefore, prepared: PreparedRequest, copy: Copy, access: Access, until: float
    ) -> Receipt:
        """This transactionId made an event with another body. If that shows what is wanted it is
        the answer; if it is deleted, Missing; in any other case the caller looks."""
        changed = Changed(error.reason, request_id=error.request_id)
        try:
            known = replace(copy, remote_id=error.existing or copy.remote_id)
            trace = self._trace(known, access, until)
        except ChannelError:
            raise changed from None
        event = trace.resource
        if event is None and trace.remote_id is not None:
            raise Missing(f"{error.reason}, deleted", happened="no") from None
        if event is None or has_guests(event) or not shows(event, json.loads(prepared.body)):
            raise changed from None
        return Receipt(str(event["id"]), event.get("@odata.etag"), error.request_id)

    def _without_guests(self, copy: Copy, access: Access, until: float) -> Resource:
        """The event as it stands in the calendar now. Raises Missing when it does not, Changed when
        people were invited to it: the caller looks, and leaves it alone from then on."""
        try:
            event = self._trace(copy, access, until).resource
        except ChannelError as error:
            error.happened = "no"  # only read so far
            raise
        if event is None:
            raise Missing("not in a calendar", happened="no")
        if has_guests(event):
            raise Changed("attendees were added", happened="no")
        return event

    def _trace(self, copy: Copy, access: Access, until: float) -> Trace:
        (trace,) = self._presence.of_copies([copy], access, until)
        if isinstance(trace, ChannelError):
            raise trace
        return trace


def _key(copy: Copy) -> str:
    return copy.remote_id or copy.uid


def _receipt(reply: Reply, prepared: PreparedRequest) -> Receipt:
    seen = _sighting(reply.resource)
    applied = shows(reply.resource, json.loads(prepared.body))
    return Receipt(seen.remote_id, seen.revision, reply.request_id, applied)


def _seen(copy: Copy, trace: Trace) -> Sighting:
    if trace.resource is None:
        return Sighting(trace.remote_id or _key(copy), Seen.GONE)
    return _sighting(trace.resource)


@reads
def _sighting(resource: Resource) -> Sighting:
    try:
        return sighting(resource)
    except (ValueError, TypeError, AttributeError):
        raise TryLater("200 with an unreadable body") from None
