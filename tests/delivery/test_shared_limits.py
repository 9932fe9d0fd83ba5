"""Tenants that share a client of a provider share what the provider allows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.core.ledger import Rate
from calsync.delivery.concurrency import InFlight
from calsync.delivery.deliver import Deliverer
from calsync.delivery.groups import Begun, Groups, Work
from calsync.store.database import Store, open_engine
from calsync.store.ledger.rows import table
from calsync.store.queue import limiter
from tests.harness.platform import Platform
from tests.harness.platform_fixtures import MakePlatform

TENANTS = ("acme", "globex")


def booked(platform: Platform, acme: int, globex: int) -> None:
    """So many sessions of each tenant, each of a person with a calendar."""
    platform.stop_clock(platform.clock())
    names = [
        f"{tenant}-{n}"
        for tenant, of in zip(TENANTS, (acme, globex), strict=True)
        for n in range(of)
    ]
    people = [Participant(name, name, f"{name}@example.org") for name in names]
    for one in people:
        platform.connect(one.email, f"a-{one.id}")
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in people))
    delivery, slot = table("delivery").c, table("slot").c
    with platform.store.write() as db:
        for tenant in TENANTS:
            mine = slot.slot.like(f"account:a-{tenant}-%")
            db.run(sa.update(table("slot")).where(mine).values(tenant=tenant))
            mine = delivery.session.like(f"s-{tenant}-%")
            db.run(sa.update(table("delivery")).where(mine).values(tenant=tenant))


def group(platform: Platform, *tenants: str, places: int = 64, store: Store | None = None) -> Begun:
    """One group of a process with a connection of its own."""
    context = replace(platform.context, store=store or platform.store)
    rooms = InFlight(lambda _: {}).rooms
    return Groups(Deliverer(context)).run(Work([], [], places, tenants, rooms))


def test_tenants_that_share_a_client_share_its_limit(platform: Platform) -> None:
    def take(tenant: str, client: str) -> datetime | None:
        calls = limiter.CountedCalls(tenant, "google", None, {"google": Rate(6, None, client)})
        with platform.store.write() as db:
            return limiter.take(db, calls)

    assert take("acme", "one") is None
    assert take("globex", "one") is not None, "a project's calls are counted together"
    assert take("globex", "other") is None
    assert (take("acme", ""), take("globex", "")) == (None, None), "without one each by itself"


def test_tenants_that_share_a_limit_claim_no_more_than_all_of_them_have_room_for(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"google": Rate(600, None, "one")})
    booked(platform, acme=14, globex=14)
    begun = group(platform, *TENANTS)

    assert begun.claims == len(begun.calls) == 20, "none is claimed to be put back"
    assert set(Counter(one.claim.delivery.key.tenant for one in begun.calls)) == set(TENANTS)


def test_what_one_tenant_leaves_of_a_shared_limit_is_for_the_others(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"google": Rate(600, None, "one")})
    booked(platform, acme=2, globex=30)
    begun = group(platform, *TENANTS)

    of = Counter(one.claim.delivery.key.tenant for one in begun.calls)
    assert (begun.claims, of) == (20, {"acme": 2, "globex": 18})


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)
def test_a_group_waits_for_no_limit_that_comes_before_one_it_has_locked(
    make_platform: MakePlatform, ledger_url: str
) -> None:
    """Whoever holds that one may be waiting for it: the server would end one of the two."""
    platform = make_platform(rates={"google": Rate(600, 6)})
    booked(platform, acme=1, globex=1)
    url = sa.make_url(ledger_url).update_query_dict({"options": "-c lock_timeout=50ms"})
    impatient = Store(
        open_engine(url.render_as_string(hide_password=False)), lambda: platform.ahead
    )
    with platform.store.write() as db:
        used_up = [limiter.spend(db, "account:a-globex-0", 6) for _ in range(2)]
        assert used_up[1], "its claim ends without a call, when its limits are locked"
    with platform.store.write() as other:
        assert limiter.spend(other, "google:acme", 600) is None
        begun = group(platform, "globex", "acme", places=1, store=impatient)
    impatient.close()

    assert (begun.claims, begun.calls, begun.dry) == (1, [], False)
    assert len(group(platform, "globex", "acme", places=1).calls) == 1
