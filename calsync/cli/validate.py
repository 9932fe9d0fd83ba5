"""Commands for who feeds calsync: validate a file or a source, print the schema. None of them needs
a ledger."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, load_config, not_empty
from calsync.errors import InputError, beside_source
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.sources.records.validate import Report


def register(app: typer.Typer) -> None:
    app.command()(validate)
    app.command()(schema)


def validate(
    file: Annotated[
        Path | None, typer.Argument(help="JSON, JSON lines, or a folder of such files.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Read this configured source instead.", callback=not_empty),
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Check booked sessions in a file or a source; nothing is stored and nothing is sent."""
    if (file is None) == (source is None):
        raise InputError("name either a file or, with --source, a configured source")
    with output.waiting(f"reading {file or f'source {source}'}"):
        report = _of_file(file) if file else _of_source(source or "", config)
    if json:
        output.as_json(_as_printed(report))
    else:
        _show(report, source)
    if report.refused or report.error:
        raise typer.Exit(1)


def _of_file(file: Path) -> Report:
    from calsync.sources.records.validate import validate as check  # noqa: PLC0415

    if not file.exists():
        raise InputError(f"{file} does not exist; name a file of JSON or JSON lines, or a folder")
    return check(file)


def _of_source(name: str, config: Path | None) -> Report:
    from calsync.bootstrap.sources import named_source  # noqa: PLC0415
    from calsync.sources.records.validate import validate_source  # noqa: PLC0415

    return validate_source(named_source(load_config(config, seals=False), name))


def _show(report: Report, source: str | None) -> None:
    output.table(
        report.refused,
        {"record": "refused", "field": "field", "reason": "reason"},
    )
    for warning in report.warnings:
        output.line(f"warning: {warning}")
    if source is not None:
        _show_closing(report, source)
        return
    output.line(
        f"{report.accepted} accepted, {len(report.refused)} refused, "
        f"{counted(len(report.warnings), 'warning')}"
    )


def _show_closing(report: Report, source: str) -> None:
    """What was read, what is wanted, what is refused and why."""
    output.line(f"source {source}: {counted(report.records, 'record')} read")
    output.line(
        f"wanted: {counted(report.booked, 'booked session')} and {report.cancelled} cancelled, "
        f"with {counted(report.participants, 'participant')}"
    )
    output.line(f"refused: {counted(len(report.refused), 'record')}")
    for (field, reason), n in Counter((one.field, one.reason) for one in report.refused).items():
        output.folded(f"- {n} for {field}: {reason}")
    if report.error:
        output.folded(f"not read to the end: {beside_source(report.error, source)}")


def _as_printed(report: Report) -> dict[str, object]:
    """Here instants have a space for a T, and their offset in full."""
    found = dataclasses.asdict(report)
    days = {name: found[name] for name in ("first_start", "last_start")}
    return found | {name: str(at) if at else None for name, at in days.items()}


def schema() -> None:
    """Print the JSON Schema of a booked session."""
    from calsync.sources.records.format import schema as json_schema  # noqa: PLC0415

    output.as_json(json_schema())
