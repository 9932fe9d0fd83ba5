"""What every test gets: an odd time zone, no CALSYNC_* of the machine, and databases."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.caldav_servers.chosen import SERVERS
from tests.harness import memory
from tests.harness.ledgers import make_template, postgres_ledger, sqlite_ledger
from tests.harness.servers import untested
from tests.harness.statements import share_statements
from tests.pgbouncer import pooled
from tests.postgres import Cluster, NoPostgres, find_binaries, running_cluster

ODD_ZONE = "Pacific/Chatham"  # 12:45 or 13:45 ahead of UTC: nothing agrees with it by accident
PG_BIN = "CALSYNC_PG_BIN"  # where tests find PostgreSQL; calsync itself does not know it
KEPT_PG_BIN = "TESTS_PG_BIN"  # the same for the workers and processes that tests start

WriteConfig = Callable[[str], Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full", action="store_true", help="run the acceptance tests in their full size"
    )
    parser.addoption(
        "--caldav",
        choices=sorted(SERVERS),
        help="run the CalDAV tests over this server in the place of Radicale",
    )
    parser.addoption("--golden", action="store_true", help="write tests/golden/json anew")
    parser.addoption("--pictures", help="write a picture of every page into this folder")


def pytest_configure() -> None:
    os.environ["TZ"] = ODD_ZONE
    time.tzset()
    if PG_BIN in os.environ:
        os.environ[KEPT_PG_BIN] = os.environ[PG_BIN]
    for name in list(os.environ):
        if name.upper().startswith("CALSYNC_"):
            del os.environ[name]
    # No test trusts a public authority, and reading them all takes 25 ms for each TLS context.
    os.environ["SSL_CERT_FILE"] = os.environ["SSL_CERT_DIR"] = os.devnull
    share_statements()
    # How long an example takes is the machine's affair.
    hypothesis.settings.register_profile("calsync", deadline=None)
    hypothesis.settings.load_profile("calsync")
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory.folder(tempfile.gettempdir())))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `full` run with `--full` only."""
    if not config.getoption("--full"):
        for item in items:
            if item.get_closest_marker("full"):
                item.add_marker(pytest.mark.skip(reason="runs with --full: `make acceptance`"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Loudly, last: what could not be tested on this machine."""
    yield
    for line in untested(terminalreporter.stats.get("skipped", [])):
        terminalreporter.write_line(line, red=True, bold=True)


def postgres_environ() -> dict[str, str]:
    """The environment in which `find_binaries` searches, CALSYNC_PG_BIN as it was given."""
    named = os.environ.get(KEPT_PG_BIN)
    return {**os.environ, **({PG_BIN: named} if named else {})}


@pytest.fixture
def write_config(tmp_path: Path) -> WriteConfig:
    """Write a calsync.toml and get its path."""

    def write(text: str) -> Path:
        file = tmp_path / "calsync.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture(scope="session")
def full(request: pytest.FixtureRequest) -> bool:
    """Whether `--full` was given: acceptance runs in full size."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One PostgreSQL per test process. Without one the tests fail: they are never skipped."""
    try:
        with running_cluster(find_binaries(postgres_environ())) as cluster:
            yield cluster
    except NoPostgres as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def pool(postgres_cluster: Cluster) -> Iterator[Path]:
    """The socket's folder of a PgBouncer in front of it, for `tests.pgbouncer.through`."""
    with pooled(postgres_cluster) as folder:
        yield folder


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    with postgres_cluster.database() as url:
        yield url


@pytest.fixture(scope="session")
def ledger_cluster(postgres_cluster: Cluster) -> Cluster:
    """The same, with the template of upgraded databases."""
    make_template(postgres_cluster)
    return postgres_cluster


@pytest.fixture
def postgres_ledger_url(ledger_cluster: Cluster) -> Iterator[str]:
    """SQLAlchemy URL of a fresh PostgreSQL database that is upgraded."""
    with postgres_ledger(ledger_cluster) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of a fresh database that is upgraded: the test runs once on each kind."""
    if request.param == "sqlite":
        return sqlite_ledger(tmp_path / "store.db")
    url: str = request.getfixturevalue("postgres_ledger_url")
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLAlchemy URL of a fresh, empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
