"""A call has one total deadline, whatever the server does."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from calsync.errors import ChannelError, TimedOut
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.dripping import Dripping, Script, Visitor, dripping, stalling
from tests.providers.http_calls import (
    SHORT,
    call,
    drips_chunks,
    drips_counted_body,
    drips_endless_body,
    drips_headers,
    failure,
    polite,
    silent,
)


@pytest.fixture
def transport() -> Transport:
    return Transport(Watchdog())


@pytest.mark.parametrize(
    "script", [silent, drips_headers, drips_counted_body, drips_endless_body, drips_chunks]
)
def test_a_call_ends_at_its_deadline_and_may_have_happened(
    transport: Transport, script: Script
) -> None:
    error, server = stalling(
        script, lambda it, seconds: failure(lambda: call(transport, it.url, within=seconds))
    )
    assert (error.kind, error.happened) == ("try_later", "maybe")
    assert isinstance(error, TimedOut)
    assert "deadline" in error.reason
    assert len(server.requests) == 1


def test_a_kept_alive_connection_is_watched_as_well(transport: Transport) -> None:
    def script(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer()
        drips_headers(visitor)

    def attempt(server: Dripping, seconds: float) -> ChannelError:
        call(transport, server.url)
        return failure(lambda: call(transport, server.url, within=seconds))

    error, server = stalling(script, attempt)
    assert (error.kind, error.happened, server.connections) == ("try_later", "maybe", 1)


def test_a_kept_alive_connection_survives_the_deadline_of_an_earlier_call(
    transport: Transport,
) -> None:
    def attempt(server: Dripping, seconds: float) -> ChannelError | None:
        until = time.monotonic() + seconds
        try:
            transport.call("GET", server.url, headers={}, body=None, until=until)
        except ChannelError as error:
            return error
        while time.monotonic() < until + 0.05:
            threading.Event().wait(0.01)
        call(transport, server.url)
        server.stalled = True
        return None

    late, server = stalling(polite, attempt)
    assert (late, server.connections) == (None, 1)


def test_a_full_backlog_ends_at_the_deadline_and_did_nothing(transport: Transport) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
        port = listener.getsockname()[1]
        error = failure(lambda: call(transport, f"http://127.0.0.1:{port}", within=SHORT))
        for sock in waiting:
            sock.close()
    assert (error.kind, error.happened) == ("try_later", "no")
    assert isinstance(error, TimedOut)


def test_a_deadline_in_the_past_sends_nothing(transport: Transport) -> None:
    with dripping(polite) as server:
        error = failure(lambda: call(transport, server.url, within=-1))
    assert (error.kind, error.happened, server.requests) == ("try_later", "no", [])
