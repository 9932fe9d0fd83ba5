"""Options that several commands share, and how a command opens the installation."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calsync.errors import ConfigError, InputError

if TYPE_CHECKING:
    from calsync.bootstrap.components import Components
    from calsync.config import Config
    from calsync.runtime.context import Context
    from calsync.store.database import Store

NO_CONFIG = (
    "there is none: no calsync.toml is in this folder, and no CALSYNC_... is set; write one with "
    "`calsync init`, for a booking system of `calsync recipe list` with `calsync recipe init NAME`,"
    " or name yours with --config"
)


def of_the_command(context: typer.Context, file: Path | None) -> Path | None:
    """The file named behind the command, else before it: `calsync --config FILE status`."""
    above = context.parent
    while file is None and above is not None:
        file, above = above.params.get("config"), above.parent
    return file


def config_option(text: str) -> Any:
    """`--config` of a command, which may stand before the command as well."""
    return typer.Option("--config", "-c", help=text, callback=of_the_command)


def not_empty(given: Any) -> Any:
    """What was given for an argument or option that names something. An empty name is most often a
    variable of a script that is not set."""
    names = given if isinstance(given, (list, tuple)) else [given]
    if any(one is not None and not one.strip() for one in names):
        raise typer.BadParameter("it is empty; write the one that is meant")
    return given


ConfigFile = Annotated[Path | None, config_option("Configuration file (default: CALSYNC_CONFIG).")]
NewConfig = Annotated[Path | None, config_option("The file to write (default: calsync.toml).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
Session = Annotated[str, typer.Argument(help="Session id.", callback=not_empty)]
Person = Annotated[
    str | None,
    typer.Option("--person", help="Address or participant id of one person.", callback=not_empty),
]
Tenant = Annotated[
    str | None, typer.Option("--tenant", help="Only this tenant.", callback=not_empty)
]


def family(text: str) -> typer.Typer:
    """Commands behind one word, such as `calsync accounts list`."""
    return typer.Typer(help=text, no_args_is_help=True, callback=_of_the_family)


def _of_the_family(config: ConfigFile = None) -> None:
    """`config` is for the command that follows."""


def load_config(file: Path | None, *, seals: bool = True) -> Config:
    """The configuration of --config, else CALSYNC_CONFIG, else calsync.toml if it is there, else
    the environment alone. Without `seals` no key is needed. Raises ConfigError with every problem
    found."""
    from calsync.config import load  # noqa: PLC0415

    named = file or (Path(os.environ["CALSYNC_CONFIG"]) if "CALSYNC_CONFIG" in os.environ else None)
    if named is None and Path("calsync.toml").is_file():
        named = Path("calsync.toml")
    if named is None and not any(one.startswith("CALSYNC_") for one in os.environ):
        raise ConfigError([NO_CONFIG])
    return load(named, os.environ, seals=seals)


@contextmanager
def opened(
    file: Path | None,
    tenant: str | None = None,
    *,
    ready: bool = True,
    keys_fit: bool = True,
    stays: bool = False,
) -> Iterator[Components]:
    """The whole installation, closed at the end. Raises InputError for a tenant that is none.

    ready     the schema must be the current one
    keys_fit  the keys must be those of the ledger
    stays     the process runs until it is stopped; every action is a line on standard error
    """
    from calsync import log  # noqa: PLC0415
    from calsync.bootstrap import assembly  # noqa: PLC0415

    writer = log.configure(sys.stderr) if stays else None
    made = assembly.build(
        load_config(file), schema_ready=ready, keys_fit=keys_fit, log=writer, stays=stays
    )
    try:
        if tenant is not None:
            _check_tenant(made.context, tenant)
        yield made
    finally:
        made.close()


def _check_tenant(context: Context, tenant: str) -> None:
    from calsync.ops import lookup  # noqa: PLC0415

    lookup.check_tenant(context, tenant)


@contextmanager
def opened_context(file: Path | None, tenant: str | None = None) -> Iterator[Context]:
    """What most commands need of the installation; no source, page or daemon is loaded."""
    from calsync.bootstrap.opening import open_installation  # noqa: PLC0415

    found = open_installation(load_config(file))
    try:
        if tenant is not None:
            _check_tenant(found.context, tenant)
        yield found.context
    finally:
        found.close()


@contextmanager
def opened_store(file: Path | None) -> Iterator[Store]:
    """The ledger alone, for what is asked often: no provider and no source is loaded, and no key is
    tried."""
    from calsync.bootstrap.store import open_store  # noqa: PLC0415
    from calsync.store import schema  # noqa: PLC0415

    store = open_store(load_config(file))
    try:
        schema.make_ready(store)
        yield store
    finally:
        store.close()


def instant(text: str | None, option: str) -> datetime | None:
    """A date or date-time given by a person, as aware UTC; a plain date is its first moment."""
    if text is None:
        return None
    try:
        value = datetime.fromisoformat(text)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{option} {text!r} is not a date; write 2026-12-03 or 2026-12-03T15:00:00Z"
        ) from error


def confirmed(question: str) -> bool:
    """A person answered yes; not where nobody is there to answer."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        sys.stderr.write("\n")
        return False
