"""The page's section on what other programs take for a create."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.figures import Figures, table
from tests.bench.pieces import SESSIONS, Bench
from tests.bench.section import Section

SCRIPT = Path(__file__).with_name("rival.py")
PATHS = {"google": "/calendar/v3/calendars/primary/events", "outlook": "/v1.0/me/events"}
INSTALLING = 300  # seconds at most
WORDS = "1. Introductions\n2. Goals of this session\n3. Next steps\n\nhttps://zoom.us/j/1"


@dataclass(frozen=True)
class Rival:
    """What creates events.

    package  that pip installs for it; "" where our own environment has it
    field    of a body, that is another each time
    """

    what: str
    provider: str
    package: str = ""
    field: str = ""

    @property
    def name(self) -> str:
        return f"rival {self.provider} {self.what}"


RIVALS = (
    Rival("requests", "google", field="id"),
    Rival("gcsa", "google", "gcsa==2.7.0"),
    Rival("requests", "outlook", field="transactionId"),
    Rival("O365", "outlook", "O365==2.1.10"),
)


def measure(bench: Bench) -> None:
    """Each in an interpreter of its own. One whose package cannot be installed has no figure."""
    for rival in RIVALS:
        python = Path(sys.executable)
        if rival.package:
            bench.say(f"installing {rival.package}")
            found = installed(bench.folder / rival.what, rival.package)
            if found is None:
                bench.say(f"{rival.package} could not be installed")
                continue
            python = found
        arguments = arguments_for(bench, rival)
        for run in range(1, bench.rounds + 1):
            bench.say(f"{rival.what} to {rival.provider}, run {run} of {bench.rounds}")
            spent = ran(python, rival.what, arguments)
            bench.figures.add(f"{rival.name} cpu", 1000 * spent["cpu"] / arguments["calls"])


def installed(folder: Path, package: str) -> Path | None:
    """The interpreter of a new environment that holds the package; None where it cannot be made."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", package]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=INSTALLING)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    return python


def arguments_for(bench: Bench, rival: Rival) -> dict[str, Any]:
    """What the script is told: a person of its own, a token, and what is to be written."""
    person, google = f"{rival.name.replace(' ', '-')}@example.org", rival.provider == "google"
    bench.sandbox.add_person(person, google=google, outlook=not google)
    (bench.sandbox.grant if google else bench.sandbox.grant_outlook)(person)
    token = bench.sandbox.access_token if google else bench.sandbox.outlook_token
    return {
        "url": bench.sandbox.url,
        "path": bench.sandbox.url + PATHS[rival.provider],
        "token": token(person),
        "title": "Session: Getting to know each other",
        "text": WORDS,
        "field": rival.field,
        "provider": rival.provider,
        "calls": 2 * bench.sessions,
    }


def ran(python: Path, what: str, arguments: dict[str, Any]) -> dict[str, float]:
    done = subprocess.run(
        [str(python), "-P", str(SCRIPT), what],
        input=json.dumps(arguments),
        stdout=subprocess.PIPE,
        text=True,
        timeout=400,
        check=True,
        env={**os.environ, "NO_PROXY": "*"},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


ROWS = (
    ("Google: calsync, from the file to the stored answer", "create cpu"),
    ("Google: calsync's client alone, 16 threads", "bare cpu"),
    ("Google: requests, a POST and its JSON", "rival google requests cpu"),
    ("Google: gcsa 2.7.0, `add_event`", "rival google gcsa cpu"),
    ("Outlook: calsync, from the file to the stored answer", "outlook create cpu"),
    ("Outlook: requests, a POST and its JSON", "rival outlook requests cpu"),
    ("Outlook: O365 2.1.10, `save` of a new event", "rival outlook O365 cpu"),
)


def write(figures: Figures) -> list[str]:
    return [
        f"CPU ms of a create, {2 * SESSIONS:,} to one calendar of the sandbox, in one thread, each "
        "program in an environment of its own. They are told what to write and have a token at "
        "hand; they read no source, decide nothing, keep nothing, and repeat nothing that was lost "
        "on the way, which calsync's rows include. calsync's rows are those of the sections above.",
        "",
        *table("", "CPU ms each"),
        *(f"| {what} | {_shown(figures, name)} |" for what, name in ROWS),
    ]


def _shown(figures: Figures, name: str) -> str:
    if name in figures:
        return figures[name].text(2)
    return "could not be installed" if name.startswith("rival") else "not measured"


SECTION = Section(name="rivals", title="Beside other programs", measure=measure, write=write)
