"""`calsync webhooks`: how far they are, and what their receivers never took."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Tenant, family, opened, opened_context
from calsync.text.counted import counted

app = family("Webhooks to the platform.")


@app.command("list")
def list_(config: ConfigFile = None, json: AsJson = False) -> None:
    """List webhooks with the facts waiting, and dead letters: facts that were given up."""
    from calsync.platform_api import webhook  # noqa: PLC0415

    with opened_context(config) as context:
        found = webhook.listed(context)
    if json:
        output.as_json(found)
        return
    columns = {
        "tenant": "tenant",
        "waiting": "facts waiting",
        "attempts": "failed",
        "failing_since": "since",
        "last_error": "last error",
    }
    output.table(found.webhooks, columns)
    letters = {"id": "dead letter", "tenant": "tenant", "facts": "facts", "at": "given up"}
    output.table(found.dead, letters | {"reason": "reason"})
    hooks, letters_left = counted(len(found.webhooks), "webhook"), len(found.dead)
    output.line(f"{hooks}, {counted(letters_left, 'dead letter')}")


@app.command()
def retry(tenant: Tenant = None, config: ConfigFile = None, json: AsJson = False) -> None:
    """Send what waits now: the next attempt of what has failed is not waited for."""
    with opened(config, tenant) as made, output.waiting("calling the platform"):
        done = made.webhook.retry(tenant)
    if json:
        output.as_json(done)
    else:
        output.table(done, {"tenant": "tenant", "outcome": "outcome"})
        output.line(f"{counted(len(done), 'webhook')} called")
    if any(one.outcome != "works" for one in done):
        raise typer.Exit(1)


@app.command()
def replay(
    letters: Annotated[list[int] | None, typer.Argument(help="Dead letters; none: all.")] = None,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Send dead letters once more, now. Those that are taken leave the list."""
    with opened(config, tenant) as made, output.waiting("calling the platform"):
        done = made.webhook.replay(tenant, letters or ())
    if json:
        output.as_json(done)
    else:
        output.table(done, {"id": "dead letter", "outcome": "outcome"})
        output.line(f"{counted(len(done), 'dead letter')} sent again")
    if any(one.outcome != "taken" for one in done):
        raise typer.Exit(1)
