"""An installation whose processes are killed: people, a source, a clock, and what is seen."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from calsync import bootstrap
from calsync.config import load
from calsync.sandbox import Sandbox
from calsync.service import Service
from tests.account_mails import of_sessions
from tests.crash.process import run
from tests.harness import ledgers
from tests.settings import settings

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@gmail.example"
PEOPLE = {MAYA: "u-1", SAM: "u-2", LENA: "u-3"}
AFTER_LEASES = 300.0  # seconds: every lease of the killed process has ended


@dataclass
class Stage:
    """Maya has connected Google, Lena could; Sam has a mailbox. `clock` is how many seconds the
    ledger is ahead, `account` Maya's."""

    folder: Path
    sandbox: Sandbox
    database: str
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    clock: float = 0.0
    account: str = ""

    @property
    def config(self) -> Path:
        return self.folder / "calsync.toml"

    @property
    def source(self) -> Path:
        return self.folder / "sessions.jsonl"

    def configure(self, *keys: str, **sections: str) -> None:
        own = {"deliver": "workers = 1\n" + sections.pop("deliver", "")}
        text = settings(
            self.folder, self.sandbox, database=self.database, keys=keys, **own, **sections
        )
        self.config.write_text(text, encoding="utf-8")

    # --- the platform ----------------------------------------------------------------------------

    def book(self, ident: str = "ses-1", *people: str, **after: float) -> None:
        """A new session of these people, else of Maya and Sam, so long after now."""
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(**(after or {"days": 5}))
        self.records[ident] = {
            "id": ident,
            "status": "booked",
            "title": f"Title of {ident}",
            "program": {"id": "p", "name": "Program", "kind": "individual"},
            "time_zone": "UTC",
            "place": {"kind": "online", "url": "https://zoom.us/j/1", "label": "Zoom"},
            "url": f"https://app.example.org/s/{ident}",
            "participants": [
                {"id": PEOPLE[one], "name": one.partition("@")[0].title(), "email": one}
                for one in people or (MAYA, SAM)
            ],
        }
        self._starts(ident, start)

    def move(self, ident: str = "ses-1") -> None:
        self._starts(ident, self.start(ident) + timedelta(hours=3))

    def cancel(self, ident: str = "ses-1") -> None:
        self.records[ident]["status"] = "cancelled"
        self._publish(ident)

    def lose(self, ident: str) -> None:
        """The platform shows it no longer."""
        del self.records[ident]
        self.write()

    def start(self, ident: str = "ses-1") -> datetime:
        return datetime.fromisoformat(self.records[ident]["starts_at"]).replace(tzinfo=UTC)

    def write(self) -> None:
        fresh = self.source.with_suffix(".new")
        lines = "".join(json.dumps(one) + "\n" for one in self.records.values())
        fresh.write_text(lines, encoding="utf-8")
        fresh.replace(self.source)

    def _starts(self, ident: str, start: datetime) -> None:
        for name, at in (("starts_at", start), ("ends_at", start + timedelta(hours=1))):
            self.records[ident][name] = at.strftime("%Y-%m-%dT%H:%M:%S")
        self._publish(ident)

    def _publish(self, ident: str) -> None:
        self.records[ident]["updated_at"] = datetime.now(UTC).isoformat()
        self.write()

    # --- calsync ---------------------------------------------------------------------------------

    @contextmanager
    def service(self) -> Iterator[Service]:
        """The service in this process."""
        ahead = timedelta(seconds=self.clock)
        made = bootstrap.build(load(self.config, {}), shift=lambda: ahead)
        try:
            yield made
        finally:
            made.close()

    def sync(self) -> None:
        """One pass in this process."""
        with self.service() as service:
            service.poll_all()
            service.deliver_all(now=True)

    def later(self, **by: float) -> None:
        self.clock += timedelta(**by).total_seconds()

    def killed(self, point: str, act: str = "sync", argument: str = "", *, nth: int = 1) -> None:
        """A process does this and dies at the point; then its leases end."""
        code = run(self.config, act, argument, point=point, nth=nth, ahead=self.clock)
        assert code == -signal.SIGKILL, f"{point} is not reached, the process ended with {code}"
        self.clock += AFTER_LEASES

    def done(self, act: str = "sync", argument: str = "") -> None:
        """A process does this to its end."""
        assert run(self.config, act, argument, ahead=self.clock) == 0

    # --- what is seen ----------------------------------------------------------------------------

    def shown(self, person: str) -> list[tuple[str, datetime]]:
        """Title, without the other person's name, and start of everything that they see."""
        shown = self.sandbox.shown(person)
        return [(one.title.partition(" with ")[0], one.starts_at) for one in shown]

    def ours(self, person: str) -> list[bool]:
        """Of each event that they see, whether calsync wrote it into the calendar itself."""
        return [one.ours for one in self.sandbox.shown(person)]

    def mailed(self, person: str) -> list[str]:
        """Methods of the different mails about sessions; a repeated one is the same bytes."""
        return [
            method
            for method, _ in dict.fromkeys(
                (mail.method, mail.raw) for mail in of_sessions(self.sandbox.mails(person))
            )
        ]

    def once(self, *people: str, ident: str = "ses-1") -> None:
        """Each of them, else Maya and Sam, sees this session and nothing else, once."""
        wanted = [(f"Title of {ident}", self.start(ident))]
        for person in people or (MAYA, SAM):
            shown = self.shown(person)
            assert shown == wanted, f"{person} sees {shown}"


@contextmanager
def a_stage(folder: Path, database: str) -> Iterator[Stage]:
    with Sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        sandbox.add_person(LENA, google=True)
        sandbox.add_person(SAM)
        stage = Stage(folder, sandbox, database)
        stage.configure()
        stage.write()
        ledgers.ready(database)
        with stage.service() as service:
            token = {"refresh_token": sandbox.grant(MAYA)}
            stage.account = service.import_account("default", "google", MAYA, token)["id"]
        yield stage
        assert sandbox.violations() == []
        assert sandbox.outbox() == []
