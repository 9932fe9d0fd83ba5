"""Options that several commands share, and how a command opens the installation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calsync.errors import InputError

if TYPE_CHECKING:
    from calsync.bootstrap.components import Components
    from calsync.config import Config
    from calsync.runtime.context import Context

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Configuration file (default: CALSYNC_CONFIG)."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Person = Annotated[
    str | None, typer.Option("--person", help="Address or participant id of one person.")
]
Tenant = Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")]


def load_config(file: Path | None) -> Config:
    """The configuration of --config, else CALSYNC_CONFIG, else calsync.toml if it is there, else
    the environment alone. Raises ConfigError with every problem found."""
    from calsync.config import load  # noqa: PLC0415

    named = file or (Path(os.environ["CALSYNC_CONFIG"]) if "CALSYNC_CONFIG" in os.environ else None)
    if named is None and Path("calsync.toml").is_file():
        named = Path("calsync.toml")
    return load(named, os.environ)


@contextmanager
def opened(
    file: Path | None, *, ready: bool = True, keys_fit: bool = True, logged: bool = False
) -> Iterator[Components]:
    """The whole installation, closed at the end. `ready`: the schema must be the current one;
    `keys_fit`: the keys must be those of the ledger; `logged`: every action is a line on standard
    error."""
    from calsync import bootstrap, log  # noqa: PLC0415

    writer = log.configure(sys.stderr) if logged else None
    made = bootstrap.build(load_config(file), schema_ready=ready, keys_fit=keys_fit, log=writer)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def opened_context(file: Path | None) -> Iterator[Context]:
    """What most commands need of the installation."""
    with opened(file) as made:
        yield made.context


def instant(text: str | None, option: str) -> datetime | None:
    """A date or date-time given by a person, as aware UTC; a plain date is its first moment."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{option} {text!r} is no date; write 2026-12-03 or 2026-12-03T15:00:00Z"
        ) from error


def confirmed(question: str) -> bool:
    """A person answered yes; not where nobody is there to answer."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        sys.stderr.write("\n")
        return False
