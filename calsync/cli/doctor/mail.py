"""`calsync doctor mail`: whether invitations by mail arrive and are believed."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync.cli.doctor.everything import run, show
from calsync.cli.options import AsJson, ConfigFile, Tenant, load_config


def mail(
    to: Annotated[
        str | None,
        typer.Option("--to", help="Send a sample, its update and its cancellation there."),
    ] = None,
    resolver: Annotated[
        str | None, typer.Option("--resolver", help="DNS server to ask: HOST or HOST:PORT.")
    ] = None,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Check the sender's SPF, DKIM, DMARC and MX, the mail server's sign-in, and a sample mail."""
    from calsync.bootstrap.doctor_mail import mail_examination  # noqa: PLC0415

    with mail_examination(load_config(config), tenant, to, resolver) as checks:
        found = run(checks)
    show(found, json=json)
