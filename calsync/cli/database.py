"""Commands about stored data: forget, db upgrade, db reseal."""

from __future__ import annotations

from typing import Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, confirmed, opened, opened_context
from calsync.errors import InputError
from calsync.text.counted import counted

database = typer.Typer(help="The database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(forget)


def forget(
    person: Annotated[str, typer.Argument(help="The person's address.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Erase everything stored about a person. Events in calendars stay."""
    if not yes and not confirmed(f"Erase everything stored about {person}?"):
        raise InputError("nothing was changed; answer y, or add --yes")
    from calsync.ops import retention  # noqa: PLC0415

    with opened_context(config) as context:
        done = retention.forget(context, person)
    if not done.deliveries and not done.accounts:
        raise InputError(f"nothing is stored about {person}; give the address the platform uses")
    if json:
        output.as_json(done)
    else:
        deliveries = counted(done.deliveries, "delivery", "deliveries")
        output.line(f"{deliveries} and {counted(done.accounts, 'account')} forgotten")


BesideOthers = Annotated[
    bool,
    typer.Option(
        "--beside-others", help="Create the ledger in a database that other programs use as well."
    ),
]


@database.command()
def upgrade(beside_others: BesideOthers = False, config: ConfigFile = None) -> None:
    """Create the ledger, or upgrade it to this version. Safe to repeat; never loses data."""
    from calsync.ops import commands  # noqa: PLC0415

    with opened(config, ready=False) as made:
        output.line(commands.upgrade(made.context, beside_others=beside_others))


@database.command()
def reseal(
    lost: Annotated[
        str | None,
        typer.Option(
            "--lost", help="Stop asking for the key of this id. What it sealed stays unreadable."
        ),
    ] = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Seal everything with the first key of security.keys, so that older keys can be removed.

    Works beside a running daemon that has the new key already; safe to stop and to repeat.
    """
    from calsync.ops import commands  # noqa: PLC0415

    with (
        opened(config, keys_fit=False) as made,
        output.progress("values sealed again") as tick,
    ):
        done = commands.reseal(made.context, tick, lost=lost)
    left = sum(one.left for one in done)
    if json:
        output.as_json(done)
    else:
        output.table(done, {"kind": "values", "resealed": "sealed again", "left": "left"})
        output.line(
            f"{counted(left, 'value is', 'values are')} still sealed with another key: restart "
            "every daemon with the new configuration and run this again; what remains then was "
            "sealed with a key that is not listed"
            if left
            else "everything is sealed with the first key; the others can be removed"
        )
    if left:
        raise typer.Exit(1)
