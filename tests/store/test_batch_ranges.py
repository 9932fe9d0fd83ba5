"""A range of a batch is found by the batch's index, whatever PostgreSQL knows of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.store.database import Db, Store, open_engine
from calsync.store.guard import changes, large, release
from calsync.store.ledger import batches
from calsync.store.ledger.rows import table

MANY = 6_000  # deliveries, all of one batch
KNOWN = 400  # of them, those of a first page: the planner has seen no others
FILLED = sa.text(
    "INSERT INTO delivery (tenant, session, participant, email, person, want, material_fp,"
    " quiet_fp, starts_at, ends_at, version, material_version, priority, attempts, batch)"
    " SELECT 'default', CAST(:page AS text) || n / 2, 'p' || n % 2, 'p@x.example',"
    " repeat('x', 900), 'present', '', '', now(), now(), 1, 1, 1, 0, :batch"
    " FROM generate_series(CAST(:first AS int), :last) AS n"
)


@pytest.fixture
def store(postgres_ledger_url: str) -> Iterator[Store]:
    made = Store(open_engine(postgres_ledger_url))
    yield made
    made.close()


@pytest.fixture
def batch(store: Store) -> int:
    with store.write() as db:
        ident = batches.open_batch(db, "default", "platform")
        db.run(FILLED, {"batch": ident, "page": "a", "first": 1, "last": KNOWN})
    store.learn_sizes()
    with store.write() as db:
        db.run(FILLED, {"batch": ident, "page": "b", "first": KNOWN + 1, "last": MANY})
    return ident


def plans(store: Store) -> list[str]:
    """Lines of the plans of what is asked of the store from here on."""
    lines: list[str] = []

    def explain(_conn: Any, cursor: Any, text: str, values: Any, *_: Any) -> None:
        asked = cursor.connection.cursor()
        if text.startswith(("SELECT", "UPDATE")):
            lines.extend(row[0] for row in asked.execute(f"EXPLAIN {text}", values))

    sa.event.listen(store.engine, "before_cursor_execute", explain)
    return lines


def released(db: Db) -> int:
    c = table("delivery").c
    return int(db.scalar(sa.select(sa.func.count()).where(c.batch.is_(None))))


def test_no_range_of_a_batch_is_looked_for_among_all_deliveries(store: Store, batch: int) -> None:
    lines = plans(store)
    with store.write() as db:
        db.run(sa.text("SET LOCAL seq_page_cost = 20"))  # as if there were so many times more
        assert large.is_large(db, batch)
        keys = changes.keys_behind(db, batch, changes.FROM_THE_START)
        release.next_of(db, batch, changes.FROM_THE_START)
        found = changes.in_range(db, batch, keys[-1])
        assert db.scalar(changes.some_of(batch, 1)) is not None
    assert lines
    assert not [line for line in lines if "Seq Scan on delivery" in line]
    with store.read() as db:
        assert released(db) == len(keys) == len(found) == changes.RANGE
