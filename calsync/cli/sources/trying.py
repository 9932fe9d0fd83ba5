"""`calsync source try`: what a source gives, beside what would be made of it."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, load_config, not_empty
from calsync.errors import beside_source
from calsync.text.as_json import to_json
from calsync.text.counted import counted
from calsync.text.instants import iso

if TYPE_CHECKING:
    from calsync.core.booked import Participant
    from calsync.sources.trial import TakenSession, Trial, TriedRecord

INSIDE = "    "


def register(app: typer.Typer) -> None:
    app.command("try")(try_)


def try_(
    name: Annotated[
        str, typer.Argument(help="The name of a configured source.", callback=not_empty)
    ],
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100, help="How many records to show.")
    ] = 5,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show a few records of a source as they come, how each would be taken, and why one would be
    refused. Nothing is stored and nothing is sent."""
    from calsync.bootstrap.sources import named_source  # noqa: PLC0415
    from calsync.sources.trial import try_source  # noqa: PLC0415

    with output.waiting(f"asking source {name} for its first records"):
        trial = try_source(named_source(load_config(config, seals=False), name), limit)
    if json:
        output.as_json(trial)
    else:
        _show(trial)
    if trial.error or any(one.refused for one in trial.records):
        raise typer.Exit(1)


def _show(trial: Trial) -> None:
    for number, one in enumerate(trial.records, 1):
        output.line(f"{number}. as it came:")
        output.line(indent(one.answer, INSIDE))
        _show_outcome(one)
        output.line()
    if trial.error:
        output.folded(f"cannot be read: {beside_source(trial.error, trial.source)}")
    refused = sum(bool(one.refused) for one in trial.records)
    output.folded(
        f"source {trial.source}: {counted(len(trial.records), 'record')} tried, {refused} would be "
        "refused; nothing was stored and nothing was sent"
    )
    if not trial.records and not trial.error:
        output.folded("it has no records: check its path, url or query if there should be some")


def _show_outcome(one: TriedRecord) -> None:
    if one.taken is not None:
        output.facts(_facts(one.taken), "   as it would be taken:")
    for fault in one.refused:
        output.folded(f"   refused: {fault.record}: {fault.field} {fault.reason}")
    for warning in one.warnings:
        output.folded(f"   warning: {warning}")


def _facts(taken: TakenSession) -> dict[str, object]:
    known: dict[str, object] = to_json(taken)
    known["updated_at"] = iso(taken.updated_at)
    people = {f"person {one.id}": _person(one) for one in taken.participants}
    aside = {f"person {ident}": "set aside: cannot be used" for ident in taken.set_aside}
    return {k: v for k, v in known.items() if k not in ("participants", "set_aside")} | (
        people | aside
    )


def _person(one: Participant) -> str:
    known = (f"{one.name} <{one.email}>", one.role, one.time_zone, one.locale)
    return ", ".join(part for part in known if part)
