"""The feed of facts: complete and in order, whatever commits when, and gone in the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.facts import Fact, FactKind
from calsync.store import expired
from calsync.store.api import facts
from calsync.store.database import Db, Store, open_engine
from tests.harness.plans import statements


class Clock:
    ahead = timedelta()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(ledger_url: str, clock: Clock) -> Iterator[Store]:
    made = Store(open_engine(ledger_url), lambda: clock.ahead)
    yield made
    made.close()


def add(db: Db, session: str, tenant: str = "default") -> None:
    fact = Fact(FactKind.DELIVERED, "google")
    facts.record(db, fact, tenant=tenant, session=session, participant="u-1", account=None)


def added(store: Store, *sessions: str, tenant: str = "default") -> None:
    for session in sessions:
        with store.write() as db:
            add(db, session, tenant)


def read(store: Store, after: int = 0, tenant: str = "default") -> list[tuple[str, str | None]]:
    """Cursor and session of the facts, as a reader gets them."""
    with store.write() as db:
        facts.number(db, tenant)
    with store.read() as db:
        found = facts.between(db, tenant, after, 100)
    return [(one["cursor"], one["session"]) for one in found]


def test_facts_come_in_order_and_keep_their_cursors(store: Store) -> None:
    added(store, "a", "b")
    first = read(store)
    added(store, "c")

    assert first == [("1", "a"), ("2", "b")]
    assert read(store) == [*first, ("3", "c")]
    assert read(store, after=2) == [("3", "c")]


def test_a_fact_that_commits_late_comes_behind_the_cursor_that_was_handed_out(
    ledger_url: str, store: Store
) -> None:
    """Its row is older than those that a reader has seen already."""
    if store.sqlite:
        added(store, "late", "early")
        assert read(store) == [("1", "late"), ("2", "early")], "SQLite has one writer at a time"
        return
    with store.write() as late:
        add(late, "late")
        added(store, "early")
        assert read(store) == [("1", "early")]
    assert read(store, after=1) == [("2", "late")]
    assert [session for _, session in read(store)] == ["early", "late"]


def test_readers_who_number_at_once_give_no_number_twice_and_hide_none(store: Store) -> None:
    """While one numbers, facts go on being committed; every reader sees a run without a hole."""
    stop, seen, errors = threading.Event(), list[list[str]](), list[BaseException]()

    def write(name: str) -> None:
        n = 0
        while not stop.is_set():
            added(store, f"{name}-{n}")
            n += 1

    def follow() -> None:
        found: list[str] = []
        try:
            while len(found) < 150:
                after = int(found[-1]) if found else 0
                found += [cursor for cursor, _ in read(store, after)]
        except BaseException as error:
            errors.append(error)
        seen.append(found)

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    readers = [threading.Thread(target=follow) for _ in range(3)]
    for thread in [*writers, *readers]:
        thread.start()
    for thread in readers:
        thread.join(60)
    stop.set()
    for thread in writers:
        thread.join(60)

    assert errors == []
    for found in seen:
        assert found == [str(n) for n in range(1, len(found) + 1)]
    everything = [session for _, session in read(store)]
    assert len(everything) == len(set(everything))


def test_a_reader_waits_for_one_who_is_numbering(store: Store) -> None:
    """The second sees what the first numbered, not the same rows without a number."""
    added(store, "a", "b")
    done = list[list[tuple[str, str | None]]]()
    second = threading.Thread(target=lambda: done.append(read(store)))
    with store.write() as db:
        facts.number(db, "default")
        second.start()
        second.join(0.3)
        assert second.is_alive()
    second.join(30)
    assert done == [[("1", "a"), ("2", "b")]]


def test_every_tenant_has_a_feed_of_its_own(store: Store) -> None:
    added(store, "a")
    added(store, "b", tenant="acme")

    assert read(store) == [("1", "a")]
    assert read(store, tenant="acme") == [("1", "b")]
    assert read(store, tenant="nobody") == []


def test_what_is_rolled_back_was_never_a_fact(store: Store) -> None:
    with suppress(RuntimeError), store.write() as db:
        add(db, "a")
        raise RuntimeError
    assert read(store) == []


def test_old_facts_leave_and_the_feed_remembers_how_far(store: Store, clock: Clock) -> None:
    added(store, "a", "b")
    read(store)
    clock.ahead = timedelta(days=1)
    added(store, "c")
    with store.write() as db:
        assert expired.drop_facts(db, db.now - timedelta(hours=1)) == 2

    assert read(store) == [("3", "c")]
    with store.read() as db:
        assert facts.tail(db, "default") == facts.Tail(last=3, purged=2)


def test_when_everything_has_left_numbers_go_on(store: Store, clock: Clock) -> None:
    added(store, "a", "b")
    read(store)
    with store.write() as db:
        expired.drop_facts(db, db.now + timedelta(seconds=1))
    added(store, "c")
    assert read(store) == [("3", "c")]


UNREAD = 4_000  # facts of a tenant whose feed nobody reads, and as many of one who has read all
FILLED = sa.text(
    "INSERT INTO fact (ident, tenant, at, kind, session, participant, detail, number)"
    " SELECT CAST(n AS text), CASE WHEN n % 2 = 0 THEN 'unread' ELSE 'read' END, now(),"
    " 'delivered', repeat('s', 200), 'u-1', '', CASE WHEN n % 2 = 1 THEN n END"
    " FROM generate_series(1, CAST(:both AS int)) AS n"
)


def test_what_waits_for_a_number_is_not_looked_for_among_all_facts(
    postgres_ledger_url: str, clock: Clock
) -> None:
    store = Store(open_engine(postgres_ledger_url), lambda: clock.ahead)
    with store.write() as db:
        db.run(FILLED, {"both": 2 * UNREAD})
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE fact")
    with store.write() as db, statements(store.engine) as asked:
        facts.anything_new(db, "read")
        facts.number(db, "read")
        lines = [
            str(row[0])
            for text, values in asked.copy().items()
            if "number IS NULL" in text
            for row in db.conn.exec_driver_sql(f"EXPLAIN (ANALYZE) {text}", values)
        ]
    store.close()
    assert [line for line in lines if "uq_fact_number" in line]
    assert not [line for line in lines if "Rows Removed by Filter" in line]
