"""What a pass would do: the same code, on a draft of what it would look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from calsync.core.guard import ChangeKind, Tally, count_ahead_to
from calsync.core.reconcile.actions import Nothing, Step
from calsync.core.reconcile.reasons import Reason
from calsync.ingest.changes import newest
from calsync.ingest.poll import Poller
from calsync.ingest.sweep import ids_of, known_records
from calsync.ops import commands, lookup
from calsync.ops.questions.next_step import describe, next_step
from calsync.ops.results.explanation import PassPlan, PlannedStep, WaitingDeliveries
from calsync.ops.results.passes import PolledSource
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.draft import DraftLedger, drafted
from calsync.store.guard import ahead
from calsync.store.ledger import deliveries, selection, sessions
from calsync.store.ledger.selection import Selection
from calsync.store.records.shown import ShownIds

Decided = tuple[Row, Step]


class WatchedSource:
    """A poller's source. Whatever of it may change the ledger is brought into the draft before the
    draft takes it in."""

    def __init__(self, poller: Poller, draft: DraftLedger) -> None:
        self.name, self.tenant = poller.source.name, poller.source.tenant
        self.poller, self.draft = poller, draft

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield from self._brought(self.poller.source.changes(cursor, known))
        self._bring_ahead()

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        """`known`: of the draft, which knows little."""
        of_ledger = known_records(self.poller.intake).to_read

        def to_read(records: Mapping[str, str]) -> Collection[str]:
            return known.to_read({one: records[one] for one in of_ledger(records)})

        both = replace(known, to_read=to_read)
        pages = self.poller.source.sweep(both)
        with ShownIds() as shown:
            for page in self._brought(pages):
                yield page
                for tenant, ids in ids_of(page, self.tenant).items():
                    shown.add(tenant, ids)
            for tenant in shown.groups():
                self._bring_missing(tenant, shown)
        self._bring_ahead()

    def present(self, ids: Sequence[str]) -> set[str] | None:
        found = self.poller.source.present(ids)
        if found:
            self.draft.bring(self.tenant, sorted(set(ids) - found))
            self._bring_ahead()
        return found

    def _brought(self, pages: Iterable[Page]) -> Iterator[Page]:
        lost_people = False
        for page in pages:
            for tenant, found in newest(page.sessions).items():
                self.draft.bring(tenant, found)
                people = {p.email for one in found.values() for p in one.participants if p.email}
                self.draft.bring_people(tenant, people)
            self.draft.bring(self.tenant, [error.record for error in page.refused])
            lost_people = lost_people or bool(page.without_people)
            yield page
        if lost_people:
            self._bring_shown()

    def _bring_missing(self, tenant: str, shown: ShownIds) -> None:
        """Sessions that this sweep did not show, or one before it."""
        for rows in self._ahead(tenant):
            lacking = shown.lacking(tenant, [row["id"] for row in rows])
            missing = [row["id"] for row in rows if row["id"] in lacking or row["missing_since"]]
            self.draft.bring(tenant, missing)

    def _bring_shown(self) -> None:
        """Sessions of the source, until one of them did not lose its people."""
        for rows in self._ahead(self.tenant):
            with self.draft.read() as db:
                shown, lost = sessions.shown_and_lost(db, self.name)
            if lost < shown:
                return
            self.draft.bring(self.tenant, [row["id"] for row in rows])

    def _ahead(self, tenant: str) -> Iterator[list[Row]]:
        after = sessions.FROM_THE_START
        while True:
            with self.poller.intake.store.read() as db:
                rows = sessions.next_ahead(db, self.name, tenant, after)
            if not rows:
                return
            yield rows
            after = sessions.position(rows[-1])

    def _bring_ahead(self) -> None:
        """As many deliveries as the guard may count, if all that is looked at was withdrawn."""
        for tenant, count in list(self.draft.looked_at.items()):
            limits = self.poller.intake.ground(tenant).limits
            with self.draft.read() as db:
                before = ahead.recent(db, tenant)
            most = count_ahead_to(dict.fromkeys(ChangeKind, Tally(count)), before, limits)
            if count and most:
                self.draft.bring_ahead(tenant, most + count)


def plan(context: Context, pollers: Sequence[Poller]) -> PassPlan:
    """What the next pass would do; the sources are read, nothing is stored."""
    with drafted(context.store) as draft:
        tried = [one.try_out(draft, WatchedSource(one, draft)) for one in pollers]
        decided = [*_decided_in(context, draft), *_decided_elsewhere(context, draft)]
    decided.sort(key=lambda one: one[0]["starts_at"])
    read = [PolledSource.of(one) for one in tried]
    return PassPlan(_planned(decided), read, _waiting(decided))


def _decided_in(context: Context, draft: DraftLedger) -> list[Decided]:
    with draft.read() as db:
        return _decided(replace(context, store=draft), db, deliveries.with_work(db))


def _decided_elsewhere(context: Context, draft: DraftLedger) -> list[Decided]:
    """About what the pass has work with and no source says anything of."""
    known = draft.sessions()
    with context.store.read() as db:
        rows = deliveries.with_work(db)
        rest = [row for row in rows if (row["tenant"], row["session"]) not in known]
        return _decided(context, db, rest)


def resync(context: Context, chosen: Selection, *, rewrite: bool) -> list[PlannedStep]:
    """What `commands.resync` would make the next pass do; nothing is stored."""

    with context.store.read() as db:
        rows = lookup.deliveries(db, chosen)
    with drafted(context.store) as draft:
        for tenant, ids in selection.by_tenant(rows).items():
            draft.bring(tenant, ids)
        with draft.write() as db:
            commands.decide_again(db, selection.ahead(db, chosen), rewrite=rewrite)
            return steps(replace(context, store=draft), db, selection.ahead(db, chosen))


def steps(context: Context, db: Db, rows: Iterable[Row]) -> list[PlannedStep]:
    """What the next pass would do for each of these deliveries that has something to do."""
    return _planned(_decided(context, db, rows))


def _decided(context: Context, db: Db, rows: Iterable[Row]) -> list[Decided]:
    return [(row, next_step(context, db, row, released=True)) for row in rows]


def _is_idle(row: Row, step: Step) -> bool:
    """The next pass would do nothing, and no batch or digest has to be told of."""
    waits = isinstance(step, Nothing) and step.then is None
    return waits and row["batch"] is None and not _is_announced(step)


def _is_announced(step: Step) -> bool:
    return isinstance(step, Nothing) and step.why is Reason.ANNOUNCED


def _waiting(decided: Sequence[Decided]) -> list[WaitingDeliveries]:
    """Deliveries that wait and are not among the steps."""
    idle = [step for row, step in decided if _is_idle(row, step)]
    found = Counter(step.why for step in idle if isinstance(step, Nothing))
    counted = ((why, n) for why, n in found.items() if why not in (Reason.DONE, Reason.OVER))
    return [WaitingDeliveries(why.value, n) for why, n in counted]


def _planned(decided: Sequence[Decided]) -> list[PlannedStep]:
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
