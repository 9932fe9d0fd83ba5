"""The application: global options, and the commands gathered from their files."""

from __future__ import annotations

from collections.abc import Callable

import typer

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

FAMILIES = (init, run, questions, validate, controls, database, restore, web, connect)


ABOUT = (
    "Keeps every participant's calendar in sync with your booked sessions: each session appears "
    "exactly once, in the calendar that person uses."
)


def make_app(*more: Callable[[typer.Typer], None]) -> typer.Typer:
    """The whole command line; `more` registers commands that stand before the others."""
    app = typer.Typer(
        name="calsync",
        help=ABOUT,
        no_args_is_help=True,
        add_completion=False,
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
