"""How many deliveries a second several processes claim, send and finish on one PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from calsync.core.account import Account
from calsync.daemon import single_pass
from calsync.sandbox import RemoteSandbox
from calsync.store.connect import accounts
from tests.bench.ground import UNLIMITED
from tests.harness.small_calsync import SmallCalsync
from tests.postgres import Cluster
from tests.scaling.bookings import PEOPLE_OF_A_SESSION, Bookings
from tests.scaling.servers import new_ledger

WORKERS, PEOPLE = 16, 1000
SAMPLE_SECONDS = 0.05
TICKS = os.sysconf("SC_CLK_TCK")
# Who waits for a lock of another transaction, and who for the log to reach the disk
# (postgresql.org/docs/current/monitoring-stats.html, wait events).
WAITING = """
SELECT count(*) FILTER (WHERE state <> 'idle' AND pid <> pg_backend_pid()),
       count(*) FILTER (WHERE wait_event_type = 'Lock'),
       count(*) FILTER (WHERE wait_event IN ('WalSync', 'WALSync', 'WALWrite', 'WalWrite'))
FROM pg_stat_activity WHERE datname = %s
"""


@dataclass(frozen=True)
class Claimed:
    """What so many processes did together.

    a_second     deliveries, from the first claim to the last answer
    ours, theirs CPU ms of each: of calsync, of the server
    locked       of a hundred transactions seen at work, how many waited for another's lock
    logging      how many waited for the disk
    """

    processes: int
    deliveries: int
    a_second: float
    ours: float
    theirs: float
    locked: float
    logging: float


@dataclass
class Waits:
    """Seen at work, of these waiting for a lock, and for the disk: sums over all samples."""

    active: int = 0
    locked: int = 0
    logging: int = 0

    def share(self, count: int) -> float:
        return 100 * count / self.active if self.active else 0.0


@dataclass
class Claims(SmallCalsync):
    """An installation of people who have all connected Google, with sessions that are booked."""

    cluster: Cluster
    sessions: int
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.url = new_ledger(self.cluster)
        people = [f"u{n}@claims.example" for n in range(min(PEOPLE, 2 * self.sessions))]
        self.bookings = Bookings(self.folder / "platform.db", people)
        self.write_config(
            database=self.url,
            platform=self.bookings.settings,
            guard=UNLIMITED["guard"],
            deliver=UNLIMITED["deliver"],
        )
        with self.opened() as made:
            vault = made.context.vault
            with made.context.store.write() as db:
                for one in people:
                    account = Account(accounts.new_id("google"), "default", one, "google", one)
                    accounts.connect(db, vault, account, one, {"refresh_token": "r"})
            self.bookings.book(range(self.sessions))
            single_pass.poll_all(made.context, made.pollers)

    def measured(self, processes: int) -> Claimed:
        """All of it worked off by so many processes, which begin together."""
        with self._ready(processes) as workers, self._watched() as waits:
            before = _cpu_of_server(self.cluster)
            for one in workers:
                assert one.stdin is not None
                one.stdin.write("go\n")
                one.stdin.flush()
            found = [json.loads(one.stdout.readline()) for one in workers if one.stdout]
        done = sum(one["claims"] for one in found)
        assert done >= self.sessions * PEOPLE_OF_A_SESSION, found
        return Claimed(
            processes,
            done,
            done / max(one["wall"] for one in found),
            1000 * sum(one["cpu"] for one in found) / done,
            1000 * (_cpu_of_server(self.cluster) - before) / done,
            waits.share(waits.locked),
            waits.share(waits.logging),
        )

    @contextmanager
    def _ready(self, processes: int) -> Iterator[list[subprocess.Popen[str]]]:
        command = [sys.executable, "-m", "tests.scaling.claiming"]
        given = json.dumps({"config": str(self.config), "workers": WORKERS}) + "\n"
        pipe = subprocess.PIPE
        workers = [
            subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(processes)
        ]
        try:
            for one in workers:
                assert one.stdin is not None
                assert one.stdout is not None
                one.stdin.write(given)
                one.stdin.flush()
                assert one.stdout.readline() == "ready\n"
            yield workers
        finally:
            for one in workers:
                one.communicate()

    @contextmanager
    def _watched(self) -> Iterator[Waits]:
        """Samples of what the server's connections wait for, while the body runs."""
        waits, over = Waits(), threading.Event()
        name = psycopg.conninfo.conninfo_to_dict(self.url.replace("+psycopg", ""))["dbname"]

        def watch() -> None:
            with self.cluster.connect() as db:
                while not over.wait(SAMPLE_SECONDS):
                    active, locked, logging = db.execute(WAITING, [name]).fetchone() or (0, 0, 0)
                    waits.active += int(str(active))
                    waits.locked += int(str(locked))
                    waits.logging += int(str(logging))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            yield waits
        finally:
            over.set()
            watcher.join()


def _cpu_of_server(cluster: Cluster) -> float:
    """Processor seconds of all processes of the server, those that have ended included."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if folder.name == str(cluster.pid):
            total += sum(int(one) for one in fields[11:15])  # its own, and of ended children
        elif fields[1] == str(cluster.pid):
            total += sum(int(one) for one in fields[11:13])
    return total / TICKS


def claimed(
    folder: Path, sandbox: RemoteSandbox, cluster: Cluster, sessions: int, processes: int
) -> Claimed:
    """One measurement, on a ledger of its own."""
    return Claims(folder, sandbox, cluster, sessions).measured(processes)
