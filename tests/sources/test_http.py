"""The HTTP feed as it should be: pages, cursors, ETags, sweeps."""

from __future__ import annotations

import pytest

from calsync.errors import SourceError
from calsync.sources import http
from tests.dripping import Visitor
from tests.sources.feeds import DATE, JSON, TOKEN, Asked, Serve, by_cursor, ids, page, says
from tests.sources.records import NOW, a_record


def test_pages_are_read_in_order_and_the_cursor_goes_with_the_next_poll(serve: Serve) -> None:
    feed = serve(
        by_cursor(
            {
                "": page(a_record(id="a"), next="1", more=True),
                "1": page(a_record(id="b"), next="2"),
                "2": page(next="2"),
            },
            DATE,
        )
    )
    pages = feed.changes()
    assert ids(pages) == ["a", "b"]
    assert {one.now for one in pages} == {NOW}
    assert ids(feed.changes(pages[-1].cursor)) == []
    assert [one.query for one in feed.asked()] == [{}, {"cursor": "1"}, {"cursor": "2"}]
    assert {one.headers["authorization"] for one in feed.asked()} == {f"Bearer {TOKEN}"}


def test_the_address_may_have_a_query_and_cursors_are_kept_whole(serve: Serve) -> None:
    odd = "a&b=c #ü%20"
    pages = {"": page(next=odd, more=True), odd: page()}
    feed = serve(by_cursor(pages), path="/feed?tenant=x")
    assert feed.changes()[-1].cursor is not None
    assert feed.asked()[1].query == {"tenant": "x", "cursor": odd}


def test_nothing_new_costs_one_request_that_is_answered_304(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        while raw := visitor.request():
            if Asked.read(raw).headers.get("if-none-match") == '"v1"':
                visitor.answer(b"", status=b"304 Not Modified")
            else:
                visitor.answer(page(next="7"), JSON, b'ETag: "v1"')

    feed = serve(script)
    (first,) = feed.changes()
    (second,) = feed.changes(first.cursor)
    assert feed.changes(second.cursor) == []
    assert [one.query.get("cursor") for one in feed.asked()] == [None, "7", "7"]
    assert [one.headers.get("if-none-match") for one in feed.asked()] == [None, None, '"v1"']


def test_a_feed_without_cursors_tells_everything_each_time(serve: Serve) -> None:
    feed = serve(says(page(a_record(id="a"), a_record(id="b"))))
    (first,) = feed.changes()
    assert ids(feed.changes(first.cursor)) == ["a", "b"]


def test_a_cursor_that_is_gone_begins_anew_and_says_so(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        while raw := visitor.request():
            if "cursor" in Asked.read(raw).query:
                visitor.answer(b"", status=b"410 Gone")
            else:
                visitor.answer(page(a_record(id="a"), next="9"), JSON)

    feed = serve(script)
    (found,) = feed.changes(http.FeedCursor("old").write())
    assert ids([found]) == ["a"]
    assert "410" in found.warnings[0]
    assert http.FeedCursor.read(found.cursor).at == "9"


def test_bad_records_stand_beside_good_ones(serve: Serve) -> None:
    records = (a_record(id="a"), a_record(id="b", time_zone="Nowhere"), 7, a_record(id="c"))
    (found,) = serve(says(page(*records))).changes()
    assert ids([found]) == ["a", "c"]
    assert [(one.record, one.field) for one in found.refused[:1]] == [("b", "time_zone")]
    assert "record 3 of a page of source f" in found.refused[1].record


def test_a_redirect_within_the_origin_is_followed(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        while raw := visitor.request():
            if raw.startswith(b"GET /feed "):
                visitor.answer(b"", b"Location: /elsewhere", status=b"307 Temporary Redirect")
            else:
                visitor.answer(page(a_record(id="a")), JSON)

    feed = serve(script)
    assert ids(feed.changes()) == ["a"]
    assert {one.headers["authorization"] for one in feed.asked()} == {f"Bearer {TOKEN}"}


# --- sweeps --------------------------------------------------------------------------------------


def test_a_sweep_reads_everything_and_believes_it_when_it_is_complete(serve: Serve) -> None:
    feed = serve(
        by_cursor(
            {
                "": page(a_record(id="a"), next="a", more=True),
                "a": page(a_record(id="b"), complete=True, count=2),
            }
        )
    )
    assert ids(list(feed.source.sweep())) == ["a", "b"]
    assert [one.query for one in feed.asked()] == [
        {"all": "true"},
        {"all": "true", "cursor": "a"},
    ]


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (page(a_record(id="a")), "complete"),
        (page(a_record(id="a"), complete=False, count=1), "complete"),
        (page(a_record(id="a"), complete=True), "count is None, and 1"),
        (page(a_record(id="a"), complete=True, count=2), "count is 2, and 1"),
        (page(a_record(id="a"), a_record(id="a"), complete=True, count=2), "count is 2, and 1"),
        (page(a_record(id="a"), a_record(id=""), complete=True, count=2), "no usable id"),
    ],
)
def test_a_sweep_that_may_lack_something_ends_with_an_error(
    serve: Serve, last: bytes, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        list(serve(says(last)).source.sweep())


def test_a_refused_record_counts_as_one_that_is_there(serve: Serve) -> None:
    bad = a_record(id="b", time_zone="Nowhere")
    pages = list(serve(says(page(a_record(id="a"), bad, complete=True, count=2))).source.sweep())
    assert ids(pages) == ["a"]


@pytest.mark.parametrize(("limit", "asked"), [(1, 1), (2, 1), (3, 2), (9, 2)])
def test_samples_come_from_as_many_pages_as_they_need(serve: Serve, limit: int, asked: int) -> None:
    first = page(a_record(id="a", personal_notes="x"), a_record(id="b", status="?"), more=True,
                 next="1")  # fmt: skip
    feed = serve(by_cursor({"": first, "1": page(a_record(id="c"), next="2")}))
    found = list(feed.source.samples(limit))
    assert [one.answer["id"] for one in found] == ["a", "b", "c"][:limit]  # type: ignore[index]
    assert [len(one.page.sessions) for one in found] == [1, 0, 1][:limit]
    assert "personal_notes" not in found[0].answer  # type: ignore[operator]
    assert [one.query["all"] for one in feed.asked()] == ["true"] * asked
