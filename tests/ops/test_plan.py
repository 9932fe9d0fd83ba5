"""A plan tells what a pass would do, what waits, and which records it cannot use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from calsync.core.booked import Online
from calsync.core.reconcile.reasons import Reason
from calsync.daemon import single_pass
from calsync.errors import RecordError, SourceError
from calsync.ops import plan
from calsync.ops.results.explanation import WaitingDeliveries
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.store.draft import DraftLedger
from calsync.store.queue import pauses
from tests.harness.platform import SAM, ListSource, Platform
from tests.sources.platform import Platform as Table
from tests.sources.platform import a_row


class Refusing(ListSource):
    """A source with one record that cannot be used."""

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        refused = RecordError("ses-9", "starts_at", "is missing; write it")
        yield Page(self.sessions, (refused,), cursor="x")


def test_no_steps_and_no_more_lines_mean_that_nothing_will_happen(platform: Platform) -> None:
    platform.book(platform.a_session())
    platform.deliver()
    found = plan.plan(platform.context, [platform.poller])
    (source,) = found.sources
    assert (list(found.steps), source.refused, list(found.waiting)) == ([], 0, [])


def test_what_settles_is_counted_with_its_reason(platform: Platform) -> None:
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    platform.later(minutes=1)
    platform.change(session, place=Online("https://zoom.us/j/2", "Zoom"))
    found = plan.plan(platform.context, [platform.poller])
    assert list(found.steps) == []
    assert list(found.waiting) == [WaitingDeliveries(Reason.DEBOUNCING.value, 2)]
    platform.later(minutes=2)
    again = plan.plan(platform.context, [platform.poller])
    assert (len(again.steps), list(again.waiting)) == (2, [])


def test_records_that_are_shown_again_as_they_were_are_no_news(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A database shows what it changed last again, at every poll."""
    table = Table(f"sqlite:///{tmp_path / 'platform.db'}")
    table.create()
    table.add(a_row("ses-1", 1))
    poller = platform.poller_of(table.source())
    assert poller.run_once().news == 1
    poller.sweep()
    table.engine.dispose()
    monkeypatch.setattr(DraftLedger, "_bring", None)
    found = plan.plan(platform.context, [poller])
    assert (found.sources[0].seen, found.sources[0].changed) == (1, 0)


def test_refused_records_are_named(platform: Platform) -> None:
    source = Refusing()
    found = plan.plan(platform.context, [platform.poller_of(source)])
    (read,) = found.sources
    assert [(one.record, one.field, one.reason) for one in read.refusals] == [
        ("ses-9", "starts_at", "is missing; write it")
    ]


def test_what_is_paused_is_a_step_that_names_what_it_waits_for(platform: Platform) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    with platform.store.write() as db:
        pauses.stop(db, "default", "mail", "ops", "")
    found = plan.plan(platform.context, [platform.poller])
    assert [one.waits_for for one in found.steps] == [Reason.PAUSED.value]


def test_what_only_a_sweep_that_is_due_would_do_is_planned_as_well(platform: Platform) -> None:
    """Two sweeps in which a session is missing withdraw it; polls of this source say nothing."""
    gone, stays = platform.a_session("ses-1"), platform.a_session("ses-2")
    platform.book(gone, stays)
    platform.deliver()
    platform.poller.sweep()
    platform.source.sessions = [stays]
    platform.later(hours=7)
    platform.poller.sweep()
    assert list(plan.plan(platform.context, [platform.poller]).steps) == []

    platform.later(hours=7)
    found = plan.plan(platform.context, [platform.poller])
    assert {(one.session, one.step) for one in found.steps} == {
        ("ses-1", "withdraw copy 1 by mail")
    }
    (read,) = found.sources
    assert (read.seen, read.changed) == (1, 2)
    (done,) = single_pass.poll_all(platform.context, [platform.poller])
    assert (done.seen, done.changed) == (1, 2), "what was planned is what happens"


class Asked(ListSource):
    """A source that says which of the sessions it is asked for are there."""

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return {one.id for one in self.sessions} & set(ids)


def test_what_is_found_missing_by_asking_for_it_is_planned_as_well(platform: Platform) -> None:
    source = Asked()
    poller = platform.poller_of(source)
    gone, stays = platform.a_session("ses-1"), platform.a_session("ses-2")
    source.sessions = [gone, stays]
    poller.run_due()
    platform.deliver()
    source.sessions = [stays]
    platform.later(minutes=1)
    poller.run_due()
    platform.later(minutes=11)
    found = plan.plan(platform.context, [poller])
    assert {one.session for one in found.steps} == {"ses-1"}


class Broken(Refusing):
    """One that ends after its first page."""

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield from super().changes(cursor)
        raise SourceError("the connection was lost")


def test_a_source_that_cannot_be_read_keeps_no_other_from_being_planned(
    platform: Platform,
) -> None:
    platform.source.sessions = [platform.a_session(participants=(SAM,))]
    pollers = [platform.poller_of(Broken("broken")), platform.poller]
    found = plan.plan(platform.context, pollers)
    assert [(one.source, one.refused, one.error) for one in found.sources] == [
        ("broken", 1, "the connection was lost"),
        ("platform", 0, None),
    ]
    assert [one.session for one in found.steps] == ["ses-1"]
