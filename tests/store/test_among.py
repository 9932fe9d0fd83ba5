"""Many keys are one value of a statement, which a database reads once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calsync.store.database import Store, open_engine
from calsync.store.engine import texts
from calsync.store.ledger.sessions import stored
from tests.harness.platform import Platform

KEYS = ["ses-1", "it's {odd}", '"quoted"', "é, NULL", "\\"]


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def test_rows_are_found_by_keys_of_all_kinds(platform: Platform) -> None:
    platform.source.sessions = [platform.a_session(one) for one in (*KEYS, "other")]
    platform.poller.run_once()
    with platform.store.read() as db:
        assert stored(db, "default", KEYS).keys() == set(KEYS)
        assert stored(db, "default", []) == {}
        assert stored(db, "nobody", KEYS) == {}


def test_postgresql_is_given_an_array_and_not_a_text_that_it_reads_with_each_row(
    postgres_ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, plans = Store(open_engine(postgres_ledger_url)), list[str]()
    run = texts.run

    def explained(conn, text, rows):  # type: ignore[no-untyped-def]  # as `run`
        cursor = conn.connection.driver_connection.cursor()
        plans.extend(row[0] for row in cursor.execute(f"EXPLAIN {text.text}", text.bound(rows)))
        return run(conn, text, rows)

    monkeypatch.setattr(texts, "run", explained)
    with store.read() as db:
        stored(db, "default", ["a", "b"])
    store.close()
    assert any("= ANY ('{a,b}'::text[])" in line for line in plans)
