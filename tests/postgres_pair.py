"""Two real PostgreSQL servers for tests, of which the second has everything that the first one
committed, and takes over when that one ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.postgres import START_SECONDS, Cluster, initdb, new_folder, started

STANDBY = "standby"
REPLICATED = {
    "wal_level": "replica",
    "max_wal_senders": "10",  # what initdb wrote into the log: a standby has no fewer
    "wal_keep_size": "128MB",
    "hot_standby": "on",
}


@dataclass(frozen=True, slots=True)
class Pair:
    """A commit on the first is answered when the second has it."""

    first: Cluster
    second: Cluster

    def url(self, name: str) -> str:
        """Whichever of the two may be written (libpq's target_session_attrs)."""
        hosts = "&".join(f"host={one.folder}" for one in (self.first, self.second))
        return f"postgresql+psycopg://calsync@/{name}?{hosts}&target_session_attrs=read-write"

    def fail_over(self) -> None:
        """The first ends at once, with whatever it is doing, and the second takes over."""
        os.kill(self.first.pid, signal.SIGQUIT)
        with self.second.connect() as admin:
            row = admin.execute("SELECT pg_promote(true, %s)", [START_SECONDS]).fetchone()
        assert row == (True,)


@contextmanager
def running_pair(
    binaries: Path, changed: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Pair]:
    """Start both, with these settings changed; the second begins as a copy of the first."""
    ours, theirs = new_folder(), new_folder()
    common = {**REPLICATED, **changed}
    leads = {**common, "synchronous_standby_names": STANDBY, "synchronous_commit": "on"}
    follows = {
        **common,
        "primary_conninfo": f"host={ours} user=calsync application_name={STANDBY}",
    }

    def make() -> None:
        initdb(binaries, ours)
        subprocess.run(["cp", "-a", f"{ours}/data", str(theirs)], check=True)
        (theirs / "data" / "standby.signal").touch()

    with (
        started(binaries, ours, make, leads) as first,
        started(binaries, theirs, lambda: None, follows) as second,
    ):
        yield Pair(first, second)
