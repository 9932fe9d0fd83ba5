"""Where in its account an event stands that its person moved to another calendar."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import responses

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, Do
from calsync.errors import AccessLost
from calsync.ports import Access
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.google.mapping import event_id
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.make import NOW, a_copy, an_event

EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
CALENDARS = "https://www.googleapis.com/calendar/v3/users/me/calendarList"
MAYA, OTHER = "maya@example.org", "c_1@group.calendar.google.com"
ACCESS = Access(account=MAYA, secret="ya29.secret")
TOMBSTONE = {"id": "x", "status": "cancelled"}
NOT_FOUND = {"error": {"errors": [{"reason": "notFound"}], "code": 404}}


def soon() -> float:
    return time.monotonic() + 30


@pytest.fixture
def channel() -> GoogleChannel:
    return GoogleChannel(GoogleClient(Transport(Watchdog())))


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def stored(copy: Copy) -> dict[str, Any]:
    """The event as Google holds it."""
    prepared = GoogleChannel.prepare(_NOTHING, Do.CREATE, copy, an_event(), NOW)
    return {**json.loads(prepared.body), "status": "confirmed", "etag": '"1"'}


_NOTHING: Any = None  # prepare is pure: it uses nothing of the channel


def url(copy: Copy) -> str:
    return f"{EVENTS}/{event_id(copy.uid)}"


def in_other(copy: Copy) -> str:
    return url(copy).replace("/primary/", f"/{OTHER.replace('@', '%40')}/")


def moved_copy() -> Copy:
    return replace(a_copy(), remote_id=f"{OTHER}/{event_id(a_copy().uid)}")


def list_other(mocked: responses.RequestsMock, **more: object) -> None:
    items = [{"id": MAYA, "primary": True}, {"id": OTHER}, {"summary": "no id"}]
    mocked.get(CALENDARS, json={"items": items, **more})


def test_an_event_is_found_in_another_calendar_of_its_account(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    copy = a_copy()
    mocked.get(url(copy), json=TOMBSTONE)
    list_other(mocked)
    mocked.get(in_other(copy), json=stored(copy))
    (seen,) = channel.find(copy, ACCESS, soon())
    assert (seen.state, seen.remote_id) == (Seen.LIVE, moved_copy().remote_id)


def test_what_was_followed_is_read_changed_and_removed_where_it_stands(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    copy = moved_copy()
    mocked.get(in_other(copy), json=stored(copy))
    mocked.patch(in_other(copy), json=stored(copy))
    mocked.delete(in_other(copy), status=204)
    (seen,) = channel.find(copy, ACCESS, soon())
    ((_, looked),) = channel.inspect([copy], ACCESS, soon())
    for do in (Do.CHANGE, Do.WITHDRAW):
        prepared = channel.prepare(do, copy, an_event(), NOW)
        receipt = channel.send(prepared, copy, ACCESS, soon())
        assert receipt.remote_id == copy.remote_id
    assert seen == looked
    assert seen.remote_id == copy.remote_id


def test_an_event_that_is_moved_back_is_found_in_the_first_calendar(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    copy = moved_copy()
    mocked.get(in_other(copy), json=TOMBSTONE)
    list_other(mocked)
    mocked.get(url(copy), json=stored(copy))
    ((_, seen),) = channel.inspect([copy], ACCESS, soon())
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.remote_id) == (Seen.LIVE, event_id(copy.uid))


@pytest.mark.parametrize(("more", "unsearched"), [({}, False), ({"nextPageToken": "2"}, True)])
def test_a_search_that_left_out_calendars_proves_no_removal(
    channel: GoogleChannel,
    mocked: responses.RequestsMock,
    more: dict[str, str],
    unsearched: bool,
) -> None:
    copy = a_copy()
    mocked.get(url(copy), json=TOMBSTONE)
    list_other(mocked, **more)
    mocked.get(in_other(copy), json=NOT_FOUND, status=404)
    ((_, seen),) = channel.inspect([copy], ACCESS, soon())
    assert isinstance(seen, Sighting)
    assert (seen.state, seen.unsearched) == (Seen.GONE, unsearched)


@pytest.mark.parametrize("reason", ["insufficientPermissions", "forbidden"])
def test_calendars_that_may_not_be_listed_leave_it_open_where_an_event_is(
    channel: GoogleChannel, mocked: responses.RequestsMock, reason: str
) -> None:
    copy = a_copy()
    mocked.get(url(copy), json=NOT_FOUND, status=404)
    mocked.get(EVENTS, json={"etag": "1"})
    error = {"error": {"code": 403, "errors": [{"reason": reason}]}}
    mocked.get(CALENDARS, json=error, status=403)
    (seen,) = channel.find(copy, ACCESS, soon())
    assert (seen.state, seen.unsearched) == (Seen.ABSENT, True)


def test_a_token_that_ended_meanwhile_says_nothing_of_the_calendars(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.get(url(a_copy()), json=TOMBSTONE)
    mocked.get(CALENDARS, json={"error": {"code": 401}}, status=401)
    with pytest.raises(AccessLost):
        channel.find(a_copy(), ACCESS, soon())
