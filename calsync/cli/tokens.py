"""`calsync tokens`: create, list and revoke the platform's API tokens."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Tenant, open_service

app = typer.Typer(help="API tokens of the platform.", no_args_is_help=True)


@app.command()
def create(
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="sessions:write, changes:read or connect:write; repeatable."),
    ],
    name: Annotated[str, typer.Option("--name", help="Who uses it, for the list.")],
    tenant: Annotated[str, typer.Option("--tenant", help="Whose sessions it opens.")] = "default",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Make a token. It is shown this once: only its hash is stored."""
    with open_service(config) as service:
        made = service.platform.create_token(tenant, name, scope)
    if json:
        output.as_json(made)
        return
    output.line(made["token"])
    output.hint(f"token {made['id']} of tenant {tenant}: {', '.join(made['scopes'])}; keep it now")


@app.command("list")
def list_(tenant: Tenant = None, config: ConfigFile = None, json: AsJson = False) -> None:
    """Which tokens there are, what each allows, and when it was last used."""
    with open_service(config) as service:
        found = service.platform.tokens(tenant)
    if json:
        output.as_json(found)
        return
    columns = {
        "id": "token",
        "tenant": "tenant",
        "name": "name",
        "scopes": "allows",
        "created": "created",
        "last_used": "last used",
        "revoked": "revoked",
    }
    days = ("created", "last_used", "revoked")
    rows = [
        {**one, "scopes": " ".join(one["scopes"])} | {day: (one[day] or "")[:10] for day in days}
        for one in found
    ]
    output.table(rows, columns)
    output.line(f"{len(found)} tokens")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="The token's id, as `tokens list` shows it.")],
    config: ConfigFile = None,
) -> None:
    """Make a token worthless, at once and for good."""
    with open_service(config) as service:
        service.platform.revoke_token(token)
    output.line(f"token {token} is revoked")
