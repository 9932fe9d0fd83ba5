"""`calsync connect-link`: a signed link, as the platform makes it."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, opened


def register(app: typer.Typer) -> None:
    app.command("connect-link")(connect_link)


def connect_link(
    email: Annotated[str, typer.Option("--email", help="The person's address at the platform.")],
    tenant: Annotated[str, typer.Option("--tenant", help="The person's tenant.")] = "default",
    name: Annotated[str, typer.Option("--name", help="The person's name.")] = "",
    return_url: Annotated[
        str, typer.Option("--return-url", help="Where the page links back to.")
    ] = "",
    locale: Annotated[str, typer.Option("--locale", help="The page's language, such as de.")] = "",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Sign a link that opens a person's page once, within 15 minutes, for whoever has it."""
    from calsync.core.visit import Visitor  # noqa: PLC0415

    with opened(config) as made:
        visitor = Visitor(tenant, email, name, return_url, locale)
        offered = made.web.arrivals.sign(visitor)
    if json:
        output.as_json({"url": offered.url, "expires_at": offered.expires_at.isoformat()})
        return
    output.line(offered.url)
    output.hint(f"opens the page of {email} once, until {offered.expires_at:%H:%M:%S} UTC")
