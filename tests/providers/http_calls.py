"""Calls over the transport, how they failed, and scripts for the server they are made to."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from calsync.errors import ChannelError
from providers.http.transport import Answer, Transport
from tests.dripping import Script, Visitor

SHORT = 0.3


def call(
    transport: Transport,
    url: str,
    method: str = "POST",
    *,
    within: float = 5.0,
    body: bytes | None = b"{}",
) -> Answer:
    return transport.call(
        method, url, headers={"X-Test": "1"}, body=body, until=time.monotonic() + within
    )


def failure(run: Callable[[], object]) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        run()
    return caught.value


def polite(visitor: Visitor) -> None:
    while visitor.request():
        visitor.answer()


def silent(visitor: Visitor) -> None:
    visitor.request()
    visitor.hang()


def drips_headers(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nX-Drip: ")
    visitor.drip()


def drips_counted_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    visitor.drip()


def drips_endless_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    visitor.drip()


def drips_chunks(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    visitor.drip(b"1\r\n.\r\n")


def dies_after_reading(visitor: Visitor) -> None:
    visitor.request()


def dies_in_the_body(visitor: Visitor) -> None:
    visitor.request()
    visitor.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def polite_once_then_deaf(visitor: Visitor) -> None:
    """The kept-alive connection dies in the moment its second request arrives."""
    visitor.request()
    visitor.answer()
    visitor.request()


def polite_then(script: Script) -> Script:
    def both(visitor: Visitor) -> None:
        visitor.request()
        visitor.answer()
        script(visitor)

    return both
