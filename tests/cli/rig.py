"""A small installation: the sandbox, one Google and two mail people, a file, the command line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calsync.sandbox import Sandbox
from tests import commands
from tests.commands import Done, environment
from tests.harness import ledgers
from tests.settings import settings

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@mail.example"
PEOPLE = {
    MAYA: {"id": "u-1", "name": "Maya Chen", "email": MAYA},
    SAM: {"id": "u-2", "name": "Sam Okafor", "email": SAM},
    LENA: {"id": "u-3", "name": "Lena Vogel", "email": LENA},
}
AGENDA, NOTE = "PLANTED-AGENDA words", "PLANTED-NOTE words"
LOOSE = "max_changes = 1000\nmax_inferred = 1000\nmax_first_mails = 1000\nmax_withdrawn = 1000"


@dataclass
class Rig:
    folder: Path
    sandbox: Sandbox
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "calsync.toml"

    @property
    def database(self) -> Path:
        return self.folder / "calsync.db"

    @property
    def log(self) -> Path:
        return self.folder / "daemon.log"

    def run(self, *arguments: str, stdin: str = "", code: int = 0, config: bool = True) -> Done:
        """The command line; its exit code must be `code`, and it never shows a traceback."""
        named = ("--config", str(self.config)) if config else ()
        done = calsync(*arguments, *named, stdin=stdin, folder=self.folder)
        assert done.code == code, f"{arguments}: {done.code}\n{done.out}\n{done.err}"
        return done

    def json(self, *arguments: str, stdin: str = "", code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", stdin=stdin, code=code).out)

    def connect(self) -> str:
        """Maya connects Google by the command line; returns the account's id."""
        self.token = self.sandbox.grant(MAYA)
        given = json.dumps({"refresh_token": self.token})
        found = self.json(
            "accounts", "import", "--provider", "google", "--email", MAYA, stdin=given
        )
        return str(found["id"])

    def book(self, ident: str, *emails: str, **changes: Any) -> None:
        """Put a session into the source, or change the one that is there."""
        record = self.records.get(ident) or a_record(ident, *emails)
        if emails:
            record["participants"] = [PEOPLE[one] for one in emails]
        self.records[ident] = {**record, **changes, "updated_at": datetime.now(UTC).isoformat()}
        self.publish()

    def move(self, ident: str, *, hours: int) -> None:
        record = self.records[ident]
        moved = {
            name: (datetime.fromisoformat(record[name]) + timedelta(hours=hours)).isoformat()
            for name in ("starts_at", "ends_at")
        }
        self.book(ident, **moved)

    def publish(self) -> None:
        lines = "".join(json.dumps(one) + "\n" for one in self.records.values())
        fresh = self.folder / "sessions.new"
        fresh.write_text(lines, encoding="utf-8")
        fresh.replace(self.folder / "sessions.jsonl")

    def configure(self, guard: str = LOOSE, **sections: str) -> None:
        """Write the configuration, with more text for the named sections."""
        own = {"deliver": "workers = 4\nlease_seconds = 30\n", "source": "poll_seconds = 1"}
        own["deliver"] += sections.pop("deliver", "")
        text = settings(self.folder, self.sandbox, guard=guard, **own, **sections)
        self.config.write_text(text, "utf-8")

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.opened() as db:
            names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            found = {name: db.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}
            return {name: sorted(rows, key=repr) for name, rows in found.items()}

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.opened() as db:
            return db.execute(query, values).fetchall()

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.database, timeout=30)
        try:
            with db:
                yield db
        finally:
            db.close()

    def end_leases(self) -> None:
        """As if the time of every lease had passed."""
        past = "2000-01-01 00:00:00.000000"
        with self.opened() as db:
            for name in ("delivery", "lane"):
                db.execute(f"UPDATE {name} SET lease_until = ? WHERE lease_until NOT NULL", [past])

    @contextmanager
    def daemon(self) -> Iterator[subprocess.Popen[bytes]]:
        """`calsync run` as a process, from its first sign of life on."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "calsync", "run", "--config", str(self.config)],
                stdout=log,
                stderr=log,
                env=environment(),
            )
        started = self.said("started")
        try:
            until(lambda: process.poll() is not None or self.said("started") > started)
            yield process
        finally:
            process.kill()
            process.wait()

    def lines(self) -> list[dict[str, Any]]:
        """The daemon's log; every line must be a JSON object."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(one) for one in text.splitlines(keepends=True) if one.endswith("\n")]

    def said(self, event: str) -> int:
        return sum(line["event"] == event for line in self.lines())

    def times(self, email: str) -> list[datetime]:
        return [one.starts_at for one in self.sandbox.shown(email)]


def until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    """Poll until it is true; fails at the deadline."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def calsync(*arguments: str, stdin: str | bytes = "", folder: Path, **environ: str) -> Done:
    """One command, started in `folder` with these variables."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    return shown(commands.run(arguments, folder=folder, stdin=given, **environ))


def started(*arguments: str, folder: Path, **environ: str) -> Done:
    """The same as `python -m calsync`."""
    given = {**environment(), **environ}
    return shown(commands.started(arguments, folder=folder, stdin=b"", environ=given))


def shown(done: Done) -> Done:
    """What any command shows and how it ends: no traceback, by itself."""
    assert "Traceback" not in done.out + done.err, done.err
    assert done.code >= 0, f"killed by signal {-done.code}"
    return done


@contextmanager
def a_rig(folder: Path, guard: str = LOOSE, **sections: str) -> Iterator[Rig]:
    """An installation nobody is connected to yet, with an empty source."""
    with Sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        sandbox.add_person(SAM)
        sandbox.add_person(LENA)
        rig = Rig(folder, sandbox)
        ledgers.sqlite_ledger(rig.database)
        rig.publish()
        rig.configure(guard, **sections)
        yield rig
        assert sandbox.violations() == []
        assert sandbox.outbox() == []


def a_record(ident: str, *emails: str) -> dict[str, Any]:
    start = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0, tzinfo=None)
    return {
        "id": ident,
        "status": "booked",
        "title": f"Title of {ident}",
        "program": {"id": f"prog-{ident}", "name": "Program", "kind": "individual"},
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
        "time_zone": "UTC",
        "place": {"kind": "online", "url": "https://zoom.us/j/1", "label": "Zoom"},
        "agenda": {"text": AGENDA, "format": "text"},
        "url": f"https://app.example.org/s/{ident}",
        "personal_notes": NOTE,
        "participants": [PEOPLE[one] for one in emails],
    }
