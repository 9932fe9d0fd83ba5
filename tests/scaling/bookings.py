"""A platform that books and moves sessions while daemons read it: a table, as most have one."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.harness.records import Record, a_record, moved, now

PEOPLE_OF_A_SESSION = 2
CHANGES_OF_A_SESSION = 2 * PEOPLE_OF_A_SESSION  # it is booked, and moved
LATER = timedelta(hours=3)
QUERY = "SELECT id, updated_at, record FROM booking"
TABLE = """
CREATE TABLE booking (id TEXT PRIMARY KEY, updated_at TEXT NOT NULL, record TEXT NOT NULL);
CREATE INDEX booking_updated_at ON booking (updated_at);
"""


@dataclass
class Bookings:
    """Sessions of two people each, of everybody in turn, no two of a person at one time.

    records   the sessions by id, as they are now
    """

    file: Path
    people: list[str]
    records: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with closing(sqlite3.connect(self.file)) as db:
            db.execute("PRAGMA journal_mode = WAL")  # many read while one writes
            db.executescript(TABLE)
        self.began = now()

    @property
    def settings(self) -> str:
        """What [[source]] says of this platform, which stores a booking at once: each second what
        came in the last ten is read."""
        lines = (
            'kind = "sql"',
            f'url = "sqlite:///{self.file}"',
            f'query = "{QUERY}"',
            "poll_seconds = 1",
            "overlap_seconds = 10",
        )
        return "\n".join(lines)

    @property
    def starts(self) -> int:
        """When all sessions start, in seconds since 1970, added up."""
        starts = (datetime.fromisoformat(one["starts_at"]) for one in self.records.values())
        return sum(int(one.replace(tzinfo=UTC).timestamp()) for one in starts)

    def book(self, numbers: range) -> None:
        self._store([self._session(n) for n in numbers])

    def move(self, numbers: range) -> None:
        self._store([moved(self.records[f"ses-{n}"], LATER) for n in numbers])

    def of(self, person: str) -> dict[str, datetime]:
        """When each session of this person starts, by its title."""
        return {
            one["title"]: datetime.fromisoformat(one["starts_at"]).replace(tzinfo=UTC)
            for one in self.records.values()
            if person in (who["email"] for who in one["participants"])
        }

    def _session(self, n: int) -> Record:
        start = self.began + timedelta(days=10, hours=n % 10_000)
        first = n * PEOPLE_OF_A_SESSION
        both = [self._person(first + k) for k in range(PEOPLE_OF_A_SESSION)]
        return a_record(f"ses-{n}", both, start=start, url=f"https://app.example.org/s/{n}")

    def _person(self, n: int) -> dict[str, str]:
        n %= len(self.people)
        return {"id": f"u-{n}", "name": f"Person {n}", "email": self.people[n]}

    def _store(self, records: list[Record]) -> None:
        self.records |= {one["id"]: one for one in records}
        at = now().isoformat()
        with closing(sqlite3.connect(self.file, timeout=30)) as db, db:
            db.executemany(
                "INSERT OR REPLACE INTO booking VALUES (?, ?, ?)",
                [(one["id"], at, json.dumps({**one, "updated_at": at})) for one in records],
            )
