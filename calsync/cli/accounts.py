"""`calsync accounts`: list, import, test, disconnect."""

from __future__ import annotations

import json as jsonlib
import sys
from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, opened_context
from calsync.errors import InputError
from calsync.text.as_json import to_json

app = typer.Typer(help="Connected calendars.", no_args_is_help=True)


@app.command("list")
def list_(
    tenant: Annotated[str | None, typer.Option("--tenant", help="Only this tenant.")] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Who connected what, and how it is."""
    from calsync.accounts import connect  # noqa: PLC0415

    with opened_context(config) as context:
        found = connect.listed(context, tenant)
    if json:
        output.as_json(found)
        return
    columns = {
        "id": "account",
        "tenant": "tenant",
        "email": "person",
        "provider": "provider",
        "grant": "grant",
        "state": "state",
        "since": "since",
        "reason": "reason",
    }
    output.table([to_json(one) | {"since": f"{one.since:%Y-%m-%d}"} for one in found], columns)
    output.line(f"{len(found)} accounts")


@app.command("import")
def import_(
    provider: Annotated[str, typer.Option("--provider", help="google, outlook or caldav.")],
    email: Annotated[str, typer.Option("--email", help="The person's platform address.")],
    tenant: Annotated[str, typer.Option("--tenant")] = "default",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Connect an account from credentials on standard input, as JSON.

    google and outlook: {"refresh_token": "..."};
    caldav: {"url": "...", "username": "...", "password": "..."}
    """
    try:
        credentials = jsonlib.loads(sys.stdin.read())
    except (ValueError, RecursionError) as error:
        raise InputError(
            'standard input is not JSON; give {"refresh_token": "..."} or '
            '{"url": "...", "username": "...", "password": "..."}'
        ) from error
    if not isinstance(credentials, dict) or not all(
        isinstance(value, str) for value in credentials.values()
    ):
        raise InputError("standard input must be one JSON object of strings")
    from calsync.accounts import connect  # noqa: PLC0415

    with opened_context(config) as context:
        found = connect.add(context, tenant, provider, email, credentials)
    if json:
        output.as_json(found)
    else:
        output.line(
            f"{found.id} connected: {found.address}; {found.changed} deliveries now go there"
        )
        if found.served_before:
            output.line(f"it served {found.served_before} before, who is served by mail again")
    if found.warning:
        output.hint(f"warning: {found.warning}")


@app.command("test")
def try_out(
    account: Annotated[str, typer.Argument(help="Account id, as `accounts list` shows it.")],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Open the account and ask its calendar a harmless question. Writes nothing there."""
    from calsync.accounts import connect  # noqa: PLC0415

    with opened_context(config) as context:
        found = connect.try_out(context, account)
    if json:
        output.as_json(found)
    else:
        output.line(f"{account}: {found.answer}")
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def disconnect(
    account: Annotated[str, typer.Argument(help="Account id, as `accounts list` shows it.")],
    config: ConfigFile = None,
) -> None:
    """Stop using an account: its people are served by mail, our events there are withdrawn.

    Works with a dead token as well; then what stands in that calendar stays.
    """
    from calsync.accounts import disconnect as leaving  # noqa: PLC0415

    with opened_context(config) as context:
        outcome = leaving.disconnect(context, account)
    if outcome == "withdrawing":
        output.line(
            "disconnecting: upcoming events are withdrawn by the daemon or `calsync sync`, "
            "then the credentials are deleted"
        )
    else:
        output.line(
            "disconnected; credentials deleted (ones that work: once the provider was told)"
        )
