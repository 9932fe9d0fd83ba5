"""What the database's own errors become, and what a savepoint keeps."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from calsync.errors import ConflictError, DatabaseError
from calsync.store import schema
from calsync.store.database import Db, Store, open_engine
from calsync.store.ledger.rows import table

SECRET = "nobody reads this in a log"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(open_engine(store_url))
    schema.upgrade(store)
    yield store
    store.close()


def add(db: Db, *records: str) -> None:
    for record in records:
        _add(db, record)


def _add(db: Db, key: str) -> None:
    row = {"source": "platform", "record": key, "field": "id", "reason": SECRET, "since": db.now}
    db.run(sa.insert(table("quarantine")), row)


def keys(store: Store) -> list[str]:
    with store.read() as db:
        return [row["record"] for row in db.all(sa.select(table("quarantine")))]


def test_a_row_beside_one_that_is_there_is_a_conflict_and_the_text_tells_no_values(
    store: Store,
) -> None:
    with pytest.raises(ConflictError) as caught, store.write() as db:
        add(db, "a", "a")

    assert keys(store) == []
    assert SECRET not in str(caught.value)
    assert "quarantine" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_instants_of_an_hour_that_clocks_show_twice_stay_apart(store: Store) -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    second = first.replace(fold=1)
    assert first == second, "for Python, which compares what clocks show"
    with store.write() as db:
        for name, at in (("first", first), ("second", second)):
            db.run(sa.insert(table("limiter")), {"key": name, "tat": at})
        found = {row["key"]: row["tat"] for row in db.all(sa.select(table("limiter")))}
    assert found["second"] - found["first"] == timedelta(hours=1)


def test_a_savepoint_loses_only_what_was_done_inside_it(store: Store) -> None:
    with store.write() as db:
        add(db, "before")
        with pytest.raises(ConflictError), db.savepoint():
            add(db, "inside", "before")
        add(db, "after")

    assert sorted(keys(store)) == ["after", "before"]


def test_a_statement_that_fails_is_an_error_of_the_database(store: Store) -> None:
    with pytest.raises(DatabaseError) as caught, store.read() as db:
        db.run(sa.text("SELECT * FROM no_such_table"))

    assert not isinstance(caught.value, ConflictError)
    assert "no_such_table" in str(caught.value)


def test_a_database_that_cannot_be_reached_is_an_error_of_the_database(tmp_path: Path) -> None:
    nowhere = open_engine(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    folder = tmp_path / "a folder.db"
    folder.mkdir()
    for engine in (nowhere, open_engine(f"sqlite:///{folder}")):
        store = Store(engine)
        with pytest.raises(DatabaseError), store.read():
            pass
        with pytest.raises(DatabaseError):
            schema.current(store)
        store.close()


def test_a_transaction_that_lost_a_deadlock_is_done_again(postgres_url: str) -> None:
    store = Store(open_engine(postgres_url))
    tries = []

    def work(db: Db) -> str:
        tries.append(db.now)
        if len(tries) < 3:
            db.run(sa.text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$"))
        return "done"

    assert store.transact(work) == "done"
    assert len(tries) == 3
    store.close()


def test_a_connection_that_the_server_ended_is_replaced(postgres_url: str) -> None:
    store, other = Store(open_engine(postgres_url)), Store(open_engine(postgres_url))
    with store.read() as db:
        idle = pid_of(db)
    end(other, idle)
    with store.read() as db:
        at_work = pid_of(db)
    assert at_work != idle

    with pytest.raises(DatabaseError), store.read() as db:
        pid_of(db, then=lambda pid: end(other, pid))
    with store.read() as db:
        assert pid_of(db) != at_work
    store.close()
    other.close()


def pid_of(db: Db, then: Callable[[int], None] = lambda _: None) -> int:
    """The server's process behind this transaction, asked for twice."""
    then(int(db.scalar(sa.text("SELECT pg_backend_pid()"))))
    return int(db.scalar(sa.text("SELECT pg_backend_pid()")))


def end(store: Store, pid: int) -> None:
    with store.read() as db:
        assert db.scalar(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_what_is_deleted_is_overwritten_whatever_sqlite_does_by_itself(tmp_path: Path) -> None:
    def as_others_build_it(raw: sqlite3.Connection, _: object) -> None:
        raw.execute("PRAGMA secure_delete = OFF")

    sa.event.listen(sa.Engine, "connect", as_others_build_it)
    try:
        store = Store(open_engine(f"sqlite:///{tmp_path / 'store.db'}"))
        with store.read() as db:
            assert db.scalar(sa.text("PRAGMA secure_delete")) == 1
        store.close()
    finally:
        sa.event.remove(sa.Engine, "connect", as_others_build_it)


def test_postgresql_compiles_nothing_that_is_asked_of_it(postgres_url: str) -> None:
    store = Store(open_engine(postgres_url))
    for way in (store.write, store.read, store.peek):
        with way() as db:
            assert db.scalar(sa.text("SHOW jit")) == "off"
    with store.engine.connect() as conn:  # and nobody else whom a pooler gives the connection
        assert conn.execute(sa.text("SHOW jit")).scalar() == "on"
    store.close()
