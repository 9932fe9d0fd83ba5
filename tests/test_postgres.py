"""The PostgreSQL that tests use: found, private, fresh, and gone with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests import postgres
from tests.postgres import Cluster, NoPostgres, find_binaries

OWNER = """
import time
from tests.conftest import postgres_environ
from tests.postgres import find_binaries, running_cluster
with running_cluster(find_binaries(postgres_environ())) as cluster:
    print(cluster.folder, cluster.watcher, flush=True)
    time.sleep(600)
"""


def test_each_database_is_fresh_and_gone_afterwards(postgres_cluster: Cluster) -> None:
    with postgres_cluster.database() as first:
        engine = sa.create_engine(first)
        with engine.begin() as db:  # stays in the pool: dropping must not wait for it
            db.execute(sa.text("create table seen (id int)"))
        with postgres_cluster.database() as second:
            other = sa.create_engine(second)
            assert sa.inspect(other).get_table_names() == []
            other.dispose()
    engine.dispose()
    with postgres_cluster.connect() as admin:
        rows = admin.execute("select count(*) from pg_database where datname like 'test_%'")
        left = [row[0] for row in rows]
    name = first.split("/")[-1].split("?")[0]
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        postgres_cluster.connect(name)
    assert left == [0]


def test_it_listens_on_a_socket_only(postgres_cluster: Cluster) -> None:
    with postgres_cluster.connect() as admin:
        row = admin.execute("select current_setting('listen_addresses')").fetchone()
    assert row == ("",)
    assert postgres_cluster.folder.stat().st_mode & 0o077 == 0


def test_the_store_url_opens_an_empty_database(store_url: str) -> None:
    engine = sa.create_engine(store_url)
    try:
        assert sa.inspect(engine).get_table_names() == []
    finally:
        engine.dispose()


def test_the_machines_zone_and_settings_do_not_reach_tests() -> None:
    instant = datetime(2026, 7, 1).astimezone()  # a wall time of this process
    assert str(instant.utcoffset()) == "12:45:00"
    assert not [name for name in os.environ if name.startswith("CALSYNC_")]


def test_the_server_ends_with_an_owner_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        folder, watcher = owner.stdout.readline().split()
        assert (Path(folder) / "data" / "postmaster.pid").exists()
        server = int((Path(folder) / "data" / "postmaster.pid").read_text().splitlines()[0])
        owner.send_signal(signal.SIGKILL)
    end = time.monotonic() + 30
    while Path(folder).exists() or alive(int(watcher)) or alive(server):
        assert time.monotonic() < end, "the server outlived its owner"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An orphan whose adopter never waits stays a zombie: it is over all the same.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")


def test_a_machine_without_postgres_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(postgres, "_system_folders", list)
    monkeypatch.setattr(postgres, "_wheel_folders", list)
    with pytest.raises(NoPostgres, match="make setup"):
        find_binaries({"PATH": str(tmp_path)})


def test_a_wrong_folder_is_named_and_nothing_else_is_taken(tmp_path: Path) -> None:
    with pytest.raises(NoPostgres, match=f"CALSYNC_PG_BIN={tmp_path}"):
        find_binaries({"CALSYNC_PG_BIN": str(tmp_path), "PATH": os.environ["PATH"]})


def test_the_wheels_postgres_runs_and_is_not_imported() -> None:
    folders = postgres._wheel_folders()
    assert folders, postgres.MISSING
    with postgres.running_cluster(folders[0]) as cluster, cluster.connect() as admin:
        row = admin.execute("select 1").fetchone()
    assert row == (1,)
    assert postgres.WHEEL not in sys.modules


def test_a_wheel_that_others_cannot_read_is_copied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        return  # only root runs the server as somebody else
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(postgres, "_runs", lambda folder: False)
    copies = postgres._wheel_folders()
    assert copies
    for copy in copies:
        assert copy.is_relative_to(tmp_path)
        assert (copy / "initdb").stat().st_mode & 0o005 == 0o005
    assert copies == postgres._wheel_folders()
