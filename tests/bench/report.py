"""docs/performance.md from what was kept of each section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tests.bench.figures import Figures, table
from tests.bench.ground import WARM, WORKERS
from tests.bench.kept import Kept, together
from tests.bench.section import Aim, Section


def report(sections: Sequence[Section], kept: Mapping[str, Kept]) -> str:
    """The whole page."""
    figures = together(kept)
    lines = [*_head(), *_aims([(one, aim) for one in sections for aim in one.aims], figures)]
    for one in sections:
        lines += ["", f"## {one.title}", "", *_body(one, kept.get(one.name), figures)]
    return "\n".join([*lines, ""])


def _head() -> list[str]:
    return [
        "# Performance",
        "",
        "Written by `make bench`, which writes it anew: edit `tests/bench/`, not this page. "
        '`make bench ARGS="--only NAME"` renews one section; what was measured stands in '
        "[performance.json](performance.json).",
        "",
        "- below each heading stand date, commit and machine of its figures, and the load average: "
        "what others do on the machine slows what is measured",
        "- each figure is the median of its rounds, with the lowest and the highest; what is "
        "compared takes turns in each round",
        "- SQLite with synchronous=FULL where no other database is named",
        "- sandbox (Google, Graph and SMTP) in a process of its own on the same machine, so both "
        "share its cores; calsync in another, and only calsync's own time is counted, without its "
        "start",
        f"- a process makes {2 * WARM} deliveries before those that are counted, as a daemon has: "
        "what it builds and opens only once is not counted again for every 500",
        f"- {WORKERS} workers; `per_minute = 0` and `per_account = 0` where no limits are named, "
        "so that no limit hides the machine",
    ]


def _aims(aims: Iterable[tuple[Section, Aim]], figures: Figures) -> list[str]:
    rows, reasons = [], []
    for section, aim in aims:
        try:
            value = aim.measured(figures)
        except KeyError:
            how = f": {_how(section, aim.needs)}" if section.measure else ""
            rows.append(f"| {aim.demand} | not measured{how} |  |")
            continue
        met = aim.met(value)
        rows.append(
            f"| {aim.demand} | {aim.shown.format(value)} | {'met' if met else '**missed**'} |"
        )
        reasons += [] if met else [f"- **{aim.demand}**: {aim.missed}"]
    missed = ["", "### What was missed", "", *reasons] if reasons else []
    return ["", "## Aims", "", *table("Demand", "Measured", ""), *rows, *missed]


def _how(section: Section, needs: str = "") -> str:
    return f'`make bench ARGS="--only {section.name}{needs and f" {needs}"}"`'


def _body(section: Section, kept: Kept | None, figures: Figures) -> list[str]:
    how = _how(section)
    if section.measure is not None and kept is None:
        return [f"Not measured yet: {how}."]
    try:
        lines = section.write(figures)
    except KeyError as missing:
        return [f"Its figures are of an earlier kind, without {missing}: measure anew by {how}."]
    return [*([f"{kept.origin}.", ""] if kept else []), *lines]
