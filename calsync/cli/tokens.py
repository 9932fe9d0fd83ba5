"""`calsync tokens`: create, list and revoke the platform's API tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Tenant, family, not_empty, opened_context
from calsync.text.as_json import to_json
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.platform_api.tokens import TokenListing

app = family("API tokens of the platform.")


@app.command()
def create(
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="sessions:write, sessions:read, changes:read, connect:write, ops:read, ops.",
        ),
    ],
    name: Annotated[
        str, typer.Option("--name", help="Who uses it, for the list.", callback=not_empty)
    ],
    tenant: Annotated[
        str, typer.Option("--tenant", help="Whose sessions it gives access to.", callback=not_empty)
    ] = "default",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Create a token. It is shown only once: calsync keeps just its hash."""
    from calsync.platform_api import tokens  # noqa: PLC0415

    with opened_context(config) as context:
        made = tokens.create(context, tenant, name, scope)
    if json:
        output.as_json(made)
        return
    output.line(made.token)
    output.hint(f"token {made.id} of tenant {tenant}: {', '.join(made.scopes)}; copy it now")


@app.command("list")
def list_(tenant: Tenant = None, config: ConfigFile = None, json: AsJson = False) -> None:
    """List tokens, what each allows, and when it was last used."""
    from calsync.platform_api import tokens  # noqa: PLC0415

    with opened_context(config, tenant) as context:
        found = tokens.listed(context, tenant)
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
    output.table([_row(one) for one in found], columns)
    output.line(counted(len(found), "token"))


def _row(one: TokenListing) -> dict[str, object]:
    days = {"created": one.created, "last_used": one.last_used, "revoked": one.revoked}
    shown = {name: f"{at:%Y-%m-%d}" if at else "" for name, at in days.items()}
    return {**to_json(one), "scopes": " ".join(one.scopes), **shown}


@app.command()
def revoke(
    token: Annotated[
        str, typer.Argument(help="The token's id, as `tokens list` shows it.", callback=not_empty)
    ],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Revoke a token, at once and for good."""
    from calsync.platform_api import tokens  # noqa: PLC0415

    with opened_context(config) as context:
        tokens.revoke(context, token)
    if json:
        output.as_json({"id": token, "revoked": True})
    else:
        output.line(f"token {token} is revoked")
