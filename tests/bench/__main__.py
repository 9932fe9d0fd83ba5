"""`make bench`: measures, tells what it is doing, writes docs/performance.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from tests.bench import kept
from tests.bench.ground import a_sandbox
from tests.bench.pieces import Bench
from tests.bench.report import report
from tests.bench.section import Section
from tests.bench.sections import SECTIONS

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
ROUNDS = 5
BEGAN = time.monotonic()


@dataclass
class Run:
    """What is measured, how, and the page that is written."""

    rounds: int
    reference: Path | None
    small: bool
    page: Path

    @property
    def data(self) -> Path:
        """What was kept, beside the page."""
        return self.page.with_suffix(".json")

    def measure(self, section: Section) -> bool:
        """Measure a section and keep what it found; whether that could be done. A section that
        fails leaves what was kept of it, and the others are measured nevertheless."""
        assert section.measure is not None
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder, a_sandbox() as sandbox:
            bench = Bench(
                *(Path(folder), sandbox, self.rounds, say),
                reference=self.reference,
                small=self.small,
            )
            try:
                section.measure(bench)
            except Exception:
                traceback.print_exc()
                say(f"{section.name} could not be measured")
                return False
        found = kept.taken(bench.figures, self.rounds, load)
        kept.save(self.data, {**kept.load(self.data), section.name: found})
        return True

    def write(self) -> None:
        self.page.write_text(report(SECTIONS, kept.load(self.data)), encoding="utf-8")
        say(f"written: {self.page}")


def say(text: str) -> None:
    sys.stdout.write(f"{time.monotonic() - BEGAN:4.0f} s  {text}\n")
    sys.stdout.flush()


def chosen(only: list[str] | None, more: list[str]) -> list[Section]:
    """The sections to be measured: those named by `only`; else all but those that take long, and of
    these the ones named by `more`."""
    return [
        one
        for one in SECTIONS
        if one.measure is not None
        and (one.name in only if only is not None else not one.asked or one.name in more)
    ]


def options(given: list[str] | None = None) -> argparse.Namespace:
    names = [one.name for one in SECTIONS if one.measure is not None]
    long = [one.name for one in SECTIONS if one.asked]
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, epilog=f"Sections: {', '.join(names)}."
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of every measurement")
    parser.add_argument(
        "--only",
        nargs="*",
        metavar="NAME",
        help="measure these sections and leave the others; without a name, write the page anew",
    )
    parser.add_argument(
        "--with",
        nargs="+",
        dest="more",
        default=[],
        metavar="NAME",
        help=f"measure these as well, which take long: {', '.join(long)}",
    )
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument(
        "--small",
        action="store_true",
        help="try it: little of everything, one round, and a page and data in a new folder",
    )
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="an earlier tree with its .venv: does the same in turn with this one",
    )
    found = parser.parse_args(given)
    unknown = {*(found.only or []), *found.more} - set(names)
    if unknown:
        parser.error(f"there is no section {min(unknown)}; there are: {', '.join(names)}")
    return found


def main() -> None:
    given = options()
    page, rounds = given.output, max(1, given.rounds)
    if given.small:
        page, rounds = Path(tempfile.mkdtemp(prefix="calsync-bench-")) / PAGE.name, 1
    run = Run(rounds, given.reference, given.small, page)
    failed = [one.name for one in chosen(given.only, given.more) if not run.measure(one)]
    run.write()
    if failed:
        sys.exit(f"not measured, see above: {', '.join(failed)}")


if __name__ == "__main__":
    main()
