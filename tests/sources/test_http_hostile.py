"""The HTTP feed against a server that misbehaves in every way it can."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.errors import SourceError
from calsync.sources import asking, http
from tests.dripping import Visitor
from tests.providers.loopback_certificate import server_side, write_certificate
from tests.sources.feeds import JSON, MOST, TOKEN, Serve, by_cursor, ids, page, refused, says
from tests.sources.records import NOW, a_record


def test_pages_before_the_one_that_dies_stay(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        while raw := visitor.request():
            if b"cursor" in raw:
                visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n" + JSON + b"\r\n\r\n{")
                return
            visitor.answer(page(a_record(id="a"), next="1", more=True), JSON)

    feed = serve(script)
    pages = feed.source.changes(None)
    assert ids([next(pages)]) == ["a"]
    with pytest.raises(SourceError, match="connection lost"):
        next(pages)


@pytest.mark.parametrize(
    "pages",
    [
        {"": page(next="1", more=True), "1": page(next="1", more=True)},
        {
            "": page(next="1", more=True),
            "1": page(next="2", more=True),
            "2": page(next="1", more=True),
        },
        {"": page(more=True)},
    ],
    ids=["stands still", "goes round", "has none"],
)
def test_a_cursor_that_does_not_move_ends_the_read(serve: Serve, pages: dict[str, bytes]) -> None:
    feed = serve(by_cursor(pages))
    assert "it must move" in refused(feed)
    assert len(feed.server.requests) <= 3


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [("PAGES", 5, "more than 5 pages"), ("READ_SECONDS", 0.0, "still more after 0 hours")],
)
def test_pages_without_end_are_left(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, said: str
) -> None:
    monkeypatch.setattr(http, limit, value)

    def script(visitor: Visitor) -> None:
        while visitor.request():
            number = str(len(visitor.server.requests))
            visitor.answer(page(a_record(id=number), next=number, more=True), JSON)

    feed = serve(script)
    assert said in refused(feed)
    assert len(feed.server.requests) <= 6


def test_the_same_page_under_ever_new_cursors_ends_the_read(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        while visitor.request():
            number = str(len(visitor.server.requests))
            visitor.answer(page(a_record(), next=number, more=True), JSON)

    feed = serve(script)
    assert "the same page 3 times" in refused(feed)
    assert len(feed.server.requests) == 3


def test_empty_pages_may_stand_between_others(serve: Serve) -> None:
    pages = {str(n): page(next=str(n + 1), more=True) for n in range(1, 6)}
    feed = serve(by_cursor({"": page(next="1", more=True), **pages, "6": page(a_record(id="a"))}))
    assert ids(feed.changes()) == ["a"]


def test_an_answer_of_two_gigabytes_is_left_at_the_limit(serve: Serve) -> None:
    sent = [0]

    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n" + JSON + b"\r\n\r\n")
        while sent[0] < 2**31:
            visitor.say(b" " * 65_536)
            sent[0] += 65_536

    assert f"larger than {MOST} bytes" in refused(serve(script))
    assert sent[0] < 2**26


def test_a_small_answer_that_unpacks_to_a_large_one_is_left_too(serve: Serve) -> None:
    body = gzip.compress(b" " * 50_000_000)
    assert len(body) < MOST
    feed = serve(says(body, headers=(JSON, b"Content-Encoding: gzip")))
    assert f"larger than {MOST} bytes" in refused(feed)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_feed_that_drips_is_left_at_the_deadline(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(asking, "PAGE_SECONDS", 0.5)

    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.say(begun)
        visitor.drip()

    assert "deadline" in refused(serve(script))


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"<html>Sign in</html>", b"text/html; charset=utf-8", "text/html, not application/json"),
        (page(), b"text/plain", "text/plain"),
        (b"<html>Sign in</html>", b"application/json", "cannot be read as JSON"),
        (b"[" * 100_000, b"application/json", "cannot be read as JSON"),
        (b"\xff\xfe\xfa", b"application/json", "cannot be read as JSON"),
        (b"[]", b"application/json", "no JSON object"),
        (b"{}", b"application/json", "sessions: cannot be used"),
        (b'{"sessions": {}}', b"application/json", "sessions: cannot be used"),
        (page(next=7), b"application/json", "next: cannot be used"),
        (page(next="x" * 2_001), b"application/json", "next: cannot be used"),
        (page(more="yes"), b"application/json", "more: cannot be used"),
    ],
)
def test_an_answer_that_is_no_page_says_what_is_wrong(
    serve: Serve, body: bytes, kind: bytes, said: str
) -> None:
    text = refused(serve(says(body, headers=(b"Content-Type: " + kind,))))
    assert said in text
    assert "Sign in" not in text


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (b"401 Unauthorized", "answered 401; check the source's token"),
        (b"403 Forbidden", "answered 403; check the source's token"),
        (b"404 Not Found", "answered 404; check the source's url"),
        (b"410 Gone", "answered 410"),
        (b"500 Oops", "answered 500"),
        (b"204 No Content", "answered 204"),
        (b"304 Not Modified", "answered 304"),
    ],
)
def test_a_status_that_is_no_page_is_told(serve: Serve, status: bytes, said: str) -> None:
    assert said in refused(serve(says(b"", status=status)))


@pytest.mark.parametrize("asked", [b"120", b"Tue, 24 Nov 2026 12:02:00 GMT"])
@pytest.mark.parametrize("status", [b"429 Slow Down", b"503 Busy"])
def test_a_feed_that_asks_us_to_wait_is_left_alone_until_then(
    serve: Serve, status: bytes, asked: bytes
) -> None:
    feed = serve(says(b"", status=status, headers=(b"Retry-After: " + asked,)))
    assert f"answered {status[:3].decode()}" in refused(feed)
    feed.now[0] = NOW + timedelta(seconds=119)
    assert "wait until 2026-11-24 12:02:00 UTC" in refused(feed)
    assert len(feed.server.requests) == 1
    feed.now[0] = NOW + timedelta(seconds=120)
    refused(feed)
    assert len(feed.server.requests) == 2


@pytest.mark.parametrize("asked", [b"99999999", b"9" * 400, b"Wed, 21 Oct 9999 07:28:00 GMT"])
def test_nobody_can_ask_us_to_wait_for_ever(serve: Serve, asked: bytes) -> None:
    feed = serve(says(b"", status=b"429 Slow Down", headers=(b"Retry-After: " + asked,)))
    refused(feed)
    feed.now[0] = NOW + timedelta(hours=1)
    refused(feed)
    assert len(feed.server.requests) == 2


@pytest.mark.parametrize(
    "where", ["http://127.0.0.1:1/", "https://127.0.0.1/", "//evil.example/", "http://[x/"]
)
def test_a_redirect_to_another_origin_is_refused_before_anything_goes_there(
    serve: Serve, where: str
) -> None:
    feed = serve(says(b"", status=b"302 Found", headers=(b"Location: " + where.encode(),)))
    assert "another origin" in refused(feed)
    assert len(feed.server.requests) == 1


def test_a_redirect_with_a_login_in_it_is_refused(serve: Serve) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        where = b"Location: http://user:pass@127.0.0.1:%d/" % visitor.server.port
        visitor.answer(b"", where, status=b"302 Found")
        visitor.request()

    feed = serve(script)
    assert "another origin" in refused(feed)
    assert len(feed.server.requests) == 1


def test_headers_that_cannot_be_read_are_as_good_as_none(serve: Serve) -> None:
    odd = b"Wed, 21 Oct 99999999999999999999 07:28:00 GMT"
    said = refused(serve(says(b"", status=b"429 Slow Down", headers=(b"Retry-After: " + odd,))))
    assert "answered 429" in said
    found = serve(says(page(a_record(id="a")), headers=(JSON, b"Date: " + odd))).changes()
    assert (ids(found), found[0].now) == (["a"], NOW)


@pytest.mark.parametrize(
    "etag", [b'"a\r\n b"', b"", b" ", b'"' + b"x" * 9000 + b'"', b'"\xff\x01"']
)
def test_an_etag_that_cannot_be_sent_back_does_not_stop_the_feed(serve: Serve, etag: bytes) -> None:
    feed = serve(says(page(), headers=(JSON, b"ETag: " + etag)))
    cursor = None
    for _ in range(3):
        (found,) = feed.changes(cursor)
        cursor = found.cursor
    assert "if-none-match" not in feed.asked()[-1].headers


def test_what_a_feed_writes_into_its_headers_is_not_repeated(serve: Serve) -> None:
    kind = b"Content-Type: Bearer " + TOKEN.encode()
    assert "sent no Content-Type" in refused(serve(says(page(), headers=(kind,))))


@pytest.mark.parametrize("packed", [b"gzip", b"gzip, gzip"])
def test_two_gigabytes_packed_into_a_few_bytes_stay_out_of_memory(
    serve: Serve, packed: bytes
) -> None:
    body = gzip.compress(b" " * 16_000_000) * 125
    if b"," in packed:
        body = gzip.compress(body)
    feed = serve(says(body, headers=(JSON, b"Content-Encoding: " + packed)))
    tracemalloc.start()
    try:
        assert f"larger than {MOST} bytes" in refused(feed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000


def test_a_redirect_to_itself_ends(serve: Serve) -> None:
    feed = serve(says(b"", status=b"302 Found", headers=(b"Location: /feed",)))
    assert "redirects more than 3 times" in refused(feed)


def test_a_feed_that_is_not_there_is_told(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    feed = serve(says(page()))
    feed.source.url = f"http://127.0.0.1:{port}/"
    assert "not reached" in refused(feed)


def test_plain_http_goes_to_this_machine_only(serve: Serve) -> None:
    feed = serve(says(page()))
    feed.source.url = "http://platform.example/feed"
    assert "use https" in refused(feed)


def test_a_certificate_has_to_be_vouched_for_by_the_bundle_or_the_ca_file(
    serve: Serve, tmp_path: Path
) -> None:
    certificate = write_certificate(tmp_path)
    feed = serve(says(page()), tls=server_side(certificate))
    assert "certificate not trusted" in refused(feed)
    assert feed.server.requests == []
    trusted = serve(says(page()), tls=server_side(certificate), ca_file=str(certificate))
    assert len(trusted.changes()) == 1


def test_the_source_shows_no_secret_of_its_own(serve: Serve) -> None:
    assert TOKEN not in repr(serve(says(page())).source)
