"""Commands for connecting a booking system: `calsync source`."""

from __future__ import annotations

import typer

from calsync.cli.sources import trying

source = typer.Typer(help="Try what a configured source gives.", no_args_is_help=True)
trying.register(source)
