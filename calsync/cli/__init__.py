"""The command line. `main` is the entry point; each family of commands has a file of its own."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run `calsync`. Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration."""
    from calsync.cli.app import app  # noqa: PLC0415  (nothing is loaded before it is needed)
    from calsync.errors import CalsyncError, ConfigError, InputError  # noqa: PLC0415

    try:
        app()
    except ConfigError as error:
        sys.stderr.write("calsync: the configuration cannot be used:\n")
        sys.stderr.writelines(f"  - {problem}\n" for problem in error.problems)
        sys.exit(2)
    except InputError as error:
        sys.stderr.write(f"calsync: {error}\n")
        sys.exit(2)
    except CalsyncError as error:
        sys.stderr.write(f"calsync: {error}\n")
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output went away; a second flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
