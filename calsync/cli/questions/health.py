"""`calsync health`: whether a daemon works; with `--verdict`, whether people see their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.errors import failure
from calsync.cli.options import AsJson, ConfigFile, opened_context, opened_store
from calsync.errors import ConfigError, DatabaseError, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from calsync.ops.results.finding import Finding


def health(
    with_verdict: Annotated[
        bool,
        typer.Option("--verdict", help="Whether people see their sessions; 1 if an error stands."),
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Exit with 0 while a daemon runs and the database answers; --verdict asks for more."""
    if with_verdict:
        _judge(config, json=json)
        return
    from calsync.ops.findings import daemons  # noqa: PLC0415

    with opened_store(config) as store:
        found = daemons.health(store)
    if json:
        output.as_json(found)
    else:
        for problem in found.problems:
            output.line(problem)
        if not found.problems:
            output.line("ok")
    if found.problems:
        raise typer.Exit(1)


def _judge(config: Path | None, *, json: bool) -> None:
    """Tell the verdict. An installation that cannot be opened has one finding, and the exit code of
    every other command."""
    from calsync.ops import verdict  # noqa: PLC0415

    try:
        with opened_context(config) as context:
            found = verdict.verdict(context)
    except (ConfigError, DatabaseError, InputError) as error:
        _tell([verdict.unusable(error)], json=json)
        raise typer.Exit(failure(error).code) from None
    _tell(found, json=json)
    if any(one.severity == "error" for one in found):
        raise typer.Exit(1)


def _tell(found: Sequence[Finding], *, json: bool) -> None:
    if json:
        output.as_json({"findings": found})
        return
    for one in found:
        output.folded(f"{one.severity}: {one.advice}")
    if not found:
        output.line("ok: every session is where its people look, or on its way there")
