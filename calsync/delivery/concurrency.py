"""How many calls this process makes at once to one provider, where the provider counts them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

Held = set[tuple[str, str]]  # (tenant, channel), one call each


class Permit:
    """One worker's claim. `full`: by tenant, the channels that it may not call now."""

    def __init__(self, flights: InFlight, held: Held, full: Mapping[str, frozenset[str]]) -> None:
        self._flights, self._held, self.full = flights, held, full

    def keep(self, tenant: str, channel: str | None) -> None:
        """Hold a place for this channel only; others may have the rest."""
        kept = self._held & {(tenant, channel or "")}
        self._flights.give_back(self._held - kept)
        self._held &= kept


class InFlight:
    """Shared by the workers of a process. Other processes count for themselves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def permit(self, limits: Mapping[str, Mapping[str, int]]) -> Iterator[Permit]:
        """A place in every channel of `limits` (by tenant and channel) that has one, until the
        claim tells which of them it needs; given back at the end of the block."""
        held: Held = set()
        full: dict[str, frozenset[str]] = {}
        with self._lock:
            for tenant, channels in limits.items():
                over = {one for one, most in channels.items() if self._calls[tenant, one] >= most}
                held |= {(tenant, one) for one in channels.keys() - over}
                full[tenant] = frozenset(over)
            self._calls.update(held)
        try:
            yield Permit(self, held, full)
        finally:
            self.give_back(held)

    def give_back(self, held: Held) -> None:
        with self._lock:
            self._calls.subtract(held)
