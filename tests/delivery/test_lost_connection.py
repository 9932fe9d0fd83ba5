"""The connection to PostgreSQL is lost while a transaction commits: nobody knows what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.delivery.groups import Groups
from calsync.errors import CommitUnknownError, DatabaseError
from calsync.store.ledger.rows import table
from tests.harness.cut import Cutter, cutting
from tests.harness.platform import MAYA, Platform
from tests.postgres import Cluster

HOW = pytest.mark.parametrize("how", ["answer", "commit"])
SESSIONS = ("ses-1", "ses-2")


@pytest.fixture
def cutter(postgres_cluster: Cluster) -> Iterator[Cutter]:
    with cutting(postgres_cluster.folder) as made:
        yield made


@pytest.fixture
def behind(cutter: Cutter, postgres_ledger_url: str) -> Iterator[Platform]:
    """Maya's calendar, in which two sessions are to be shown one after the other."""
    made = Platform(cutter.url(postgres_ledger_url))
    made.connect(MAYA.email)
    made.book(*(made.a_session(one, participants=(MAYA,)) for one in SESSIONS))
    yield made
    made.close()


def work(platform: Platform) -> None:
    """Everything that can be claimed now, and no waiting for a lease to end."""
    for _ in range(20):
        if not platform.work_one():
            return
    raise AssertionError("there is always something to claim")


def shown(platform: Platform) -> int:
    return sum(not one.gone for one in platform.calendar.entries.values())


def creates(platform: Platform) -> int:
    return sum(do == "create" for do, _ in platform.calendar.calls)


def lines(platform: Platform, session: str) -> list[str]:
    journal = table("journal").c
    with platform.store.read() as db:
        found = db.all(sa.select(journal.what).where(journal.session == session))
    return sorted(row["what"] for row in found)


@HOW
def test_a_claim_of_a_lost_connection_keeps_no_lane(
    behind: Platform, cutter: Cutter, how: str
) -> None:
    cutter.cut = [how]
    work(behind)
    assert cutter.done == 1
    assert behind.leased() == 0
    assert shown(behind) >= 1  # the other one at least, and at once: no time has passed
    behind.later(minutes=1)
    work(behind)
    assert [behind.states(one) for one in SESSIONS] == [["google live"]] * 2
    assert shown(behind) == creates(behind) == 2
    assert behind.leased() == 0


def test_a_claim_that_could_not_be_asked_for_is_given_back_with_the_next_one(
    behind: Platform, cutter: Cutter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stored, its answer was lost, and the database stayed away for longer than the patience:
    without that no delivery of the calendar would go out until the lease ends."""

    def away(*_: object, **__: object) -> None:
        raise DatabaseError("it is away")

    with monkeypatch.context() as patch:
        patch.setattr(Groups, "_group_once", away)
        cutter.cut = ["answer"]
        with pytest.raises(DatabaseError, match="it is away"):
            behind.work_one()
    assert behind.leased() == 2
    work(behind)
    assert behind.leased() == 0
    assert shown(behind) >= 1
    behind.later(minutes=1)
    work(behind)
    assert shown(behind) == creates(behind) == 2


@HOW
def test_an_outcome_is_stored_once_though_its_connection_was_lost(
    behind: Platform, cutter: Cutter, how: str
) -> None:
    def cut() -> None:
        behind.calendar.during = lambda: None
        cutter.cut = [how]

    behind.calendar.during = cut
    work(behind)
    assert cutter.done == 1
    assert [behind.states(one) for one in SESSIONS] == [["google live"]] * 2
    assert shown(behind) == creates(behind) == 2
    assert lines(behind, "ses-1") == lines(behind, "ses-2")
    assert behind.leased() == 0


@HOW
def test_an_answer_that_says_nothing_for_sure_is_counted_once(
    behind: Platform, cutter: Cutter, how: str
) -> None:
    def cut() -> None:
        behind.calendar.during = lambda: None
        cutter.cut = [how]

    behind.calendar.failures = ["lost"]
    behind.calendar.during = cut
    work(behind)
    assert cutter.done == 1
    told = sorted(lines(behind, one).count("create_answered") for one in SESSIONS)
    assert told == [1, 1]
    unsure = [copy.attempt for one in SESSIONS for copy in behind.copies(one) if copy.attempt]
    assert sorted(one.maybes for one in unsure) == [0, 1]


@HOW
def test_a_look_up_of_a_lost_connection_is_made_again(
    behind: Platform, cutter: Cutter, how: str
) -> None:
    behind.calendar.failures = ["lost"]
    work(behind)
    behind.later(minutes=5)
    found = behind.calendar.find
    finds: list[DeliveryKey | str] = []

    def find(*given: object) -> object:
        finds.append("find")
        cutter.cut = [how] if len(finds) == 1 else []
        return found(*given)  # type: ignore[arg-type]

    behind.calendar.find = find  # type: ignore[method-assign, assignment]
    work(behind)
    work(behind)
    assert cutter.done == 1
    assert [behind.states(one) for one in SESSIONS] == [["google live"]] * 2
    assert shown(behind) == 2
    assert behind.leased() == 0


@HOW
@pytest.mark.parametrize("when", ["claim", "finish"])
def test_a_look_of_a_lost_connection_keeps_no_lane_and_is_made(
    behind: Platform, cutter: Cutter, how: str, when: str
) -> None:
    work(behind)
    behind.later(days=9, hours=1)  # 24 hours before the start every copy is looked at
    if when == "claim":
        cutter.cut = [how]
        with pytest.raises(CommitUnknownError):
            behind.inspector.run_once()
    else:
        looks = behind.calendar.inspect

        def inspect(*given: object) -> object:
            behind.calendar.inspect = looks  # type: ignore[method-assign]
            cutter.cut = [how]
            return looks(*given)  # type: ignore[arg-type]

        behind.calendar.inspect = inspect  # type: ignore[method-assign, assignment]
    while behind.inspector.run_once():
        pass
    assert cutter.done == 1
    assert behind.leased() == 0
    ahead = [behind.delivery(one)["look_at"] - behind.clock() for one in SESSIONS]
    assert min(ahead) > timedelta(0)
