"""Ports for servers that are told their port before they listen on it."""

from __future__ import annotations

import random
import socket
from itertools import cycle

# Below those that systems give to outgoing connections (Linux: from 32768): none of them, and no
# server that takes any free port, can come in between.
FIRST, LAST = 20_000, 32_000
# Each once, in an order of this process: two that are asked for together are never the same.
_ORDER = cycle(random.SystemRandom().sample(range(FIRST, LAST), LAST - FIRST))


def free_port() -> int:
    """A loopback port that was free a moment ago, and is nobody's but by name."""
    for port in _ORDER:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("the ports go round and round")
