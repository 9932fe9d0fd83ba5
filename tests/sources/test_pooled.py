"""A platform's PostgreSQL behind a real PgBouncer: each transaction gets another connection."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.sources.pages import PAGE
from tests.pgbouncer import SERVER_CONNECTIONS, through
from tests.sources.platform import Platform, a_row, ids

OFTEN = 8  # psycopg prepares what it is given for the sixth time


@pytest.fixture
def pooled_platform(pool: Path, postgres_url: str) -> Iterator[Platform]:
    made = Platform(postgres_url)
    made.create()
    made.url = through(pool, postgres_url)
    yield made
    made.engine.dispose()


def test_every_page_of_a_read_is_read_through_a_pooler(pooled_platform: Platform) -> None:
    wanted = [f"s-{n:04}" for n in range(OFTEN * PAGE)]
    pooled_platform.add(*(a_row(one, n) for n, one in enumerate(wanted)))
    source = pooled_platform.source()
    assert ids(source.changes(None)) == wanted
    assert ids(source.sweep()) == wanted


def test_a_cursor_is_utc_in_every_transaction(pooled_platform: Platform) -> None:
    """The server's own zone is another one, and a connection is not kept."""
    pooled_platform.add(a_row("old", 0), a_row("new", 3600))
    source = pooled_platform.source()
    last = list(source.changes(None))[-1].cursor
    for _ in range(2 * SERVER_CONNECTIONS):
        assert ids(source.changes(last)) == ["new"]
