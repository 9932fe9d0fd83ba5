"""The ledger behind a real PgBouncer, which gives each transaction another connection."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.errors import DatabaseError, InputError
from calsync.store import schema
from calsync.store.database import Db, Store, open_engine
from calsync.store.queue import notify
from tests.pgbouncer import SERVER_CONNECTIONS, through
from tests.postgres import Cluster

AT_ONCE = 2 * SERVER_CONNECTIONS
OFTEN = 20  # psycopg prepares what it is given for the sixth time
ASKED = sa.text("SELECT CAST(:n AS int) + 1 FROM pg_sleep(0.001)")


@contextmanager
def store_of(url: str, *, direct: str | None = None, is_pooled: bool = True) -> Iterator[Store]:
    other = open_engine(direct) if direct else None
    with closing(Store(open_engine(url, pooled=is_pooled), direct=other)) as made:
        yield made


def ask_often(store: Store) -> list[int]:
    """The same question from several threads."""

    def ask(n: int) -> int:
        with store.read() as db:
            return int(db.scalar(ASKED, {"n": n}))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(ask, range(AT_ONCE * OFTEN)))


def test_a_question_that_is_asked_often_is_answered_through_a_pooler(
    pool: Path, postgres_url: str
) -> None:
    with store_of(through(pool, postgres_url)) as store:
        assert ask_often(store) == list(range(1, AT_ONCE * OFTEN + 1))


def test_a_pooler_that_nobody_told_of_is_recognised_and_the_setting_named(
    pool: Path, postgres_url: str
) -> None:
    with (
        store_of(through(pool, postgres_url), is_pooled=False) as store,
        pytest.raises(DatabaseError, match="prepared statement") as caught,
    ):
        ask_often(store)

    assert "database.pooled = true" in caught.value.advice
    assert "database.listen_url" in caught.value.advice


def test_a_ledger_is_made_past_the_pooler(pool: Path, postgres_url: str) -> None:
    url = through(pool, postgres_url)
    with store_of(url, direct=postgres_url) as store:
        assert store.direct is not None
        by: list[str] = []
        sa.event.listen(store.direct, "begin", lambda _: by.append("server"))
        sa.event.listen(store.engine, "begin", lambda _: by.append("pooler"))
        schema.upgrade(store)
        assert by[-1] == "server"
        assert schema.current(store) == schema.newest()


def test_a_ledger_is_made_through_the_pooler_where_the_server_is_not_known(
    pool: Path, postgres_url: str
) -> None:
    with store_of(through(pool, postgres_url)) as store:
        schema.upgrade(store)
        assert schema.current(store) == schema.newest()


def test_no_ledger_is_made_in_another_database_than_the_poolers(
    pool: Path, postgres_cluster: Cluster, postgres_url: str
) -> None:
    with (
        postgres_cluster.database() as another,
        store_of(through(pool, postgres_url), direct=another) as store,
    ):
        with pytest.raises(InputError, match=r"database\.listen_url"):
            schema.upgrade(store)
        with store_of(another, is_pooled=False) as there:
            assert schema.current(there) is None


def woken(store: Store) -> None:
    with store.write() as db:
        notify.wake(db)


def test_a_ring_through_the_pooler_is_heard_at_the_server(pool: Path, postgres_url: str) -> None:
    url = through(pool, postgres_url)
    with store_of(url, direct=postgres_url) as store:
        heard = notify.heard(store, 0.01)
        assert next(heard) is False  # listens from now on
        woken(store)
        assert any(told for told, _ in zip(heard, range(1000), strict=False))
        heard.close()  # type: ignore[attr-defined]


def test_nobody_listens_at_a_pooler(pool: Path, postgres_url: str) -> None:
    with store_of(through(pool, postgres_url)) as store:
        woken(store)
        assert list(notify.heard(store, 0.01)) == []


def backend(db: Db) -> int:
    return int(db.scalar(sa.text("SELECT pg_backend_pid()")))


def test_the_pooler_of_these_tests_gives_each_transaction_another_connection(
    pool: Path, postgres_url: str
) -> None:
    """Else the tests above would pass whatever calsync does."""
    with store_of(through(pool, postgres_url)) as store:
        ask_often(store)  # so that the pooler has all its connections
        found = set()
        for _ in range(10 * SERVER_CONNECTIONS):
            with store.read() as db:
                found.add(backend(db))
    assert len(found) == SERVER_CONNECTIONS
