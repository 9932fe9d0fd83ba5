"""What is asked all day reads a range of an index, and no growing table from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.core.guard import Limits
from calsync.daemon import single_pass
from calsync.ingest.poll import Poller
from calsync.ops import plan, queries, retention, verdict
from calsync.store.queue import channels, due, slots
from tests.bench.grown import grow
from tests.harness.ledgers import sqlite_ledger
from tests.harness.plans import scans, statements
from tests.harness.platform import ListSource, Platform
from tests.sources.platform import Platform as Table
from tests.sources.platform import a_row

MANY = 300  # sessions: which index SQLite takes does not depend on how many there are
LEASE = timedelta(minutes=1)


def _claim(platform: Platform) -> None:
    with platform.store.write() as db:
        due.take(db, LEASE, channels.tenants(db))
        channels.anything_due(db)
        channels.next_chance(db)
        channels.to_inspect(db, ["google"])
        slots.reap(db)


ASKED: dict[str, Callable[[Platform], object]] = {
    "a claim": _claim,
    "status": lambda platform: queries.status(platform.context),
    "readiness": lambda platform: verdict.readiness(platform.context),
    "the verdict": lambda platform: verdict.verdict(platform.context),
    "a plan": lambda platform: plan.plan(platform.context, ()),
    "a purge": lambda platform: retention.run_once(platform.context),
}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(sqlite_ledger(tmp_path_factory.mktemp("grown") / "calsync.db"))
    grow(platform.store, MANY)
    yield platform
    platform.close()


def read_whole(platform: Platform, asked: Mapping[str, object]) -> list[str]:
    """Growing tables that these statements read from end to end, as SQLite says it."""
    assert asked
    with platform.store.engine.connect() as conn:
        return [step for text, values in asked.items() for step in scans(conn, text, values)]


@pytest.mark.parametrize("asked", ASKED)
def test_it_scans_no_growing_table(grown: Platform, asked: str) -> None:
    with statements(grown.store.engine) as run:
        ASKED[asked](grown)
    assert read_whole(grown, run) == []


def test_a_poll_without_news_scans_no_growing_table(grown: Platform, tmp_path: Path) -> None:
    rows = Table(f"sqlite:///{tmp_path / 'platform.db'}")
    rows.create()
    rows.add(a_row("ses-1", 1), a_row("ses-2", 2))
    poller: Poller = grown.poller_of(rows.source())
    single_pass.poll_all(grown.context, [poller])
    poller.run_due()
    with statements(grown.store.engine) as run:
        assert poller.run_due().changed == 0
    assert read_whole(grown, run) == []
    rows.engine.dispose()


def test_a_plan_with_news_a_sweep_and_a_held_batch_scans_no_growing_table(grown: Platform) -> None:
    source = ListSource("more", sessions=[grown.a_session(f"ses-{n}") for n in range(12)])
    poller = grown.poller_of(source, Limits(1, 0.2, 1, 1, 1, 0.5, 0))
    assert poller.run_once().held
    source.sessions = [grown.a_session(one.id, title="new") for one in source.sessions[1:]]
    with statements(grown.store.engine) as run:
        assert plan.plan(grown.context, [poller]).sources[0].seen == 11
    assert read_whole(grown, run) == []
