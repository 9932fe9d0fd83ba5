"""How many connections to PostgreSQL a daemon, a web process and a command hold."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import requests

from calsync.sandbox import RemoteSandbox
from tests import commands
from tests.bench.ground import UNLIMITED
from tests.harness.small_calsync import SmallCalsync, until
from tests.ports import free_port
from tests.postgres import Cluster
from tests.scaling.bookings import Bookings
from tests.scaling.daemons import running
from tests.scaling.servers import new_ledger

SAMPLE_SECONDS = 0.02
CALLERS = 64  # requests at once
SETTLED_SECONDS = 3  # after this a process that has nothing to do has done what it begins with
HOST = "calsync.platform.example"
CONNECTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = %s AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class Held:
    """idle: when it has nothing to do; most: seen at work; bound: what the settings allow."""

    process: str
    workers: int
    idle: int | str
    most: int
    bound: int


@dataclass
class Holding(SmallCalsync):
    """An installation on a database of its own, with sessions that are mailed to everybody."""

    cluster: Cluster
    workers: int
    sessions: int = 60

    def __post_init__(self) -> None:
        self.url = new_ledger(self.cluster)
        self.name = str(
            psycopg.conninfo.conninfo_to_dict(self.url.replace("+psycopg", ""))["dbname"]
        )
        people = [f"u{n}@held.example" for n in range(20)]
        for one in people:
            self.sandbox.add_person(one)
        self.bookings = Bookings(self.folder / "platform.db", people)
        self.port = free_port()
        self.write_config(
            database=self.url,
            platform=self.bookings.settings,
            guard=UNLIMITED["guard"],
            deliver=f"{UNLIMITED['deliver']}workers = {self.workers}",
            web=f'public_url = "https://{HOST}"\nport = {self.port}\nops_port = 0',
        )

    @property
    def bound(self) -> int:
        """What the process says of itself."""
        with self.opened() as made:
            return made.context.store.most_connections

    def measured(self) -> list[Held]:
        return [self._daemon(), self._web(), self._command()]

    def _daemon(self) -> Held:
        with running(self.config, 1) as daemons:
            until(lambda: daemons.running[0].works)
            idle = self._settled()
            with self._most() as most:
                self.bookings.book(range(self.sessions))
                until(self._all_sent, 300)
            assert daemons.end() == {0}
        return Held("`calsync run`", self.workers, idle, most(), self.bound)

    def _web(self) -> Held:
        made = self.json("tokens", "create", "--name", "held", "--scope", "changes:read")
        headers = {"Host": HOST, "Authorization": f"Bearer {made['token']}"}
        url = f"http://127.0.0.1:{self.port}/api/changes"
        command = [sys.executable, "-m", "calsync", "web", "--config", str(self.config)]
        with (self.folder / "web.log").open("wb") as log:
            process = subprocess.Popen(command, stderr=log, env=commands.environment())
        try:
            until(lambda: b'"serving"' in (self.folder / "web.log").read_bytes())
            idle = self._settled()

            def ask(_: int) -> int:
                return requests.get(url, headers=headers, timeout=60).status_code

            with self._most() as most, ThreadPoolExecutor(CALLERS) as pool:
                answers = set(pool.map(ask, range(10 * CALLERS)))
            assert answers <= {200, 429}, answers
        finally:
            process.terminate()
            process.wait(60)
        return Held("`calsync web`", self.workers, idle, most(), self.bound)

    def _command(self) -> Held:
        with self._most() as most:
            commands.started(
                ["status", "--json", "--config", str(self.config)],
                folder=self.folder,
                stdin=b"",
                environ=commands.environment(),
            )
        return Held("`calsync status`", self.workers, "", most(), self.bound)

    def _settled(self) -> int:
        time.sleep(SETTLED_SECONDS)
        return self._count()

    def _all_sent(self) -> bool:
        with self.cluster.connect(self.name) as db:
            row = db.execute("SELECT count(*) FROM copy WHERE state = 'live'").fetchone()
        return row == (2 * self.sessions,)

    def _count(self) -> int:
        with self.cluster.connect() as db:
            row = db.execute(CONNECTIONS, [self.name]).fetchone() or (0,)
        return int(str(row[0]))

    @contextmanager
    def _most(self) -> Iterator[Callable[[], int]]:
        """The most connections of one moment, while the body runs."""
        seen, over = [0], threading.Event()

        def watch() -> None:
            with self.cluster.connect() as db:
                while not over.wait(SAMPLE_SECONDS):
                    row = db.execute(CONNECTIONS, [self.name]).fetchone() or (0,)
                    seen.append(int(str(row[0])))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield lambda: max(seen)
        finally:
            over.set()
            watcher.join()


def held(folder: Path, sandbox: RemoteSandbox, cluster: Cluster, workers: int) -> list[Held]:
    """One measurement of each kind of process, on a ledger of its own."""
    return Holding(folder, sandbox, cluster, workers).measured()
