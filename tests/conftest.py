"""What every test gets: an odd time zone, no CALSYNC_* of the machine, and databases."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster, NoPostgres, find_binaries, running_cluster

ODD_ZONE = "Pacific/Chatham"  # 12:45 or 13:45 ahead of UTC: nothing agrees with it by accident
KEPT = ("CALSYNC_PG_BIN",)  # where tests find PostgreSQL; calsync itself never reads it


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="run the acceptance tests in their full size"
    )


def pytest_configure() -> None:
    os.environ["TZ"] = ODD_ZONE
    time.tzset()
    for name in list(os.environ):
        if name.upper().startswith("CALSYNC_") and name not in KEPT:
            del os.environ[name]


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether `--full` was given: acceptance runs in full size."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One PostgreSQL per test process. Without one the tests fail: they are never skipped."""
    try:
        with running_cluster(find_binaries(os.environ)) as cluster:
            yield cluster
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    with postgres_cluster.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of a fresh, empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
