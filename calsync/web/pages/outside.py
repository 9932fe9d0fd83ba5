"""Room for calls to somebody else's server: a person waits for it, others must find a thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from calsync.core.visit import Visit

AT_ONCE = 8  # of the application's threads
# Of these for servers that visitors name, or sign-ins that begin: the others are left to people who
# come back from a sign-in, and whose consent counts once.
TO_BEGIN = 6
OF_A_TENANT = 2  # of these


class NoRoomError(Exception):
    """All places that this visit may have are taken."""


class Outside:
    """Counts the calls of this process's visitors. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all = 0
        self._tenants: Counter[str] = Counter()
        self._visits: set[str] = set()

    @contextmanager
    def beginning(self, visit: Visit) -> Iterator[None]:
        """Around a call that begins something, be it to a server that its visitor names: one of
        each visit, two of each tenant. Raises NoRoomError."""
        tenant = visit.visitor.tenant
        with self._lock:
            begun = len(self._visits)
            if visit.id in self._visits or begun >= TO_BEGIN or self._all >= AT_ONCE:
                raise NoRoomError
            if self._tenants[tenant] >= OF_A_TENANT:
                raise NoRoomError
            self._all += 1
            self._tenants[tenant] += 1
            self._visits.add(visit.id)
        try:
            yield
        finally:
            with self._lock:
                self._all -= 1
                self._tenants[tenant] -= 1
                self._visits.discard(visit.id)

    @contextmanager
    def returning(self) -> Iterator[None]:
        """Around the call for somebody who comes back from a sign-in. Raises NoRoomError."""
        with self._lock:
            if self._all >= AT_ONCE:
                raise NoRoomError
            self._all += 1
        try:
            yield
        finally:
            with self._lock:
                self._all -= 1
