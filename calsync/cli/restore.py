"""Commands about backups: backup, recover, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, Tenant, opened, opened_context
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.ops.restore.verify import Verification


def register(app: typer.Typer) -> None:
    for command in (backup, recover, verify):
        app.command()(command)


def backup(
    file: Annotated[Path, typer.Argument(help="A new file; nothing is ever overwritten.")],
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Copy the ledger, beside a running daemon. The copy opens paused and is marked as one.

    Keep the keys of security.keys as well: without them the copy opens no calendar.
    """
    from calsync.ops.restore import backup as ledger  # noqa: PLC0415

    with opened_context(config) as context, output.waiting("copying the ledger"):
        ledger.backup(context, file)
    if json:
        output.as_json({"file": str(file)})
        return
    output.line(f"the ledger was copied to {file}; docs/operating.md tells how to put it back")


def recover(config: ConfigFile = None, json: AsJson = False) -> None:
    """After a ledger was put back from a backup: send nothing, and trust no event until looked up.

    `calsync sync` then reads what is booked, and `calsync verify --repair` ends it. A file that
    `calsync backup` made needs no `recover`; safe to repeat.
    """
    from calsync.ops.restore.recover import recover as forget_copies  # noqa: PLC0415

    with (
        opened_context(config) as context,
        output.progress("deliveries gone through") as tick,
    ):
        done = forget_copies(context, tick)
    if json:
        output.as_json(done)
        return
    copies = counted(done.copies, "copy", "copies")
    deliveries = counted(done.deliveries, "delivery", "deliveries")
    output.line(f"{copies} of {deliveries} count as unknown now, and nothing is sent")
    output.line("next: `calsync sync`, `calsync verify --repair`, `calsync resume`")


def verify(
    tenant: Tenant = None,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Have what differs put right by the next deliveries; can be repeated."
        ),
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Compare every connected calendar with the ledger: doubles, orphans, stale and missing events.

    Only events that bear this installation's marker, or an id that it gave, are looked at. Ends
    with exit code 1 when something differs that was not repaired, or a calendar or an event in it
    could not be read.
    """
    from calsync.ops.restore.verify import Verifier  # noqa: PLC0415

    with opened(config, tenant) as made, output.progress("calendars listed") as tick:
        verifier = Verifier(made.context, progress=tick)
        if repair:
            done = verifier.repair([one.source.name for one in made.pollers], tenant)
        else:
            done = verifier.report(tenant)
    if json:
        output.as_json(done)
    else:
        _show(done)
    if done.unread or done.unreadable or (done.differences and not repair):
        raise typer.Exit(1)


def _show(done: Verification) -> None:
    if done.recovered:
        output.line("the ledger was put back from a backup: every copy counted as unknown")
    events, calendars = counted(done.events, "event"), counted(done.calendars, "calendar")
    output.line(f"{events} of ours in {calendars}")
    columns = {"kind": "what", "session": "session", "participant": "participant"}
    output.table(done.found, columns | {"account": "account"})
    output.facts(
        {
            "shown twice": done.doubles,
            "orphans": done.orphans,
            "of unknown sessions": done.unknown,
            "stale": done.stale,
            "missing": done.missing,
            "cannot be read": done.unreadable,
        }
    )
    output.table(done.unread, {"account": "calendar that could not be listed", "reason": "why"})
    if done.unreadable:
        output.hint(
            "an event that cannot be read counts as still there; its session waits until the "
            "calendar's server shows it again, and `calsync explain` says why"
        )
    for batch in done.held:
        output.line(f"batch {batch} is held; look at it with `calsync approve {batch}`")
    if done.differences and not done.repaired:
        output.hint("`calsync verify --repair` has this put right")
