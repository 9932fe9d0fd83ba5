"""The first import of a large source, and the sweeps that follow it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg

from tests.bench.figures import Figures, table
from tests.bench.ground import Ground
from tests.bench.pieces import Bench
from tests.bench.section import Aim, Section
from tests.scaling.servers import durable, new_ledger

COUNT, MILLION = 100_000, 1_000_000
PEOPLE = 2_000
CPU_AIM, FIRST_AIM, PEAK_AIM, WRITE_AIM, SWEEP_AIM = 1.0, 10.0, 150.0, 100.0, 0.005
HOURS = 3 * 3600.0
TABLE = """
CREATE TABLE booking (id text PRIMARY KEY, updated_at timestamptz NOT NULL, record jsonb NOT NULL);
CREATE INDEX ON booking (updated_at);
"""
QUERY = "SELECT id, updated_at, record FROM booking"
KINDS = {
    "page": "of the longest page of sessions",
    "guard": "of the longest release of what passed the guard",
    "lease": "of the longest renewal of a lease, which waits for a page",
    "other": "of the longest of the others: deliveries, notices, accounts",
}
ROWS = {
    "cpu": ("CPU ms a session, poll", 2),
    "sweep cpu": ("CPU ms a record, sweep of what is known", 3),
    "reread cpu": ("CPU ms a record, sweep that reads all", 3),
    "wall": ("seconds of the poll", 0),
    "first": ("seconds until the first calendar entry", 1),
    "longest": ("ms of the longest write transaction", 0),
    **{
        f"longest {kind}{of}": (f"ms {what}, {how}", 0)
        for kind, what in KINDS.items()
        for of, how in (("", "from its begin to its commit"), (" cpu", "of that at work itself"))
    },
    "peak": ("MB at most", 0),
}


class Crowd(Ground):
    """An installation where one person has a calendar, and is in the first session alone."""

    def __init__(self, bench: Bench, name: str) -> None:
        people = [f"p{n}@import.example" for n in range(PEOPLE)]
        super().__init__(bench.folder / name, bench.sandbox, people)
        self.connected = f"{name.replace(' ', '-')}@import.example"
        self.rounds, self.url = 1, f"sqlite:///{self.database}"

    def sessions(self, count: int) -> Iterator[dict[str, Any]]:
        """So many records, a few at a time in memory."""
        for n in range(count):
            record = self._record(n)
            if n == 0:
                record["participants"][0]["email"] = self.connected
            yield record

    def connect_one(self) -> None:
        """A Google Calendar of the person in the first session."""
        self.sandbox.add_person(self.connected, google=True)
        tokens = {self.connected: self.sandbox.grant(self.connected)}
        self.measured("connect_all", provider="google", tokens=tokens)


def of_file(bench: Bench, name: str, count: int) -> Crowd:
    """From a file of JSON lines into SQLite."""
    crowd = Crowd(bench, name)
    with crowd.source.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in crowd.sessions(count))
    return crowd


@contextmanager
def of_postgres(bench: Bench, name: str, count: int) -> Iterator[Crowd]:
    """From a table in PostgreSQL into a ledger in PostgreSQL."""
    with durable() as cluster:
        crowd = Crowd(bench, name)
        crowd.url = new_ledger(cluster)
        with cluster.connect() as admin:
            admin.execute("CREATE DATABASE bookings")
        with cluster.connect("bookings") as db:
            fill(db, crowd.sessions(count))
        platform = f'kind = "sql"\nurl = "{cluster.url("bookings")}"\nquery = "{QUERY}"'
        crowd.configure(database=crowd.url, platform=platform)
        yield crowd


def fill(db: psycopg.Connection[Any], records: Iterator[dict[str, Any]]) -> None:
    """The platform's table with these bookings."""
    db.execute(TABLE)
    with db.cursor() as cursor, cursor.copy("COPY booking FROM STDIN") as copy:
        for one in records:
            copy.write_row((one["id"], one["updated_at"], json.dumps(one)))


def measured(bench: Bench, crowd: Crowd, name: str, count: int, *, reread: bool = True) -> None:
    """Import, and sweep."""
    bench.say(f"import of {count:,} sessions: {name}")
    crowd.connect_one()
    found = crowd.measured("import_all", database=crowd.url, reread=reread, seconds=HOURS)
    if found["error"] or found["news"] != count:
        raise RuntimeError(f"{found['news']} of {count} sessions: {found['error']}")
    values = {
        "cpu": 1000 * found["poll"]["cpu"] / count,
        "sweep cpu": 1000 * found["sweep"]["cpu"] / count,
        "wall": found["poll"]["wall"],
        "first": found["first"],
        "longest": 1000 * found["longest"]["any"][0],
        "peak": found["sweep_peak"],
    }
    for kind, (wall, cpu) in found["longest"].items():
        if kind in KINDS:
            values |= {f"longest {kind}": 1000 * wall, f"longest {kind} cpu": 1000 * cpu}
    if reread:
        values["reread cpu"] = 1000 * found["reread"]["cpu"] / count
    for row, value in values.items():
        bench.figures.add(f"{name} {row}", value)


FILE, POSTGRES, LARGEST = "file", "PostgreSQL", "a million"


def measure(bench: Bench) -> None:
    count = bench.of(COUNT)
    measured(bench, of_file(bench, FILE, count), FILE, count)
    with of_postgres(bench, POSTGRES, count) as crowd:
        measured(bench, crowd, POSTGRES, count)


def measure_million(bench: Bench) -> None:
    count = bench.of(MILLION)
    measured(bench, of_file(bench, LARGEST, count), LARGEST, count, reread=False)


def write(figures: Figures, names: tuple[str, ...]) -> list[str]:
    rows = {
        row: of for row, of in ROWS.items() if all(f"{name} {row}" in figures for name in names)
    }
    return [
        "Sessions of two people each, one of whom, in the first session, has a Google Calendar. "
        "The rest are invited by mail, which waits for the guard's verdict and is not counted. "
        "A file is read into SQLite, PostgreSQL into PostgreSQL; one run.",
        "",
        *table("", *names),
        *(
            f"| {what} | "
            + " | ".join(figures[f"{name} {row}"].text(digits) for name in names)
            + " |"
            for row, (what, digits) in rows.items()
        ),
    ]


def worst(row: str, *names: str) -> Any:
    """The largest of these rows, of a page's figures."""
    return lambda figures: max(figures[f"{name} {row}"].median for name in names)


def aims(what: str, *names: str) -> tuple[Aim, ...]:
    """What is demanded of an import."""
    return (
        Aim(
            demand=f"first import of {what}: below {CPU_AIM:.0f} ms CPU a session",
            measured=worst("cpu", *names),
            limit=CPU_AIM,
            shown="{:.2f} ms",
            missed="making a session's events is a third of it, reading its record a quarter, "
            "writing its rows the rest. Next: what several participants of a session are told, "
            "made once.",
        ),
        Aim(
            demand=f"first import of {what}: first calendar entry within {FIRST_AIM:.0f} s",
            measured=worst("first", *names),
            limit=FIRST_AIM,
            shown="{:.1f} s",
            missed="a page of 500 records is read and written before its entries may go. Next: "
            "a smaller first page.",
        ),
        Aim(
            demand=f"first import of {what}: peak below {PEAK_AIM:.0f} MB",
            measured=worst("peak", *names),
            limit=PEAK_AIM,
            shown="{:.0f} MB",
            missed="Next: count by `tracemalloc` what a page keeps.",
        ),
        Aim(
            demand=f"first import of {what}: longest write below {WRITE_AIM:.0f} ms",
            measured=worst("longest", *names),
            limit=WRITE_AIM,
            shown="{:.0f} ms",
            missed="what a transaction waits for counts as well: its disk, and where two threads "
            "compute, the interpreter. What it is at work itself, below, hardly grows from 100,000 "
            "to a million. Next: pages of fewer than 500 sessions.",
        ),
        Aim(
            demand=f"sweep of {what}, unchanged: below {SWEEP_AIM:.3f} ms CPU a record",
            measured=worst("sweep cpu", *names),
            limit=SWEEP_AIM,
            shown="{:.3f} ms",
            missed="the ledger reads the row of each session twice, by its id to compare the "
            "hash and by its end to see what is missing, and a database's rows come one by one. "
            "Next: an index that holds what is compared, so that no row is read.",
        ),
    )


IMPORT = Section(
    name="import",
    title="First import, and sweeps",
    measure=measure,
    write=partial(write, names=(FILE, POSTGRES)),
    aims=aims(f"{COUNT:,} sessions", FILE, POSTGRES),
)
IMPORT_MILLION = Section(
    name="import-million",
    title="First import of a million",
    measure=measure_million,
    write=partial(write, names=(LARGEST,)),
    aims=aims(f"{MILLION:,} sessions", LARGEST),
    asked=True,
)
