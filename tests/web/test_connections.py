"""Silent and half-open connections keep nobody else out."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from starlette.responses import PlainTextResponse

from calsync.web.connections import Bounds, Connections
from calsync.web.serve import Listener
from tests.ports import free_port

SECONDS = 30


@contextmanager
def listening(bounds: Bounds) -> Iterator[int]:
    """A listener that answers "here" to every request, and its port."""
    port = free_port()
    one = Listener("web.port", "127.0.0.1", port, PlainTextResponse("here"), bounds)
    one.bind()
    one.start()
    try:
        yield port
    finally:
        one.stop()
        one.join()


def connected(port: int, sends: bytes = b"") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), SECONDS)
    if sends:
        made.sendall(sends)
    return made


def ended(one: socket.socket) -> bool:
    """Wait until the other side has closed the connection without a word."""
    try:
        return one.recv(1) == b""
    except ConnectionResetError:
        return True


def answer(port: int) -> tuple[int, bytes]:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        caller.request("GET", "/")
        got = caller.getresponse()
        return got.status, got.read()
    finally:
        caller.close()


@pytest.mark.parametrize("sends", [b"", b"GET / HTTP/1.1\r\nHost: here\r\n"])
def test_more_silent_connections_than_there_are_places_keep_nobody_out(sends: bytes) -> None:
    with listening(Bounds(in_all=20)) as port, ExitStack() as stack:
        for _ in range(150):
            stack.enter_context(connected(port, sends))
        assert [answer(port) for _ in range(5)] == [(200, b"here")] * 5


@pytest.mark.parametrize("sends", [b"", b"G", b"GET / HTTP/1.1\r\nHost: he"])
def test_a_connection_without_a_whole_head_ends_by_its_deadline(sends: bytes) -> None:
    with listening(Bounds(head_seconds=0.05)) as port, connected(port, sends) as one:
        assert ended(one)


def test_half_a_request_behind_a_whole_one_ends_as_well() -> None:
    whole = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
    with listening(Bounds(head_seconds=0.05)) as port, connected(port, whole + b"GET /") as one:
        got = b""
        while piece := one.recv(4096):
            got += piece
    assert got.endswith(b"here")


def test_a_connection_that_asks_again_in_time_is_kept() -> None:
    with listening(Bounds()) as port:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        for _ in range(3):
            caller.request("GET", "/")
            assert caller.getresponse().read() == b"here"
        caller.close()


class Waiting:
    """A connection as the register sees it."""

    is_silent = True

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_one_address_of_the_internet_has_a_bound_and_a_proxy_has_none() -> None:
    connections = Connections(Bounds(per_client=2))
    for client, stays in [("8.8.4.4", False), ("127.0.0.1", True), ("10.0.0.4", True)]:
        got = [connections.admit(Waiting(), client) for _ in range(3)]  # type: ignore[arg-type]
        assert got == [True, True, stays]


def test_who_left_makes_room_for_the_next_of_that_address() -> None:
    connections = Connections(Bounds(per_client=1))
    first, second = Waiting(), Waiting()
    assert connections.admit(first, "8.8.4.4")  # type: ignore[arg-type]
    assert not connections.admit(second, "8.8.4.4")  # type: ignore[arg-type]
    connections.forget(first)  # type: ignore[arg-type]
    assert connections.admit(second, "8.8.4.4")  # type: ignore[arg-type]


def test_a_connection_that_is_being_answered_is_not_closed_for_another() -> None:
    connections = Connections(Bounds(in_all=2))
    busy, silent = Waiting(), Waiting()
    busy.is_silent = False
    for one in (busy, silent, Waiting()):
        assert connections.admit(one, "10.0.0.4")  # type: ignore[arg-type]
    assert (busy.aborted, silent.aborted) == (False, True)
