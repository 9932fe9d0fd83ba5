"""What a measurement stands on: a sandbox in a process of its own, people, a growing file."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calsync.sandbox import RemoteSandbox
from tests.harness.small_calsync import SmallCalsync
from tests.settings import outlook_settings

TREE = Path(__file__).parents[2]
MEASURED = Path(__file__).with_name("measured.py")
WORKERS = 16
WARM = 32  # sessions whose deliveries go before those that are counted
UNLIMITED = {
    "deliver": """
limits.google = { per_minute = 0, per_account = 0 }
limits.mail = { per_minute = 0, per_account = 0 }
""",
    "guard": """
max_changes = 1000000
max_share = 1.0
max_inferred = 1000000
max_first_mails = 1000000
""",
}


@contextmanager
def a_sandbox() -> Iterator[RemoteSandbox]:
    """A sandbox that ends with us: it serves while its standard input is open."""
    command = [sys.executable, "-m", "calsync.sandbox"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield RemoteSandbox(json.loads(process.stdout.readline())["url"])
        finally:
            process.stdin.close()
            process.wait(10)


@contextmanager
def mails_taken(last: Path) -> Iterator[int]:
    """The port of a mail server in a process of its own; `last` is the last mail it took."""
    command = [sys.executable, "-m", "tests.bench.smtp_sink", str(last)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=TREE) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def child(
    what: str, *, reference: Path | None = None, seconds: float = 400, **arguments: Any
) -> dict[str, Any]:
    """What `measured.py` found in a process of its own: with this tree, or with that of the folder
    and its interpreter."""
    tree = reference or TREE
    python = sys.executable if reference is None else str(tree / ".venv" / "bin" / "python")
    done = subprocess.run(
        [python, "-P", str(MEASURED), what],
        input=json.dumps(arguments, default=str),
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=True,
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


class Ground(SmallCalsync):
    """An installation of its own: configuration, ledger, a file of booked sessions.

    reference  that of another tree, which makes and uses its ledger
    server     the URL of an empty database on a server, for the ledger; "": a file
    """

    def __init__(
        self,
        folder: Path,
        sandbox: RemoteSandbox,
        people: list[str],
        reference: Path | None = None,
        server: str = "",
    ) -> None:
        super().__init__(folder, sandbox)
        folder.mkdir()
        self.people, self.rounds, self.database = people, 0, folder / "calsync.db"
        self.reference, self.server = reference, server
        self.configure()
        if reference is None and not server:
            self.make_ledger()
        else:
            self.measured("make_ledger")
        self.began = datetime.now(UTC).replace(microsecond=0)

    @property
    def then(self) -> Path:
        """What becomes the file of sessions once a process is warm."""
        return self.folder / "sessions.then"

    def configure(self, *, outlook_in_flight: int = 0, **places: str) -> None:
        """Write the configuration; 0: as many calls to Outlook at once as there are workers."""
        more = {**UNLIMITED, "outlook": outlook_settings(self.sandbox)}
        more["deliver"] += (
            "limits.outlook = { per_minute = 0, per_account = 0, "
            f"in_flight = {outlook_in_flight} }}\nworkers = {WORKERS}"
        )
        self.write_config(**more, **({"database": self.server} | places))

    def mail_to(self, port: int) -> None:
        """Mails go to this port instead of the sandbox's."""
        text = self.config.read_text(encoding="utf-8")
        self.config.write_text(
            text.replace(f"port = {self.sandbox.smtp_port}\n", f"port = {port}\n"),
            encoding="utf-8",
        )

    def connect(self, provider: str = "google") -> None:
        """An account for everybody."""
        grant = self.sandbox.grant if provider == "google" else self.sandbox.grant_outlook
        tokens = {address: grant(address) for address in self.people}
        self.measured("connect_all", provider=provider, tokens=tokens)

    def measured(self, what: str, **arguments: Any) -> dict[str, Any]:
        """What a process found that has this configuration."""
        return child(what, reference=self.reference, config=self.config, **arguments)

    def pass_once(self) -> dict[str, Any]:
        """Poll and deliver: first what was published, then, and counted, what is to come."""
        then = (self.then, self.source) if self.then.exists() else None
        return self.measured("pass_once", then=then)

    def book(self, sessions: int) -> None:
        """That many new sessions of two people each, everybody in turn."""
        self.rounds += 1
        first = len(self.records)
        fresh = [self._record(n) for n in range(first, first + sessions)]
        self.records |= {one["id"]: one for one in fresh}
        self.publish()

    def retitle(self, sessions: int) -> None:
        """A quiet change of the newest sessions."""
        self.rounds += 1
        for one in list(self.records.values())[-sessions:]:
            one["title"] += " (new agenda)"
            one["updated_at"] = self._updated_at()
        self.publish()

    def after_warming(self, change: Callable[[int], None], sessions: int) -> None:
        """The change of a few sessions is published, and that of so many more is to come."""
        change(WARM)
        first = self.source.with_suffix(".first")
        self.source.replace(first)
        change(sessions)
        self.source.replace(self.then)
        first.replace(self.source)

    def touch(self) -> None:
        """The same content, written anew."""
        self.publish()

    def look_at_all(self) -> None:
        """Make every copy due to be looked at."""
        with closing(sqlite3.connect(self.database)) as db, db:
            db.execute("UPDATE delivery SET look_at = '2000-01-01 00:00:00.000000'")

    def multiply(self, times: int) -> int:
        """Store every session and delivery that many times over; returns how many sessions there
        are then. In SQL: the poller would need minutes and come to the same rows."""
        with closing(sqlite3.connect(self.database)) as db, db:
            for table, ident in (("booked_session", "id"), ("delivery", "session")):
                names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
                taken = [f"{ident} || '-' || n" if one == ident else f'"{one}"' for one in names]
                listed = ", ".join(f'"{one}"' for one in names)
                db.execute(
                    "WITH RECURSIVE count(n) AS "
                    f"(SELECT 2 UNION ALL SELECT n + 1 FROM count WHERE n < {times}) "
                    f"INSERT INTO {table} ({listed}) SELECT {', '.join(taken)} FROM {table}, count"
                )
            return int(db.execute("SELECT count(*) FROM booked_session").fetchone()[0])

    def _updated_at(self) -> str:
        # rounds lie further apart than a source's overlap, so that a poll reads its own round only
        return (self.began + timedelta(days=-30, minutes=10 * self.rounds)).isoformat()

    def _record(self, n: int) -> dict[str, Any]:
        start = (self.began + timedelta(days=10, minutes=n % 10_000)).replace(tzinfo=None)
        return {
            "id": f"ses-{n}",
            "updated_at": self._updated_at(),
            "status": "booked",
            "title": f"Session {n}: Getting to know each other",
            "program": {"id": "prog-7", "name": "Women in Engineering", "kind": "individual"},
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(minutes=45)).isoformat(),
            "time_zone": "America/Toronto",
            "place": {"kind": "online", "url": f"https://zoom.us/j/{n}", "label": "Zoom"},
            "agenda": {
                "text": f"1. Introductions\n2. Goals of session {n}\n3. Next steps",
                "format": "markdown",
                "url": f"https://app.example.org/sessions/{n}/agenda",
            },
            "url": f"https://app.example.org/sessions/{n}",
            "participants": [self._person(2 * n, "mentee"), self._person(2 * n + 1, "mentor")],
        }

    def _person(self, n: int, role: str) -> dict[str, str]:
        n %= len(self.people)
        zone = "America/Toronto" if n % 2 else "Europe/London"
        return {
            "id": f"u-{n}",
            "name": f"Person {n}",
            "email": self.people[n],
            "role": role,
            "time_zone": zone,
        }
