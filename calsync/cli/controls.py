"""Commands that stop deliveries and continue them: baseline, pause, resume, approve."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import AsJson, ConfigFile, confirmed, not_empty, opened, opened_context
from calsync.cli.questions.status import show_held
from calsync.errors import InputError
from calsync.text.counted import counted
from calsync.text.instants import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calsync.ops.results.status import HeldBatch


def register(app: typer.Typer) -> None:
    for command in (baseline, pause, resume, approve):
        app.command()(command)


OneTenant = Annotated[
    str, typer.Option("--tenant", help="Only this tenant (default: all).", callback=not_empty)
]
OneChannel = Annotated[
    str, typer.Option("--channel", help="Only this channel (default: all).", callback=not_empty)
]


MOST = 20  # events that are listed


def baseline(
    file: Annotated[
        Path | None,
        typer.Argument(help="JSON lines: session, participant, and uid or the event's id."),
    ] = None,
    allow_unmatched: Annotated[
        bool, typer.Option("--allow-unmatched", help="Leave out lines that match nobody.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Poll, and record all upcoming sessions as delivered by another system.

    Nothing is sent for these sessions until their time, place, link or people change. Events that
    the file names are taken over: marked as calsync's own, and changed with their session from
    then on.
    """
    from calsync.daemon import single_pass  # noqa: PLC0415
    from calsync.ops import baseline as former  # noqa: PLC0415

    what = "reading the sources and recording what is ahead"
    with opened(config) as made, output.waiting(what):
        known = former.read(file) if file else {}
        done = single_pass.record_baseline(
            made.context, made.pollers, known, allow_unmatched=allow_unmatched
        )
    if json:
        output.as_json(done)
        return
    count = counted(done.recorded, "delivery", "deliveries")
    output.line(f"{count} recorded as existing elsewhere")
    if done.adopted:
        output.line(f"{counted(done.adopted, 'event')} taken over, and unchanged")
    _listed("left alone, as a change would mail their guests", done.with_guests)
    _listed("not taken over", done.left_out)


def _listed(what: str, keys: Sequence[str]) -> None:
    if keys:
        output.line(f"{counted(len(keys), 'event')} {what}:")
    for one in keys[:MOST]:
        output.line(f"  {one}")
    if len(keys) > MOST:
        output.line(f"  and {len(keys) - MOST} more")


def pause(
    tenant: OneTenant = "*",
    channel: OneChannel = "*",
    reason: Annotated[
        str,
        typer.Option("--reason", help="The reason; whoever asks why nothing is sent is told it."),
    ] = "",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Stop sending at once; polling continues. Calls in flight finish within seconds."""
    from calsync.ops import commands  # noqa: PLC0415

    with opened_context(config) as context:
        commands.pause(context, tenant, channel, reason)
    if json:
        output.as_json({"tenant": tenant, "channel": channel, "reason": reason})
    else:
        output.line("paused; continue with `calsync resume`")


def resume(
    tenant: OneTenant = "*",
    channel: OneChannel = "*",
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Continue sending, whatever stopped it."""
    from calsync.ops import commands  # noqa: PLC0415

    with opened_context(config) as context:
        lifted = commands.resume(context, tenant, channel)
    if json:
        output.as_json({"lifted": lifted})
    else:
        output.line(f"{counted(lifted, 'pause')} lifted" if lifted else _NOTHING_LIFTED)


_NOTHING_LIFTED = "nothing to resume for this tenant and channel; see `calsync status`"


def approve(
    batch: Annotated[
        int, typer.Argument(help="The batch's number in `calsync status`.", min=1, max=2**31 - 1)
    ],
    digest: Annotated[
        str | None,
        typer.Option(
            "--digest",
            help="As status shows it; fails if it has changed. Needed where nobody can be asked.",
        ),
    ] = None,
    reject: Annotated[
        bool, typer.Option("--reject", help="Park these changes until their records change.")
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Show what a held batch would do and, after a yes, release it exactly as it was shown."""
    from calsync.ops import commands, queries  # noqa: PLC0415

    with opened_context(config) as context:
        if digest is None:
            digest = _agreed(queries.held_batch(context, batch), reject=reject, asking=not json)
        with output.waiting(f"deciding about batch {batch}"):
            one = commands.approve(context, batch, digest, reject=reject)
    if json:
        output.as_json(one)
    else:
        output.line(
            f"batch {batch} {'rejected' if reject else 'released'}: {output.cell(one.changes)}"
        )


def _agreed(one: HeldBatch, *, reject: bool, asking: bool) -> str:
    """The digest of what a person saw and answered yes to. Raises InputError without a yes."""
    if not (asking and sys.stdin.isatty()):
        raise InputError(
            f"nobody can be asked here; look at batch {one.batch} with `calsync status`, then add "
            "the --digest that it shows"
        )
    output.line(f"batch {one.batch} of {one.source} has been held since {iso(one.since)}")
    show_held(one)
    count = sum(one.changes.values())
    if not confirmed(f"{'Reject' if reject else 'Release'} {counted(count, 'change')}?"):
        raise InputError(f"nothing was changed; batch {one.batch} is still held")
    return one.digest
