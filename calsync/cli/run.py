"""Commands that move things: run, sync, resync, resend, plan."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from calsync import output
from calsync.cli.options import (
    AsJson,
    ConfigFile,
    Person,
    Session,
    Tenant,
    instant,
    not_empty,
    opened,
    opened_context,
)
from calsync.errors import SourceError, beside_source
from calsync.ops.results.command import to_type
from calsync.text.counted import counted
from calsync.text.instants import iso

if TYPE_CHECKING:
    from calsync.bootstrap.components import WebParts
    from calsync.daemon.daemon import Daemon
    from calsync.ops.results.explanation import PassPlan, PlannedStep
    from calsync.ops.results.finding import Finding
    from calsync.ops.results.passes import PassResult, PolledSource, SyncResult
    from calsync.ops.results.status import HeldBatch


REFUSED = 20  # records that a plan names
TOLD_ABOVE = ("held", "parked")  # findings that `sync` tells otherwise
OF_SOURCES = ("source", "refused_record")  # these it tells otherwise of what was just read
FEW = 5  # refused records of a source that a pass names


def register(app: typer.Typer) -> None:
    app.command()(run)
    app.command()(sync)
    app.command()(resync)
    app.command()(resend)
    app.command()(plan)


def run(config: ConfigFile = None) -> None:
    """Run as a daemon: poll, deliver and inspect until SIGTERM or Ctrl-C."""
    from calsync.daemon.daemon import make_daemon  # noqa: PLC0415

    with opened(config, stays=True) as made:
        listens = made.web.settings.listens
        daemon = make_daemon(made.context, made.pollers, made.senders, made.jobs, listens)
        with _served(made.web, daemon) as stop_serving:

            def stop() -> None:
                stop_serving()
                daemon.stop()

            for name in (signal.SIGTERM, signal.SIGINT):
                # In a thread: the handler runs inside `run`, which may hold locks that stop takes.
                signal.signal(name, lambda *_: threading.Thread(target=stop).start())
            daemon.run()


@contextmanager
def _served(parts: WebParts, daemon: Daemon) -> Iterator[Callable[[], None]]:
    """The web beside the daemon, where it is configured; yields what stops accepting calls."""
    if not parts.settings.listens:
        yield lambda: None
        return
    from calsync.web.serve import Server  # noqa: PLC0415

    with Server(parts, wake=daemon.wake, log=parts.context.log) as server:
        yield server.stop


def sync(
    config: ConfigFile = None,
    now: Annotated[bool, typer.Option("--now", help="Do not wait for further changes.")] = False,
    source: Annotated[
        str | None,
        typer.Option(
            "--source", help="Read this source alone, as a whole if due.", callback=not_empty
        ),
    ] = None,
    json: AsJson = False,
) -> None:
    """Run one pass: poll every source, deliver until nothing is due, inspect."""
    from calsync.daemon import single_pass  # noqa: PLC0415
    from calsync.ops import verdict  # noqa: PLC0415
    from calsync.ops.results.passes import SyncResult  # noqa: PLC0415

    with opened(config) as made:
        with output.progress("sessions read") as tick:
            pollers = single_pass.chosen(made.context, made.pollers, source)
            polled = single_pass.poll_all(made.context, pollers, tick, again=source is not None)
        with output.progress("deliveries") as tick:
            delivered = single_pass.deliver_all(made.context, made.senders, now=now, progress=tick)
        result = SyncResult(polled, delivered, verdict.of_pass(made.context))
    if json:
        output.as_json(result)
    else:
        _show_sync(result)
    if result.failed:
        raise typer.Exit(1)


def _show_sync(result: SyncResult) -> None:
    done, left = result.delivered, result.delivered.left
    output.line(f"{counted(done.calls, 'delivery', 'deliveries')} processed: {_answers(done)}")
    _show_trouble(done)
    if left.waiting:
        waiting = counted(left.waiting, "delivery is", "deliveries are")
        output.line(f"{waiting} waiting; the next is due at {iso(left.next_due)}")
    if left.announced:
        are = "are invitations" if left.announced > 1 else "is an invitation"
        output.line(
            f"{left.announced} of these {are} announced in a digest and sent on the day, the "
            f"first at {iso(left.next_announced)}"
        )
    if left.parked:
        parked = counted(left.parked, "delivery is", "deliveries are")
        output.line(f"{parked} parked; `calsync status` tells why")
    if done.dry_run:
        output.line("deliver.dry_run is set: nothing was sent; `calsync plan` shows what would be")
    names = {one.source for one in result.sources}
    _show_held([one for one in done.held if one.source not in names])
    for source in result.sources:
        _show_source(source)
        _show_held([one for one in done.held if one.source == source.source])
    told = {f"source {one.source}" for one in result.sources if one.error or one.refusals}
    _show_findings([one for one in result.findings if not _is_told(one, told)])


def _is_told(one: Finding, told: Collection[str]) -> bool:
    """Whether a pass has told this already; `told`: the sources of which it said what is wrong."""
    return one.kind in TOLD_ABOVE or (one.kind in OF_SOURCES and one.whom in told)


def _show_findings(found: Sequence[Finding]) -> None:
    """What a person has to do something about; `status` tells the rest."""
    for one in found:
        if one.severity != "notice":
            output.folded(f"{one.severity}: {one.advice}")


def _show_source(polled: PolledSource, most: int = FEW, whole: str = "calsync status") -> None:
    """What was read of a source, what it wants, what of it is refused and why.

    most   refused records that are named
    whole  the command that tells of all of them
    """
    older = f", {polled.older} older than what is known" if polled.older else ""
    records = f"{counted(polled.seen, 'record')} read"
    read = "unchanged since it was last read" if polled.unchanged else records
    output.folded(
        f"source {polled.source}: {read}, changes wanted for "
        f"{counted(polled.changed, 'delivery', 'deliveries')}, {polled.refused} refused{older}"
    )
    if polled.error:
        output.folded(f"not read to the end: {beside_source(polled.error, polled.source)}")
    named = polled.refusals[:most]
    for one in named:
        output.folded(f"refused: {one.record}: {one.field}: {one.reason}")
    if polled.refused > len(named):
        more = counted(polled.refused - len(named), "more record is", "more records are")
        output.line(f"{more} refused; `{whole}` tells why")


def _show_held(held: Sequence[HeldBatch]) -> None:
    for one in held:
        output.folded(
            f"batch {one.batch} is held ({output.cell(one.changes)}); review it with "
            f"`calsync status`, then run `calsync approve {one.batch}`"
        )


def _answers(done: PassResult) -> str:
    """ "10 succeeded, 2 will be retried"; what did not happen is left out, but for success."""
    failed = ((done.refused, "refused"), (done.retried, "will be retried"))
    return ", ".join([f"{done.yes} succeeded", *(f"{n} {what}" for n, what in failed if n)])


def _show_trouble(done: PassResult) -> None:
    if done.setup:
        paused = "a channel is" if done.setup == 1 else f"{done.setup} channels are"
        output.line(f"{paused} paused, as its configuration does not work; see `calsync status`")
    if done.unexpected:
        failures = counted(done.unexpected, "unexpected failure was", "unexpected failures were")
        output.line(f"{failures} caught, and the rest went on; see `calsync status`")
    if done.undecided:
        sessions = counted(len(done.undecided), "session")
        look = to_type("explain", done.undecided[0])
        output.line(
            f"no step could be decided for {sessions}; run `{look}`, and check that "
            "security.keys are the right ones"
        )


def resync(
    sessions: Annotated[
        list[str] | None, typer.Argument(help="Session ids; none: all.", callback=not_empty)
    ] = None,
    person: Person = None,
    program: Annotated[
        str | None, typer.Option("--program", help="Only this program id.", callback=not_empty)
    ] = None,
    tenant: Tenant = None,
    start: Annotated[str | None, typer.Option("--from", help="Starts at or after.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Starts before.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the steps, change nothing.")
    ] = False,
    rewrite: Annotated[bool, typer.Option("--rewrite", help="Apply new wording as well.")] = False,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Take the older version that the source shows of them."),
    ] = False,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Decide again about sessions, retry what was refused, inspect what is shown."""
    from calsync.daemon import single_pass  # noqa: PLC0415
    from calsync.ops import plan as planning  # noqa: PLC0415
    from calsync.store.ledger.selection import Selection  # noqa: PLC0415

    selection = Selection(
        tuple(sessions or ()),
        person,
        program,
        tenant,
        instant(start, "--from"),
        instant(end, "--to"),
    )
    with opened(config, tenant) as made:
        if dry_run:
            _show_plan(planning.resync(made.context, selection, rewrite=rewrite), json=json)
            return
        with output.progress("deliveries") as tick:
            result = single_pass.resync(
                made.context,
                made.senders,
                selection,
                rewrite=rewrite,
                older_of=made.pollers if accept else None,
                progress=tick,
            )
    if json:
        output.as_json(result)
    else:
        done = result.delivered
        selected = counted(result.selected, "delivery", "deliveries")
        if result.accepted:
            output.line(f"{counted(result.accepted, 'older version')} accepted")
        output.line(f"{selected} decided again: {_answers(done)}")
        _show_trouble(done)
    if result.delivered.failed:
        raise typer.Exit(1)


def resend(
    session: Session,
    person: Annotated[
        str, typer.Option("--person", help="Address or participant id.", callback=not_empty)
    ],
    tenant: Tenant = None,
    config: ConfigFile = None,
    json: AsJson = False,
) -> None:
    """Mail one person's current invitation once more, as the same event."""
    from calsync.ops import commands  # noqa: PLC0415

    waits = output.waiting("mailing the invitation")
    with opened_context(config, tenant) as context, waits:
        answer = commands.resend(context, session, person, tenant)
    if json:
        output.as_json({"outcome": answer})
    else:
        output.line(answer)
    if answer != "sent":
        raise typer.Exit(1)


def plan(
    config: ConfigFile = None,
    json: AsJson = False,
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="With --json: an object with the steps, each source, and what waits.",
        ),
    ] = False,
) -> None:
    """Show what the next pass would do, polling included. Nothing is changed."""
    from calsync.ops import plan as planning  # noqa: PLC0415

    with opened(config) as made, output.waiting("reading the sources and planning"):
        planned = planning.plan(made.context, made.pollers)
    if json and details:
        output.as_json(planned)
    else:
        _show_plan(planned.steps, json=json)
    if not json:
        _show_rest(planned)
    unread = [
        f"source {one.source}: {beside_source(one.error, one.source)}"
        for one in planned.sources
        if one.error
    ]
    if unread:
        raise SourceError("; ".join(unread))


def _show_rest(planned: PassPlan) -> None:
    """What is not among the steps; where nothing is, "0 steps" means that nothing will happen."""
    for one in planned.waiting:
        output.line(f"{counted(one.count, 'delivery waits', 'deliveries wait')}: {one.reason}")
    for source in planned.sources:
        if not source.error:
            _show_source(source, REFUSED, to_type("validate", source=source.source))


def _show_plan(planned: Sequence[PlannedStep], *, json: bool) -> None:
    if json:
        output.as_json(planned)
        return
    columns = {
        "session": "session",
        "person": "person",
        "starts_at": "starts (UTC)",
        "step": "would",
        "batch": "batch",
        "parked": "parked",
    }
    output.table(planned, columns)
    held = sum(1 for one in planned if one.held)
    announced = sum(1 for one in planned if one.announced)
    waiting = f", {held} of them waiting for `calsync approve`" if held else ""
    output.line(counted(len(planned), "step") + waiting)
    if announced:
        are = (
            "are announced in a digest and follow"
            if announced > 1
            else "is announced in a digest and follows"
        )
        output.line(f"{announced} of them {are} on the day")
