"""Sections that are written from figures of others."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bench.figures import Figures, table
from tests.bench.pieces import LATENCY, STORED
from tests.bench.section import Aim, Section

PEAK_AIM, LOCKED_AIM = 200.0, 5.0
SCALING = Path(__file__).parents[2] / "docs" / "scaling.md"
CLAIMS = re.compile(r"<!-- figures of claims -->\n(.*?)<!-- end of figures -->", re.DOTALL)
ROWS = (
    ("Google, new events", "create"),
    (f"Google, {LATENCY * 1000:.0f} ms latency", "late"),
    ("Outlook, new events", "outlook create"),
    ("looks", "look"),
    ("mail", "mail"),
    (f"idle polls, {STORED[-1]:,} stored", f"idle {STORED[-1]}"),
    ("the bare Google client", "bare"),
)


def write_memory(figures: Figures) -> list[str]:
    rows = [(what, name) for what, name in ROWS if f"{name} peak" in figures]
    return [
        "Of the measured process.",
        "",
        *table("", "MB"),
        *(f"| {what} | {figures[f'{name} peak'].text(0)} |" for what, name in rows),
    ]


def _peak(figures: Figures) -> float:
    ours = [name for _, name in ROWS if "bare" not in name]
    return max(max(figures[f"{name} peak"].runs) for name in ours)


MEMORY = Section(
    name="memory",
    title="Peak memory",
    write=write_memory,
    aims=(
        Aim(
            demand=f"peak memory under {PEAK_AIM:.0f} MB",
            measured=_peak,
            limit=PEAK_AIM,
            shown="{:.0f} MB",
            missed="see the row that exceeds it. Next: count by `tracemalloc` what it keeps.",
        ),
    ),
)


def claims() -> list[list[str]]:
    """The rows of docs/scaling.md, by the number of processes."""
    found = CLAIMS.search(SCALING.read_text(encoding="utf-8"))
    lines = found[1].splitlines() if found else []
    rows = [[cell.strip() for cell in one.strip("|").split("|")] for one in lines if one[:1] == "|"]
    return rows[2:]


def write_processes(_: Figures) -> list[str]:
    return [
        "`make scaling ARGS=--only=claims` measures them and writes "
        "[scaling](scaling.md#claims-a-second), which says more: the server's "
        "CPU, and what its connections wait for.",
        "",
        *table("Processes", "Deliveries a second", "Waiting for a lock"),
        *(f"| {row[0]} | {row[1]} | {row[4]} |" for row in claims()),
    ]


PROCESSES = Section(
    name="processes",
    title="Several processes on one PostgreSQL",
    write=write_processes,
    aims=(
        Aim(
            demand="1, 2 and 4 processes on one PostgreSQL: of its transactions at work below "
            f"{LOCKED_AIM:.0f} % wait for a lock",
            measured=lambda _: max(float(row[4].rstrip("%")) for row in claims()),
            limit=LOCKED_AIM,
            shown="{:.1f} % at most",
            missed="transactions wait for the row of a limit or of an account that another one "
            "holds. Next: see in `pg_stat_activity` which, and take it last.",
        ),
    ),
)
