"""Total deadlines for calls: one thread that shuts a socket down when its time is over.

A read time-out restarts with every byte, so a dripping server outlives it for ever. The watchdog
knows each open call's socket and its last instant (`time.monotonic()`), whatever drips.
"""

from __future__ import annotations

import heapq
import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass(order=True, slots=True)
class Watch:
    """One call's deadline. Sockets may be added while it runs; `fired` says it was cut off."""

    until: float
    number: int
    fired: bool = field(default=False, compare=False)
    over: bool = field(default=False, compare=False)
    sockets: list[socket.socket] = field(default_factory=list, compare=False)

    def add(self, sock: socket.socket) -> None:
        """Watch this socket as well; at once cut off when the deadline has passed."""
        self.sockets.append(sock)
        if self.fired:
            cut(sock)


def cut(sock: socket.socket) -> None:
    """End both directions. The plain method, because SSLSocket's own one drops its TLS object
    under the thread that is reading through it."""
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class Watchdog:
    """Create one per process and hand it to every transport. Its thread starts with the first
    watch and is a daemon."""

    def __init__(self) -> None:
        self._heap: list[Watch] = []
        self._number = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._wakes_at = math.inf  # when the thread looks again, unless it is told to before

    @contextmanager
    def watch(self, until: float) -> Iterator[Watch]:
        """Sockets added to the watch are shut down at `until`, unless the block ended before."""
        watch = self.begin(until)
        try:
            yield watch
        finally:
            self.end(watch)

    def begin(self, until: float) -> Watch:
        """A watch that `end` has to be told of, come what may."""
        with self._changed:
            self._number += 1
            watch = Watch(until, self._number)
            heapq.heappush(self._heap, watch)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            if until < self._wakes_at:  # else it looks before that in any case
                self._wakes_at = until
                self._changed.notify()
        return watch

    def end(self, watch: Watch) -> None:
        """What it watched ended before."""
        with self._changed:
            watch.over = True
            while self._heap and self._heap[0].over:
                heapq.heappop(self._heap)

    def _run(self) -> None:
        with self._changed:
            while True:
                while self._heap and (
                    self._heap[0].over or self._heap[0].until <= time.monotonic()
                ):
                    self._cut_off(heapq.heappop(self._heap))
                self._wakes_at = self._heap[0].until if self._heap else math.inf
                self._changed.wait(self._wakes_at - time.monotonic() if self._heap else None)

    @staticmethod
    def _cut_off(watch: Watch) -> None:
        if not watch.over:
            watch.fired = True
            for sock in watch.sockets:
                cut(sock)
