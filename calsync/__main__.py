"""The entry point of `calsync` and `python -m calsync`: the command line with the demo."""

from __future__ import annotations

from calsync import cli
from calsync.demo import command


def main() -> None:
    """Run `calsync`. Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration."""
    cli.main(command.register)


if __name__ == "__main__":
    main()
