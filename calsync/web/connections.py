"""Connections that send nothing, or half a request, keep nobody else out.

uvicorn bounds how many connections there are, but waits for a request's head for ever: a few
hundred silent connections would have everybody answered 503. Here a head must be complete by a
deadline, one address has a bound of its own, and when all places are taken the connection that has
been silent for longest is closed for a new one.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


@dataclass(frozen=True, slots=True)
class Bounds:
    """What connections may take.

    head_seconds  from the first moment, or the first byte of a later request, to a complete head
    per_client    connections of one address on the internet; a proxy speaks for everybody, so
                  addresses of this machine and of private networks have none
    in_all        connections of all clients
    """

    head_seconds: float = 10.0
    per_client: int = 50
    in_all: int = 500


class Connections:
    """The connections of one listener, in the order in which they came. Used by its thread only."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._open: dict[BoundedProtocol, str] = {}
        self._of_client: Counter[str] = Counter()

    def protocol(self) -> Callable[..., BoundedProtocol]:
        """What uvicorn makes for each connection."""
        return partial(BoundedProtocol, self)

    def admit(self, one: BoundedProtocol, client: str) -> bool:
        """Whether the connection may stay. To make room the longest silent one is closed."""
        if self._of_client[client] >= self.bounds.per_client and not _is_near(client):
            return False
        if len(self._open) >= self.bounds.in_all:
            silent = next((other for other in self._open if other.is_silent), None)
            if silent is not None:
                self.forget(silent)
                silent.abort()
        self._open[one] = client
        self._of_client[client] += 1
        return True

    def forget(self, one: BoundedProtocol) -> None:
        client = self._open.pop(one, None)
        if client is not None:
            self._of_client[client] -= 1
            if not self._of_client[client]:
                del self._of_client[client]


class BoundedProtocol(H11Protocol):
    """uvicorn's connection, with a deadline for each request's head."""

    def __init__(self, connections: Connections, **given: Any) -> None:
        super().__init__(**given)
        self._connections = connections
        self._head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._connections.admit(self, self.client[0] if self.client else ""):
            self._expect_a_head()
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._connections.forget(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_silent:
            self._expect_a_head()
        super().data_received(data)
        if not self.is_silent:
            self._stop_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.is_silent and self.conn.trailing_data[0]:
            self._expect_a_head()  # the beginning of a request that came with the last one

    @property
    def is_silent(self) -> bool:
        """No request is under way: its head has not come, or not whole."""
        return self.conn.their_state is h11.IDLE

    def abort(self) -> None:
        """Close at once, without an answer."""
        self.transport.abort()

    def _expect_a_head(self) -> None:
        if self._head_due is None:
            seconds = self._connections.bounds.head_seconds
            self._head_due = self.loop.call_later(seconds, self._too_late)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _too_late(self) -> None:
        self._head_due = None
        if self.is_silent:
            self.abort()


def _is_near(client: str) -> bool:
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return True  # a unix socket has none
    return not address.is_global
