"""To look for Upcoming Session mails costs the same however much the ledger holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.store.database import open_engine
from calsync.store.upcoming import due
from tests.harness.ledgers import sqlite_ledger

VALUES = {"tenant": "default", "now": "2026-01-01 00:00:00", "until": "2026-01-02 00:00:00"}


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (due._unasked(locks=True), "ix_delivery_unasked (tenant=? AND starts_at>? AND"),
        (due._unasked(locks=False), "ix_delivery_unasked (tenant=? AND starts_at>? AND"),
        (due._waiting(locks=True), "ix_delivery_upcoming (tenant=? AND upcoming_at<?)"),
        (due._waiting(locks=False), "ix_delivery_upcoming (tenant=? AND upcoming_at<?)"),
        (due._longest(), "ix_booked_session_upcoming (tenant=?"),
    ],
    ids=["unasked", "any unasked", "waiting", "any waiting", "longest"],
)
def test_each_question_reads_a_range_of_an_index_in_its_order(
    tmp_path: Path, query: sa.Select[Any], index: str
) -> None:
    engine = open_engine(sqlite_ledger(tmp_path / "ledger.db"))
    made = query.compile(dialect=engine.dialect)
    given = made.params | {name: one for name, one in VALUES.items() if name in made.params}
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {made}", tuple(given[name] for name in made.positiontup or ())
        )
        told = [str(row[3]) for row in plan]
    engine.dispose()
    assert len(told) == 1, "and nothing is sorted"
    assert index in told[0]
