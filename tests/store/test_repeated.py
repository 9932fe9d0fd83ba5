"""Transactions on a real PostgreSQL that lose against another one are done again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa

from calsync.errors import CommitUnknownError, DatabaseError
from calsync.store.database import Db, Store, open_engine
from calsync.store.engine.repeat import TRIES
from tests.harness.cut import Cutter, cutting
from tests.postgres import Cluster

NOW = sa.text("SELECT coalesce(sum(n), 0) FROM counted")
ADD = sa.text("INSERT INTO counted VALUES (:n)")


def serializable(store: Store) -> Store:
    """The same database; what cannot have been one after the other is refused."""
    return Store(store.engine.execution_options(isolation_level="SERIALIZABLE"))


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    made = Store(open_engine(postgres_url))
    with made.write() as db:
        db.run(sa.text("CREATE TABLE counted (n int)"))
    yield made
    made.close()


def both_read(store: Store, work: Callable[[Db], None]) -> None:
    """Two threads do this work, whose first reads are done before either writes."""
    read = threading.Barrier(2)

    def alone() -> None:
        first = True

        def once(db: Db) -> None:
            nonlocal first
            db.scalar(NOW)
            if first:
                first = False
                read.wait(30)
            work(db)

        store.transact(once)

    threads = [threading.Thread(target=alone) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)


def add_what_is_there(db: Db) -> None:
    db.run(ADD, {"n": int(db.scalar(NOW)) + 1})


def total(store: Store) -> int:
    with store.read() as db:
        return int(db.scalar(NOW))


def test_the_loser_of_two_that_cannot_follow_each_other_does_it_again(store: Store) -> None:
    both_read(serializable(store), add_what_is_there)
    assert total(store) == 1 + 2


def test_only_what_is_committed_is_told(store: Store) -> None:
    told: list[int] = []

    def work(db: Db) -> None:
        found = int(db.scalar(NOW)) + 1
        db.after_commit(lambda: told.append(found))
        db.run(ADD, {"n": found})

    both_read(serializable(store), work)
    assert sorted(told) == [1, 2]


def test_a_transaction_that_fails_tells_nothing(store: Store) -> None:
    told: list[str] = []
    with suppress(DatabaseError), store.write() as db:
        db.after_commit(lambda: told.append("failed"))
        db.run(sa.text("SELECT 1 FROM no_such_table"))
    assert told == []


def test_a_transaction_that_always_loses_is_an_error_in_the_end(store: Store) -> None:
    tries: list[Db] = []

    def work(db: Db) -> None:
        tries.append(db)
        db.run(sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with pytest.raises(DatabaseError) as caught:
        store.transact(work)
    assert caught.value.sqlstate == "40001"
    assert len(tries) == TRIES


def test_the_default_isolation_of_a_database_is_not_ours(store: Store, postgres_url: str) -> None:
    with store.write() as db:
        name = db.scalar(sa.text("SELECT current_database()"))
        db.run(sa.text(f"ALTER DATABASE {name} SET default_transaction_isolation = serializable"))
    again = Store(open_engine(postgres_url))
    shown = sa.text("SHOW transaction_isolation")
    with again.write() as db:
        assert db.scalar(shown) == "read committed"
    with again.read() as db:
        assert db.scalar(shown) == "read committed"
    again.close()


@pytest.fixture
def cutter(postgres_cluster: Cluster) -> Iterator[Cutter]:
    with cutting(postgres_cluster.folder) as made:
        yield made


@pytest.mark.parametrize(("how", "stored"), [("answer", 1), ("commit", 0)])
def test_a_commit_without_an_answer_is_an_error_of_its_own(
    store: Store, cutter: Cutter, postgres_url: str, how: str, stored: int
) -> None:
    behind = Store(open_engine(cutter.url(postgres_url)))
    told: list[str] = []

    def work(db: Db) -> None:
        db.after_commit(lambda: told.append("stored"))
        db.run(ADD, {"n": 1})
        cutter.cut = [how]

    with pytest.raises(CommitUnknownError):
        behind.transact(work, patience=30)
    assert told == []
    with store.write() as db:  # waits for whoever still writes
        db.run(sa.text("LOCK TABLE counted IN EXCLUSIVE MODE"))
    assert total(store) == stored
    behind.close()


def test_a_connection_that_is_lost_before_the_commit_is_made_anew_and_the_work_done_again(
    store: Store,
) -> None:
    tries: list[int] = []

    def work(db: Db) -> None:
        db.run(ADD, {"n": 1})
        tries.append(int(db.scalar(sa.text("SELECT pg_backend_pid()"))))
        if len(tries) == 1:
            end(store, tries[0])
        db.run(ADD, {"n": 1})

    store.transact(work, patience=30)
    assert len(set(tries)) == 2
    assert total(store) == 2


def test_who_has_no_patience_is_told_of_a_lost_connection(store: Store) -> None:
    def work(db: Db) -> None:
        end(store, int(db.scalar(sa.text("SELECT pg_backend_pid()"))))
        db.run(ADD, {"n": 1})

    with pytest.raises(DatabaseError) as caught:
        store.transact(work)
    assert caught.value.away
    assert total(store) == 0


def end(store: Store, pid: int) -> None:
    with store.read() as db:
        assert db.scalar(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
