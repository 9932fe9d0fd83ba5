"""Leases of the calls in flight, for a channel that asks right before it cannot turn back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from calsync.core.calls import PreparedRequest
from calsync.core.reconcile.claimed import Claim
from calsync.store.database import Store
from calsync.store.queue import claims


class Leases:
    """Knows under which lease each wire is being sent. Shared by all worker threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._claims: dict[str, Claim] = {}
        self._lock = threading.Lock()

    @contextmanager
    def sending(self, prepared: PreparedRequest, claim: Claim) -> Iterator[None]:
        with self._lock:
            self._claims[prepared.key] = claim
        try:
            yield
        finally:
            with self._lock:
                self._claims.pop(prepared.key, None)

    def still_ours(self, prepared: PreparedRequest) -> bool:
        """The delivery's lease has not ended and nobody else has it. True for a wire that is sent
        under no lease."""
        with self._lock:
            claim = self._claims.get(prepared.key)
        if claim is None:
            return True
        with self._store.peek() as db:
            return claims.lasts(db, claim)
