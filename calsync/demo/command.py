"""`calsync demo`: a whole platform on this machine, no account anywhere."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync.cli.options import AsJson


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    json: AsJson = False,
) -> None:
    """Eight people, three sessions, everything that can happen to them; then a page to look at."""
    from calsync.demo.story import run  # noqa: PLC0415

    run(once=once, as_json=json)
