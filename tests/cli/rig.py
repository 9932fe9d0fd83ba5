"""A small installation: the sandbox, one Google and two mail people, a file, the command line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.harness import records
from tests.harness.records import Record, moved
from tests.harness.sandboxes import clean_sandbox
from tests.harness.small_calsync import SmallCalsync

MAYA, SAM, LENA = "maya@gmail.example", "sam@mail.example", "lena@mail.example"
PEOPLE = {
    MAYA: {"id": "u-1", "name": "Maya Chen", "email": MAYA},
    SAM: {"id": "u-2", "name": "Sam Okafor", "email": SAM},
    LENA: {"id": "u-3", "name": "Lena Vogel", "email": LENA},
}
AGENDA, NOTE = "PLANTED-AGENDA words", "PLANTED-NOTE words"
LOOSE = "max_changes = 1000\nmax_inferred = 1000\nmax_first_mails = 1000\nmax_withdrawn = 1000"


@dataclass
class Rig(SmallCalsync):
    token: str = ""

    @property
    def database(self) -> Path:
        return self.folder / "calsync.db"

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
        self.put({**record, **changes})

    def move(self, ident: str, *, hours: int) -> None:
        self.put(moved(self.records[ident], timedelta(hours=hours)))

    def configure(self, guard: str = LOOSE, **sections: Any) -> None:
        """Write the configuration, with more text for the named sections."""
        own = {"deliver": "workers = 4\nlease_seconds = 30\n", "source": "poll_seconds = 1"}
        own["deliver"] += sections.pop("deliver", "")
        self.write_config(guard=guard, **own, **sections)

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

    def times(self, email: str) -> list[datetime]:
        return [one.starts_at for one in self.sandbox.shown(email)]


@contextmanager
def a_rig(folder: Path, guard: str = LOOSE, **sections: str) -> Iterator[Rig]:
    """An installation nobody is connected to yet, with an empty source."""
    with clean_sandbox() as sandbox:
        sandbox.add_person(MAYA, google=True)
        sandbox.add_person(SAM)
        sandbox.add_person(LENA)
        rig = Rig(folder, sandbox)
        rig.make_ledger()
        rig.publish()
        rig.configure(guard, **sections)
        yield rig


def a_record(ident: str, *emails: str) -> Record:
    return records.a_record(
        ident,
        [PEOPLE[one] for one in emails],
        program={"id": f"prog-{ident}", "name": "Program", "kind": "individual"},
        agenda={"text": AGENDA, "format": "text"},
        url=f"https://app.example.org/s/{ident}",
        personal_notes=NOTE,
    )
