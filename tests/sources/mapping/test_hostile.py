"""An API that answers without end, measure or right ends a read with a reason, and costs little."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from calsync.errors import SourceError
from calsync.ports import SampledSource
from calsync.sources.mapping import details
from calsync.sources.mapping import source as mapped
from tests.sources.mapping.standin import Call, StandIn, ids, standing_in
from tests.sources.mapping.test_mapping import a_booking, a_map


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in(lambda _: {"bookings": []}) as made:
        yield made


def fails(source: SampledSource, says: str) -> None:
    for read in (source.sweep, lambda: source.changes(None)):
        with pytest.raises(SourceError) as caught:
            list(read())
        assert says in str(caught.value)
        assert "PLANTED" not in str(caught.value)


@pytest.mark.parametrize(
    "onward",
    [
        "https://127.0.0.1/bookings",  # the same host, another scheme and port
        "//evil.example/PLANTED",
        "http://me:PLANTED@127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://[::1]/",
        "http://[",
        "/\\evil.example\x00",
    ],
)
def test_a_next_page_elsewhere_is_never_asked_for(api: StandIn, onward: str) -> None:
    api.answer = lambda call: (
        {"bookings": [a_booking()], "n": onward} if call.path == "/bookings" else (404, {})
    )
    source = api.source(token="PLANTED", map=a_map(next="n"))
    with pytest.raises(SourceError) as caught:
        list(source.sweep())
    assert "PLANTED" not in str(caught.value)
    assert {one.path for one in api.calls} <= {"/bookings", "/%5Cevil.example%00"}


def test_a_page_that_names_itself_or_goes_in_a_circle_is_noticed(api: StandIn) -> None:
    def circle(call: Call) -> Any:
        return {"bookings": [], "n": "/b" if call.path == "/bookings" else "/bookings"}

    for answer in (lambda _: {"bookings": [], "n": "/bookings"}, circle):
        api.answer = answer
        fails(api.source(map=a_map(next="n")), "page that was there before")


def test_cursors_without_end_are_ended(api: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapped, "PAGES", 20)
    api.answer = lambda _: {"bookings": [], "n": f"c{len(api.calls)}"}
    fails(api.source(map=a_map(next="n", params={"c": "$cursor"})), "has more than 20 pages")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"bookings": ' + b"[" * 200 + b"]" * 200 + b"}", "nested too deeply"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b"", "cannot be read as JSON"),
        (b"\xff\xfe{", "cannot be read as JSON"),
        (b'{"bookings": NaN}', "cannot be read as JSON"),
        (b'{"bookings": [' + b"1," * 60_000 + b"1]}", "sent more than 50000 records at once"),
        (
            b'"bookings"',
            "map.list ('bookings') finds no list in the answer, which is not an object",
        ),
    ],
)
def test_an_answer_of_the_wrong_form_or_size_fails_the_read(
    api: StandIn, text: bytes, says: str
) -> None:
    api.answer = lambda _: text
    fails(api.source(map=a_map()), says)


def test_a_wish_to_wait_of_400_digits_is_a_wait(api: StandIn) -> None:
    api.answer = lambda _: (429, {})
    source = api.source(map=a_map())
    api.headers = {"Retry-After": "9" * 400}
    fails(source, "")
    assert len(api.calls) <= 2


def detailed(api: StandIn, size: int, number: int = 1) -> SampledSource:
    def answer(call: Call) -> Any:
        if call.path == "/bookings":
            return {"bookings": [a_booking(f"b-{n}") for n in range(number)]}
        return {"x": "y" * size}

    api.answer = answer
    return api.source(map=a_map(detail="join('', ['/', code])"))


def test_details_are_bounded_each_and_together(
    api: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails(detailed(api, 1_000_001), "sent a detail of more than 1000 kB")
    monkeypatch.setattr(mapped, "DETAILS_BYTES", 5_000)
    fails(detailed(api, 1_000, number=6), "has details too large for one page")


def test_few_details_are_remembered(api: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(details, "REMEMBERED_BYTES", 3_500)
    source = detailed(api, 1_000, number=4)
    assert len(ids(list(source.sweep()))) == 4
    list(source.sweep())
    asked = [one.path for one in api.calls if one.path != "/bookings"]
    assert asked == [f"/b-{n}" for n in range(4)] * 2, "the oldest had to go each time"


def test_details_that_take_for_ever_end_the_read(
    api: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "READ_SECONDS", -1.0)
    fails(detailed(api, 10, number=3), "has still more after")
    assert {one.path for one in api.calls} == {"/bookings"}


@pytest.mark.parametrize("url", ["https://evil.example/PLANTED", "//evil.example", "http://["])
def test_a_detail_elsewhere_is_never_asked_for(api: StandIn, url: str) -> None:
    api.answer = lambda _: {"bookings": [a_booking(room=url)]}
    fails(api.source(map=a_map(detail="room")), "map.detail leads to another origin")
    assert {one.path for one in api.calls} == {"/bookings"}


@pytest.mark.parametrize(
    "expression",
    [
        "sort_by(people, &mail)[].mail | [0]",
        "people[?contains(mail, name)].mail | [0]",
        "join('', people[].mail)",
        "to_string(@)",
        "split(name, '', `0`)",
        "max_by(people, &to_number(name)).mail",
        "reverse(to_string(people))",
    ],
)
def test_an_expression_over_much_that_is_odd_is_no_accident(api: StandIn, expression: str) -> None:
    people: list[dict[str, Any]] = [{"mail": n, "name": [n]} for n in range(2_000)]
    people += [{"mail": "a" * 9, "name": "9" * 5_000}, {}, {"mail": None}]
    odd = a_booking("odd", people=people, name="x" * 100_000)
    api.answer = lambda _: {"bookings": [odd, a_booking("good")]}
    record = a_map()["record"] | {"title": expression}
    (page,) = api.source(map=a_map(record=record)).changes(None)
    assert len(page.sessions) + len(page.refused) == 2


def test_a_key_in_the_address_is_in_no_reason(api: StandIn) -> None:
    api.answer = lambda _: (500, {})
    source = api.source("/bookings?key=PLANTED", map=a_map(params={"token": "PLANTED"}))
    fails(source, "answered 500")
    api.answer = lambda _: {"bookings": [], "n": "https://evil.example/?key=PLANTED"}
    fails(api.source("/bookings?key=PLANTED", map=a_map(next="n")), "leads to another origin")
    gone = api.source(map=a_map())
    gone._asking.url = gone._url = "http://127.0.0.1:1/?key=PLANTED"  # type: ignore[attr-defined]
    fails(gone, "source api: ")
