"""The command line. `main` is the entry point; each family of commands has a file of its own."""

from __future__ import annotations

import io
import os
import sys


def main() -> None:
    """Run `calsync`. Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal that cannot show a name
    from calsync.cli.app import app  # noqa: PLC0415  (nothing is loaded before it is needed)

    try:
        app()
    except BrokenPipeError:
        # The reader of our output went away; a second flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        from calsync.cli.failures import told  # noqa: PLC0415

        text, code = told(error)
        sys.stderr.write(text)
        sys.exit(code)
