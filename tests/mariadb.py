"""A real MariaDB for tests: one throw-away server, reached through a unix socket only.

It starts on an empty folder and without accounts, which takes a third of a second; with them, for
what is granted, a second. As with the PostgreSQL of tests/postgres.py it ends with its owner, in
whatever way that ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.harness import memory, servers
from tests.postgres import NOBODY, WATCH, as_user

PACKAGE = "mariadb-server-core"  # the server alone: nothing is started when it is installed
SYSTEM = "/usr/sbin"
# What makes the tables of accounts, as mariadb-install-db does; that needs a program of another
# package as well (mariadb.com/kb/en/mariadb-install-db).
ACCOUNTS = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")
SCRIPTS = Path("/usr/share/mysql")
START_SECONDS = 60
OPTIONS = (
    "--no-defaults",
    "--skip-networking",
    "--performance-schema=OFF",
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--default-time-zone=+12:45",  # nobody's zone: a test that passes does not depend on it
    "--character-set-server=utf8mb4",
)


@dataclass(frozen=True, slots=True)
class MariaDB:
    """A running server. `folder` holds its socket and data; `watcher` is the shell above it."""

    folder: Path
    watcher: int

    def url(self, name: str = "", login: str = "root") -> str:
        """The SQLAlchemy URL of one database, as the administrator or another account."""
        return f"mysql+pymysql://{login}@localhost/{name}?unix_socket={self.folder}/socket"

    def run(self, statement: str) -> None:
        engine = sa.create_engine(self.url(), poolclass=sa.NullPool)
        with engine.connect() as db:
            db.exec_driver_sql(statement)

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a fresh, empty database; it is dropped afterwards."""
        name = f"test_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name}")


@contextmanager
def running_mariadb(*, accounts: bool = False) -> Iterator[MariaDB]:
    """Start one, wait until it answers; stop it and remove its folder at the end.

    accounts  it has root, without a password, and may have others; else everybody may do everything

    Ends the test where the package is missing (tests/harness/servers.py).
    """
    binary = servers.program(PACKAGE, "mariadbd", folders=f"{os.environ['PATH']}:{SYSTEM}")
    root = memory.folder("/tmp")  # not TMPDIR: the path of a socket must be short
    folder = Path(tempfile.mkdtemp(prefix="calsync-maria-", dir=root))
    (folder / "data").mkdir()
    if os.geteuid() == 0:
        for one in (folder, folder / "data"):
            os.chown(one, NOBODY, NOBODY)
    try:
        if accounts:
            _make_accounts(binary, folder)
        watcher = _start(binary, folder, () if accounts else ("--skip-grant-tables",))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    assert watcher.stdin is not None
    try:
        server = MariaDB(folder, watcher.pid)
        _wait(server, watcher)
        yield server
    finally:
        watcher.stdin.close()
        watcher.wait(timeout=START_SECONDS)


def _make_accounts(binary: str, folder: Path) -> None:
    scripts = [(SCRIPTS / one).read_bytes() for one in ACCOUNTS]
    subprocess.run(
        [*as_user("TERM"), binary, *OPTIONS, "--bootstrap", f"--datadir={folder}/data"],
        input=b"\n".join([b"CREATE DATABASE mysql;\nUSE mysql;", *scripts]),
        capture_output=True,
        check=True,
        cwd="/",
        timeout=START_SECONDS,
    )


def _start(binary: str, folder: Path, more: tuple[str, ...]) -> subprocess.Popen[bytes]:
    places = (f"--datadir={folder}/data", f"--socket={folder}/socket", f"--pid-file={folder}/pid")
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", *as_user("TERM"), binary, *OPTIONS, *more, *places],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath, "FOLDER": str(folder), "DEATH": "TERM"},
            start_new_session=True,  # Ctrl-C is for pytest; the pipe tells the server
        )


def _wait(server: MariaDB, watcher: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while not (server.folder / "socket").is_socket():  # PyMySQL leaks one with each vain attempt
        if watcher.poll() is not None or time.monotonic() > end:
            log = (server.folder / "log").read_text(errors="replace")
            raise RuntimeError(f"MariaDB did not start: {log}")
        time.sleep(0.02)
    server.run("SELECT 1")
