"""A small calsync: a folder with its configuration, its ledger and the sessions of its platform.

Tests of a kind have one of their own that adds its people and what it asks for: tests/cli/rig.py,
tests/harness/installation.py, tests/crash/stage.py, tests/acceptance/rig.py, tests/bench/ground.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from calsync.bootstrap import assembly
from calsync.bootstrap.components import Components
from calsync.config import load
from calsync.demo.servers import ending
from calsync.sandbox import RemoteSandbox, Sandbox
from tests import commands
from tests.commands import Done
from tests.harness import ledgers
from tests.harness.records import Record, now
from tests.settings import settings


@dataclass
class SmallCalsync:
    """`records` are the platform's sessions by id; a changed one is published with `put`."""

    folder: Path
    sandbox: Sandbox | RemoteSandbox
    records: dict[str, Record] = field(default_factory=dict, kw_only=True)

    @property
    def config(self) -> Path:
        return self.folder / "calsync.toml"

    @property
    def source(self) -> Path:
        return self.folder / "sessions.jsonl"

    @property
    def log(self) -> Path:
        """Of the daemon."""
        return self.folder / "daemon.log"

    # --- configuration and ledger ----------------------------------------------------------------

    def write_config(self, **sections: Any) -> None:
        """See `tests.settings.settings`."""
        self.config.write_text(settings(self.folder, self.sandbox, **sections), encoding="utf-8")
        self.config.chmod(0o600)  # it holds secrets

    def make_ledger(self) -> Path:
        """The upgraded SQLite file that the configuration names unless it is told otherwise."""
        file = self.folder / "calsync.db"
        ledgers.sqlite_ledger(file)
        return file

    # --- the platform ----------------------------------------------------------------------------

    def put(self, record: Record) -> None:
        """Book a session, or change the one that is there."""
        self.records[record["id"]] = {**record, "updated_at": now().isoformat()}
        self.publish()

    def publish(self) -> None:
        """Write all records, in one step for whoever reads them now."""
        lines = "".join(json.dumps(one) + "\n" for one in self.records.values())
        fresh = self.source.with_suffix(".new")
        fresh.write_text(lines, encoding="utf-8")
        fresh.replace(self.source)

    # --- calsync ---------------------------------------------------------------------------------

    def build(self, shift: Callable[[], timedelta] = timedelta) -> Components:
        """The whole installation in this process, from the configuration as it is; to be closed."""
        return assembly.build(load(self.config, {}), shift=shift)

    @contextmanager
    def opened(self, shift: Callable[[], timedelta] = timedelta) -> Iterator[Components]:
        made = self.build(shift)
        try:
            yield made
        finally:
            made.close()

    def run(self, *arguments: str, stdin: str = "", code: int = 0, config: bool = True) -> Done:
        """A command line; its exit code must be `code`, and it never shows a traceback."""
        named = ("--config", str(self.config)) if config else ()
        done = calsync(*arguments, *named, stdin=stdin, folder=self.folder)
        assert done.code == code, f"{arguments}: {done.code}\n{done.out}\n{done.err}"
        return done

    def json(self, *arguments: str, stdin: str = "", code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", stdin=stdin, code=code).out)

    @contextmanager
    def daemon(self, *, kill: bool = True, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
        """`calsync run` as a process with these variables more, from its first sign of life on. In
        the end it is killed, or ended by SIGTERM, which must be clean."""
        started = self.said("started") if self.log.exists() else 0
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "calsync", "run", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                env={**commands.environment(), **environ},
            )
        with killing(process) if kill else ending(process):
            until(lambda: process.poll() is not None or self.said("started") > started)
            yield process

    def lines(self) -> list[dict[str, Any]]:
        """The daemon's log; every line must be a JSON object."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(one) for one in text.splitlines(keepends=True) if one.endswith("\n")]

    def said(self, event: str) -> int:
        return sum(line["event"] == event for line in self.lines())


def calsync(*arguments: str, stdin: str | bytes = "", folder: Path, **environ: str) -> Done:
    """One command, started in `folder` with these variables."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    return shown(commands.run(arguments, folder=folder, stdin=given, **environ))


def started(*arguments: str, folder: Path, **environ: str) -> Done:
    """The same as `python -m calsync`."""
    given = {**commands.environment(), **environ}
    return shown(commands.started(arguments, folder=folder, stdin=b"", environ=given))


def shown(done: Done) -> Done:
    """What any command shows and how it ends: no traceback, by itself."""
    assert "Traceback" not in done.out + done.err, done.err
    assert done.code >= 0, f"killed by signal {-done.code}"
    return done


@contextmanager
def killing(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    """Poll until it is true; fails at the deadline."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
