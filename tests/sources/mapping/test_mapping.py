"""`[source.map]`: any JSON answer becomes records, by expressions and named functions alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from calsync.core.booked import Online, Status
from calsync.errors import SourceError
from calsync.sources.mapping import source as mapped
from tests.sources.mapping.standin import Call, StandIn, ids, refusals, standing_in

RECORD = {
    "id": "code",
    "updated_at": "changed",
    "status": "lookup('status', state)",
    "title": "name",
    "starts_at": "epoch(begin)",
    "ends_at": "add_minutes(epoch(begin), minutes)",
    "time_zone": "'America/Toronto'",
    "place_kind": "room && 'online' || null",
    "place_url": "room",
    "participants": (
        "people[].{id: lower(mail), name: name, email: mail, role: lookup('role', kind)}"
    ),
}
LOOKUP = {"status": {"OK": "booked", "off": "cancelled"}, "role": {"t": "teacher", "*": "student"}}
BEGIN = 1796328000  # 3 December 2026, 15:00 in Toronto


def a_booking(code: Any = "b-1", **changes: Any) -> dict[str, Any]:
    people = [{"mail": "Maya@x.example", "name": "Maya", "kind": "t"},
              {"mail": "sam@x.example", "name": "Sam", "kind": "?"}]  # fmt: skip
    made = {"code": code, "changed": "2026-11-20T09:00:00Z", "state": "OK", "name": "Kick-off",
            "begin": BEGIN, "minutes": 45, "room": "https://meet.example/1",
            "people": people}  # fmt: skip
    return made | changes


def a_map(**changes: Any) -> dict[str, Any]:
    return {"list": "bookings", "record": RECORD, "lookup": LOOKUP} | changes


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in(lambda _: {"bookings": [a_booking()]}) as made:
        yield made


def test_an_answer_becomes_a_session_by_expressions_alone(api: StandIn) -> None:
    (page,) = api.source(map=a_map()).changes(None)
    assert (page.refused, page.warnings) == ((), ())
    (session,) = page.sessions
    assert (session.id, session.title, session.status) == ("b-1", "Kick-off", Status.BOOKED)
    assert session.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert session.ends_at == datetime(2026, 12, 3, 20, 45, tzinfo=UTC)
    assert session.place == Online("https://meet.example/1")
    assert {one.id: one.role for one in session.participants} == {
        "maya@x.example": "teacher",
        "sam@x.example": "student",
    }
    assert ids(list(api.source(map=a_map()).sweep())) == ["b-1"]


@pytest.mark.parametrize("begin", [BEGIN, BEGIN * 1000, str(BEGIN)])
def test_seconds_and_milliseconds_since_1970_are_told_apart(api: StandIn, begin: Any) -> None:
    api.answer = lambda _: {"bookings": [a_booking(begin=begin)]}
    (page,) = api.source(map=a_map()).changes(None)
    assert page.sessions[0].starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "no_show"}, "status: map.lookup.status does not name 'no_show'; add it"),
        ({"begin": "soon"}, "starts_at: is missing; write the local wall time, such as"
         " 2026-12-03T15:00:00 (read by 'epoch(begin)')"),
        ({"minutes": -5}, "ends_at: is not after starts_at; write when the session ends (read by"
         " 'add_minutes(epoch(begin), minutes)')"),
        ({"changed": "yesterday"}, "updated_at: cannot be used; write when the record last changed,"
         " such as 2026-11-20T09:30:00Z (read by 'changed')"),
        ({"people": [{"mail": [], "name": "M", "kind": "t"}]}, "participants: cannot be computed"
         " (lower() takes another type of value)"),
        ({"people": None}, "participants: is missing; write a list, [] when nobody takes part (read"
         f" by {RECORD['participants']!r})"),
    ],
)  # fmt: skip
def test_a_record_that_is_wrong_says_which_of_its_fields_and_where_it_was_read(
    api: StandIn, changes: dict[str, Any], says: str
) -> None:
    api.answer = lambda _: {"bookings": [a_booking("bad", **changes), a_booking("good")]}
    for pages in (
        list(api.source(map=a_map()).changes(None)),
        list(api.source(map=a_map()).sweep()),
    ):
        assert ids(pages) == ["good"]
        assert refusals(pages)["bad"].startswith(says)


BOOKINGS = [a_booking(f"b-{n}") for n in range(5)]


def by_cursor(call: Call) -> Any:
    start = int(call.query.get("cursor", 0))
    return {
        "bookings": BOOKINGS[start : start + 2],
        "meta": {"next": start + 2 if start < 4 else None},
    }


def by_link(call: Call) -> Any:
    start = int(call.query.get("at", 0))
    link = f"/bookings?at={start + 2}" if start < 4 else ""
    return {"bookings": BOOKINGS[start : start + 2], "meta": {"next": link}}


def by_page(call: Call) -> Any:
    start = 2 * (int(call.query["page"]) - 1)
    return {"bookings": BOOKINGS[start : start + 2], "meta": {"more": start < 4}}


def by_offset(call: Call) -> Any:
    start = int(call.query["skip"])
    return {"bookings": BOOKINGS[start : start + 2]}


def by_post(call: Call) -> Any:
    assert (call.method, call.headers["content-type"]) == ("POST", "application/json")
    start = 2 * call.body["page"]
    return {"bookings": BOOKINGS[start : start + 2]}


@pytest.mark.parametrize(
    ("answer", "settings", "asked"),
    [
        (by_cursor, {"next": "meta.next", "params": {"cursor": "$cursor"}}, 3),
        (by_link, {"next": "meta.next"}, 3),
        (by_page, {"more": "meta.more", "params": {"page": "$page"}}, 3),
        (by_page, {"params": {"page": "$page"}}, 4),
        (by_offset, {"params": {"skip": "$offset"}}, 4),
        (by_post, {"method": "POST", "body": '{"page": $page}', "first_page": 0}, 4),
    ],
)
def test_every_way_to_the_next_page_is_followed_to_its_end(
    api: StandIn, answer: Any, settings: dict[str, Any], asked: int
) -> None:
    api.answer = answer
    source = api.source(map=a_map(**settings))
    expected = [one["code"] for one in BOOKINGS]
    assert ids(list(source.changes(None))) == expected
    assert len(api.calls) == asked
    assert ids(list(source.sweep())) == expected


@pytest.mark.parametrize(
    ("answer", "settings", "says"),
    [
        (lambda _: {"bookings": BOOKINGS}, {"params": {"page": "$page"}}, "sent the same page"),
        (lambda _: {"bookings": [], "n": "/bookings"}, {"next": "n"}, "page that was there before"),
        (lambda _: {"bookings": [], "n": "https://evil.example/"}, {"next": "n"}, "another origin"),
        (lambda _: {"items": 1, "total": 2}, {}, "map.list ('bookings') finds no list in the"
         " answer, which is an object with items, total"),
        (lambda _: b"<html>", {}, "sent what cannot be read as JSON"),
        (lambda _: (401, {}), {}, "answered 401; check the source's token"),
        (lambda _: {"bookings": [a_booking(None)]}, {}, "1 records have no usable id"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_fails_the_read(
    api: StandIn, answer: Any, settings: dict[str, Any], says: str
) -> None:
    api.answer = answer
    with pytest.raises(SourceError) as caught:
        list(api.source(token="s3cr3t", map=a_map(**settings)).sweep())
    assert says in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_read_that_never_ends_is_ended(api: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    api.answer = lambda call: {"bookings": [a_booking(call.query["page"])]}
    source = api.source(map=a_map(params={"page": "$page"}))
    monkeypatch.setattr(mapped, "PAGES", 3)
    with pytest.raises(SourceError, match="has more than 3 pages"):
        list(source.changes(None))
    monkeypatch.setattr(mapped, "READ_SECONDS", 0.0)
    with pytest.raises(SourceError, match="has still more after 0 hours"):
        list(source.changes(None))


@pytest.mark.parametrize(
    ("table", "header", "value"),
    [
        ({"token": "t"}, "authorization", "Bearer t"),
        ({"token": "t", "map": a_map(token_header="X-Api-Key")}, "x-api-key", "t"),
        ({"map": a_map(username="me", password="pw")}, "authorization",
         f"Basic {base64.b64encode(b'me:pw').decode()}"),
        ({"map": a_map(headers={"api-version": "7"})}, "api-version", "7"),
    ],
)  # fmt: skip
def test_credentials_and_headers_go_with_every_request(
    api: StandIn, table: dict[str, Any], header: str, value: str
) -> None:
    source = api.source(**{"map": a_map(), **table})
    list(source.changes(None))
    assert [one.headers[header] for one in api.calls] == [value]


def test_only_what_changed_is_asked_for_where_the_api_can(api: StandIn) -> None:
    source = api.source(
        overlap_seconds=60, map=a_map(params={"since": "$since", "e": "$since_epoch"})
    )
    (page,) = source.changes(None)
    (again,) = source.changes(page.cursor)
    list(source.sweep())
    first, second, third = (one.query for one in api.calls)
    assert first == third == {}
    assert second == {"since": "2026-11-20T08:59:00Z", "e": "1795165140"}
    assert again.cursor == page.cursor


def test_details_are_asked_for_once_while_a_record_stays_as_it_is(api: StandIn) -> None:
    bookings = [a_booking("b-1"), a_booking("b-2")]

    def answer(call: Call) -> Any:
        if call.path == "/bookings":
            return {"bookings": bookings}
        return {"guests": [{"mail": f"{call.path[1:]}@x.example"}]}

    api.answer = answer
    record = RECORD | {"participants": "detail.guests[].{id: mail, name: mail, email: mail}"}
    source = api.source(map=a_map(detail="join('', ['/', code])", record=record))
    (page,) = source.changes(None)
    assert [one.participants[0].email for one in page.sessions] == [
        "b-1@x.example",
        "b-2@x.example",
    ]
    bookings[1] = a_booking("b-2", name="Another")
    list(source.changes(None))
    assert [one.path for one in api.calls] == ["/bookings", "/b-1", "/b-2", "/bookings", "/b-2"]


def test_what_is_not_to_be_kept_is_no_record(api: StandIn) -> None:
    api.answer = lambda _: {"bookings": [a_booking("a"), a_booking("b", state="draft")]}
    pages = list(api.source(map=a_map(keep="state != 'draft'")).changes(None))
    assert (ids(pages), refusals(pages)) == (["a"], {})


def test_samples_show_the_answer_as_it_came(api: StandIn) -> None:
    api.answer = lambda _: {"bookings": [a_booking(admin_notes="x"), a_booking("b-2", state="?")]}
    good, bad = api.source(map=a_map()).samples(5)
    assert good.answer["code"] == "b-1"  # type: ignore[index]
    assert "admin_notes" not in good.answer  # type: ignore[operator]
    assert [len(one.page.refused) for one in (good, bad)] == [0, 1]


HOSTILE = ["\ud800", 10**400, float("inf"), True, [], {}, [[["x"]]], "9" * 5_000, "a\0b", -1]


@pytest.mark.parametrize("name", list(a_booking()))
def test_whatever_a_field_holds_is_refused_or_read_and_never_an_accident(
    api: StandIn, name: str
) -> None:
    records = [a_booking(f"b-{n}") | {name: value} for n, value in enumerate(HOSTILE)]
    text = json.dumps({"bookings": [*records, a_booking("good")]}).replace("Infinity", "1e400")
    api.answer = lambda _: text.encode()
    source = api.source(map=a_map(detail="code && join('', ['/x?', to_string(code)]) || null"))
    (page,) = source.changes(None)
    assert "good" in ids([page])
    assert len(page.sessions) + len(page.refused) == len(HOSTILE) + 1
    for told in map(repr, page.sessions):
        told.encode()


@pytest.mark.parametrize("onward", ["\ud800", 10**400, [1], {"a": 1}, "x" * 3_000])
def test_whatever_names_the_next_page_ends_or_is_refused(api: StandIn, onward: Any) -> None:
    api.answer = lambda call: {"bookings": [a_booking(call.query.get("c", "1")[:9])], "n": onward}
    source = api.source(map=a_map(next="n", params={"c": "$cursor"}))
    with pytest.raises(SourceError):
        list(source.changes(None))
