"""Commands about stored data: forget, db upgrade, db reseal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import (
    AsJson,
    ConfigFile,
    Tenant,
    confirmed,
    family,
    not_empty,
    opened,
    opened_context,
)
from calsync.errors import InputError
from calsync.text.counted import counted

if TYPE_CHECKING:
    from calsync.ops.results.orders import Forgotten

database = family("The database.")


def register(app: typer.Typer) -> None:
    app.command()(forget)


def forget(
    person: Annotated[str, typer.Argument(help="The person's address.", callback=not_empty)],
    tenant: Tenant = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Erase everything stored about a person, and end their consents. Events in calendars stay.

    Take the person out of the platform first: a source that still names them brings them back.
    """
    where = f" in tenant {tenant}" if tenant else ""
    if not yes and not confirmed(f"Erase everything stored about {person}{where}?"):
        raise InputError("nothing was changed; answer y, or add --yes")
    from calsync.ops import retention  # noqa: PLC0415

    waits = output.waiting("erasing what is stored")
    with opened_context(config, tenant) as context, waits:
        done = retention.forget(context, person, tenant)
    if not done.deliveries and not done.accounts:
        raise InputError(f"nothing is stored about {person}; give the address the platform uses")
    if json:
        output.as_json(done)
    else:
        _tell_forgotten(done)


def _tell_forgotten(done: Forgotten) -> None:
    deliveries = counted(done.deliveries, "delivery", "deliveries")
    output.line(f"{deliveries} and {counted(done.accounts, 'account')} forgotten")
    if done.revoking:
        consents = counted(done.revoking, "consent is", "consents are")
        output.line(f"{consents} being taken back at the provider, by `calsync run` or `sync`")
    if done.events_left or done.invitations_left:
        events = counted(done.events_left, "event")
        mails = counted(done.invitations_left, "mailed invitation")
        output.line(f"{events} in calendars and {mails} stay where they are: they are the person's")
    if done.named_in:
        sessions = counted(done.named_in, "session")
        output.line(
            f"the others in {sessions} ahead may see the name until the platform sends it without"
        )
    output.line("a source that still names this person brings them back with its next change")


BesideOthers = Annotated[
    bool,
    typer.Option(
        "--beside-others", help="Create the ledger in a database that other programs use as well."
    ),
]


@database.command()
def upgrade(
    beside_others: BesideOthers = False, config: ConfigFile = None, json: AsJson = False
) -> None:
    """Create the ledger, or upgrade it to this version. Safe to repeat; never loses data."""
    from calsync.ops import commands  # noqa: PLC0415

    with opened(config, ready=False) as made, output.waiting("making or upgrading the tables"):
        answer = commands.upgrade(made.context, beside_others=beside_others)
    if json:
        output.as_json({"outcome": answer})
    else:
        output.line(answer)


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
