"""`calsync doctor google` and `outlook`: what the provider really does, seen at one event."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from calsync.cli.doctor.everything import run, show
from calsync.cli.options import AsJson, ConfigFile, opened

LIVE_SECONDS = 180.0  # a dozen calls, one after the other
Live = Annotated[
    str,
    typer.Option("--live", help="Id or address of the account in which one event is written."),
]


def google(live: Live, config: ConfigFile = None, json: AsJson = False) -> None:
    """Write, read back, change and withdraw one event a year ahead in a Google account, and report
    what differs from Google's documentation."""
    _prove("google", live, config, json=json)


def outlook(live: Live, config: ConfigFile = None, json: AsJson = False) -> None:
    """The same in an Outlook account. What is found out is used from the next start on."""
    _prove("outlook", live, config, json=json)


def _prove(provider: str, named: str, config: Path | None, *, json: bool) -> None:
    from calsync.bootstrap.doctor import live_check  # noqa: PLC0415

    with opened(config) as made:
        found = run([live_check(made, provider, named)], LIVE_SECONDS)
    show(found, json=json)
