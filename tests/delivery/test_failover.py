"""A PostgreSQL server ends in the middle of a run, and the one that followed it takes over."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from calsync.core.booked import Participant
from calsync.delivery.deliver import Deliverer
from calsync.store import schema
from calsync.store.database import Store, open_engine
from tests.conftest import postgres_environ
from tests.harness.platform import Platform
from tests.postgres import find_binaries
from tests.postgres_pair import Pair, running_pair

PEOPLE = [Participant(f"u-{n}", f"Person {n}", f"u{n}@example.org") for n in range(6)]
SESSIONS = [f"ses-{n}" for n in range(8)]
WORKERS, SLOW, MIDWAY = 4, 2, 10
LONG = timedelta(hours=1)  # a lease that nobody gives back outlasts the test


@pytest.fixture
def pair() -> Iterator[Pair]:
    with running_pair(find_binaries(postgres_environ())) as made:
        yield made


@pytest.fixture
def platform(pair: Pair) -> Iterator[Platform]:
    """People with calendars and people with mailboxes, and several sessions of all of them."""
    name = f"test_{uuid.uuid4().hex}"
    with pair.first.connect() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    store = Store(open_engine(pair.url(name)))
    schema.upgrade(store)
    store.close()
    made = Platform(pair.url(name))
    made.context = replace(made.context, lease=LONG)
    made.deliverer = Deliverer(made.context)
    for one in PEOPLE[::2]:
        made.connect(one.email)
    made.book(*(made.a_session(one, participants=tuple(PEOPLE)) for one in SESSIONS))
    yield made
    made.close()


def test_everything_is_delivered_once_and_no_lane_stays_with_a_lost_connection(
    pair: Pair, platform: Platform
) -> None:
    calls = count()
    midway, over = threading.Event(), threading.Event()

    def call() -> None:
        number = next(calls)
        if number == MIDWAY:
            midway.set()
        if MIDWAY - SLOW < number <= MIDWAY:  # these end after the server they began with
            assert over.wait(60)

    platform.calendar.during = platform.mail.during = call
    ended: list[int] = []
    run = threading.Thread(target=lambda: ended.append(platform.deliver(WORKERS)))
    run.start()
    assert midway.wait(60)
    pair.fail_over()
    over.set()
    run.join(120)
    assert ended, "the run did not wait for the second server"
    assert platform.leased() == 0
    platform.later(minutes=30)  # calls of which nobody knows whether they were made are over
    platform.deliver(WORKERS)

    states = {
        (one, person.id): platform.states(one, person.id) for one in SESSIONS for person in PEOPLE
    }
    assert set(map(tuple, states.values())) == {("google live",), ("mail live",)}
    assert len(platform.calendar.entries) == len(SESSIONS) * len(PEOPLE[::2])
    assert platform.leased() == 0
