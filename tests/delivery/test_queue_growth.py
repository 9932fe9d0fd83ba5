"""What a claim passes over costs it nothing: accounts that are paused or cool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.store.database import Db, Store, open_engine
from calsync.store.ledger.rows import table
from calsync.store.queue import channels, due, pauses, slots
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import Platform
from tests.harness.work import steps

FEW, MANY = 20, 500
LEASE = timedelta(minutes=1)


def accounts(db: Db, count: int) -> None:
    """So many Google accounts, each with one delivery that is due and one event to look at."""
    due = db.now - timedelta(minutes=1)
    names = [f"{n:05}" for n in range(count)]
    db.run(
        sa.insert(table("slot")),
        [
            {"slot": f"account:{n}", "tenant": "default", "channel": "google", "account": n}
            | {"failures": 0, "next_due": due}
            for n in names
        ],
    )
    db.run(sa.insert(table("lane")), [{"slot": f"account:{n}", "lane": 0} for n in names])
    ahead = db.now + timedelta(days=1)
    row = {"tenant": "default", "participant": "p", "email": "p@example.org", "person": ""}
    row |= {"want": "present", "material_fp": "", "quiet_fp": "", "priority": 0, "attempts": 0}
    row |= {"starts_at": ahead, "ends_at": ahead, "channel": "google", "version": 1}
    row |= {"material_version": 1, "due_at": due, "look_at": due}
    db.run(
        sa.insert(table("delivery")),
        [row | {"session": n, "account": n, "slot": f"account:{n}"} for n in names],
    )


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Store]]:
    """Two ledgers on SQLite, with few and with many accounts. Nothing is committed to them."""
    folder, made = tmp_path_factory.mktemp("grown"), list[Store]()
    for count in (FEW, MANY):
        made.append(Store(open_engine(sqlite_ledger(folder / f"{count}.db"))))
        with made[-1].write() as db:
            accounts(db, count)
    yield made
    for one in made:
        one.close()


def take(db: Db) -> object:
    return due.take(db, LEASE, channels.tenants(db))


def pause(db: Db) -> None:
    pauses.stop(db, "*", "google", "ops", "a test")


def cool(db: Db) -> None:
    for row in db.all(sa.select(table("slot").c.slot)):
        slots.cool(db, row["slot"], db.now + timedelta(minutes=10))


@pytest.mark.parametrize("waits", [pause, cool])
@pytest.mark.parametrize(
    "ask",
    [take, channels.anything_due, channels.next_chance],
    ids=["claim", "look for work", "next chance"],
)
def test_accounts_that_may_not_be_called_cost_the_same_however_many_they_are(
    ledgers: Sequence[Store], ask: Callable[[Db], object], waits: Callable[[Db], None]
) -> None:
    few, many = (steps(store, ask, after=waits) for store in ledgers)

    assert many <= few * 1.1


def test_what_is_to_be_looked_at_in_a_paused_channel_costs_the_same_however_much_it_is(
    ledgers: Sequence[Store],
) -> None:
    def look(db: Db) -> None:
        assert channels.to_inspect(db, ["google"]) == []

    few, many = (steps(store, look, after=pause) for store in ledgers)

    assert many <= few * 1.1


def test_a_claim_costs_the_same_however_many_accounts_have_something_due(
    ledgers: Sequence[Store],
) -> None:
    few, many = (steps(store, take) for store in ledgers)

    assert many <= few * 1.2  # an index may be a level deeper


def slot_of(platform: Platform) -> dict[str, object]:
    with platform.store.read() as db:
        return db.all(sa.select(table("slot")).where(table("slot").c.channel == "mail"))[0]


def test_a_slot_that_cools_is_due_when_it_has_cooled_and_at_once_when_a_call_went_through(
    platform: Platform,
) -> None:
    platform.book(platform.a_session())
    name, until = str(slot_of(platform)["slot"]), platform.clock() + timedelta(minutes=10)
    with platform.store.write() as db:
        slots.failed(db, name, known=0)
        slots.cool(db, name, until)
        slots.wake(db, [name])
        assert slots.reap(db) == 0
        assert (channels.anything_due(db), channels.next_chance(db)) == (False, until)
    assert slot_of(platform)["next_due"] == until
    with platform.store.write() as db:
        slots.warm(db, name)
        assert channels.anything_due(db)

    platform.deliver()
    assert len(platform.mail.sent) == 2


def test_what_another_version_of_calsync_let_cool_is_not_claimed_either(
    platform: Platform,
) -> None:
    """One from before the upgrade leaves `next_due` as it is."""
    platform.book(platform.a_session())
    with platform.store.write() as db:
        cooling = {"cooling_until": db.now + timedelta(minutes=10)}
        db.run(sa.update(table("slot")).values(**cooling))
        assert not channels.anything_due(db)
        assert take(db) == []
    platform.later(minutes=11)

    assert platform.due()


def test_the_channel_whose_next_delivery_waits_longest_is_claimed_first(platform: Platform) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session())
    slot = table("slot")
    with platform.store.write() as db:
        assert sorted(channels.with_due(db, ["default"])[0]) == ["google", "mail"]
        earlier = db.now - timedelta(minutes=1)
        db.run(sa.update(slot).where(slot.c.channel == "mail").values(next_due=earlier))
        assert channels.with_due(db, ["default"]) == [["mail", "google"]]
        (claim,) = due.take(db, LEASE, ["default"], rooms={"default": {"mail": 0}})
    assert claim.slot.startswith("account:")
