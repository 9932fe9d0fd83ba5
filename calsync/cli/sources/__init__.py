"""Commands for connecting a booking system: `calsync recipe` and `calsync source`."""

from __future__ import annotations

import typer

from calsync.cli.sources import recipes, trying

recipe = typer.Typer(
    help="Booking systems that are connected by configuration alone.", no_args_is_help=True
)
source = typer.Typer(help="Try what a configured source gives.", no_args_is_help=True)
recipes.register(recipe)
trying.register(source)
