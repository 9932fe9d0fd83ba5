"""A claim: what a worker was given to work on, and under which lease."""

from __future__ import annotations

from dataclasses import dataclass

from calsync.core.ledger import Delivery, DeliveryKey


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery under one worker's lease, as it was when it was claimed.

    failures  how many calls through the slot failed in a row before this one
    """

    token: str
    slot: str
    lane: int
    delivery: Delivery
    failures: int = 0

    @property
    def key(self) -> DeliveryKey:
        return self.delivery.key

    @property
    def version(self) -> int:
        return self.delivery.version
