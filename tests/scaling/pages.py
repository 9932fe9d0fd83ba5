"""The figures on docs pages: each block is written by the command that it names."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import postgres_environ
from tests.postgres import find_binaries
from tests.scaling.claims import Claimed
from tests.scaling.crowd import Run
from tests.scaling.held import Held

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"(<!-- figures of (\w+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)


def blocks(page: Path) -> dict[str, str]:
    """What stands on this page of each measurement, by its name."""
    text = page.read_text(encoding="utf-8")
    return {match[2]: match[0] for match in BLOCK.finditer(text)}


def write(page: Path, name: str, lines: Sequence[str]) -> None:
    """Put these lines between the marks of this measurement."""
    text = page.read_text(encoding="utf-8")
    assert name in blocks(page), f"{page.name} has no place for the figures of {name}"

    def fresh(match: re.Match[str]) -> str:
        return "\n".join([match[1], *lines, "", match[3]]) if match[2] == name else match[0]

    page.write_text(BLOCK.sub(fresh, text), encoding="utf-8")


def head(command: str, more: str) -> list[str]:
    """Where, when and on what it was measured."""
    (version,) = re.findall(r"\d+(?:\.\d+)*", _version())[:1]
    return [
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores ({platform.machine()}) "
        f"for everything, Python {platform.python_version()}, PostgreSQL {version}, load average "
        f"{os.getloadavg()[0]:.1f} when it ended. {more}",
        "",
    ]


def _version() -> str:
    control = find_binaries(postgres_environ()) / "postgres"
    return os.popen(f"{control} --version").read()


def of_claims(found: Mapping[int, Sequence[Claimed]]) -> list[str]:
    """By the number of processes; several runs: the median, with the lowest and the highest."""
    lines = [
        "| processes | deliveries a second | calsync, CPU ms each | server, CPU ms each "
        "| waiting for a lock | waiting for the disk |",
        "|---|---|---|---|---|---|",
    ]
    for processes, runs in found.items():
        cells = [
            _spread([one.a_second for one in runs], 0),
            _spread([one.ours for one in runs], 2),
            _spread([one.theirs for one in runs], 2),
            f"{_median([one.locked for one in runs]):.1f}%",
            f"{_median([one.logging for one in runs]):.1f}%",
        ]
        lines.append(f"| {processes} | {' | '.join(cells)} |")
    return lines


def of_runs(found: Mapping[str, Run]) -> list[str]:
    """By what happened."""
    lines = [
        "| what happened | changes | events | killed | seconds | lost | doubled | wrong time "
        "| not booked | rules broken | mails repeated |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, run in found.items():
        tally = run.tally
        figures = [
            *(run.size.changes, tally.events, run.killed, round(run.seconds)),
            *(tally.lost, tally.doubled, tally.wrong, tally.strange, tally.broken, tally.repeated),
        ]
        lines.append(f"| {name} | {' | '.join(f'{one:,}' for one in figures)} |")
    return lines


def of_held(found: Sequence[Held]) -> list[str]:
    lines = [
        "| process | `deliver.workers` | idle | most at work | bound |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.process} | {one.workers} | {one.idle} | {one.most} | {one.bound} |"
        for one in found
    ]
    return lines


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _spread(values: Sequence[float], digits: int) -> str:
    middle = f"{_median(values):,.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"
