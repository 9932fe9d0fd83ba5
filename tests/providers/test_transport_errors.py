"""One attempt, and a true word on whether anything happened when it fails."""

from __future__ import annotations

import socket
import time
from functools import partial

import pytest

from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import Script, Visitor, dripping
from tests.providers.http_calls import (
    call,
    dies_after_reading,
    dies_in_the_body,
    failure,
    polite,
    polite_once_then_deaf,
)


@pytest.fixture
def transport() -> Transport:
    return Transport(Watchdog())


@pytest.mark.parametrize("script", [dies_after_reading, dies_in_the_body])
def test_a_connection_that_dies_after_the_request_may_have_happened_and_is_not_repeated(
    transport: Transport, script: Script
) -> None:
    with dripping(script) as server:
        error = failure(lambda: call(transport, server.url))
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_a_write_is_never_repeated_on_a_stale_connection(transport: Transport, method: str) -> None:
    with dripping(polite_once_then_deaf, polite) as server:
        call(transport, server.url)
        error = failure(lambda: call(transport, server.url, method))
        assert (error.kind, error.happened) == ("try_later", "maybe")
        assert len(server.requests) == 2
        assert call(transport, server.url).status == 200


@pytest.mark.parametrize("method", ["GET", "PROPFIND"])
def test_a_read_is_repeated_once_on_a_stale_connection(transport: Transport, method: str) -> None:
    with dripping(polite_once_then_deaf, dies_after_reading) as server:
        call(transport, server.url)
        error = failure(lambda: call(transport, server.url, method))
        assert (error.kind, error.happened, len(server.requests)) == ("try_later", "maybe", 3)
    with dripping(polite_once_then_deaf, polite) as server:
        call(transport, server.url)
        assert call(transport, server.url, method).status == 200


def test_a_post_that_only_reads_is_repeated_like_any_read(transport: Transport) -> None:
    with dripping(polite_once_then_deaf, polite) as server:
        call(transport, server.url)
        asked = transport.call(
            "POST", server.url, headers={}, body=b"{}", until=time.monotonic() + 30, reads=True
        )
        assert (asked.status, len(server.requests)) == (200, 3)


def test_a_refused_connection_did_nothing(transport: Transport) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(lambda: call(transport, f"http://127.0.0.1:{port}/?secret=1"))
    assert (error.kind, error.happened) == ("try_later", "no")
    assert "secret" not in error.reason


def test_a_name_that_does_not_resolve_did_nothing(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr("providers.http.connections.getaddrinfo", unknown)
    error = failure(lambda: call(transport, "https://nowhere.example/"))
    assert (error.kind, error.happened) == ("try_later", "no")
    assert "nowhere.example" in error.reason


def test_the_second_address_of_a_name_is_tried(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.getsockname()
    with dripping(polite) as server:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 0, "", address)
            for address in (closed, ("127.0.0.1", server.port))
        ]
        monkeypatch.setattr("providers.http.connections.getaddrinfo", lambda *_, **__: found)
        assert call(transport, server.url).status == 200


def test_an_answer_that_is_too_large_is_not_read_to_its_end() -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not visitor.server.stopped.is_set():
            visitor.say(b"x" * 10_000)

    with dripping(script) as server:
        error = failure(lambda: call(Transport(Watchdog(), max_bytes=100_000), server.url))
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert "100000" in error.reason


@pytest.mark.parametrize("login", ["żółć:x", "x:żółć", "%C5%BC", "u%FF:p"])
def test_a_login_that_http_cannot_carry_is_the_operators_affair(
    transport: Transport, login: str
) -> None:
    error = failure(lambda: call(transport, f"https://{login}@platform.example/"))
    assert (error.kind, error.happened, error.scope) == ("setup", "no", "provider")
    assert "login" in error.reason
    assert login not in error.reason


@pytest.mark.parametrize("header", [{"X-Key": "żółć"}, {"Ä": "1"}, {"X-Key": "\ud800"}])
def test_a_header_that_http_cannot_carry_did_nothing(
    transport: Transport, header: dict[str, str]
) -> None:
    with dripping(polite) as server:
        send = partial(transport.call, "PUT", server.url, headers=header, body=b"")
        error = failure(lambda: send(until=time.monotonic() + 30))
        assert (error.kind, error.happened, server.requests) == ("try_later", "no", [])
        assert call(transport, server.url).status == 200
