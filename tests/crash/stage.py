"""An installation whose processes are killed: people, a source, a clock, and what is seen."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calsync.accounts import connect
from calsync.bootstrap.components import Components
from calsync.daemon import single_pass
from calsync.store.ledger import sessions
from tests.account_mails import of_sessions
from tests.crash.process import run
from tests.harness import ledgers
from tests.harness.records import a_record, moved, now
from tests.harness.sandboxes import clean_sandbox
from tests.harness.small_calsync import SmallCalsync

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@gmail.example"
PEOPLE = {MAYA: "u-1", SAM: "u-2", LENA: "u-3"}
AFTER_LEASES = 300.0  # seconds: every lease of the killed process has ended


@dataclass
class Stage(SmallCalsync):
    """Maya has connected Google, Lena could; Sam has a mailbox. `clock` is how many seconds the
    ledger is ahead, `account` Maya's."""

    database: str
    clock: float = 0.0
    account: str = ""

    def configure(self, *keys: str, workers: int = 1, **sections: str) -> None:
        own = {"deliver": f"workers = {workers}\n" + sections.pop("deliver", "")}
        self.write_config(database=self.database, keys=keys, **own, **sections)

    # --- the platform ----------------------------------------------------------------------------

    def book(self, ident: str = "ses-1", *people: str, **after: float) -> None:
        """A new session of these people, else of Maya and Sam, so long after now."""
        start = now() + timedelta(**(after or {"days": 5}))
        known = [
            {"id": PEOPLE[one], "name": one.partition("@")[0].title(), "email": one}
            for one in people or (MAYA, SAM)
        ]
        url = f"https://app.example.org/s/{ident}"
        self.put(a_record(ident, known, start=start, url=url))

    def move(self, ident: str = "ses-1") -> None:
        self.put(moved(self.records[ident], timedelta(hours=3)))

    def cancel(self, ident: str = "ses-1") -> None:
        self.put({**self.records[ident], "status": "cancelled"})

    def lose(self, ident: str) -> None:
        """The platform shows it no longer."""
        del self.records[ident]
        self.publish()

    def start(self, ident: str = "ses-1") -> datetime:
        return datetime.fromisoformat(self.records[ident]["starts_at"]).replace(tzinfo=UTC)

    # --- calsync ---------------------------------------------------------------------------------

    @contextmanager
    def in_process(self) -> Iterator[Components]:
        """The installation in this process."""
        ahead = timedelta(seconds=self.clock)
        with self.opened(lambda: ahead) as made:
            yield made

    def sync(self) -> None:
        """One pass in this process."""
        with self.in_process() as made:
            single_pass.poll_all(made.context, made.pollers)
            single_pass.deliver_all(made.context, made.senders, now=True)

    def set_aside(self) -> list[str]:
        """Records that cannot be used."""
        with self.in_process() as made, made.context.store.read() as db:
            return [row["record"] for row in sessions.quarantined(db)]

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
    with clean_sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        sandbox.add_person(LENA, google=True)
        sandbox.add_person(SAM)
        stage = Stage(folder, sandbox, database)
        stage.configure()
        stage.publish()
        ledgers.ready(database)
        with stage.in_process() as made:
            token = {"refresh_token": sandbox.grant(MAYA)}
            stage.account = connect.add(made.context, "default", "google", MAYA, token).id
        yield stage
