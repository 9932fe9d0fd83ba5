"""What the Google channel puts on the wire, and what it makes of the answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, DeliveryKey, Do
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    TryLater,
    Unusable,
)
from calsync.ports import Access
from calsync.sandbox import Sandbox
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.google.mapping import event_id
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import Dripping, Visitor, stalling
from tests.make import NOW, a_copy, an_event

EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
CALENDARS = "https://www.googleapis.com/calendar/v3/users/me/calendarList"
ACCESS = Access(account="maya@example.org", secret="ya29.secret")
MAYA = "maya@example.org"


@pytest.fixture(scope="module")
def channel() -> GoogleChannel:
    return GoogleChannel(GoogleClient(Transport(Watchdog())))


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mocked:
        yield mocked


def soon() -> float:
    return time.monotonic() + 30


def stored(copy: Copy, **changes: Any) -> dict[str, Any]:
    """The event as Google holds it."""
    prepared = GoogleChannel.prepare(_NOTHING, Do.CREATE, copy, an_event(), NOW)
    return {**json.loads(prepared.body), "status": "confirmed", "etag": '"1"', **changes}


_NOTHING: Any = None  # prepare is pure: it uses nothing of the channel


def url(copy: Copy) -> str:
    return f"{EVENTS}/{event_id(copy.uid)}"


def not_found() -> dict[str, Any]:
    return {"error": {"errors": [{"reason": "notFound"}], "code": 404, "message": "Not Found"}}


def rate_limited() -> dict[str, Any]:
    return {"error": {"errors": [{"reason": "rateLimitExceeded"}], "code": 403}}


# --- what is sent ---


@pytest.mark.parametrize(
    ("do", "method"), [(Do.CREATE, "POST"), (Do.CHANGE, "PATCH"), (Do.WITHDRAW, "DELETE")]
)
def test_every_write_mails_nobody_and_sends_the_stored_bytes(
    channel: GoogleChannel, mocked: responses.RequestsMock, do: Do, method: str
) -> None:
    copy = a_copy()
    prepared = channel.prepare(do, copy, an_event(title="Grüße, 你好"), NOW)
    where = EVENTS if do is Do.CREATE else url(copy)
    answer = {} if do is Do.WITHDRAW else {"json": stored(copy)}
    mocked.add(method, where, status=204 if do is Do.WITHDRAW else 200, **answer)
    channel.send(prepared, copy, ACCESS, soon())
    (call,) = mocked.calls
    query = parse_qs(urlsplit(str(call.request.url)).query)
    assert query["sendUpdates"] == ["none"]
    assert len(query["quotaUser"][0]) <= 40
    assert MAYA not in str(call.request.url)
    assert call.request.headers["Authorization"] == "Bearer ya29.secret"
    assert (call.request.body or b"") == prepared.body
    assert "If-Match" not in call.request.headers


@pytest.mark.parametrize(("do", "method"), [(Do.CHANGE, "PATCH"), (Do.WITHDRAW, "DELETE")])
def test_the_revision_last_seen_and_the_id_google_gave_are_used(
    channel: GoogleChannel, mocked: responses.RequestsMock, do: Do, method: str
) -> None:
    copy = a_copy(remote_id="_mailed0id", revision='"7"')
    mocked.add(method, f"{EVENTS}/_mailed0id", json=stored(copy, id="_mailed0id"))
    receipt = channel.send(channel.prepare(do, copy, an_event(), NOW), copy, ACCESS, soon())
    assert mocked.calls[0].request.headers["If-Match"] == '"7"'
    assert receipt.remote_id == "_mailed0id"


def test_the_accounts_own_calendar_is_addressed(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.post(
        EVENTS.replace("primary", "team%40group.calendar.google.com"), json=stored(a_copy())
    )
    access = replace(ACCESS, calendar="team@group.calendar.google.com")
    prepared = channel.prepare(Do.CREATE, a_copy(), an_event(), NOW)
    assert channel.send(prepared, a_copy(), access, soon()).applied


def test_prepare_needs_no_clock_and_a_withdrawal_has_no_body(channel: GoogleChannel) -> None:
    later = NOW + timedelta(days=1)
    prepared = channel.prepare(Do.WITHDRAW, a_copy(), an_event(), NOW)
    assert prepared == channel.prepare(Do.WITHDRAW, a_copy(), an_event(), later)
    assert (prepared.body, prepared.key) == (b"", event_id(a_copy().uid))


# --- what the answers mean ---


def test_an_answer_that_shows_other_fields_is_not_applied(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    copy = a_copy()
    mocked.patch(url(copy), json=stored(copy), headers={"X-Request-Id": "r-1"})
    moved = an_event(ends_at=an_event().ends_at + timedelta(hours=1))
    receipt = channel.send(channel.prepare(Do.CHANGE, copy, moved, NOW), copy, ACCESS, soon())
    assert (receipt.applied, receipt.revision, receipt.request_id) == (False, '"1"', "r-1")


def test_changing_a_deleted_event_is_missing_even_when_google_says_200(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    copy = a_copy()
    mocked.patch(url(copy), json=stored(copy, status="cancelled"))
    with pytest.raises(Missing) as caught:
        channel.send(channel.prepare(Do.CHANGE, copy, an_event(), NOW), copy, ACCESS, soon())
    assert caught.value.happened == "no"


def test_absence_is_empty_only_while_the_calendar_answers(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.get(url(a_copy()), json=not_found(), status=404)
    mocked.get(EVENTS, json={"etag": "1"})
    mocked.get(CALENDARS, json={"items": [{"id": MAYA, "primary": True}]})
    assert channel.find(a_copy(), ACCESS, soon()) == []
    mocked.replace("GET", EVENTS, json=not_found(), status=404)
    with pytest.raises(Unusable):
        channel.find(a_copy(), ACCESS, soon())


def test_a_proof_that_fails_for_now_proves_nothing(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.get(url(a_copy()), json=not_found(), status=404)
    mocked.get(EVENTS, status=503)
    with pytest.raises(TryLater):
        channel.find(a_copy(), ACCESS, soon())


def test_all_pages_are_read_for_a_uid_and_empty_ones_do_not_end_it(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    seen: list[dict[str, list[str]]] = []
    pages: list[dict[str, Any]] = [
        {"nextPageToken": "2"},
        {"items": [{"id": "_a", "status": "confirmed", "iCalUID": "u"}], "nextPageToken": "3"},
        {"items": [{"id": "_b", "status": "confirmed", "iCalUID": "u"}]},
    ]

    def page(request: Any) -> tuple[int, dict[str, str], str]:
        seen.append(parse_qs(urlsplit(request.url).query))
        return 200, {}, json.dumps(pages[len(seen) - 1])

    mocked.add_callback("GET", EVENTS, callback=page)
    found = channel.find_uid("u", ACCESS, soon())
    assert [(one.remote_id, one.state) for one in found] == [
        ("_a", Seen.NOT_OURS),
        ("_b", Seen.NOT_OURS),
    ]
    assert [one.get("pageToken") for one in seen] == [None, ["2"], ["3"]]
    assert all(one["iCalUID"] == ["u"] for one in seen)


def test_a_uid_sought_in_a_calendar_out_of_reach_is_no_empty_answer(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.get(EVENTS, json=not_found(), status=404)
    with pytest.raises(Unusable):
        channel.find_uid("u", ACCESS, soon())


# --- look ---


def test_looking_asks_for_our_events_alone_and_proves_and_lists_calendars_once(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    live, gone, never, other = (a_copy(n) for n in (1, 2, 3, 4))
    mocked.get(url(live), json=stored(live, attendees=[{"email": "friend@example.org"}]))
    mocked.get(url(gone), json={"id": "x", "status": "cancelled"})
    for copy in (never, other):
        mocked.get(url(copy), json=not_found(), status=404)
    mocked.get(EVENTS, json={"etag": "1"})
    mocked.get(CALENDARS, json={"items": []})
    seen = list(channel.inspect([live, gone, never, other], ACCESS, soon()))
    assert [copy for copy, _ in seen] == [live, gone, never, other]
    states = [one.state for _, one in seen if isinstance(one, Sighting)]
    assert states == [Seen.LIVE, Seen.GONE, Seen.GONE, Seen.GONE]
    assert isinstance(seen[0][1], Sighting)
    assert seen[0][1].has_guests
    asked = [str(call.request.url) for call in mocked.calls]
    lists = [one for one in asked if "/events?" in one]
    assert len(lists) == len([one for one in asked if "calendarList" in one]) == 1
    assert "fields=etag&" in f"{lists[0]}&"


def test_trouble_with_one_copy_does_not_end_the_look(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    broken, live = a_copy(1), a_copy(2)
    mocked.get(url(broken), status=503)
    mocked.get(url(live), json=stored(live))
    (_, error), (_, seen) = channel.inspect([broken, live], ACCESS, soon())
    assert isinstance(error, TryLater)
    assert isinstance(seen, Sighting)


def test_a_rate_limit_ends_the_look_without_further_calls(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    mocked.get(url(a_copy(1)), json=rate_limited(), status=403)
    seen = list(channel.inspect([a_copy(1), a_copy(2), a_copy(3)], ACCESS, soon()))
    assert [type(error) for _, error in seen] == [TryLater] * 3
    assert len(mocked.calls) == 1


def test_when_time_is_over_the_rest_is_asked_later(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    seen = list(channel.inspect([a_copy(1), a_copy(2)], ACCESS, time.monotonic() - 1))
    assert [(type(e), getattr(e, "happened", "")) for _, e in seen] == [(TryLater, "no")] * 2
    assert len(mocked.calls) == 0


@pytest.mark.parametrize(("status", "kind"), [(401, AccessLost), (404, Unusable)])
def test_trouble_with_the_account_is_raised_and_no_copy_is_called_gone(
    channel: GoogleChannel, mocked: responses.RequestsMock, status: int, kind: type[ChannelError]
) -> None:
    mocked.get(url(a_copy(1)), json=not_found(), status=status)
    if status == 404:
        mocked.get(EVENTS, json=not_found(), status=404)
    with pytest.raises(kind):
        list(channel.inspect([a_copy(1), a_copy(2)], ACCESS, soon()))


# --- against real connections ---


def test_an_event_that_cannot_be_read_keeps_no_other_one_from_being_listed(
    channel: GoogleChannel, mocked: responses.RequestsMock
) -> None:
    one, unread, unmarked = (a_copy(n) for n in (1, 2, 3))
    ids = [{"id": event_id(copy.uid)} for copy in (one, unread, unmarked)]
    spoilt = stored(unread, etag=7, extendedProperties={"private": 7})
    for items in ([stored(one), spoilt], ids):
        mocked.get(EVENTS, json={"items": items})
    mocked.get(url(unmarked), json=stored(unmarked, start="tomorrow"))
    uids = {copy.uid for copy in (one, unread, unmarked)}
    listed = channel.listed("a" * 32, uids, NOW, ACCESS, soon())
    assert {seen.uid: seen.state for seen in listed} == {
        one.uid: Seen.LIVE,
        unread.uid: Seen.UNREADABLE,
        unmarked.uid: Seen.UNREADABLE,
    }


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def test_eight_threads_share_one_channel(sandbox: Sandbox) -> None:
    channel = GoogleChannel(GoogleClient(Transport(Watchdog()), sandbox.url))
    people = [f"thread{n}@example.org" for n in range(8)]
    for person in people:
        sandbox.add_person(person, google=True)

    def work(number: int) -> tuple[str, bool]:
        person = people[number % 8]
        copy = a_copy(number, key=DeliveryKey("default", "ses-1", person))
        access = Access(account=person, secret=sandbox.access_token(person))
        event = an_event(title=f"{person} {number}")
        prepared = channel.prepare(Do.CREATE, copy, event, NOW)
        return person, channel.send(prepared, copy, access, soon()).applied

    with ThreadPoolExecutor(8) as pool:
        assert all(applied for _, applied in pool.map(work, range(120)))
    for person in people:
        shown = sandbox.shown(person)
        assert len(shown) == 15
        assert all(one.title.startswith(person) for one in shown)
    assert sandbox.violations() == []


def test_an_event_with_new_guests_is_not_removed_under_them(sandbox: Sandbox) -> None:
    channel = GoogleChannel(GoogleClient(Transport(Watchdog()), sandbox.url))
    sandbox.add_person(MAYA, google=True)
    access = Access(account=MAYA, secret=sandbox.access_token(MAYA))
    copy = a_copy()
    receipt = channel.send(channel.prepare(Do.CREATE, copy, an_event(), NOW), copy, access, soon())
    copy = replace(copy, remote_id=receipt.remote_id, revision=receipt.revision)
    sandbox.user_adds_guest(MAYA, receipt.remote_id, "friend@example.org")
    with pytest.raises(Changed):
        channel.send(channel.prepare(Do.WITHDRAW, copy, an_event(), NOW), copy, access, soon())
    (seen,) = channel.find(copy, access, soon())
    assert (seen.state, seen.has_guests, seen.material_fp) == (Seen.LIVE, True, "1.material")


def test_a_change_of_what_google_calls_shared_is_not_applied_to_a_guests_copy(
    sandbox: Sandbox,
) -> None:
    """`guest_patch` ignored: Google answers 200 and changes nothing."""
    channel = GoogleChannel(GoogleClient(Transport(Watchdog()), sandbox.url))
    person = "guest@example.org"
    sandbox.add_person(person, google=True)
    access = Access(account=person, secret=sandbox.access_token(person))
    copy = a_copy()
    channel.send(channel.prepare(Do.CREATE, copy, an_event(), NOW), copy, access, soon())
    foreign = {"email": "boss@example.org", "self": None}
    sandbox.user_edits(person, event_id(copy.uid), organizer=foreign)
    moved = an_event(title="Moved", quiet_fp="1.moved")
    receipt = channel.send(channel.prepare(Do.CHANGE, copy, moved, NOW), copy, access, soon())
    assert not receipt.applied


def test_a_call_ends_at_its_deadline_however_slowly_google_answers() -> None:
    def drip(visitor: Visitor) -> None:
        visitor.request()
        visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{")
        visitor.drip(b" ")

    def attempt(server: Dripping, seconds: float) -> TryLater:
        channel = GoogleChannel(GoogleClient(Transport(Watchdog()), server.url))
        prepared = channel.prepare(Do.CREATE, a_copy(), an_event(), NOW)
        with pytest.raises(TryLater) as caught:
            channel.send(prepared, a_copy(), ACCESS, time.monotonic() + seconds)
        return caught.value

    error, server = stalling(drip, attempt)
    assert error.happened == "maybe"
    assert len(server.requests) == 1
