"""The write-ahead log of SQLite is emptied by who wrote, while others may write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.store.database import Store, open_engine
from calsync.store.engine import sqlite
from calsync.store.engine.sqlite import CHANGES

ADD = sa.text("INSERT INTO t VALUES (:n)")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(open_engine(f"sqlite:///{tmp_path / 'calsync.db'}"))
    with made.write() as db:
        db.run(sa.text("CREATE TABLE t (n INTEGER)"))
    yield made
    made.close()


def add(store: Store, rows: int) -> None:
    with store.write() as db:
        db.run(ADD, [{"n": n} for n in range(rows)])


def add_in_vain(store: Store, rows: int) -> None:
    with store.write() as db:
        db.run(ADD, [{"n": n} for n in range(rows)])
        raise RuntimeError


def in_file(store: Store) -> int:
    """Rows that somebody finds who sees the file without its log."""
    with sqlite3.connect(f"file:{store.engine.url.database}?immutable=1", uri=True) as alone:
        known = alone.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return int(alone.execute("SELECT count(*) FROM t").fetchone()[0]) if known else 0


def test_what_was_written_reaches_the_file_after_so_many_changes(store: Store) -> None:
    add(store, CHANGES - 2)
    assert in_file(store) == 0
    add(store, 1)
    assert in_file(store) == 0
    add(store, 1)
    assert in_file(store) == CHANGES
    add(store, 1)
    assert in_file(store) == CHANGES


def test_changes_of_all_connections_count(store: Store) -> None:
    with store.engine.connect(), store.read():  # the writer gets another one
        add(store, CHANGES // 2)
    add(store, CHANGES // 2)
    assert in_file(store) == CHANGES // 2 * 2


def test_nobody_waits_for_it_who_wants_to_write(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner, after = list[int](), sqlite.Checkpoints.after

    def writing(mine: sqlite.Checkpoints, conn: Any) -> None:
        if not inner:
            inner.append(1)
            add(store, 1)  # would wait for ever for the turn that this thread had
        after(mine, conn)

    monkeypatch.setattr(sqlite.Checkpoints, "after", writing)
    add(store, CHANGES)
    assert in_file(store) == CHANGES + 1


def test_what_is_rolled_back_leaves_everything_as_it_is(store: Store) -> None:
    with pytest.raises(RuntimeError):
        add_in_vain(store, CHANGES)
    add(store, 1)
    with store.read() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM t")) == 1


def test_a_transaction_is_stored_though_its_checkpoint_fails(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Any) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite, "closing", fails)
    add(store, CHANGES)
    with store.read() as db:
        assert db.scalar(sa.text("SELECT count(*) FROM t")) == CHANGES
