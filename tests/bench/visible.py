"""From a platform's PUT until both people of the session have it in Google Calendar: real
processes, limits as they are by default, a calendar that answers at once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import requests

from calsync.accounts import connect
from calsync.demo.servers import ending
from tests import commands
from tests.bench.figures import Figure, Figures, table
from tests.bench.ground import UNLIMITED
from tests.bench.pieces import Bench
from tests.bench.section import Aim, Section
from tests.harness.records import Record, a_record, now
from tests.harness.small_calsync import SmallCalsync, until
from tests.ports import free_port
from tests.scaling.servers import durable, new_ledger

SAMPLES, PEOPLE = 200, 40
PAUSE = (0.02, 0.2)  # seconds between two calls: at least, at most
MOST_MS = 300.0
KINDS = ("create", "change")
DATABASES = ("SQLite", "PostgreSQL")


@dataclass
class Pushing(SmallCalsync):
    """An installation that its platform pushes to. On PostgreSQL (`database`) the platform is
    answered by `calsync web`, and another process delivers."""

    database: str = field(default="", kw_only=True)
    people: list[str] = field(kw_only=True)

    def __post_init__(self) -> None:
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.web = f'public_url = "{self.url}"\nport = {port}\nops_port = 0'
        self._write()
        if not self.database:
            self.make_ledger()
        made = self.json("tokens", "create", "--name", "bench", "--scope", "sessions:write")
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {made['token']}"
        with self.opened() as parts:
            for person in self.people:
                self.sandbox.add_person(person, google=True)
                token = {"refresh_token": self.sandbox.grant(person)}
                connect.add(parts.context, "default", "google", person, token)

    def _write(self, *, web: bool = True) -> None:
        self.write_config(
            database=self.database,
            platform='kind = "push"',
            guard=UNLIMITED["guard"],
            **({"web": self.web} if web else {}),
        )

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everything runs, and has delivered once to everybody."""
        if not self.database:
            with self.daemon(kill=False):
                self._warm()
                yield
            return
        command = [sys.executable, "-m", "calsync", "web", "--config", str(self.config)]
        with (self.folder / "web.log").open("wb") as log:
            web = subprocess.Popen(command, stderr=log, env=commands.environment())
        with ending(web):
            until(lambda: b'"serving"' in (self.folder / "web.log").read_bytes())
            self._write(web=False)
            with self.daemon(kill=False):
                self._warm()
                yield

    def _warm(self) -> None:
        for n in range(len(self.people) // 2):
            self.push(self._session(f"warm-{n}", n))
        until(lambda: all(self.sandbox.events(one) for one in self.people))

    def push(self, record: Record) -> float:
        """The clock when the call began."""
        self.records[record["id"]] = record
        began = time.time()
        body = {**record, "updated_at": now().isoformat()}
        answer = self.http.put(f"{self.url}/api/sessions/{record['id']}", json=body, timeout=60)
        assert answer.json()["outcome"] == "accepted", answer.text
        return began

    def create(self, n: int) -> tuple[str, float]:
        made = self._session(f"ses-{n}", n)
        return made["title"], self.push(made)

    def change(self, n: int) -> tuple[str, float]:
        made = {**self.records[f"ses-{n}"], "title": f"Title of ses-{n}, changed"}
        return made["title"], self.push(made)

    def _session(self, ident: str, n: int) -> Record:
        both = [(2 * n + k) % len(self.people) for k in (0, 1)]
        people = [
            {"id": f"u-{one}", "name": f"Person {one}", "email": self.people[one]} for one in both
        ]
        start = now() + timedelta(days=10, hours=n)
        return a_record(ident, people, start=start, url=f"https://app.example.org/s/{n}")

    def seen(self) -> dict[str, list[float]]:
        """When each title was written to a calendar, by Google's own clock."""
        found: dict[str, list[float]] = {}
        for person in self.people:
            for event in self.sandbox.events(person):
                at = datetime.fromisoformat(event["updated"]).timestamp()
                title = event["summary"].partition(" with ")[0]  # whom it is with
                found.setdefault(title, []).append(at)
        return found


def taken(pushing: Pushing, kind: str, samples: int) -> list[float]:
    """Milliseconds until the second of both people has it, of each sample."""
    work = pushing.create if kind == "create" else pushing.change
    pause, began = random.Random(12), {}
    for n in range(samples):
        title, at = work(n)
        began[title] = at
        time.sleep(pause.uniform(*PAUSE))
    until(lambda: all(len(pushing.seen().get(title, ())) == 2 for title in began))
    seen = pushing.seen()
    return [1000 * (max(seen[title]) - at) for title, at in began.items()]


def name_of(kind: str, database: str) -> str:
    return f"visible {kind} {database}"


def measure(bench: Bench) -> None:
    with durable() as cluster:
        for database in DATABASES:
            url = new_ledger(cluster) if database == "PostgreSQL" else ""
            folder = Path(bench.folder) / database
            folder.mkdir()
            people = [f"{database.lower()}{n}@visible.example" for n in range(PEOPLE)]
            pushing = Pushing(folder, bench.sandbox, database=url, people=people)
            with pushing.at_work():
                for kind in KINDS:
                    bench.say(f"push to visible, {kind}, {database}")
                    for one in taken(pushing, kind, bench.of(SAMPLES)):
                        bench.figures.add(name_of(kind, database), one)


def nearly_all(figure: Figure) -> float:
    """What 99 of 100 are at or below."""
    ordered = sorted(figure.runs)
    return ordered[-(-len(ordered) * 99 // 100) - 1]


def write(figures: Figures) -> list[str]:
    rows = [
        (kind, database, figures[name_of(kind, database)])
        for database in DATABASES
        for kind in KINDS
    ]
    return [
        "Milliseconds from the platform's `PUT /api/sessions/ID` until the event is in the "
        f"calendars of both people of the session, {SAMPLES} samples of each row at random pauses, "
        f"with {PEOPLE} accounts and the default limits. On SQLite `calsync run` answers the "
        "platform and delivers; on PostgreSQL (fsync on) `calsync web` answers it, and `calsync "
        "run` delivers in another process.",
        "",
        *table("", "Database", "Median", "p99", "Longest"),
        *(
            f"| {kind} | {database} | {figure.median:.0f} | {nearly_all(figure):.0f} | "
            f"{max(figure.runs):.0f} |"
            for kind, database, figure in rows
        ),
    ]


SECTION = Section(
    name="visible",
    title="From a push to the calendar",
    measure=measure,
    write=write,
    aims=(
        Aim(
            demand=f"from a push to the calendar, no latency: p99 below {MOST_MS:.0f} ms",
            measured=lambda figures: max(
                nearly_all(figures[name_of(kind, database)])
                for kind in KINDS
                for database in DATABASES
            ),
            limit=MOST_MS,
            shown="{:.0f} ms at most",
            missed="a wake-up waits for something else. Next: log the moment of each step of the "
            "slowest samples.",
        ),
    ),
)
