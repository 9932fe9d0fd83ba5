"""A webhook's body is taken in by the mapping of its source, as far as stamps can decide."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from calsync.platform_api import inbound_records
from calsync.store.engine.packed import unpack
from calsync.store.ledger import sessions
from calsync.store.records import source_lease
from tests.harness.records import now
from tests.sources.mapping.standin import StandIn, standing_in
from tests.web.site import LOOSE, MakeSite, Site
from tests.web.test_inbound import SECRET, settled, signed

MAP = """
[source.map]
params = { page = "$page" }
list = "bookings"
more = "more"
keep = "state != 'draft'"
inbound = "event != 'ping' && (booking || bookings) || null"
[source.map.record]
id = "code"
updated_at = "changed"
status = "lookup('status', state)"
title = "name"
starts_at = "begin"
ends_at = "add_minutes(begin, minutes)"
time_zone = "zone"
participants = "people[].{id: id, name: name, email: mail}"
[source.map.lookup.status]
on = "booked"
off = "cancelled"
"""
WANTED = "SELECT session, participant FROM delivery WHERE want = 'present' ORDER BY 1, 2"
KEPT = "SELECT id, updated_at, digest, stale, missing_since FROM booked_session ORDER BY id"
BEGIN = now().replace(microsecond=0)


def stamp(minutes: float = 0) -> str:
    return (BEGIN + timedelta(minutes=minutes)).isoformat()


def a_booking(code: str = "b-1", *, at: float = -60, **changes: Any) -> dict[str, Any]:
    people = [{"id": 1, "name": "Maya", "mail": "maya@x.example"},
              {"id": 2, "name": "Sam", "mail": "sam@x.example"}]  # fmt: skip
    begin = (BEGIN + timedelta(days=9)).strftime("%Y-%m-%dT15:00:00")
    made = {"code": code, "changed": stamp(at), "state": "on", "name": "Kick-off", "begin": begin,
            "minutes": 45, "zone": "America/Toronto", "people": people}  # fmt: skip
    return made | changes


class Booking:
    """A booking system with an API, and a calsync that has read it once."""

    def __init__(self, make_site: MakeSite, api: StandIn, guard: str = LOOSE) -> None:
        self.bookings: list[dict[str, Any]] = []
        api.answer = lambda _: {"bookings": self.bookings}
        self.api = api
        source = f'[[source]]\nname = "api"\nkind = "http"\nurl = "{api.url}/bookings"\n'
        more = f'{source}inbound_secret = "{SECRET}"\n{MAP}'
        self.site: Site = make_site(more=more, guard=guard)
        (self.poller,) = [one for one in self.site.open.pollers if one.source.name == "api"]
        self.poller.run_once()
        self.told = self.site.caller()
        self.told.token = ""

    def send(self, body: object) -> requests.Response:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"X-Signature": signed(text)}
        return self.told.call("POST", "/in/api", data=text, headers=headers)

    def outcomes(self, body: object) -> list[tuple[str, str]]:
        answer = self.send(body)
        assert answer.status_code == 200, answer.text
        return [(one["id"], one["outcome"]) for one in answer.json()["sessions"]]

    def polled_by(self, body: object) -> int:
        """How many requests the API gets after this call, which is answered 202 and nothing."""
        before = len(self.api.calls)
        answer = self.send(body)
        assert (answer.status_code, answer.content) == (202, b"")
        settled()
        return len(self.api.calls) - before


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in(lambda _: {"bookings": []}) as made:
        yield made


@pytest.fixture
def booking(make_site: MakeSite, api: StandIn) -> Booking:
    return Booking(make_site, api)


def test_a_record_in_a_body_is_taken_in_without_asking_the_api(booking: Booking) -> None:
    asked = len(booking.api.calls)
    assert booking.outcomes({"event": "new", "booking": a_booking()}) == [("b-1", "accepted")]
    assert booking.site.rows(WANTED) == [("b-1", "1"), ("b-1", "2")]
    assert booking.site.rows("SELECT 1 FROM delivery WHERE due_at IS NULL") == []
    assert (booking.site.woken, len(booking.api.calls)) == (1, asked)
    row = booking.site.rows("SELECT source, tenant FROM booked_session")
    assert row == [("api", "default")], "so that a later sweep misses it there"


def test_repetitions_and_old_events_change_nothing(booking: Booking) -> None:
    first, moved = a_booking(at=-60), a_booking(at=-50, minutes=90)
    assert booking.outcomes({"booking": first}) == [("b-1", "accepted")]
    assert booking.outcomes({"booking": moved}) == [("b-1", "accepted")]
    before, woken = booking.site.rows(KEPT), booking.site.woken
    assert booking.outcomes({"booking": moved}) == [("b-1", "unchanged")]
    assert booking.outcomes({"booking": first}) == [("b-1", "older")]
    assert booking.outcomes({"booking": first | {"state": "off"}}) == [("b-1", "older")]
    assert (booking.site.rows(KEPT), booking.site.woken) == (before, woken)


def test_other_content_with_the_same_stamp_is_asked_of_the_api(booking: Booking) -> None:
    """An API whose stamps stay as they are: which of the two is older, no call can tell."""
    booking.bookings = [a_booking(minutes=90)]
    booking.outcomes({"booking": a_booking()})
    assert booking.polled_by({"booking": a_booking(minutes=30)}) == 1
    kept = "SELECT ends_at - starts_at FROM booked_session"
    if booking.site.database.startswith("postgresql"):
        assert booking.site.rows(kept) == [(timedelta(minutes=90),)]
    assert booking.outcomes({"booking": a_booking(minutes=90)}) == [("b-1", "unchanged")]


def test_an_event_of_a_booking_that_is_gone_does_not_bring_it_back(booking: Booking) -> None:
    booking.bookings = [a_booking("b-9", people=[])]
    booking.outcomes({"booking": a_booking()})
    for _ in range(3):
        booking.site.shift += timedelta(hours=12)
        assert booking.poller.sweep().error is None
    assert booking.site.rows(WANTED) == []
    assert booking.polled_by({"booking": a_booking()}) == 1
    assert booking.site.rows(WANTED) == []


def test_a_stamp_from_a_clock_that_is_ahead_decides_nothing(booking: Booking) -> None:
    """Else each repetition of an old body would be the newest version."""
    first, moved = a_booking(at=60, name="Old"), a_booking(at=65, name="New")
    booking.bookings = [moved]
    assert booking.polled_by({"booking": first}) == 1
    assert booking.polled_by({"booking": moved}) == 1
    assert booking.polled_by({"booking": first}) == 1
    ((record,),) = booking.site.rows("SELECT record FROM booked_session")
    assert "New" in (unpack(record) or "")


def test_a_cancellation_needs_no_more_than_id_stamp_and_status(booking: Booking) -> None:
    booking.outcomes({"booking": a_booking()})
    gone = {"code": "b-1", "changed": stamp(-1), "state": "off"}
    assert booking.outcomes({"booking": gone}) == [("b-1", "accepted")]
    assert booking.site.rows(WANTED) == []


def test_a_body_without_a_record_makes_the_api_be_asked(booking: Booking) -> None:
    booking.bookings = [a_booking("b-9")]
    many = [{"code": number} for number in range(101)]
    for body in (b"", b"  ", b'"booking"', {"event": "ping", "booking": {"x": 1}}, {"event": "new"},
                 {"booking": {}}, {"bookings": []}, {"booking": {"state": "draft"}},
                 {"bookings": many}):  # fmt: skip
        assert booking.polled_by(body) == 1, body
    assert booking.site.rows(WANTED) == [("b-9", "1"), ("b-9", "2")]


def faults(answer: requests.Response) -> dict[str, str]:
    assert (answer.status_code, answer.json()["code"]) == (422, "record_refused")
    return {one["field"]: one["reason"] for one in answer.json()["errors"]}


def test_every_wrong_field_is_told_and_nothing_is_stored(booking: Booking) -> None:
    booking.outcomes({"booking": a_booking()})
    before = booking.site.rows(KEPT), booking.site.rows("SELECT count(*) FROM journal")
    asked = len(booking.api.calls)
    wrong = {"state": "PLANTED-STATE", "zone": "Mars/Olympus", "begin": "PLANTED", "people": 7}
    told = faults(booking.send({"booking": a_booking(at=-1, **wrong)}))
    assert set(told) == {"status", "time_zone", "starts_at", "ends_at", "participants"}
    assert told["status"].startswith("map.lookup.status does not name")
    assert told["starts_at"].endswith("(read by 'begin')")
    settled()
    assert (booking.site.rows(KEPT), booking.site.rows("SELECT count(*) FROM journal")) == before
    assert booking.site.rows("SELECT record FROM quarantine") == []
    assert len(booking.api.calls) == asked
    said = [fields for event, fields in booking.site.told if event == "inbound_refused"]
    assert [sorted(one["fields"]) for one in said] == [sorted(told)]
    assert "PLANTED" not in json.dumps(booking.site.told, default=str)


NO_RECORDS: tuple[tuple[object, str, str], ...] = (
    (b"code=b-1&state=on", "body", "cannot be read as JSON (not JSON, line 1); send"),
    (b"[" * 5000, "body", "cannot be read as JSON"),
    (b'{"booking": NaN}', "body", "cannot be read as JSON"),
    ({"booking": "b-1"}, "map.inbound", "gives neither a record nor a list of records"),
    ({"booking": {"state": "on"}}, "id", "is missing; write an id"),
    ({"booking": a_booking(changed="2026-02-30T10:00:00Z")}, "updated_at", "is not a date"),
)


def test_what_is_no_record_is_refused(booking: Booking) -> None:
    for body, field, reason in NO_RECORDS:
        assert faults(booking.send(body))[field].startswith(reason)
    assert booking.site.rows(KEPT) == []


def test_of_several_records_all_are_taken_or_none(booking: Booking) -> None:
    two = [a_booking("b-1"), a_booking("b-2", begin="soon", zone="Nowhere")]
    told = faults(booking.send({"bookings": two}))
    assert set(told) == {"[1].starts_at", "[1].ends_at", "[1].time_zone"}
    assert booking.site.rows(KEPT) == []
    two[1] = a_booking("b-2")
    assert booking.outcomes({"bookings": two}) == [("b-1", "accepted"), ("b-2", "accepted")]


def test_a_body_that_would_lose_a_person_is_refused_as_a_whole(booking: Booking) -> None:
    booking.outcomes({"booking": a_booking()})
    before = booking.site.rows(KEPT)
    maya = {"id": 1, "name": "Maya", "mail": "no address"}
    later = a_booking(at=-1, people=[maya, *a_booking()["people"][1:]])
    body = {"bookings": [a_booking("b-2"), later]}
    assert "1 cannot be used any more" in faults(booking.send(body))["participants"]
    assert booking.site.rows(KEPT) == before


def test_too_many_changes_wait_for_approval_as_pushed_ones_do(
    make_site: MakeSite, api: StandIn
) -> None:
    booking = Booking(make_site, api, "max_first_mails = 2")
    answer = booking.send({"bookings": [a_booking(f"b-{n}") for n in range(9)]})
    assert answer.status_code == 202
    held = [one for one in answer.json()["sessions"] if one["outcome"] == "held"]
    assert len(held) == 9
    assert held[0]["batch"]
    assert booking.site.rows("SELECT 1 FROM delivery WHERE batch IS NULL") == []


def test_while_somebody_reads_the_source_it_is_asked_once_more(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbound_records, "PATIENCE", 0.0)
    store = booking.site.open.context.store
    with store.write() as db:
        assert source_lease.take(db, "api", "other", timedelta(seconds=30))
    answer = booking.send({"booking": a_booking()})
    assert (answer.status_code, booking.site.rows(WANTED)) == (202, [])
    booking.bookings = [a_booking()]
    with store.write() as db:
        source_lease.end(db, "api", "other")
    settled()
    assert booking.site.rows(WANTED) == [("b-1", "1"), ("b-1", "2")]


def test_a_source_that_was_never_read_to_its_end_is_read_first(booking: Booking) -> None:
    with booking.site.open.context.store.write() as db:
        sessions.set_cursor(db, "api", last_ok=None)
    booking.bookings = [a_booking("b-2")]
    assert booking.polled_by({"booking": a_booking()}) == 1
    assert booking.site.rows(WANTED) == [("b-2", "1"), ("b-2", "2")]


def test_what_half_a_poll_has_read_is_not_released_by_a_call(booking: Booking) -> None:
    """Its changes wait for the guard, which counts them when the poll is complete."""
    first = {"bookings": [a_booking("b-7")], "more": True}
    booking.api.answer = lambda call: first if call.query["page"] == "1" else (500, {})
    assert booking.poller.run_once().error is not None
    waiting = "SELECT 1 FROM delivery WHERE batch IS NOT NULL"
    assert len(booking.site.rows(waiting)) == 2
    booking.api.answer = lambda _: (500, {})
    assert booking.polled_by({"booking": a_booking()}) == 1
    assert len(booking.site.rows(waiting)) == 2


def test_who_does_not_know_the_secret_brings_nothing_in(booking: Booking) -> None:
    text = json.dumps({"booking": a_booking()}).encode()
    answer = booking.told.call("POST", "/in/api", data=text, headers={"X-Signature": "x"})
    assert answer.status_code == 401
    assert booking.site.rows(KEPT) == []
