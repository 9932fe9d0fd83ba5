"""The application: what stands before a command, and the commands gathered from their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from calsync import output
from calsync.cli import (
    accounts,
    connect,
    controls,
    database,
    doctor,
    init,
    questions,
    restore,
    run,
    sources,
    tokens,
    validate,
    web,
    webhooks,
)
from calsync.cli.options import ConfigFile

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

FAMILIES = (init, run, questions, validate, controls, database, restore, web, connect)


ABOUT = (
    "Keeps every participant's calendar in sync with your booked sessions: each session appears "
    "exactly once, in the calendar that person uses."
)


# The help lists commands under these headings, in this order.
GROUPS = {
    "Start": ("demo", "init", "recipe", "source", "validate", "schema", "plan", "baseline"),
    "Deliver": ("run", "web", "sync", "resync", "resend"),
    "Ask": ("status", "health", "doctor", "person", "sessions", "sources", "explain", "preview"),
    "Decide": ("approve", "pause", "resume"),
    "People and the platform": ("accounts", "connect-link", "forget", "tokens", "webhooks"),
    "Keep": ("db", "backup", "recover", "verify", "ops-link"),
}
WHOLE = 1000  # characters of a command's first sentence: all of it


class Commands(TyperGroup):
    """The commands in groups, each with its whole first sentence."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        for heading, names in _grouped(self.list_commands(ctx)):
            found = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(
                    [(name, one.get_short_help_str(WHOLE)) for name, one in found if one]
                )


def _grouped(names: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Headings with their commands; what has no heading of its own comes last."""
    known = {name for listed in GROUPS.values() for name in listed}
    groups = {**GROUPS, "Others": tuple(name for name in names if name not in known)}
    for heading, listed in groups.items():
        here = [name for name in listed if name in names]
        if here:
            yield heading, here


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  (loaded when it is needed)

        output.line(f"calsync {version('calsync')}")
        raise typer.Exit


def before_the_command(
    config: ConfigFile = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """`config` is for the command that follows: `calsync.cli.options.of_the_command`."""


def make_app(*more: Callable[[typer.Typer], None]) -> typer.Typer:
    """The whole command line; `more` registers commands that stand before the others."""
    app = typer.Typer(
        name="calsync",
        cls=Commands,
        callback=before_the_command,
        help=ABOUT,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for register in (*more, *(family.register for family in FAMILIES)):
        register(app)
    app.add_typer(accounts.app, name="accounts")
    app.add_typer(database.database, name="db")
    app.add_typer(doctor.app, name="doctor")
    app.add_typer(sources.recipe, name="recipe")
    app.add_typer(sources.source, name="source")
    app.add_typer(tokens.app, name="tokens")
    app.add_typer(webhooks.app, name="webhooks")
    return app
