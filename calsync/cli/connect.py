"""Links that open a page once: `calsync connect-link` a person's, `ops-link` the ops page."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, not_empty, opened
from calsync.errors import InputError


def register(app: typer.Typer) -> None:
    app.command("connect-link")(connect_link)
    app.command("ops-link")(ops_link)


def connect_link(
    email: Annotated[
        str,
        typer.Option("--email", help="The person's address at the platform.", callback=not_empty),
    ],
    tenant: Annotated[
        str, typer.Option("--tenant", help="The person's tenant.", callback=not_empty)
    ] = "default",
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

    with opened(config, tenant) as made:
        visitor = Visitor(tenant, email, name, return_url, locale)
        offered = made.web.arrivals.sign(visitor)
    if json:
        output.as_json({"url": offered.url, "expires_at": offered.expires_at.isoformat()})
        return
    output.line(offered.url)
    output.hint(f"opens the page of {email} once, until {offered.expires_at:%H:%M:%S} UTC")


def ops_link(
    tenant: Annotated[
        str, typer.Option("--tenant", help="Show this tenant alone.", callback=not_empty)
    ] = "*",
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Whoever opens it may look, and change nothing.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Print a link that opens the ops page once, within 15 minutes, on this machine."""
    from calsync.ops.page.access import Operators  # noqa: PLC0415

    with opened(config, tenant) as made:
        port = made.web.settings.ops_port
        if not port:
            raise InputError("the ops page is not served; write web.ops_port = 8081")
        base = f"http://127.0.0.1:{port}"
        offered = Operators(made.context).offer(base, tenant, acts=not read_only)
    if json:
        output.as_json(offered)
        return
    output.line(offered.url)
    output.hint(f"opens the ops page once, until {offered.expires_at:%H:%M:%S} UTC")
