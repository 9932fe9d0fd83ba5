"""`calsync recipe`: booking systems that are connected by configuration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.database import BesideOthers
from calsync.cli.init import WRITTEN, named_file, write_config
from calsync.cli.options import AsJson, NewConfig, not_empty, opened
from calsync.errors import InputError
from calsync.text.as_json import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calsync.sources.recipes.catalogue import Parameter, Recipe

Name = Annotated[str, typer.Argument(help="One of `calsync recipe list`.", callback=not_empty)]
Given = Annotated[
    list[str] | None,
    typer.Option("--set", help="A parameter and its value: link=https://booking.example.org."),
]


def register(app: typer.Typer) -> None:
    app.command("list")(list_)
    app.command()(show)
    app.command("init")(init)


def list_(json: AsJson = False) -> None:
    """Name the booking systems for which there is a recipe."""
    from calsync.sources.recipes import catalogue  # noqa: PLC0415

    known = [catalogue.recipe(name) for name in catalogue.names()]
    rows = [{"name": one.name, "title": one.title, "system": one.system} for one in known]
    if json:
        output.as_json(rows)
    else:
        output.table(rows, {"name": "recipe", "system": "connects"})


def show(
    name: Name,
    given: Given = None,
    source: Annotated[
        bool, typer.Option("--source", help="Only the [[source]] table, to be put into a file.")
    ] = False,
    grant: Annotated[
        bool, typer.Option("--grant", help="Only the statements, to be run by an administrator.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Show what a recipe sees, what it needs, and the source that it makes."""
    from calsync.sources.recipes import catalogue  # noqa: PLC0415

    found, values = catalogue.recipe(name), _values(given)
    table, right = found.filled(found.source, values), found.filled(found.grant, values)
    if json:
        output.as_json(to_json(found) | {"grant": right, "source": table})
    elif source or grant:
        output.line("\n".join([*([right] if grant else []), *([table] if source else [])]))
    else:
        _show(found)
        output.line(f"The right to read, and no other:\n\n{right}\nThe source:\n\n{table}")


def init(
    name: Name,
    given: Given = None,
    beside_others: BesideOthers = False,
    config: NewConfig = None,
    json: AsJson = False,
) -> None:
    """Write a configuration with this source and a fresh key, and create its ledger."""
    from calsync.ops import commands  # noqa: PLC0415
    from calsync.sources.recipes import catalogue  # noqa: PLC0415

    found, values, file = catalogue.recipe(name), _values(given), named_file(config)
    if file.exists():
        raise InputError(
            f"{file} already exists and stays as it is; add the source that "
            f"`calsync recipe show {name} --source` prints; where the ledger is missing, `calsync "
            "init` creates it"
        )
    write_config(file, found.filled(found.source, values))
    if not json:
        output.line(f"{file} {WRITTEN}")
    with opened(file, ready=False) as made:
        answer = commands.upgrade(made.context, beside_others=beside_others)
    if json:
        left = [
            {"name": one.name, "means": one.means, "usual": one.usual}
            for one in found.missing(values)
        ]
        output.as_json({"config": str(file), "outcome": answer, "missing": left})
        return
    output.line(answer)
    for one in found.missing(values):
        output.folded(f"- {_to_fill_in(one)}")
    source_name = found.table()["name"]
    output.folded(
        f"next: give calsync the right to read (`calsync recipe show {name} --grant`), name a mail "
        f"server in {file}, then look at `calsync source try {source_name}` and `calsync plan`"
    )


def _to_fill_in(one: Parameter) -> str:
    if one.usual:
        return f"{one.example} was written for {one.means}; change it where yours is another"
    return f"in place of {one.example} write {one.means}"


def _show(found: Recipe) -> None:
    output.line(found.title)
    output.line(f"  for {found.system}")
    output.line(f"  step by step: {found.page}\n")
    for title, lines in (
        ("Sees", found.sees),
        ("Does not see", found.cannot_see),
        ("How it cancels", (found.cancels,)),
        ("Dates and zones", (found.stamps,)),
        ("Link back", (found.links,)),
        ("Parameters (--set NAME=VALUE)", _parameters(found)),
    ):
        output.line(title)
        for line in lines:
            output.folded(f"- {line}")
        output.line()


def _parameters(found: Recipe) -> Sequence[str]:
    return [f"{one.name}: {one.means}, such as {one.example}" for one in found.parameters]


def _values(given: Sequence[str] | None) -> dict[str, str]:
    """Parameters from NAME=VALUE. Raises InputError for what is no pair."""
    values = {}
    for one in given or ():
        name, sign, value = one.partition("=")
        if not sign or not value:
            raise InputError(f"--set {name} has no value; write --set NAME=VALUE")
        values[name] = value
    return values
