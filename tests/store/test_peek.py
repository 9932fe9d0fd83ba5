"""One question in no transaction: a file's connection for it stays open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from calsync.errors import DatabaseError
from calsync.store.database import Store, open_engine
from calsync.store.engine.kept import MOST
from calsync.store.prepared import built_once

LINES = sa.table("line", sa.column("n", sa.Integer))


@built_once
def _count() -> sa.Select[tuple[int]]:
    """Runs as text on the driver's connection."""
    return sa.select(sa.func.count().label("lines")).select_from(LINES)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(open_engine(store_url))
    with store.write() as db:
        db.run(sa.text("CREATE TABLE line (n INTEGER)"))
    yield store
    store.close()


def add(store: Store) -> None:
    with store.write() as db:
        db.run(sa.insert(LINES), {"n": 1})


@pytest.mark.parametrize("by_sqlalchemy", [False, True])
def test_each_question_sees_what_is_committed_by_then(store: Store, *, by_sqlalchemy: bool) -> None:
    question = sa.text("SELECT count(*) FROM line") if by_sqlalchemy else _count()
    seen = []
    for _ in range(3):
        with store.peek() as db:
            seen.append(db.scalar(question))
        add(store)
    assert seen == [0, 1, 2]


def test_who_ask_at_once_have_a_connection_each_and_few_of_a_file_are_kept(store: Store) -> None:
    with ExitStack() as asking:
        peeking = [asking.enter_context(store.peek()) for _ in range(MOST + 2)]
        assert len({id(db.conn) for db in peeking}) == len(peeking)
    assert store.engine.pool.checkedout() == (MOST if store.sqlite else 0)  # type: ignore[attr-defined]  # of a QueuePool
    store.close()
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # as above


def test_a_connection_over_which_a_question_failed_is_not_asked_again(store: Store) -> None:
    with store.peek() as db:
        used = db.conn
    with pytest.raises(DatabaseError), store.peek() as db:
        db.scalar(sa.text("SELECT n FROM nowhere"))
    with store.peek() as db:
        assert db.conn is not used
        assert db.scalar(_count()) == 0
