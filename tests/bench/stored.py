"""What a ledger takes on the disk, what a poll costs that asks a database for deleted rows, and
what a process costs that has nothing to do."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from tests.bench.figures import Figures, table
from tests.bench.ground import Ground, child
from tests.bench.grown import as_database, multiply, replace
from tests.bench.pieces import POLLS, STORED, Bench
from tests.bench.section import Aim, Section
from tests.scaling.servers import durable, new_ledger

BOOKED, WATCHED = 2_000, 60.0  # sessions; seconds
DATABASES = ("SQLite", "PostgreSQL")
WHEN = ("stored", "delivered", "vacuumed")
COMMANDS = ("status", "health")
BEFORE = {"SQLite": "7.7 and 22.6 KB"}  # of the version before texts were packed
ASKED_AIM = 5.0


@contextmanager
def _ledgers(bench: Bench) -> Iterator[list[tuple[str, Ground, str]]]:
    """By database: an installation, and the URL of its ledger."""
    people = [f"stored{n}@example.org" for n in range(bench.accounts)]
    for one in people:
        bench.sandbox.add_person(one, google=True)
    with durable() as cluster:
        found = []
        for name in DATABASES:
            ground = Ground(bench.folder / name, bench.sandbox, people)
            mine = f"sqlite:///{ground.database}"
            url = mine if name == "SQLite" else new_ledger(cluster)
            replace(ground, json.dumps(mine), json.dumps(url))
            found.append((name, ground, url))
        yield found


def measure_storage(bench: Bench) -> None:
    """One run: the same rows take the same room."""
    count = bench.of(BOOKED)
    with _ledgers(bench) as ledgers:
        for name, ground, url in ledgers:
            bench.say(f"storage of {count:,} sessions on {name}")
            ground.connect("google")
            empty = _size(url)
            ground.book(count)
            with closing(assembly.build(load(ground.config, {}))) as made:
                single_pass.poll_all(made.context, made.pollers)
                bench.figures.add(f"stored {name}", (_size(url) - empty) / count / 1000)
                single_pass.deliver_all(made.context, made.senders)
            bench.figures.add(f"delivered {name}", (_size(url) - empty) / count / 1000)
            _vacuum(url)
            bench.figures.add(f"vacuumed {name}", (_size(url) - empty) / count / 1000)


def _vacuum(url: str) -> None:
    """Give the room of old rows back, so that only what is kept takes any."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(sa.text("VACUUM" if engine.dialect.name == "sqlite" else "VACUUM FULL"))
    engine.dispose()


def _size(url: str) -> int:
    """Bytes of every table with its indexes."""
    engine = sa.create_engine(url)
    ask = (
        "SELECT sum(pgsize) FROM dbstat"
        if engine.dialect.name == "sqlite"
        else "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
    )
    with engine.connect() as conn:
        found = int(conn.execute(sa.text(ask)).scalar_one())
    engine.dispose()
    return found


def write_storage(figures: Figures) -> list[str]:
    columns = ("Before any delivery", "Both delivered", "Then vacuumed")
    before = "; ".join(f"{one} took {kb} before" for one, kb in BEFORE.items())
    return [
        f"KB a session of two people with Google Calendar, of {BOOKED:,}, with every index: from a "
        f"file, before any delivery, and once both are delivered (one run). {before}. SQLite keeps "
        "long texts packed; PostgreSQL does not, because an earlier version may run beside this "
        "one there, and does not reuse the room of old rows before its vacuum: each delivery is "
        "changed three times, and the bytes of its call leave when that is accepted. What a person "
        "is to see is kept by the delivery and, sealed, by its copy, which may show another state: "
        "once both are the same it is there twice. Next: a copy that shows what its delivery wants "
        "keeps none of its own, once no version runs that looks for it there.",
        "",
        *table("", *columns),
        *(
            f"| {one} | {' | '.join(_cell(figures, f'{when} {one}') for when in WHEN)} |"
            for one in DATABASES
        ),
    ]


def _cell(figures: Figures, name: str) -> str:
    return f"{figures[name].median:.1f}" if name in figures else "not measured"


def measure_asked(bench: Bench) -> None:
    """Idle polls of a source that is a database, at two sizes; the ledger is of the same kind."""
    first, times = bench.of(STORED[0]), bench.of(POLLS)
    with _ledgers(bench) as ledgers:
        for name, ground, url in ledgers:
            source = as_database(ground, first, url)
            with closing(assembly.build(load(ground.config, {}))) as made:
                single_pass.poll_all(made.context, made.pollers)
            for stored in STORED:
                if (more := stored // STORED[0]) > 1:
                    multiply(source, "s", "id", more)
                    multiply(url, "booked_session", "id", more)
                    multiply(url, "delivery", "session", more)
                for run in range(1, bench.rounds + 1):
                    bench.say(f"polls of {name} at {first * stored // STORED[0]:,}, run {run}")
                    found = child("idle_polls", config=ground.config, times=times)
                    if found["changed"]:
                        raise RuntimeError("a poll with nothing new changed something")
                    bench.figures.add(f"asked {name} {stored}", 1000 * found["poll"]["cpu"] / times)


def write_asked(figures: Figures) -> list[str]:
    return [
        "CPU ms of a poll of a database in which nothing changed, with the same kind of database "
        "as the ledger: the newest row is read again, and 500 sessions ahead are looked for, in "
        "turn, in case their rows were deleted.",
        "",
        *table("", *(f"{size:,} stored" for size in STORED)),
        *(
            f"| {name} | "
            + " | ".join(figures[f"asked {name} {size}"].text(2) for size in STORED)
            + " |"
            for name in DATABASES
        ),
    ]


def measure_waiting(bench: Bench) -> None:
    """A daemon without work for a minute, once, and what it costs to start a command."""
    ground = Ground(bench.folder / "waiting", bench.sandbox, ["waits@example.org"])
    ground.publish()
    seconds = 2.0 if bench.small else WATCHED
    with ground.daemon(kill=False) as process:
        time.sleep(seconds / 10)  # what is done once at its start
        bench.say(f"an idle daemon for {seconds:.0f} s")
        began = _used(process.pid)
        time.sleep(seconds)
        cpu, woken = (now - then for now, then in zip(_used(process.pid), began, strict=True))
        bench.figures.add("waiting cpu", 1000 * cpu * 60 / seconds)
        bench.figures.add("waiting woken", woken / seconds)
        for command in COMMANDS * bench.rounds:
            bench.figures.add(f"start {command}", _start(ground, command))


def _used(pid: int) -> tuple[float, float]:
    """Seconds of CPU so far, and how often its threads have waited and were woken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    cpu = (int(fields[11]) + int(fields[12])) / 100
    lines = "".join(
        one.read_text(encoding="ascii") for one in Path(f"/proc/{pid}/task").glob("*/status")
    ).splitlines()
    return cpu, float(sum(int(one.split()[1]) for one in lines if one.startswith("voluntary")))


def _start(ground: Ground, command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    arguments = [sys.executable, "-m", "calsync", command, "--config", str(ground.config)]
    subprocess.run(arguments, check=False, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def write_waiting(figures: Figures) -> list[str]:
    woken, cpu = figures["waiting woken"].median, figures["waiting cpu"].median
    return [
        f"A daemon with one file source and nothing due is woken {woken:.1f} times a second and "
        f"takes {cpu:.0f} ms of CPU a minute, its polls included (one run).",
        "",
        *table("A command from its start to its end", "CPU ms"),
        *(f"| `calsync {one}` | {figures[f'start {one}'].text(0)} |" for one in COMMANDS),
    ]


STORAGE = Section(name="storage", title="Storage", measure=measure_storage, write=write_storage)
ASKING = Section(
    name="idle-database",
    title="Polls of a database with nothing new",
    measure=measure_asked,
    write=write_asked,
    aims=(
        Aim(
            demand=f"an idle poll with the questions for deleted rows, of SQLite at "
            f"{STORED[1]:,} stored sessions: below {ASKED_AIM:.0f} ms CPU",
            measured=lambda figures: figures[f"asked SQLite {STORED[1]}"].median,
            limit=ASKED_AIM,
            shown="{:.1f} ms",
            missed="a poll connects to the source twice, and 500 ids go to it, though only a "
            "number comes back. Next: ask for the ids over the connection that read the changes.",
        ),
        *(
            Aim(
                demand=f"an idle poll of a database costs the same at {STORED[0]:,} and at "
                f"{STORED[1]:,} stored sessions (within 10%), {name}",
                measured=lambda figures, name=name: (  # type: ignore[misc]
                    figures[f"asked {name} {STORED[1]}"].median
                    / figures[f"asked {name} {STORED[0]}"].median
                ),
                limit=1.1,
                shown="{:.2f} times",
                missed="the rows of 500 sessions lie on as many pages, of which a small ledger has "
                "few and keeps them in memory. Next: an index that holds what is read of them.",
            )
            for name in DATABASES
        ),
    ),
)
WAITING = Section(
    name="waiting", title="Nothing to do", measure=measure_waiting, write=write_waiting
)
