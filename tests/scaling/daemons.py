"""Several real daemons on one ledger, of which one can be killed at any time."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import commands


@dataclass
class Daemon:
    """One `calsync run`, and its log."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def works(self) -> bool:
        """It has begun; before that there is nothing that could be lost with it."""
        return b'"started"' in self.log.read_bytes()


@dataclass
class Daemons:
    """`calsync run`, so many times with one configuration."""

    config: Path
    running: list[Daemon] = field(default_factory=list)
    started: int = 0
    killed: int = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "calsync", "run", "--config", str(self.config)]
        self.started += 1
        file = self.config.with_name(f"daemon-{self.started}.log")
        with file.open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=commands.environment())
        self.running.append(Daemon(process, file))

    def kill_one(self) -> None:
        """SIGKILL the one that has worked longest, unless no other has begun, and start another in
        its place."""
        at_work = [one for one in self.running if one.works]
        if len(at_work) > 1:
            oldest = at_work[0]
            assert oldest.process.poll() is None, f"a daemon ended by itself: {oldest.log}"
            oldest.process.kill()
            assert oldest.process.wait() == -signal.SIGKILL
            self.running.remove(oldest)
            self.killed += 1
            self.start()

    def end(self) -> set[int]:
        """Ask those that have begun to end; their exit codes."""
        at_work = [one.process for one in self.running if one.works]
        for one in at_work:
            one.terminate()
        return {one.wait(60) for one in at_work}


@contextmanager
def running(config: Path, count: int) -> Iterator[Daemons]:
    daemons = Daemons(config)
    try:
        for _ in range(count):
            daemons.start()
        yield daemons
    finally:
        for one in daemons.running:
            one.process.kill()
            one.process.wait()
