"""Commands for connecting a booking system: `calsync recipe` and `calsync source`."""

from __future__ import annotations

from calsync.cli.options import family
from calsync.cli.sources import recipes, trying

recipe = family("Booking systems that are connected by configuration alone.")
source = family("Try what a configured source gives.")
recipes.register(recipe)
trying.register(source)
