"""Two processes at one queue: neither waits for a row of the other's group while it holds some that
the other may want, and nothing that one has locked hides what both may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.core.reconcile.claimed import Claim
from calsync.delivery.attempts import Call
from calsync.delivery.deliver import Deliverer
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.queue import due, inspections, slots
from tests.harness.platform import MAYA, Platform
from tests.harness.platform_fixtures import MakePlatform

LANES = 4
LEASE = timedelta(seconds=90)
PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(3)]

# SQLite has one writer.
pytestmark = pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)


@contextmanager
def beside(platform: Platform) -> Iterator[Db]:
    """A transaction of another process. It fails where it would wait for a row."""
    with platform.store.write() as db:
        db.run(sa.text("SET LOCAL lock_timeout = '50ms'"))
        yield db


@pytest.fixture
def account(make_platform: MakePlatform) -> Platform:
    """Maya's account, with four lanes and eight sessions that are due for it."""
    platform = make_platform(account_lanes={"google": LANES})
    platform.connect(MAYA.email)
    platform.book(*(platform.a_session(f"s-{n}", participants=(MAYA,)) for n in range(8)))
    give_lanes(platform, first_slot(platform))
    return platform


@pytest.fixture
def accounts(platform: Platform) -> Platform:
    """Three people with a calendar each, and a session for it: the first is due first, and her
    account has four lanes."""
    for one in PEOPLE:
        platform.connect(one.email)
    for one in PEOPLE:
        platform.book(platform.a_session(f"s-{one.id}", participants=(one,)))
        platform.later(seconds=2)
    give_lanes(platform, first_slot(platform))
    return platform


def first_slot(platform: Platform) -> str:
    slot = table("slot").c
    with platform.store.read() as db:
        query = sa.select(slot.slot).where(slot.channel == "google").order_by(slot.next_due)
        return str(db.scalar(query.limit(1)))


def give_lanes(platform: Platform, slot: str) -> None:
    with platform.store.write() as db:
        slots.arrange_lanes(db, slot, LANES)


def lock_deliveries(db: Db, slot: str) -> None:
    delivery = table("delivery").c
    assert db.all(sa.select(delivery.session).where(delivery.slot == slot).with_for_update())


def sessions(claims: Sequence[Claim]) -> list[str]:
    return [one.delivery.key.session for one in claims]


def calls_in(db: Db, process: Deliverer, most: int) -> int:
    """How many calls a group of this process leads to, whose transaction is open still."""
    taken = due.take(db, LEASE, ["default"], most)
    begun = process.begin.decide(db, taken, process.until())
    return sum(isinstance(one, Call) for one in begun)


def test_a_group_waits_for_none_that_claims_in_the_same_account(account: Platform) -> None:
    first, second = (Deliverer(account.deliverer.context) for _ in range(2))
    with account.store.write() as mine, beside(account) as theirs:
        assert calls_in(mine, first, 2) == 2
        assert calls_in(theirs, second, LANES) == 0
        slots.refresh(mine, first_slot(account))
    with beside(account) as theirs:
        assert calls_in(theirs, second, LANES) == 2


def test_lanes_that_are_as_wanted_are_not_written(account: Platform) -> None:
    """Who wrote them would wait for the lanes that are claimed, which fails here at once."""
    slot = first_slot(account)
    with account.store.write() as mine, beside(account) as theirs:
        assert len(due.take(mine, LEASE, ["default"], 2)) == 2
        slots.arrange_lanes(theirs, slot, LANES)


def test_a_claim_passes_over_an_account_whose_due_time_somebody_writes(
    accounts: Platform,
) -> None:
    slot = first_slot(accounts)
    with accounts.store.write() as mine, beside(accounts) as theirs:
        lock_deliveries(mine, slot)
        slots.refresh(mine, slot)
        assert sessions(due.take(theirs, LEASE, ["default"], 3)) == ["s-p-1", "s-p-2"]


@pytest.mark.parametrize("most", [1, 2, 3])
def test_an_account_whose_deliveries_are_locked_hides_none_behind_it(
    accounts: Platform, most: int
) -> None:
    """It comes again once for each of its lanes."""
    with accounts.store.write() as mine, beside(accounts) as theirs:
        lock_deliveries(mine, first_slot(accounts))
        taken = due.take(theirs, LEASE, ["default"], most)
        assert sessions(taken) == ["s-p-1", "s-p-2"][:most]


def test_two_looks_into_one_account_look_at_different_deliveries(account: Platform) -> None:
    account.deliver()
    account.later(days=9, hours=1)
    sealer, batch = account.deliverer.context.sealer, {"google": 5}
    with account.store.write() as mine, beside(account) as theirs:
        claims = [inspections.take(db, sealer, LEASE, batch) for db in (mine, theirs)]
        assert [len(one.deliveries) if one else 0 for one in claims] == [5, 3]
        assert inspections.take(theirs, sealer, LEASE, batch) is None
