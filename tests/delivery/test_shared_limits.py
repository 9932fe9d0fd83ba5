"""Tenants that share a client of a provider share what the provider allows it."""

from __future__ import annotations

from datetime import datetime

from calsync.core.ledger import Rate
from calsync.store.queue import limiter
from tests.harness.platform import Platform


def test_tenants_that_share_a_client_share_its_limit(platform: Platform) -> None:
    def take(tenant: str, client: str) -> datetime | None:
        calls = limiter.CountedCalls(tenant, "google", None, {"google": Rate(6, None, client)})
        with platform.store.write() as db:
            return limiter.take(db, calls)

    assert take("acme", "one") is None
    assert take("globex", "one") is not None, "a project's calls are counted together"
    assert take("globex", "other") is None
    assert (take("acme", ""), take("globex", "")) == (None, None), "without one each by itself"
