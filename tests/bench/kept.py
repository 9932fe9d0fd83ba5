"""What each section found when it was last measured, beside the page: docs/performance.json."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import Figure, Figures

TREE = Path(__file__).parents[2]
MEASURED = ("calsync", "providers", "tests/bench", "requirements.lock")


@dataclass(frozen=True)
class Kept:
    """The figures of one section, each with a value for each round, and where they are from."""

    commit: str
    date: str
    machine: str
    rounds: int
    load: float
    figures: dict[str, list[float]]

    @property
    def origin(self) -> str:
        """One line of the page."""
        return (
            f"{self.date}, {self.commit}, {self.machine}, rounds: {self.rounds}, load average when "
            f"it began: {self.load:.1f}"
        )


def taken(figures: Figures, rounds: int, load: float) -> Kept:
    """These figures, measured now, on this machine and at this commit."""
    return Kept(
        commit=_commit(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"{os.cpu_count()} cores ({platform.machine()}), Python "
        f"{platform.python_version()}",
        rounds=rounds,
        load=round(load, 1),
        figures={name: [_short(one) for one in figure.runs] for name, figure in figures.items()},
    )


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def _commit() -> str:
    short = _git("rev-parse", "--short=9", "HEAD")
    if not short:
        return "unknown commit"
    return f"commit {short}" + (" with changes" if _git("status", "-s", "--", *MEASURED) else "")


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(TREE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def load(file: Path) -> dict[str, Kept]:
    """By section; nothing where nothing was kept yet."""
    if not file.exists():
        return {}
    return {name: Kept(**one) for name, one in json.loads(file.read_text(encoding="utf-8")).items()}


def save(file: Path, kept: Mapping[str, Kept]) -> None:
    """A line for each figure, so that a difference can be read."""
    whole = {name: {**asdict(one), "figures": {}} for name, one in sorted(kept.items())}
    parts = []
    for name, head in whole.items():
        lines = [
            f"   {json.dumps(figure)}: {json.dumps(runs)}"
            for figure, runs in sorted(kept[name].figures.items())
        ]
        start = json.dumps({key: one for key, one in head.items() if key != "figures"})
        body = ",\n".join(lines)
        parts.append(f' {json.dumps(name)}: {start[:-1]}, "figures": {{\n{body}\n }}}}')
    file.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def together(kept: Mapping[str, Kept]) -> Figures:
    """The figures of all sections."""
    return Figures(
        {name: Figure(runs) for one in kept.values() for name, runs in one.figures.items()}
    )
