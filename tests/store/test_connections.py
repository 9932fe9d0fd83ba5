"""How many connections PostgreSQL has for calsync: of the server, of its user, of its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.store.database import Db, Store, open_engine
from calsync.store.engine.connections import ConnectionUse, connection_use
from calsync.store.engine.sqlite import READER_KIB, WRITER_KIB


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    made = Store(open_engine(postgres_url, size=2))
    yield made
    made.close()


def used(store: Store) -> ConnectionUse:
    with store.read() as db:
        found = connection_use(db)
    assert found is not None
    return found


def test_a_bound_of_the_database_counts_where_it_is_the_narrowest(store: Store) -> None:
    free = used(store)
    assert 0 < free.free < free.most
    with store.write() as db:
        name = db.scalar(sa.select(sa.func.current_database()))
        db.run(sa.text(f'ALTER DATABASE "{name}" CONNECTION LIMIT 5'))
    assert used(store) == ConnectionUse(most=5, free=4)


def test_a_file_has_no_such_bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("db") / "calsync.db"
    store = Store(open_engine(f"sqlite:///{file}"))
    with store.read() as db:
        assert connection_use(db) is None
    store.close()


def kept_pages(db: Db) -> int:
    """KiB of them that this connection keeps."""
    return -int(db.conn.exec_driver_sql("PRAGMA cache_size").scalar_one())


def test_the_one_writer_of_a_file_keeps_many_pages_and_its_readers_few(tmp_path: Path) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'calsync.db'}"))
    with closing(store), ExitStack() as open_now:
        with store.write() as db:
            assert kept_pages(db) == WRITER_KIB
        readers = [open_now.enter_context(store.read()) for _ in range(3)]
        assert {kept_pages(db) for db in readers} == {READER_KIB}, "the one that wrote, too"
        with store.write() as db:
            assert kept_pages(db) == WRITER_KIB
    assert READER_KIB * 8 <= WRITER_KIB


def test_a_single_question_keeps_no_pages_of_the_writer(tmp_path: Path) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'calsync.db'}"))
    with closing(store):
        with store.write() as db:
            assert kept_pages(db) == WRITER_KIB
        with store.peek() as db:  # past SQLAlchemy, which would begin to read
            (kept,) = db.conn.connection.cursor().execute("PRAGMA cache_size").fetchone()
        assert kept == -READER_KIB


def test_one_after_the_other_uses_one_connection(tmp_path: Path) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'calsync.db'}"))
    with closing(store):
        with store.read(), store.read(), store.write():
            pass
        found = set()
        for _ in range(3):
            with store.write() as db:
                found.add(id(db.conn.connection.driver_connection))
    assert len(found) == 1


def test_a_process_opens_its_pools_and_what_is_beyond_them(store: Store, postgres_url: str) -> None:
    assert store.most_connections == 2 + 4
    pooled = Store(open_engine(postgres_url, size=2, pooled=True), direct=open_engine(postgres_url))
    assert pooled.most_connections == 2 + 4 + 20 + 4
    pooled.close()


def test_processes_that_stay_are_counted_with_what_they_may_open(
    store: Store, postgres_url: str
) -> None:
    assert (used(store).processes, used(store).wanted) == (0, 0), "a command opens one"
    stay = [Store(open_engine(postgres_url, size=size, stays=True)) for size in (2, 3)]
    with ExitStack() as stack:
        for one in stay:
            for _ in range(2):
                stack.enter_context(one.engine.connect())
        assert (used(store).processes, used(store).wanted) == (2, 2 + 4 + 3 + 4)
        pooled = Store(open_engine(postgres_url, size=2, pooled=True))
        assert used(pooled).processes == 0, "a pooler's connections are nobody's"
        pooled.close()
    for one in stay:
        one.close()
