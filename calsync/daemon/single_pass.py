"""A single pass: what a daemon does all day, once, and then an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from calsync.core.ledger import DeliveryKey
from calsync.daemon import maintenance
from calsync.daemon.drain import LOOK_SECONDS, Drain
from calsync.delivery import tell
from calsync.delivery.deliver import Deliverer
from calsync.delivery.inspect import Inspector
from calsync.errors import (
    CalsyncError,
    InputError,
    Refused,
    SourceError,
    TryLater,
    UnknownZone,
    beside_source,
)
from calsync.ingest import older
from calsync.ingest.guard import closing
from calsync.ingest.poll import Poller
from calsync.log import scrub
from calsync.notices.sender import Notifier
from calsync.notices.upcoming import UpcomingSender
from calsync.ops import adoption, baseline, commands, lookup, queries, startup
from calsync.ops.baseline import FormerInvitation
from calsync.ops.results.orders import RecordedBaseline
from calsync.ops.results.passes import PassResult, PolledSource, Remaining, ResyncResult
from calsync.ports import NoticeSender
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.store import status
from calsync.store.database import Db
from calsync.store.findings import failures
from calsync.store.ledger import deliveries, journal
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses
from calsync.text.counted import counted

Progress = Callable[[int], None]
Senders = Mapping[str, NoticeSender]  # by tenant


def _silent(_: int) -> None:
    """Progress that nobody watches."""


def chosen(context: Context, pollers: Sequence[Poller], source: str | None) -> list[Poller]:
    """Who reads the source of this name; everybody where none is named. Raises InputError when
    there is no such source, or it is not read."""
    found = [one for one in pollers if source in (None, one.source.name)]
    if found or source is None:
        return found
    if source in context.settings.pushed:
        raise InputError(f"source {source} is not read: the platform sends its sessions")
    names = ", ".join(one.source.name for one in pollers) or "none yet"
    raise InputError(f"no source is called {source!r}; the configured ones are: {names}")


def poll_all(
    context: Context,
    pollers: Sequence[Poller],
    progress: Progress = _silent,
    *,
    again: bool = False,
) -> list[PolledSource]:
    """Poll every source, and sweep those whose sweep is due. `again`: see `Poller.run_due`."""
    startup.begin(context)
    return [_poll(context, poller, progress, again=again) for poller in pollers]


def _poll(context: Context, poller: Poller, progress: Progress, *, again: bool) -> PolledSource:
    """Whatever happens to one source, the others are read."""
    name = poller.source.name
    try:
        polled = poller.run_due(progress, again=again)
    except Exception as error:
        unexpected.caught(context, "poll", error)
        known = isinstance(error, CalsyncError)
        reason = scrub(str(error)) if known else closing.unexpected(name, error)
        context.log("source_failed", source=name, reason=reason)
        return PolledSource(name, 0, 0, 0, 0, (), reason)
    return PolledSource.of(polled)


def deliver_all(
    context: Context, senders: Senders, *, now: bool = False, progress: Progress = _silent
) -> PassResult:
    """Deliver until nothing is due, look at what is due to be looked at, send notices.

    now   whatever waits for the end of a burst of changes goes as well
    """
    with context.store.read() as db:
        last, began = status.last_attempt(db), db.now
    calls = 0
    if not context.settings.dry_run:
        if now:
            context.transact("hurry", deliveries.end_debounce)
        calls = _work(context, senders, progress)
    with context.store.read() as db:
        return _result(context, db, calls, last, began)


def _work(context: Context, senders: Senders, progress: Progress) -> int:
    """Returns how many claims were processed."""
    _survived(context, lambda: maintenance.once(context))
    calls = _drain(context, progress)
    _survived(context, lambda: tell.run(context))
    inspector = Inspector(context, context.settings.look_share)
    notifier = Notifier(context, senders)
    _survived(context, lambda: _until_idle(inspector.run_once))
    _survived(context, lambda: _until_idle(notifier.run_once))
    calls += _drain(context, progress)
    _survived(context, lambda: _send_upcoming(UpcomingSender(context, senders)))
    _survived(context, lambda: maintenance.disconnects(context))
    return calls


def _survived(context: Context, work: Callable[[], object]) -> None:
    """What nobody foresaw of one part of a pass is told, and the others are done all the same."""
    unexpected.survived(context, "worker", work, None)


def _until_idle(run_once: Callable[[], object]) -> None:
    while run_once():
        pass


def _send_upcoming(sender: UpcomingSender) -> None:
    """Until none is due; what waits for a rate limit goes in a moment, as deliveries do."""
    while sender.run_once() or sender.soon():
        if sender.soon():
            time.sleep(LOOK_SECONDS)


def _drain(context: Context, progress: Progress) -> int:
    workers = context.settings.workers
    return Drain(Deliverer(context), lookup.tenants(context), workers).run(progress)


def _result(context: Context, db: Db, calls: int, last: int, began: datetime) -> PassResult:
    answers = status.answers(db, last, began)
    return PassResult(
        calls=calls,
        yes=sum(row["outcome"] == "yes" for row in answers),
        refused=sum(_stays_refused(row["answer"] or "") for row in answers),
        retried=sum((row["answer"] or "").startswith(TryLater.kind) for row in answers),
        setup=sum(row["by"] == "setup" for row in pauses.active(db)),
        undecided=journal.since(db, "decision_failed", began),
        left=_left(db),
        held=queries.held(db),
        dry_run=context.settings.dry_run,
        unexpected=len(failures.since(db, began, queries.MOST)),
    )


def _stays_refused(answer: str) -> bool:
    """A zone's name that a provider does not know is replaced at once."""
    return answer.startswith(Refused.kind) and not answer.endswith(UnknownZone.REASON)


def _left(db: Db) -> Remaining:
    found = queries.counts(db)
    return Remaining(
        due=found.due,
        waiting=found.waiting,
        next_due=found.next_due,
        announced=found.announced,
        next_announced=found.next_announced,
        held=found.held,
        parked=found.parked,
    )


def resync(
    context: Context,
    senders: Senders,
    chosen: Selection,
    *,
    rewrite: bool = False,
    older_of: Sequence[Poller] | None = None,
    progress: Progress = _silent,
) -> ResyncResult:
    """Decide again about these deliveries (`ops.commands.resync`), and deliver.

    older_of  who reads the sources: the older versions that they show of the chosen sessions are
              accepted first. Raises InputError when there is none
    """
    if older_of is None:
        accept = older.Acceptance()
    else:
        accept = older.accepting([one.intake for one in older_of], chosen.sessions, chosen.tenant)
    count = commands.resync(context, chosen, rewrite=rewrite, accept=accept)
    return ResyncResult(count, len(accept), deliver_all(context, senders, progress=progress))


def record_baseline(
    context: Context,
    pollers: Sequence[Poller],
    known: Mapping[DeliveryKey, FormerInvitation],
    *,
    allow_unmatched: bool = False,
) -> RecordedBaseline:
    """Poll, take over the events that are `known`, and record that everything else ahead already
    stands somewhere. Nothing is sent, by a running daemon either, between the poll and the record
    of it.

    Raises SourceError when a source could not be read; the others are recorded all the same.
    Raises baseline.BaselineError for wrong lines. Everything is still paused then, as it is when
    events were being taken over and that was broken off: it goes on where it ended.
    """
    why = "a baseline is not recorded yet"
    context.transact(
        "baseline_begin", lambda db: pauses.stop(db, pauses.ALL, pauses.ALL, "baseline", why)
    )
    ends = not any(one.event for one in known.values())
    try:
        failed = [one for one in poll_all(context, pollers) if one.error]
        done = _recorded(context, known, allow_unmatched=allow_unmatched)
        ends = True
    except baseline.BaselineError:
        ends = False
        raise
    finally:
        if ends:
            context.transact(
                "baseline_end", lambda db: pauses.lift(db, pauses.ALL, pauses.ALL, "baseline")
            )
    if failed:
        told = "; ".join(
            f"{one.source}: {beside_source(one.error or '', one.source)}" for one in failed
        )
        raise SourceError(
            f"{counted(done.recorded, 'delivery', 'deliveries')} recorded, but not those of {told}"
        )
    return done


def _recorded(
    context: Context, known: Mapping[DeliveryKey, FormerInvitation], *, allow_unmatched: bool
) -> RecordedBaseline:
    if not allow_unmatched:
        baseline.check(context, known)
    adopted = adoption.adopt(context, known)
    if adopted.wrong and not allow_unmatched:
        raise adoption.NotAdoptedError(adopted.wrong)
    count = baseline.record(
        context, known, allow_unmatched=allow_unmatched, waiting=adopted.batches
    )
    return RecordedBaseline(
        count,
        adopted.events,
        tuple(f"{key.session} {key.participant}" for key in adopted.guests),
        tuple(f"{key.session} {key.participant}: {why}" for key, why in adopted.wrong),
    )
