"""One process reads a source at a time, and none is kept from it for long."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from calsync.core import desired
from calsync.core.booked import BookedSession
from calsync.daemon import single_pass
from calsync.ingest import lease, prepared
from calsync.ingest.lease import BusyError
from calsync.ingest.poll import Poller
from calsync.ops import plan, queries
from calsync.ports import KnownRecords, Page
from calsync.runtime.renewing import renewed
from calsync.store.database import Db
from calsync.store.guard import changes
from calsync.store.ledger import sessions
from calsync.store.records import source_lease
from tests.harness.platform import ListSource, Platform
from tests.harness.transactions import check


def impatient(platform: Platform) -> Poller:
    poller = platform.poller_of(platform.source)
    poller.patience = 0.0
    return poller


def take(platform: Platform) -> None:
    """Another process begins to read the source, and is killed."""
    with platform.store.write() as db:
        assert source_lease.take(db, platform.source.name, "other", lease.LEASE)


def wanted(platform: Platform) -> int:
    with platform.store.read() as db:
        return len(sessions.stored(db, "default", ["ses-1", "ses-2"]))


def test_a_source_that_somebody_reads_says_until_when(platform: Platform) -> None:
    take(platform)
    with pytest.raises(BusyError, match=r"lease lasts until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ"):
        impatient(platform).run_once()


def test_a_process_that_was_killed_keeps_others_out_for_ten_seconds(platform: Platform) -> None:
    take(platform)
    platform.later(seconds=11)
    assert impatient(platform).run_once().error is None


def test_a_poll_that_lost_its_lease_writes_nothing_more(platform: Platform) -> None:
    source = ListSource()
    first, second = platform.a_session("ses-1"), platform.a_session("ses-2")

    def held_up(cursor: str | None, known: KnownRecords) -> Iterator[Page]:
        yield Page([first], cursor="1")
        platform.later(seconds=11)
        take(platform)
        yield Page([second], cursor="2")

    source.changes = held_up  # type: ignore[method-assign]  # the list is read by hand
    with pytest.raises(BusyError, match="another one began to read it"):
        platform.poller_of(source).run_once()

    assert wanted(platform) == 1
    with platform.store.read() as db:
        row = sessions.cursor(db, source.name)
    assert row is not None
    assert (row["poll_token"], row["cursor"], row["last_error"]) == ("other", "1", None)


def test_a_failure_is_not_noted_by_a_poll_that_lost_its_lease(platform: Platform) -> None:
    source = ListSource()

    def breaks(cursor: str | None, known: KnownRecords) -> Iterator[Page]:
        platform.later(seconds=11)
        take(platform)
        raise OverflowError
        yield Page(())

    source.changes = breaks  # type: ignore[method-assign]  # the list is read by hand
    with pytest.raises(BusyError):
        platform.poller_of(source).run_once()


def test_every_transaction_of_a_poll_leaves_a_whole_lease_behind(platform: Platform) -> None:
    with lease.leased(platform.poller.intake, 0.0) as mine:
        platform.later(seconds=9)
        began = mine.transact("poll_page", lambda db: db.now)
        with platform.store.read() as db:
            row = sessions.cursor(db, platform.source.name)
        assert row is not None
        assert row["poll_until"] >= began + lease.LEASE


def written(platform: Platform) -> list[str]:
    """The transactions of a poll, in their order."""
    found = list[str]()
    poller = platform.poller_of(platform.source)
    poller.intake = replace(poller.intake, at=found.append)
    assert poller.run_once().error is None
    with platform.store.read() as db:
        row = sessions.cursor(db, platform.source.name)
    assert row is not None
    assert (row["poll_token"], row["poll_until"], row["poll_since"]) == (None, None, None)
    return [one.removesuffix(".after") for one in found if one.endswith(".after")]


def test_a_poll_gives_its_lease_back_with_the_last_that_it_writes(platform: Platform) -> None:
    assert written(platform) == ["lease_take", "poll_close"]


def test_a_poll_keeps_its_lease_until_a_large_batch_is_released(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "RANGE", 1)
    platform.source.sessions = [platform.a_session("ses-1"), platform.a_session("ses-2")]
    found = written(platform)
    assert found[:3] == ["lease_take", "poll_page", "poll_close"]
    assert found[-2:] == ["guard_end", "lease_end"]


def test_a_lease_is_renewed_until_the_work_ends_and_not_once_it_is_lost(
    platform: Platform,
) -> None:
    rounds, enough = list[int](), threading.Event()

    def renew(db: Db) -> bool:
        rounds.append(1)
        if len(rounds) == 3:
            enough.set()
        return len(rounds) < 3

    with renewed(platform.store, renew, 0.001):
        assert enough.wait(30)
    assert len(rounds) == 3


def test_a_plan_needs_no_lease(platform: Platform) -> None:
    take(platform)
    platform.source.sessions = [platform.a_session()]
    planned = plan.plan(platform.context, [impatient(platform)])
    assert [one.person for one in planned.steps] == ["maya@example.org", "sam@example.org"]


@pytest.mark.parametrize("error", [OverflowError("content"), RecursionError("content")])
def test_what_breaks_one_source_keeps_no_other_from_being_read(
    platform: Platform, error: Exception
) -> None:
    broken = ListSource("broken")

    def breaks(cursor: str | None, known: KnownRecords) -> Iterator[Page]:
        raise error
        yield Page(())

    broken.changes = breaks  # type: ignore[method-assign]  # the list is read by hand
    busy = ListSource("busy")
    with platform.store.write() as db:
        source_lease.take(db, "busy", "other", lease.LEASE)
    pollers = [platform.poller_of(one) for one in (broken, busy, platform.source)]
    pollers[1].patience = 0.0
    platform.source.sessions = [platform.a_session()]
    first, second, last = single_pass.poll_all(platform.context, pollers)

    assert first.error is not None
    assert f"unexpected {type(error).__name__} in calsync.ingest" in first.error
    assert "content" not in first.error
    assert second.error is not None
    assert "is being read by another process" in second.error
    assert (last.error, last.seen) == (None, 1)
    with platform.store.read() as db:
        row = sessions.cursor(db, "broken")
    assert row is not None
    assert row["last_error"] == first.error


def test_a_session_that_calsync_cannot_render_keeps_no_other_back(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(session: BookedSession) -> prepared.Events:
        if session.id == "ses-1":
            raise RecursionError("content")
        return made(session)

    made = prepared.desired_events
    monkeypatch.setattr(prepared, "desired_events", breaks)
    platform.source.sessions = [platform.a_session("ses-1"), platform.a_session("ses-2")]
    done = platform.poller.run_once()

    assert (done.error, done.refused, wanted(platform)) == (None, 1, 1)
    with platform.store.read() as db:
        (aside,) = sessions.quarantined(db)
    assert aside["record"] == "ses-1"
    assert "unexpected RecursionError in calsync.ingest" in aside["reason"]
    assert "content" not in aside["reason"]


def test_sessions_are_rendered_before_the_ledger_is_locked(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = list[str]()

    def watched(session: BookedSession) -> prepared.Events:
        check(f"rendering {session.id}", rendered)
        rendered.append(session.id)
        return made(session)

    made = prepared.desired_events
    monkeypatch.setattr(prepared, "desired_events", watched)
    monkeypatch.setattr(desired, "desired_events", watched)
    one, two = platform.a_session("ses-1"), platform.a_session("ses-2")
    platform.book(one, two)
    platform.book(one, replace(two, updated_at=two.updated_at + timedelta(1), title="New"))

    assert rendered == ["ses-1", "ses-2", "ses-2"]  # what says nothing new is not rendered again


def test_since_when_a_source_is_read_is_known_while_its_lease_lasts(platform: Platform) -> None:
    def since() -> datetime | None:
        with platform.store.read() as db:
            return queries.sources(db)[0].reading_since

    with lease.leased(platform.poller.intake, 0.0) as mine:
        began = since()
        assert began is not None
        platform.later(seconds=9)
        mine.transact("poll_page", lambda _: None)
        assert since() == began, "renewing is not beginning"
    assert since() is None
    take(platform)
    assert since() is not None
    platform.later(seconds=11)
    assert since() is None, "who took it was killed"
