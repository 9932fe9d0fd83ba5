"""Databases of a platform, one of each kind or a test on both; and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calsync.sources.http import HttpSource
from providers.http.transport import Transport, retry_after
from providers.http.watchdog import Watchdog
from tests.dripping import Script, dripping
from tests.mariadb import MariaDB, running_mariadb
from tests.sources.feeds import MOST, TOKEN, Feed, Serve
from tests.sources.platform import Platform


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def platform(request: pytest.FixtureRequest) -> Platform:
    made: Platform = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(f"sqlite:///{tmp_path / 'platform.db'}")
    made.run("SELECT 1")  # makes the file
    yield made
    made.engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Platform]:
    made = Platform(postgres_url)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDB]:
    """One MariaDB per test process."""
    with running_mariadb() as server:
        yield server


@pytest.fixture
def mariadb(mariadb_server: MariaDB) -> Iterator[Platform]:
    with mariadb_server.database() as url:
        made = Platform(url)
        yield made
        made.engine.dispose()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a feed whose connections follow these scripts, and a source for it."""
    open_now: list[Any] = []

    def start(*scripts: Script, path: str = "/feed", tls: Any = None, **options: Any) -> Feed:
        running = dripping(*scripts, tls=tls)
        open_now.append(running)
        server = running.__enter__()
        web = Transport(Watchdog(), max_bytes=MOST, **options)
        feed = Feed(server, HttpSource("f", "default", server.url + path, TOKEN, web, retry_after))
        feed.source.clock = lambda: feed.now[0]
        return feed

    yield start
    for one in open_now:
        one.__exit__(None, None, None)
