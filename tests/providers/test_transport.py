"""One call over HTTP: what is sent, what counts as an answer, and whom nobody may ask."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
import urllib3

from calsync.errors import Setup
from providers.http.prepared import ALWAYS
from providers.http.transport import Answer, Transport, retry_after
from providers.http.watchdog import Watchdog
from tests.dripping import Visitor, dripping
from tests.providers.http_calls import call, failure, polite

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def transport() -> Transport:
    return Transport(Watchdog())


def test_a_whole_answer_arrives_with_lower_case_headers(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer(b"gone", b"X-Request-ID: r-1", status=b"410 Gone")

    with dripping(script) as server:
        answer = call(transport, server.url + "/a?b=c", body=b"\x00\xff")
    assert (answer.status, answer.body, answer.headers["x-request-id"]) == (410, b"gone", "r-1")
    assert server.requests[0].startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n\x00\xff")


def test_the_next_call_of_a_thread_uses_the_same_connection(transport: Transport) -> None:
    with dripping(polite) as server:
        for _ in range(3):
            assert call(transport, server.url).body == b"ok"
    assert (len(server.requests), server.connections) == (3, 1)


def test_head_and_body_leave_in_one_write(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    write = HTTPConnection.send

    def noted(connection: HTTPConnection, data: bytes) -> None:
        written.append(data)
        write(connection, data)

    monkeypatch.setattr(HTTPConnection, "send", noted)
    with dripping(polite) as server:
        for method, body in (("POST", b"content"), ("PUT", b"more"), ("GET", None)):
            call(transport, server.url, method, body=body)
    assert [one.partition(b"\r\n\r\n")[2] for one in written] == [b"content", b"more", b""]


@pytest.mark.parametrize("body", [b"content", None])
def test_a_plain_request_is_written_as_urllib3_writes_it(
    transport: Transport, body: bytes | None
) -> None:
    headers = {"Prefer": 'IdType="ImmutableId"', "accept": "a/b", "If-Match": 'W/"1"'}
    with dripping(polite) as server:
        url = server.url + "/me/events/AAMk%3D?$select=id"
        transport.call("PATCH", url, headers=headers, body=body, until=time.monotonic() + 5)
        urllib3.PoolManager().urlopen(
            "PATCH",
            url,
            body=body,
            headers=ALWAYS | headers | {"Content-Length": str(len(body or b""))},
        )
    ours, theirs = server.requests
    assert ours == theirs


def test_an_answer_in_several_lines_of_one_header_arrives_as_one(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer(b"ok", b"X-Told: a", b"x-told: b")

    with dripping(script) as server:
        assert call(transport, server.url).headers["x-told"] == "a, b"


def test_a_host_that_may_not_be_asked_is_refused_again(transport: Transport) -> None:
    for path in ("/a", "/b", "/a"):
        error = failure(partial(call, transport, f"http://elsewhere.example{path}"))
        assert isinstance(error, Setup)


def test_a_redirect_is_an_answer_and_no_cookie_is_kept(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        while visitor.request():
            visitor.answer(
                b"", b"Location: /elsewhere", b"Set-Cookie: who=maya; Path=/", status=b"302 Found"
            )

    with dripping(script) as server:
        assert call(transport, server.url, "GET").status == 302
        assert call(transport, server.url, "GET").status == 302
    assert all(b"GET / " in request for request in server.requests)
    assert all(b"ookie" not in request for request in server.requests)


def test_environment_proxies_and_netrc_are_ignored(
    transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with dripping(polite) as server:
        assert call(transport, server.url).status == 200
    assert b"uthorization" not in server.requests[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example/x",
        "http://127.0.0.1.example/",
        "http://10.0.0.1/",
        "ftp://127.0.0.1/",
        "https:///no-host",
        "http://[::1",
        "",
    ],
)
def test_other_urls_than_https_or_loopback_are_the_operators_fault(
    transport: Transport, url: str
) -> None:
    error = failure(lambda: call(transport, url))
    assert (type(error), error.happened, error.scope) == (Setup, "no", "provider")


def test_eight_threads_share_one_transport(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        while request := visitor.request():
            visitor.answer(request.split(b"\r\n\r\n", 1)[1])

    with dripping(script) as server, ThreadPoolExecutor(8) as pool:
        bodies = [b"%d" % n for n in range(200)]
        answers = pool.map(lambda body: call(transport, server.url, body=body).body, bodies)
        assert list(answers) == bodies
        assert server.connections <= 8


def test_nothing_secret_is_in_an_error_or_its_traceback(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/private?token=secret"
    error = failure(lambda: call(transport, url))
    assert error.__suppress_context__
    assert "secret" not in str(error) + repr(error)
    assert "secret" not in repr(Answer(200, {"set-cookie": "secret"}, b"secret"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 12:01:30 -0000", 90.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("\u0661\u0662", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_without_retry_after_nothing_is_asked() -> None:
    assert retry_after({}, NOW) is None
