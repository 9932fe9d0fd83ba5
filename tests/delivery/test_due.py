"""Taking what is due: many claims at once, of tenants in turn, and nothing that others have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.core.reconcile.claimed import Claim
from calsync.delivery.dispatch import Dispatcher
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.queue import due, pauses
from tests.harness.platform import MAYA, Platform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(4)]
LEASE = timedelta(seconds=90)


@pytest.fixture
def booked(platform: Platform) -> Platform:
    """Four people with a calendar each, and a session for each of them."""
    for one in PEOPLE:
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in PEOPLE))
    return platform


@pytest.fixture
def db(booked: Platform) -> Iterator[Db]:
    with booked.store.write() as db:
        yield db


def sessions(claims: list[Claim]) -> list[str]:
    return sorted(one.delivery.key.session for one in claims)


def moved(db: Db, tenant: str, *names: str) -> None:
    """These sessions and their slots belong to this tenant, and to no account."""
    delivery, slot = table("delivery"), table("slot")
    mine = delivery.c.session.in_(names)
    named = sa.select(delivery.c.slot).where(mine).scalar_subquery()
    db.run(sa.update(slot).where(slot.c.slot.in_(named)).values(tenant=tenant))
    db.run(sa.update(delivery).where(mine).values(tenant=tenant))


def test_as_many_are_taken_as_are_asked_for_and_no_lane_twice(db: Db) -> None:
    first = due.take(db, LEASE, ["default"], 3)
    second = due.take(db, LEASE, ["default"], 3)
    assert (len(first), len(second)) == (3, 1)
    assert sessions(first + second) == [f"s-{one.id}" for one in PEOPLE]
    assert due.take(db, LEASE, ["default"], 3) == []


def test_tenants_take_turns_and_one_has_what_the_others_leave(db: Db) -> None:
    moved(db, "other", "s-p-3")
    tenants = ["default", "other", "nobody"]
    taken = due.take(db, LEASE, tenants, 2)
    assert Counter(one.delivery.key.tenant for one in taken) == {"default": 1, "other": 1}
    taken = due.take(db, LEASE, tenants, 5)
    assert Counter(one.delivery.key.tenant for one in taken) == {"default": 2}


def test_a_channel_with_room_for_two_gives_two(db: Db) -> None:
    assert len(due.take(db, LEASE, ["default"], 4, rooms={"default": {"google": 2}})) == 2
    assert due.take(db, LEASE, ["default"], 4, rooms={"default": {"google": 0}}) == []
    assert len(due.take(db, LEASE, ["default"], 4, rooms={"default": {"mail": 0}})) == 2


def test_slots_that_were_woken_for_nothing_hide_none_that_has_work(db: Db) -> None:
    delivery = table("delivery")
    nothing = delivery.c.session.in_(["s-p-0", "s-p-1", "s-p-2"])
    db.run(sa.update(delivery).where(nothing).values(due_at=None))
    assert sessions(due.take(db, LEASE, ["default"])) == ["s-p-3"]
    slot = table("slot")
    woken = sa.select(sa.func.count()).where(slot.c.channel == "google", slot.c.next_due <= db.now)
    assert db.scalar(woken) == 1, "the slot whose delivery was taken; the others are corrected"


def test_one_call_finds_out_whether_a_provider_takes_calls_again(db: Db) -> None:
    pauses.stop(db, "*", "google", "provider", "429", db.now)
    known = due.Due()
    (claim,) = due.take(db, LEASE, ["default"], 4, known=known)
    assert claim.probes == "google"
    assert due.take(db, LEASE, ["default"], 4, known=known) == []
    assert due.take(db, LEASE, ["default"], 4) == []


def test_a_slot_with_several_lanes_gives_a_delivery_for_each_by_priority(
    platform: Platform,
) -> None:
    platform.book(*(platform.a_session(f"s-{n}", participants=(MAYA,)) for n in range(5)))
    with platform.store.write() as db:
        delivery = table("delivery")
        later = delivery.c.session != "s-4"
        db.run(sa.update(delivery).where(later).values(priority=2))
        taken = due.take(db, LEASE, ["default"], 5)
    assert taken[0].delivery.key.session == "s-4"
    assert len({one.delivery.key for one in taken}) == 4
    assert sorted(one.lane for one in taken) == [0, 1, 2, 3]


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)  # SQLite has one writer
def test_what_another_process_has_locked_is_passed_over(booked: Platform) -> None:
    with booked.store.write() as mine, booked.store.write() as theirs:
        first = due.take(mine, LEASE, ["default"], 2)
        second = due.take(theirs, LEASE, ["default"], 4)
    assert (len(first), len(second)) == (2, 2)
    assert sessions(first + second) == [f"s-{one.id}" for one in PEOPLE]


def test_two_of_a_group_that_want_the_same_place_get_it_one_after_the_other(
    platform: Platform,
) -> None:
    """Both are decided before either is stored: then they are decided again, one by one."""
    people = PEOPLE[:2]
    platform.book(platform.a_session(participants=tuple(people)))
    delivery = table("delivery")
    with platform.store.write() as db:
        db.run(sa.update(delivery).values(place_key="mail:shared@example.org"))
    dispatcher = Dispatcher(platform.deliverer, workers=2)
    dispatcher.step(lambda: ["default"])
    states = [platform.states(participant=one.id) for one in people]
    assert sorted(states) == [[], ["mail unsure"]]
    assert dispatcher.work_one()
    assert len(platform.mail.sent) == 1
