"""What a pass would do: the same code on the same rows, and everything rolled back at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from calsync.core.reconcile.actions import Nothing, Step
from calsync.core.reconcile.reasons import Reason
from calsync.errors import SourceError
from calsync.ingest import presence
from calsync.ingest.poll import Poller
from calsync.ingest.polled import Polled, polled, read_only
from calsync.ingest.sweep import known_records
from calsync.ops import commands, lookup
from calsync.ops.questions.next_step import describe, next_step
from calsync.ops.results.explanation import PassPlan, PlannedStep, WaitingDeliveries
from calsync.ops.results.passes import PolledSource
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.runtime.context import Context
from calsync.store import dry_run
from calsync.store.database import Db, Row
from calsync.store.dry_run import DryStore
from calsync.store.ledger import batches, deliveries, sessions
from calsync.store.ledger.selection import Selection


@dataclass(frozen=True, slots=True)
class Shown:
    """What a source showed, and why no more."""

    pages: Sequence[Page] = ()
    error: Exception | None = None

    def __iter__(self) -> Iterator[Page]:
        yield from self.pages
        if self.error is not None:
            raise self.error


@dataclass(slots=True)
class ReadSource:
    """A source that was read already, so that no transaction waits for it.

    swept    None: no sweep is due
    missing  what it was asked for and does not have; None: it cannot be asked
    before   it was read to its end before
    """

    name: str
    tenant: str
    polled: Shown
    swept: Shown | None = None
    missing: frozenset[str] | None = None
    before: bool = False

    @property
    def shows_nothing(self) -> bool:
        """To read it would write nothing: nobody needs a copy of the ledger to try it on."""
        shown = any(page.sessions or page.refused for page in self.polled.pages)
        whole = self.polled.error is None and self.swept is None
        return whole and not shown and not self.missing

    @property
    def polled_nothing(self) -> Polled:
        """What comes of that."""
        pages = [read_only(page) for page in self.polled.pages]
        return polled(self.name, pages, before=self.before)

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        del cursor
        yield from self.polled

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield from self.swept or Shown()

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return None if self.missing is None else set(ids) - self.missing


def plan(context: Context, pollers: Sequence[Poller]) -> PassPlan:
    """What the next pass would do; the sources are read, nothing is stored."""
    read = [(poller, _read(context, poller)) for poller in pollers]
    if all(source.shows_nothing for _, source in read):
        with context.store.read() as db:
            if not batches.any_waits(db):
                return _planned_pass(context, db, [source.polled_nothing for _, source in read])

    def work(draft: DryStore) -> PassPlan:
        tried = [
            poller.try_out(draft, source, sweeps=source.swept is not None)
            for poller, source in read
        ]
        trial = replace(context, store=draft)
        with draft.read() as db:
            return _planned_pass(trial, db, tried)

    return dry_run.rolled_back(context.store, work)


def _planned_pass(context: Context, db: Db, read: Sequence[Polled]) -> PassPlan:
    decided = _decided(context, db, deliveries.with_work(db))
    sources = [PolledSource.of(one) for one in read]
    return PassPlan(_planned(decided), sources, _waiting(decided))


def _read(context: Context, poller: Poller) -> ReadSource:
    """What the next poll, and the sweep behind it where one is due, would be shown."""
    source = poller.source
    with context.store.read() as db:
        row = sessions.cursor(db, source.name)
    known = known_records(poller.intake)
    found = _shown(lambda: source.changes(row["cursor"] if row else None, known))
    if found.error is not None:
        return ReadSource(source.name, source.tenant, found)
    missing: frozenset[str] | None = None
    try:
        asked = presence.ask(poller.intake, source, row or {})
        if source.present(()) is not None:
            missing = frozenset(asked.rows) - asked.present
    except SourceError as error:
        return ReadSource(source.name, source.tenant, replace(found, error=error))
    swept = _shown(lambda: source.sweep(known)) if poller.sweep_due() else None
    before = row is not None and row["cursor"] is not None
    return ReadSource(source.name, source.tenant, found, swept, missing, before)


def _shown(read: Callable[[], Iterable[Page]]) -> Shown:
    pages: list[Page] = []
    try:
        pages.extend(read())
    except Exception as error:
        return Shown(pages, error)
    return Shown(pages)


def resync(context: Context, chosen: Selection, *, rewrite: bool) -> list[PlannedStep]:
    """What `commands.resync` would make the next pass do; nothing is stored."""

    def work(draft: DryStore) -> list[PlannedStep]:
        with draft.write() as db:
            commands.decide_again(db, chosen, rewrite=rewrite)
            return steps(replace(context, store=draft), db, lookup.deliveries(db, chosen))

    return dry_run.rolled_back(context.store, work)


def steps(context: Context, db: Db, rows: Iterable[Row]) -> list[PlannedStep]:
    """What the next pass would do for each of these deliveries that has something to do."""
    return _planned(_decided(context, db, rows))


def _decided(context: Context, db: Db, rows: Iterable[Row]) -> list[tuple[Row, Step]]:
    return [(row, next_step(context, db, row, released=True)) for row in rows]


def _is_idle(row: Row, step: Step) -> bool:
    """The next pass would do nothing, and no batch or digest has to be told of."""
    waits = isinstance(step, Nothing) and step.then is None
    return waits and row["batch"] is None and not _is_announced(step)


def _is_announced(step: Step) -> bool:
    return isinstance(step, Nothing) and step.why is Reason.ANNOUNCED


def _waiting(decided: Sequence[tuple[Row, Step]]) -> list[WaitingDeliveries]:
    """Deliveries that wait and are not among the steps."""
    idle = [step for row, step in decided if _is_idle(row, step)]
    found = Counter(step.why for step in idle if isinstance(step, Nothing))
    counted = ((why, n) for why, n in found.items() if why not in (Reason.DONE, Reason.OVER))
    return [WaitingDeliveries(why.value, n) for why, n in counted]


def _planned(decided: Sequence[tuple[Row, Step]]) -> list[PlannedStep]:
    planned = []
    for row, step in decided:
        if _is_idle(row, step):
            continue
        planned.append(
            PlannedStep(
                session=row["session"],
                person=row["email"],
                starts_at=row["starts_at"],
                step=describe(step),
                announced=_is_announced(step),
                held=row["batch"] is not None,
                batch=row["batch"],
                parked=row["parked"],
                waits_for=_waits_for(row, step),
            )
        )
    return planned


def _waits_for(row: Row, step: Step) -> str | None:
    if row["batch"] is not None:
        return Reason.HELD.value
    return step.why.value if isinstance(step, Nothing) else None
