"""A real PgBouncer for tests, in front of a cluster of tests/postgres.py, by unix sockets only.

It hands out a server's connection for one transaction, as most installations run it, and has so few
of them that two transactions of one client hardly ever meet the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.harness import memory, servers
from tests.postgres import NOBODY, START_SECONDS, WATCH, Cluster, as_user

PACKAGE = "pgbouncer"
SYSTEM = "/usr/sbin"
SERVER_CONNECTIONS = 3
PORT = 6432  # part of the socket's name
SETTINGS = """
[databases]
* = host={cluster} user=calsync

[pgbouncer]
listen_addr =
listen_port = {port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
server_round_robin = 1
log_connections = 0
log_disconnections = 0
"""


@contextmanager
def pooled(cluster: Cluster) -> Iterator[Path]:
    """The folder of the socket of a PgBouncer for every database of this cluster.

    Ends the test where the package is missing (tests/harness/servers.py).
    """
    binary = servers.program(PACKAGE, folders=f"{os.environ['PATH']}:{SYSTEM}")
    folder = Path(tempfile.mkdtemp(prefix="calsync-pool-", dir=memory.folder("/tmp")))
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        SETTINGS.format(
            cluster=cluster.folder, folder=folder, port=PORT, connections=SERVER_CONNECTIONS
        ),
        encoding="utf-8",
    )
    if os.geteuid() == 0:
        for one in (folder, settings):
            os.chown(one, NOBODY, NOBODY)
    try:
        watcher = _start(binary, settings)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    assert watcher.stdin is not None
    try:
        _wait(folder, watcher)
        yield folder
    finally:
        watcher.stdin.close()
        watcher.wait(timeout=START_SECONDS)


def through(pool: Path, url: str) -> str:
    """This URL of a cluster's database, by way of the pool."""
    address, _, _ = url.partition("?")
    return f"{address}?host={pool}&port={PORT}"


def _start(binary: str, settings: Path) -> subprocess.Popen[bytes]:
    folder = settings.parent
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/sh", "-c", WATCH, "watch", *as_user("INT"), binary, str(settings)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath, "FOLDER": str(folder), "DEATH": "TERM"},
            start_new_session=True,  # Ctrl-C is for pytest; the pipe tells the server
        )


def _wait(folder: Path, watcher: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(
                host=str(folder), port=PORT, user="calsync", dbname="postgres", connect_timeout=10
            ).close()
        except psycopg.OperationalError as error:
            if watcher.poll() is not None or time.monotonic() > end:
                log = (folder / "log").read_text(errors="replace")
                raise RuntimeError(f"PgBouncer did not start: {log}") from error
            time.sleep(0.02)
        else:
            return
