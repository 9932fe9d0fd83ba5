"""The application: global options, and the commands gathered from their files."""

from __future__ import annotations

import typer

from calsync.cli import (
    accounts,
    ask,
    check,
    connect,
    data,
    demo,
    guard,
    service,
    tokens,
    web,
    webhooks,
)

app = typer.Typer(
    name="calsync",
    help="Makes every participant see each booked session, once and correct, where they look.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for family in (demo, service, ask, check, guard, data, web, connect):
    family.register(app)
app.add_typer(accounts.app, name="accounts")
app.add_typer(data.database, name="db")
app.add_typer(tokens.app, name="tokens")
app.add_typer(webhooks.app, name="webhooks")
