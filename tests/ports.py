"""Ports for servers that are told their port before they listen on it."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from itertools import cycle, islice

# Below those that systems give to outgoing connections (Linux: from 32768): none of them, and no
# server that takes any free port, can come in between.
FIRST, LAST = 20_000, 32_000
SHARE = 100  # ports of one test process


class _Share:
    """The ports that this process gives. Others give other ones: each share is held by an abstract
    address, which has one owner until that ends (unix(7))."""

    def __init__(self) -> None:
        starts = range(FIRST, LAST, SHARE)
        for start in random.SystemRandom().sample(starts, len(starts)):
            self._held = socket.socket(socket.AF_UNIX)
            try:
                self._held.bind(f"\0calsync-tests-ports-{start}")
            except OSError:
                self._held.close()
                continue
            self.ports: Iterator[int] = cycle(range(start, start + SHARE))
            return
        raise AssertionError("too many test processes at once")


_SHARES: list[_Share] = []


def free_port() -> int:
    """A loopback port that was free a moment ago. Two that are asked for together are never the
    same, by whatever processes."""
    if not _SHARES:
        _SHARES.append(_Share())
    for port in islice(_SHARES[0].ports, SHARE):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port of this process is taken")
