"""Links of a record: those that can be used, in their order; others are warned of."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.core.booked import BookedSession, SessionLink
from calsync.sources.records.record import parse
from tests.sources.records import NOW, a_record

GOOD = {"label": "Mentorship Agreement", "url": "https://app.example.org/agreement"}


def read(links: object) -> tuple[BookedSession, list[str]]:
    return parse(a_record(links=links), tenant="default", now=NOW)


def test_links_are_read_in_their_order() -> None:
    other = {"label": "Final assessment", "url": "https://app.example.org/final"}
    session, warnings = read([GOOD, other])
    assert session.links == (SessionLink(**GOOD), SessionLink(**other))
    assert warnings == []
    assert read(None)[0].links == ()


def test_five_are_shown_and_the_others_told() -> None:
    session, warnings = read([{**GOOD, "label": f"Link {n}"} for n in range(7)])
    assert [one.label for one in session.links] == [f"Link {n}" for n in range(5)]
    assert len(warnings) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"label": "", "url": GOOD["url"]},
        {"url": GOOD["url"]},
        {"label": "x"},
        {"label": "x", "url": "http://app.example.org/agreement"},
        {"label": "x", "url": "javascript:alert(1)"},
        {"label": "x", "url": "https://user@evil.example"},
    ],
)
def test_one_that_cannot_be_used_is_left_out_alone(bad: dict[str, Any]) -> None:
    session, warnings = read([bad, GOOD])
    assert session.links == (SessionLink(**GOOD),)
    assert warnings
    assert all("links[0]" in one for one in warnings)


@pytest.mark.parametrize(
    "odd",
    [None, 1, "a", [], {"label": {}, "url": GOOD["url"]}, {"label": "x", "url": ["a"]}],
)
def test_an_item_that_is_no_link_is_left_out_alone(odd: object) -> None:
    session, warnings = read([odd, GOOD, odd])
    assert session.links == (SessionLink(**GOOD),)
    assert len(warnings) == 2
    assert ["links[0]" in warnings[0], "links[2]" in warnings[1]] == [True, True]


def test_of_many_items_that_are_no_links_the_whole_list_is_left_out() -> None:
    session, warnings = read([None] * 1000)
    assert session.links == ()
    assert len(warnings) == 1


def test_what_is_no_list_is_left_out_whole() -> None:
    session, warnings = read("https://app.example.org")
    assert session.links == ()
    assert len(warnings) == 1
