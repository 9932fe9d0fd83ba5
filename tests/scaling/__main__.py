"""`make scaling` and `make reliability`: measure, tell what goes on, write the figures of
docs/scaling.md and docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calsync.sandbox import RemoteSandbox
from tests.bench.ground import a_sandbox
from tests.conftest import postgres_environ
from tests.pgbouncer import pooled, through
from tests.postgres import find_binaries
from tests.postgres_pair import Pair, running_pair
from tests.scaling import pages
from tests.scaling.claims import claimed
from tests.scaling.crowd import LEASE_SECONDS, WORKERS, Crowd, Killing, Run, Size
from tests.scaling.daemons import Daemons
from tests.scaling.held import held
from tests.scaling.servers import DURABLE, durable, new_ledger

DAEMONS, HALF = 4, 0.5
PROCESSES, WORKER_COUNTS = (1, 2, 4), (4, 16)
PEOPLE, A_TICK = 500, 10
BEGAN = time.monotonic()


def say(text: str) -> None:
    sys.stdout.write(f"{time.monotonic() - BEGAN:4.0f} s  {text}\n")
    sys.stdout.flush()


@contextmanager
def ground() -> Iterator[tuple[Path, RemoteSandbox]]:
    """A folder and a sandbox of its own for one measurement."""
    with tempfile.TemporaryDirectory() as folder, a_sandbox() as sandbox:
        yield Path(folder), sandbox


def scaling(options: argparse.Namespace) -> None:
    """Claims a second, and connections."""
    page = pages.DOCS / "scaling.md"
    if options.only in ("", "claims"):
        command = "make scaling ARGS=--only=claims"
        found = {processes: [] for processes in PROCESSES}
        for run in range(1, options.runs + 1):
            for processes, done in found.items():
                with ground() as (folder, sandbox), durable() as cluster:
                    done.append(claimed(folder, sandbox, cluster, options.sessions, processes))
                say(f"claims, run {run} of {options.runs}: {done[-1]}")
        more = (
            f"{2 * options.sessions:,} deliveries, each to a person with a calendar that "
            f"answers at once; the server on a disk with fsync; {options.runs} runs, the median."
        )
        pages.write(page, "claims", [*pages.head(command, more), *pages.of_claims(found)])
    if options.only in ("", "connections"):
        command = "make scaling ARGS=--only=connections"
        rows = []
        for workers in WORKER_COUNTS:
            with ground() as (folder, sandbox), durable() as cluster:
                rows += held(folder, sandbox, cluster, workers)
            say(f"connections, {workers} workers: {rows[-3:]}")
        more = "Counted in `pg_stat_activity` fifty times a second."
        pages.write(page, "connections", [*pages.head(command, more), *pages.of_held(rows)])


def reliability(options: argparse.Namespace) -> None:
    """Four daemons, of which one is killed every few seconds: alone, behind a pooler, and while the
    server fails over."""
    page = pages.DOCS / "reliability.md"
    kinds = {"killed": killed, "failover": failed_over, "pooled": behind_pooler}
    for name, work in kinds.items():
        if options.only not in ("", name):
            continue
        command = f"make reliability ARGS={_given(name, options)}"
        changes = options.changes or (20_000 if name == "killed" else 4_000)
        size = Size(sessions=changes // 4, people=min(PEOPLE, changes // 4), a_tick=A_TICK)
        done = work(size, Killing(options.every))
        say(f"{name}: {done}")
        more = (
            f"{DAEMONS} daemons with {WORKERS} workers each, {size.people} people, "
            f"`deliver.lease_seconds` {LEASE_SECONDS}."
        )
        pages.write(page, name, [*pages.head(command, more), *pages.of_runs(done)])


def _given(name: str, options: argparse.Namespace) -> str:
    given = [f"--only={name}"]
    given += [f"--changes={options.changes}"] if options.changes else []
    given += [f"--every={options.every}"] if options.every > 1 else []
    return given[0] if len(given) == 1 else f'"{" ".join(given)}"'


def killed(size: Size, killing: Killing) -> dict[str, Run]:
    with ground() as (folder, sandbox), durable() as cluster:
        crowd = _crowd(folder, sandbox, {"database": new_ledger(cluster)}, size)
        return {f"one daemon is killed {killing}": crowd.work(DAEMONS, killing)}


def behind_pooler(size: Size, killing: Killing) -> dict[str, Run]:
    with ground() as (folder, sandbox), durable() as cluster, pooled(cluster) as pool:
        url = new_ledger(cluster)
        address = {"database": through(pool, url), "pooled": True, "listen_url": url}
        run = _crowd(folder, sandbox, address, size).work(DAEMONS, killing)
        return {f"one daemon is killed {killing}, behind PgBouncer": run}


def failed_over(size: Size, killing: Killing) -> dict[str, Run]:
    changed = {**DURABLE, "wal_level": "replica"}
    with ground() as (folder, sandbox), running_pair(_binaries(), changed) as pair:
        url = new_ledger(pair.first, pair.url("{name}"))
        act = FailingOver(pair, killing)
        run = _crowd(folder, sandbox, {"database": url}, size).work(DAEMONS, act)
        assert act.done, "the servers never changed places"
        return {f"one daemon is killed {killing}, and half-way the database's server": run}


class FailingOver:
    """Kills daemons, and the first server when half of the bookings are out."""

    def __init__(self, pair: Pair, killing: Killing) -> None:
        self.pair, self.killing, self.done = pair, killing, False

    def __call__(self, daemons: Daemons, share: float) -> None:
        self.killing(daemons, share)
        if share >= HALF and not self.done:
            self.pair.fail_over()
            self.done = True


def _crowd(folder: Path, sandbox: RemoteSandbox, database: dict[str, object], size: Size) -> Crowd:
    made = Crowd(folder, sandbox, database=database, size=size)
    made.connect()
    say(f"{size.people} people have connected")
    return made


def _binaries() -> Path:
    return find_binaries(postgres_environ())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.scaling", description=__doc__)
    parser.add_argument("what", choices=("scaling", "reliability"))
    parser.add_argument("--only", default="", help="one measurement: the page names them")
    parser.add_argument("--runs", type=int, default=3, help="of the claims")
    parser.add_argument("--sessions", type=int, default=2_500, help="of two people, to be claimed")
    parser.add_argument("--changes", type=int, default=0, help="instead of 20,000 or 4,000")
    parser.add_argument("--every", type=int, default=1, help="seconds from kill to kill")
    options = parser.parse_args()
    (scaling if options.what == "scaling" else reliability)(options)


if __name__ == "__main__":
    main()
