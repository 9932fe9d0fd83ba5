"""Commands that answer questions: status, explain, preview. They send nothing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Person, Tenant, open_service


def register(app: typer.Typer) -> None:
    app.command()(status)
    app.command()(explain)
    app.command()(preview)


def status(config: ConfigFile = None, json: AsJson = False) -> None:
    """What calsync is doing, and what waits for a person."""
    with open_service(config) as service:
        found = service.status()
    if json:
        output.as_json(found)
        return
    counts = found["deliveries"]
    output.facts(
        {
            "daemon seen": found["heartbeat"] or "never",
            "wanted": counts["wanted"],
            "due now": counts["due"],
            "oldest due": counts["oldest_due"],
            "waiting": counts["waiting"],
            "next due": counts["next_due"],
            "told of in a digest": counts["announced"] or None,
            "the first invited": counts["next_announced"],
            "held": counts["held"],
            "parked": counts["parked"],
        },
        "deliveries of sessions ahead",
    )
    _tables(found)


def _tables(found: dict[str, Any]) -> None:
    output.table(found["copies"], {"channel": "channel", "state": "copies", "count": "count"})
    output.table(
        found["sources"],
        {"source": "source", "last_ok": "last read", "swept_at": "swept", "error": "error"},
    )
    output.table(found["accounts"], {"provider": "provider", "state": "accounts", "count": "count"})
    output.table(
        found["held"],
        {
            "batch": "held batch",
            "tenant": "tenant",
            "source": "source",
            "changes": "changes",
            "digest": "digest",
            "since": "since",
        },
    )
    for one in found["held"]:
        output.line(f"approve with: calsync approve {one['batch']} --digest {one['digest']}")
    output.table(
        found["stopped"],
        {
            "tenant": "stopped tenant",
            "channel": "channel",
            "by": "by",
            "reason": "why",
            "until": "until",
        },
    )
    output.table(
        found["parked"],
        {"session": "parked session", "person": "person", "parked": "why", "error": "answer"},
    )
    output.table(
        found["stale"],
        {
            "session": "stale session",
            "reason": "refused update",
            "starts_at": "starts",
            "alert": "alert",
        },
    )
    output.table(
        found["set_aside"],
        {"source": "source", "record": "set aside", "field": "field", "reason": "reason"},
    )
    output.table(found["alerts"], {"at": "alert at", "session": "session", "reason": "reason"})


def explain(
    session: Annotated[str, typer.Argument(help="Session id.")],
    person: Person = None,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """The whole story of a session, or of one person's copy of it."""
    with open_service(config) as service:
        story = service.explain(session, person, tenant)
    if json:
        output.as_json(story)
        return
    head = (
        "session",
        "tenant",
        "source",
        "status",
        "updated_at",
        "starts_at",
        "ends_at",
        "stale",
        "missing_since",
    )
    output.facts({name: story[name] for name in head})
    for one in story["people"]:
        output.line()
        copies = one.pop("copies")
        output.facts(one)
        output.table(
            copies,
            {
                "copy": "copy",
                "channel": "channel",
                "address": "where",
                "state": "state",
                "sequence": "seq",
                "last_call": "last call",
                "answer": "answer",
                "at": "at",
            },
        )
    output.line()
    output.table(
        [
            {
                "at": row["at"],
                "who": row["participant"],
                "copy": row["copy"],
                "what": row["what"],
                "detail": {k: v for k, v in row.items() if k not in _LINE},
            }
            for row in story["journal"]
        ],
        {"at": "at (UTC)", "who": "who", "copy": "copy", "what": "what", "detail": "detail"},
    )


_LINE = ("at", "participant", "copy", "what")


def preview(
    session: Annotated[str, typer.Argument(help="Session id.")],
    person: Annotated[str, typer.Option("--person", help="Address or participant id.")],
    channel: Annotated[
        str | None, typer.Option("--channel", help="mail, google or caldav (default: the route).")
    ] = None,
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """What one person is shown of a session, exactly as a channel would write it."""
    with open_service(config) as service:
        found = service.preview(session, person, channel, tenant)
    if json:
        output.as_json(found)
        return
    body = found.pop("body")
    text = found.pop("text")
    output.facts(found)
    output.line()
    output.line(text)
    output.line()
    output.line(f"--- as {found['channel']} is given it")
    output.line(body)
