"""Commands for who feeds calsync: validate a file, print the schema. They need no configuration."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson
from calsync.errors import InputError
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.sources.records.validate import Report


def register(app: typer.Typer) -> None:
    app.command()(validate)
    app.command()(schema)


def validate(
    file: Annotated[Path, typer.Argument(help="JSON, JSON lines, or a folder of such files.")],
    json: AsJson = False,
) -> None:
    """Check booked sessions in a file; nothing is stored and nothing is sent."""
    from calsync.sources.records.validate import validate as check  # noqa: PLC0415

    if not file.exists():
        raise InputError(f"{file} does not exist; name a file of JSON or JSON lines, or a folder")
    report = check(file)
    if json:
        output.as_json(_as_printed(report))
    else:
        output.table(
            report.refused,
            {"record": "refused", "field": "field", "reason": "reason"},
        )
        for warning in report.warnings:
            output.line(f"warning: {warning}")
        output.line(
            f"{report.accepted} accepted, {len(report.refused)} refused, "
            f"{counted(len(report.warnings), 'warning')}"
        )
    if report.refused:
        raise typer.Exit(1)


def _as_printed(report: Report) -> dict[str, object]:
    """Here instants have a space for a T, and their offset in full."""
    found = dataclasses.asdict(report)
    days = {name: found[name] for name in ("first_start", "last_start")}
    return found | {name: str(at) if at else None for name, at in days.items()}


def schema() -> None:
    """Print the JSON Schema of a booked session."""
    from calsync.sources.records.format import schema as json_schema  # noqa: PLC0415

    output.as_json(json_schema())
