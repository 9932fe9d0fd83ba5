"""The command line. `main` runs it; each family of commands has a file of its own."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def main(*more: Callable[[typer.Typer], None]) -> None:
    """Run one command line, with the commands of `more` before our own."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name
    from calsync.cli.app import make_app  # noqa: PLC0415  (loaded when it is needed)

    machine = "--json" in sys.argv[1:]
    try:
        # For people typer writes of wrong usage itself, and ends the process.
        app = make_app(*more)
        sys.exit(app(prog_name="calsync", standalone_mode=not machine) or 0)
    except BrokenPipeError:
        # The reader of our output went away; a second flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from calsync.cli import errors  # noqa: PLC0415

        found = errors.failure(error)
        sys.stderr.write(errors.for_machines(found) if machine else errors.for_people(found))
        sys.exit(found.code)
