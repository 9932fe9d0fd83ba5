"""Random histories of processes that poll one source: one of them reads it at a time, whatever
happens, and what the platform wrote is read in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from calsync.ingest import lease
from calsync.ingest.lease import SourceLease
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import Platform
from tests.machine.polling import Act, Polls, WrongError

HISTORIES, FULL = 25, 2_000
Plant = Callable[[pytest.MonkeyPatch], None]
ACTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 27)), min_size=15, max_size=40)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One ledger for all histories: each has a source and sessions of its own."""
    made = Platform(sqlite_ledger(tmp_path_factory.mktemp("polls") / "calsync.db"))
    yield made
    made.close()


def live_through(platform: Platform, histories: int) -> None:
    """The same histories on every run. Raises WrongError."""

    @seed(1)
    @settings(
        max_examples=histories,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(ACTS)
    def run(acts: list[Act]) -> None:
        polls = Polls(platform, acts)
        polls.play()
        polls.finish()

    run()


def test_one_process_reads_a_source_at_a_time_and_nothing_is_missed(
    platform: Platform, request: pytest.FixtureRequest
) -> None:
    live_through(platform, FULL if request.config.getoption("--full", default=False) else HISTORIES)


def nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll that was held up writes on, whoever reads the source by now."""
    monkeypatch.setattr(SourceLease, "_renew", lambda *_: None)


def two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed keeps everybody out for two minutes."""
    monkeypatch.setattr(lease, "LEASE", timedelta(minutes=2))


@pytest.mark.parametrize("plant", [nobody_asks, two_minutes], ids=lambda one: one.__name__)
def test_a_planted_mistake_in_polling_is_found(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, plant: Plant
) -> None:
    plant(monkeypatch)
    with pytest.raises(WrongError):
        live_through(platform, HISTORIES)
