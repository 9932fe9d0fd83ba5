"""CalDAV beside vdirsyncer, which brings a folder of events into a calendar: one account, as many
events, over a server in memory and over Radicale."""

from __future__ import annotations

import shutil
import subprocess
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import requests

from calsync.accounts import connect
from tests.bench.dav import CALENDAR, standing_in
from tests.bench.figures import Figures, table
from tests.bench.ground import UNLIMITED, child
from tests.bench.pieces import Bench
from tests.bench.section import Aim, Section
from tests.caldav_servers.server import USERS
from tests.harness.records import a_record, now
from tests.harness.small_calsync import SmallCalsync
from tests.radicale_server import running_radicale

VERSION = "0.20.0"
EVENTS, CHANGED = 1_000, 10
PERSON = {"id": "u-1", "name": "Maya Chen", "email": "maya@example.org"}
LOGIN = ("alice", USERS["alice"])
STEPS = (
    ("created", f"{EVENTS:,} new events"),
    ("same", "nothing new"),
    ("changed", f"{CHANGED} changed events"),
)
SERVERS = (("stand-in", "in memory"), ("radicale", "Radicale"))
FASTER, AS_FAST = 1.5, 1.0
OURS, THEIRS = "calsync", "vdirsyncer"
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//bench//EN
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20260101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:{title}
DESCRIPTION:1. Introductions\\n2. Goals\\n3. Next steps
LOCATION:https://zoom.us/j/1
URL:https://app.example.org/sessions/1
END:VEVENT
END:VCALENDAR
"""


@dataclass
class Ours(SmallCalsync):
    """A calsync whose one person keeps the calendar."""

    calendar: str = field(kw_only=True)
    version: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        unlimited = "limits.caldav = { per_minute = 0, per_account = 0 }\n"
        self.write_config(
            deliver=UNLIMITED["deliver"] + unlimited,
            guard=UNLIMITED["guard"],
            caldav="allow_private = true",
        )
        self.make_ledger()
        given = {"url": self.calendar, "username": LOGIN[0], "password": LOGIN[1]}
        with self.opened() as parts:
            connect.add(parts.context, "default", "caldav", PERSON["email"], given)
        self.began = now()
        self.publish()
        child("pass_once", config=self.config)  # tells the person that the calendar is connected

    def write(self, events: int) -> float:
        """So many events are new or changed; returns the seconds that it takes."""
        before = self.source.with_suffix(".before")
        shutil.copyfile(self.source, before)
        self.version += 1
        # Versions lie further apart than a source's overlap: a poll reads its own only.
        written = (self.began + timedelta(days=-30, minutes=10 * self.version)).isoformat()
        for n in range(events):
            start = self.began + timedelta(days=10, minutes=n)
            record = a_record(f"ses-{n}", [PERSON], start=start, updated_at=written)
            record["title"] = f"Session {n}, version {self.version}"
            self.records[record["id"]] = record
        self.publish()
        self.source.replace(then := self.source.with_suffix(".then"))
        before.replace(self.source)
        found = child("pass_once", config=self.config, then=(then, self.source))
        if (found["warmed"], found["yes"]) != (0, events):
            raise RuntimeError(f"calsync was to make {events} calls and made {found['yes']}")
        return float(found["poll"]["wall"] + found["deliver"]["wall"])


@dataclass
class Theirs:
    """A vdirsyncer with a folder of as many events."""

    program: Path
    folder: Path
    calendar: str
    version: int = 0

    def __post_init__(self) -> None:
        (self.folder / "events").mkdir(parents=True)
        self.began = now()
        self._config.write_text(
            f"""
[general]
status_path = "{self.folder / "status"}"

[pair bench]
a = "here"
b = "there"
collections = null

[storage here]
type = "filesystem"
path = "{self.folder / "events"}"
fileext = ".ics"

[storage there]
type = "caldav"
url = "{self.calendar}"
username = "{LOGIN[0]}"
password = "{LOGIN[1]}"
""",
            encoding="utf-8",
        )
        self._run("discover")
        began = time.perf_counter()
        self._run("--version")
        self._start = time.perf_counter() - began

    @property
    def _config(self) -> Path:
        return self.folder / "config"

    def write(self, events: int) -> float:
        self.version += 1
        for n in range(events):
            start = self.began + timedelta(days=10, minutes=n)
            text = _event(f"ses-{n}", f"Session {n}, version {self.version}", start)
            (self.folder / "events" / f"ses-{n}.ics").write_text(text, encoding="utf-8")
        began = time.perf_counter()
        self._run("sync")
        return max(0.0, time.perf_counter() - began - self._start)

    def _run(self, what: str) -> None:
        command = [str(self.program), "--config", str(self._config), what]
        subprocess.run(command, check=True, capture_output=True, timeout=600, input=b"")


def _event(uid: str, title: str, start: datetime) -> str:
    lines = EVENT.format(uid=uid, title=title, start=start, end=start + timedelta(hours=1))
    return lines.replace("\n", "\r\n")


def installed(folder: Path) -> Path | None:
    """vdirsyncer in a virtual environment of its own; None where it cannot be had."""
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "pip"), "install", "--quiet", f"vdirsyncer=={VERSION}"]
    done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    return folder / "bin" / "vdirsyncer" if done.returncode == 0 else None


@contextmanager
def calendars(server: str, folder: Path) -> Iterator[Callable[[], str]]:
    """What makes an empty calendar and returns its URL."""
    if server == "radicale":
        folder.mkdir(parents=True)
        with running_radicale(folder) as radicale:
            yield radicale.new_calendar
    else:
        with standing_in() as root:
            yield partial(_emptied, root)


def _emptied(root: str) -> str:
    requests.delete(root + CALENDAR, timeout=10)
    return root + CALENDAR


def measure(bench: Bench) -> None:
    program = None
    with suppress(OSError, subprocess.SubprocessError):
        program = installed(bench.folder / "vdirsyncer")
    if program is None:
        bench.say("vdirsyncer cannot be installed: calsync alone is measured")
    for server, _ in SERVERS:
        with calendars(server, bench.folder / server) as new:
            for run in range(1, bench.rounds + 1):
                bench.say(f"CalDAV, {server}, run {run} of {bench.rounds}")
                folder = bench.folder / f"{server}-{run}"
                _round(bench, server, folder, program, new, turn=run)


def _round(
    bench: Bench,
    server: str,
    folder: Path,
    program: Path | None,
    new: Callable[[], str],
    *,
    turn: int,
) -> None:
    """Both do the same; another one begins each time."""
    folder.mkdir()

    def ours(calendar: str) -> Ours | Theirs:
        return Ours(folder / OURS, bench.sandbox, calendar=calendar)

    makers: dict[str, Callable[[str], Ours | Theirs]] = {OURS: ours}
    if program is not None:
        makers[THEIRS] = partial(Theirs, program, folder / THEIRS)
    for name in sorted(makers, reverse=bool(turn % 2)):
        calendar = new()
        client = makers[name](calendar)
        for (step, _), events in zip(STEPS, _sizes(bench), strict=True):
            _asked(server, calendar)
            spent = client.write(events)
            bench.figures.add(_name(name, server, step), 1000 * spent)
            if (asked := _asked(server, calendar)) is not None:
                bench.figures.add(f"{_name(name, server, step)} requests", asked / max(1, events))


def _sizes(bench: Bench) -> tuple[int, int, int]:
    return bench.of(EVENTS), 0, bench.of(CHANGED)


def _asked(server: str, calendar: str) -> int | None:
    """How many requests the server in memory got since it was asked last."""
    if server == "radicale":
        return None
    return int(requests.get(calendar.replace(CALENDAR, "/asked"), timeout=10).text)


def _name(program: str, server: str, step: str) -> str:
    return f"caldav {program} {server} {step}"


def write(figures: Figures) -> list[str]:
    return [
        f"One account. From a file of booked sessions, or a folder of events, to {EVENTS:,} events "
        f"in a calendar; then once more with nothing new, and with {CHANGED} of them changed. "
        "Milliseconds on the clock, without the program's start. The server in memory "
        "(`tests/bench/dav.py`) answers within a millisecond and counts requests; of nothing new "
        "they are counted in all, else for each event. vdirsyncer reads what there is in the "
        "calendar before it writes; calsync knows what it has written.",
        "",
        *table("", "Server", "calsync", f"vdirsyncer {VERSION}", "Requests", "of vdirsyncer"),
        *(_row(figures, *server, *step) for server in SERVERS for step in STEPS),
        *(() if _was_installed(figures) else ("", "vdirsyncer could not be installed here.")),
    ]


def _row(figures: Figures, server: str, where: str, step: str, what: str) -> str:
    names = [_name(program, server, step) for program in (OURS, THEIRS)]
    times = [figures[name].text(0) if name in figures else "" for name in names]
    asked = [f"{name} requests" for name in names]
    counts = [f"{figures[name].median:.2f}" if name in figures else "" for name in asked]
    return f"| {' | '.join([what, where, *times, *counts])} |"


def _was_installed(figures: Figures) -> bool:
    return _name(THEIRS, SERVERS[0][0], STEPS[0][0]) in figures


def times_as_fast(server: str, figures: Figures) -> float:
    """How many times as long vdirsyncer takes for everything."""
    theirs, ours = (
        sum(figures[_name(program, server, step)].median for step, _ in STEPS)
        for program in (THEIRS, OURS)
    )
    return theirs / ours


SECTION = Section(
    name="caldav",
    title="CalDAV beside vdirsyncer",
    measure=measure,
    write=write,
    aims=(
        Aim(
            demand="CalDAV: 1.0 request for a changed event",
            measured=lambda figures: (
                figures[f"{_name(OURS, 'stand-in', 'changed')} requests"].median
            ),
            limit=1.0,
            shown="{:.2f}",
            missed="a change was read first. Next: see which write was not taken for all ours.",
        ),
        Aim(
            demand=f"CalDAV: {FASTER} times as fast as vdirsyncer on a server that answers within "
            "1 ms",
            measured=partial(times_as_fast, "stand-in"),
            limit=FASTER,
            shown="{:.2f} times",
            at_least=True,
            missed="calsync stores the exact bytes of each call before and its outcome after it, "
            "vdirsyncer a status file at the end. Next: more lanes where the server answers fast.",
        ),
        Aim(
            demand="CalDAV: not slower than vdirsyncer on Radicale",
            measured=partial(times_as_fast, "radicale"),
            limit=AS_FAST,
            shown="{:.2f} times",
            at_least=True,
            missed="Radicale takes one write of a calendar after the other, and is what both wait "
            "for. Next: count what its lock costs beside calls at once.",
        ),
    ),
)
