"""`calsync doctor` by itself: every check, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, load_config
from calsync.errors import ConfigError
from calsync.text.counted import counted

if TYPE_CHECKING:
    from pathlib import Path

    from calsync.ops.doctor.registry import Check
    from calsync.ops.results.diagnosis import CheckResult, Diagnosis

ABOUT = (
    "Check what calsync depends on: settings, database, keys, clocks, accounts, providers, mail "
    "server, sources, addresses. Nothing is delivered. Exits with 1 if it finds an error."
)


def doctor(context: typer.Context, config: ConfigFile = None, json: AsJson = False) -> None:
    if context.invoked_subcommand is None:
        show(_examined(config), json=json)


def _examined(config: Path | None) -> Diagnosis:
    from calsync.bootstrap import doctor as bootstrap  # noqa: PLC0415

    try:
        known = load_config(config)
    except ConfigError as problem:
        return run(bootstrap.refused(problem))
    with bootstrap.examination(known) as checks:
        return run(checks)


def run(checks: Sequence[Check], longest: float = 60.0) -> Diagnosis:
    """All of them within so many seconds, with progress on a terminal."""
    from calsync.ops.doctor.registry import examine  # noqa: PLC0415

    with output.progress(f"of {counted(len(checks), 'check')} done") as tick:
        return examine(checks, tick, longest)


def show(found: Diagnosis, *, json: bool) -> None:
    """What was found, and what to do about each thing that is wrong."""
    if json:
        output.as_json(found)
    else:
        columns = {"verdict": "verdict", "area": "area", "checked": "checked", "text": "found"}
        output.table(found.checks, columns)
        for one in found.checks:
            if one.todo:
                output.folded(f"{one.verdict}: {one.checked}: {one.todo}")
        output.line(_closing(found.checks))
    if found.verdict == "error":
        raise typer.Exit(1)


def _closing(checks: Sequence[CheckResult]) -> str:
    of = {name: 0 for name in ("error", "warning", "not checked", "ok")}
    for one in checks:
        of[one.verdict] += 1
    errors, warnings = counted(of["error"], "error"), counted(of["warning"], "warning")
    return f"{errors}, {warnings}, {of['not checked']} not checked, {of['ok']} ok"
