"""The MariaDB that tests use: private, fresh, and gone with its owner."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import mariadb
from tests.harness import servers
from tests.mariadb import running_mariadb
from tests.test_postgres import alive

OWNER = """
import time
from tests.mariadb import running_mariadb
with running_mariadb() as server:
    print(server.folder, server.watcher, flush=True)
    time.sleep(600)
"""


def test_each_database_is_fresh_and_gone_afterwards() -> None:
    with running_mariadb() as server:
        with server.database() as first, server.database() as second:
            engine = sa.create_engine(first)
            with engine.begin() as db:  # stays in the pool: dropping must not wait for it
                db.execute(sa.text("create table seen (id int)"))
            other = sa.create_engine(second)
            assert sa.inspect(other).get_table_names() == []
            other.dispose()
        engine.dispose()
        assert not [one for one in (server.folder / "data").iterdir() if "test_" in one.name]
        assert server.folder.stat().st_mode & 0o077 == 0
        log = (server.folder / "log").read_text()
    assert "port: 0" in log, "it listens on a socket only"
    assert not server.folder.exists()


def test_the_server_ends_with_an_owner_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        folder, watcher = owner.stdout.readline().split()
        server = int((Path(folder) / "pid").read_text())
        owner.send_signal(signal.SIGKILL)
    end = time.monotonic() + 30
    while Path(folder).exists() or alive(int(watcher)) or alive(server):
        assert time.monotonic() < end, "the server outlived its owner"
        time.sleep(0.02)


def test_a_machine_without_mariadb_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(servers.REQUIRED, "required")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(mariadb, "SYSTEM", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="apt-get install mariadb"), running_mariadb():
        pass
