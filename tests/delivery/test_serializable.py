"""A PostgreSQL that refuses what cannot have been one after the other: everything is done again
until it could, and told once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import Participant
from calsync.daemon.drain import Drain
from calsync.delivery.deliver import Deliverer
from calsync.store.engine import repeat
from tests.harness.platform import Platform

PEOPLE = [Participant(f"u-{n}", f"Person {n}", f"u{n}@example.org") for n in range(4)]
SESSIONS = [f"ses-{n}" for n in range(6)]
PROCESSES, WORKERS = 3, 2
REFUSE = "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = '40001'; END $$"
EACH = 4  # of the transactions that write, the last of so many is refused at its end


@pytest.fixture
def refused() -> list[int]:
    """Which transactions the database refused: for the how-manieth time in a row."""
    return []


@pytest.fixture
def told() -> list[dict[str, Any]]:
    """The lines of the log."""
    return []


@pytest.fixture
def platform(
    postgres_ledger_url: str,
    refused: list[int],
    told: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Platform]:
    """As if PostgreSQL knew no other isolation; calsync itself asks for a weaker one. Some are
    refused in any case, whoever else is at work in that moment."""
    made = Platform(postgres_ledger_url)
    monkeypatch.setattr(repeat, "_apart", lambda lost: refused.append(lost) or 0.001 * lost)
    made.store.engine = made.store.engine.execution_options(isolation_level="SERIALIZABLE")
    sa.event.listen(made.store.engine, "commit", refusing())
    made.context = replace(made.context, log=lambda what, **facts: told.append({what: facts}))
    made.deliverer = Deliverer(made.context)
    yield made
    made.close()


def refusing() -> Callable[[sa.Connection], None]:
    numbers = count(1)

    def commit(conn: sa.Connection) -> None:
        writes = conn.get_execution_options().get("calsync_write", False)
        if writes and next(numbers) % EACH == 0:
            conn.exec_driver_sql(REFUSE)

    return commit


def deliver_in(platform: Platform, processes: int) -> None:
    """As so many processes do: the workers of one ask the ledger together, in one thread."""
    drains = [Drain(Deliverer(platform.context), ["default"], WORKERS) for _ in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        for running in [pool.submit(one.run) for one in drains]:
            running.result()


def test_workers_that_refuse_one_another_deliver_everything_once_and_tell_it_once(
    platform: Platform, refused: list[int], told: list[dict[str, Any]]
) -> None:
    for one in PEOPLE[::2]:
        platform.connect(one.email)
    platform.book(*(platform.a_session(one, participants=tuple(PEOPLE)) for one in SESSIONS))
    deliver_in(platform, PROCESSES)

    everything = len(SESSIONS) * len(PEOPLE)
    states = [platform.states(one, person.id) for one in SESSIONS for person in PEOPLE]
    assert Counter(map(tuple, states)) == {
        ("google live",): everything // 2,
        ("mail live",): everything // 2,
    }
    assert len(platform.calendar.calls) == len(platform.mail.sent) == everything // 2
    assert sum("delivered" in line for line in told) == everything
    assert refused  # else nothing was tried here
