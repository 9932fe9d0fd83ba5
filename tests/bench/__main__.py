"""`make bench`: measures, tells what it is doing, writes docs/performance.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import micro
from tests.bench.ground import a_sandbox
from tests.bench.pieces import Bench, Figure, micro_figures
from tests.bench.report import report

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="of every measurement, at least 3")
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument("--only-pieces", action="store_true", help="write their section anew")
    parser.add_argument("--million", action="store_true", help="ask a million sessions as well")
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="an earlier tree with its .venv: does the same in turn with this one",
    )
    options = parser.parse_args()
    if options.only_pieces:
        write_pieces(options.output)
        return
    runs, began, load = max(3, options.runs), time.monotonic(), os.getloadavg()[0]

    def say(text: str) -> None:
        sys.stdout.write(f"{time.monotonic() - began:4.0f} s  {text}\n")
        sys.stdout.flush()

    with tempfile.TemporaryDirectory() as folder, a_sandbox() as sandbox:
        bench = Bench(Path(folder), sandbox, runs, say, options.reference)
        bench.idle()
        bench.questions(million=options.million)
        bench.mail()
        bench.google()
        bench.outlook()
        bench.looks()
        bench.micro()
    options.output.write_text(report(bench.figures, runs, load), encoding="utf-8")
    say(f"done; see {options.output}")


def write_pieces(page: Path) -> None:
    """Measure the pieces alone, and leave the rest of the page as it is."""
    before, _, _ = page.read_text(encoding="utf-8").partition(f"\n{micro.TITLE}")
    figures = {name: Figure(runs) for name, runs in micro_figures().items()}
    page.write_text("\n".join([before.rstrip(), *micro.section(figures), ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
