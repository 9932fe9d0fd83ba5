"""`calsync accounts`: list, import, test, disconnect."""

from __future__ import annotations

import json as jsonlib
import sys
from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Tenant, family, not_empty, opened_context
from calsync.errors import InputError
from calsync.text.as_json import to_json
from calsync.text.counted import counted

app = family("Connected calendars.")


@app.command("list")
def list_(
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """List connected accounts and their state."""
    from calsync.accounts import connect  # noqa: PLC0415

    with opened_context(config, tenant) as context:
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
    output.line(counted(len(found), "account"))


@app.command("import")
def import_(
    provider: Annotated[
        str, typer.Option("--provider", help="google, outlook or caldav.", callback=not_empty)
    ],
    email: Annotated[
        str, typer.Option("--email", help="The person's platform address.", callback=not_empty)
    ],
    tenant: Annotated[str, typer.Option("--tenant", callback=not_empty)] = "default",
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

    with opened_context(config) as context, output.waiting(f"asking {provider} whose it is"):
        found = connect.add(context, tenant, provider, email, credentials)
    if json:
        output.as_json(found)
    else:
        output.line(
            f"{found.id} is connected to {found.address}; "
            f"{counted(found.changed, 'delivery goes', 'deliveries go')} there now"
        )
        if found.served_before:
            output.line(f"it was connected for {found.served_before}, who gets mail again")
    if found.warning:
        output.hint(f"warning: {found.warning}")


@app.command("test")
def try_out(
    account: Annotated[
        str, typer.Argument(help="Account id, as `accounts list` shows it.", callback=not_empty)
    ],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Open the account and check that its calendar answers. Nothing is written there."""
    from calsync.accounts import connect  # noqa: PLC0415

    with opened_context(config) as context, output.waiting("opening its calendar"):
        found = connect.try_out(context, account)
    if json:
        output.as_json(found)
    else:
        output.line(f"{account}: {found.answer}")
    if not found.ok:
        raise typer.Exit(1)


@app.command()
def disconnect(
    account: Annotated[
        str, typer.Argument(help="Account id, as `accounts list` shows it.", callback=not_empty)
    ],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Stop using an account: its person gets mail instead.

    The events that calsync wrote there are withdrawn; they stay where its token has expired.
    """
    from calsync.accounts import disconnect as leaving  # noqa: PLC0415

    with opened_context(config) as context:
        outcome = leaving.disconnect(context, account)
    if json:
        output.as_json({"account": account, "outcome": outcome})
    elif outcome == "withdrawing":
        output.line(
            "disconnecting: the daemon or `calsync sync` withdraws upcoming events, then deletes "
            "the credentials"
        )
    else:
        output.line(
            "disconnected; credentials deleted (working ones once the provider has been told)"
        )
