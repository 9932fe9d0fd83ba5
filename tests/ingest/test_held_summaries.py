"""What is told of a held batch is kept with it: a look at it counts nothing again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import BookedSession, Online
from calsync.core.guard import Limits
from calsync.daemon.daemon import own_jobs
from calsync.errors import InputError
from calsync.ops import commands, queries, retention
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.store.guard import changes, summary
from calsync.store.ledger import batches
from calsync.store.ledger.batches import Held
from calsync.store.ledger.rows import table
from calsync.store.records import older_versions
from tests.harness.platform import MAYA, SAM, ListSource, Platform
from tests.harness.platform_fixtures import MakePlatform

LIMITS = Limits(3, 0.0, 2, 3, 1000, 1.0, 0)
MOVED = Online("https://zoom.us/j/2", "Zoom")
RANGE = 2  # deliveries that one transaction closes
AT_ONCE = pytest.mark.parametrize("held", [RANGE, 500], indirect=True)
COUNT = 6


@pytest.fixture
def held(
    request: pytest.FixtureRequest, make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> Platform:
    """Moves that wait for a person, in a batch that many transactions close, or one."""
    monkeypatch.setattr(changes, "RANGE", getattr(request, "param", RANGE))
    platform = make_platform()
    platform.connect("maya@example.org")
    poll(platform, *(booked(platform, n) for n in range(COUNT)))
    platform.deliver()
    poll(platform, *(booked(platform, n, 1, place=MOVED) for n in range(COUNT)))
    return platform


def booked(platform: Platform, number: int, version: int = 0, **values: Any) -> BookedSession:
    made = platform.a_session(f"ses-{number}", participants=(MAYA,))
    start = {
        name: getattr(made, name) + timedelta(days=number) for name in ("starts_at", "ends_at")
    }
    return replace(
        made, **start | {"updated_at": made.updated_at + timedelta(hours=version)} | values
    )


def poll(platform: Platform, *sessions: BookedSession) -> None:
    platform.source.sessions = list(sessions)
    platform.poller_of(platform.source, LIMITS).run_once()


def kept(platform: Platform) -> Held:
    with platform.store.read() as db:
        (one,) = batches.held(db)
        return one


def counted(platform: Platform) -> Held:
    with platform.store.read() as db:
        return batches.still_held(db, kept(platform).id)


def nobody_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def counts(*_: object) -> None:
        raise AssertionError("the whole batch was read")

    monkeypatch.setattr(changes, "of_batch", counts)


@AT_ONCE
def test_what_is_told_of_it_is_what_counting_it_gives(
    held: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = counted(held)
    assert dict(whole.counts) == {"move": COUNT}
    nobody_counts(monkeypatch)
    assert kept(held) == whole
    (one,) = queries.status(held.context).held
    assert [change.session for change in one.listed] == [f"ses-{n}" for n in range(COUNT)]


CHANGES: dict[str, Callable[[Platform], BookedSession]] = {
    "moved again": lambda it: booked(it, 3, 2, place=Online("https://zoom.us/j/3", "Zoom")),
    "moved back": lambda it: booked(it, 3, 2),
    "brought forward": lambda it: replace(
        booked(it, 0, 2, place=MOVED), id="ses-5", title="Sooner than all others"
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_of_it_is_reckoned_in(
    held: Platform, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    before = kept(held)
    poll(held, CHANGES[change](held))
    whole = counted(held)
    nobody_counts(monkeypatch)
    assert kept(held) == whole
    assert kept(held).checksum != before.checksum


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)  # where both may write
@pytest.mark.parametrize("held", [500], indirect=True)
def test_what_changes_while_it_is_counted_again_is_told(
    held: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, recent = kept(held), batches.recent

    def changed_meanwhile(*given: Any) -> Any:
        monkeypatch.setattr(batches, "recent", recent)
        poll(held, CHANGES["moved again"](held))
        return recent(*given)

    monkeypatch.setattr(batches, "recent", changed_meanwhile)
    held.store.transact(lambda db: batches.close(db, before.id, LIMITS))
    assert kept(held).checksum == counted(held).checksum != before.checksum


def test_how_a_change_counts_is_told_when_its_record_changes_that(held: Platform) -> None:
    """A session that went back is accepted anew."""
    with held.store.write() as db:
        back = sa.update(table("booked_session")).where(table("booked_session").c.id == "ses-3")
        db.run(back.values(taken_back=True))
    queries.remember_shown(held.context, [counted(held)])
    assert dict(kept(held).counts) == {"move": COUNT - 1, "went_back": 1}
    poll(held, booked(held, 3, 2, place=MOVED, url="https://app.example.org/s/2"))
    assert dict(kept(held).counts) == {"move": COUNT}
    assert kept(held) == counted(held)


def test_how_a_change_counts_is_told_when_its_session_went_back(held: Platform) -> None:
    kept(held)
    with held.store.write() as db:
        older_versions.took_back(db, "default", ["ses-3"])
    assert kept(held) == counted(held)
    assert dict(kept(held).counts) == {"move": COUNT - 1, "went_back": 1}


def test_of_many_changes_the_nearest_are_kept(
    held: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some more than are shown, so that enough are left when some have changed."""
    monkeypatch.setattr(summary, "LISTED", 2)
    monkeypatch.setattr(summary, "KEPT", 3)
    queries.remember_shown(held.context, [counted(held)])
    for number, left in ((0, ["ses-1", "ses-2"]), (1, ["ses-2", "ses-3"]), (2, ["ses-3", "ses-4"])):
        poll(held, booked(held, number, 2))
        assert [change.session for change in kept(held).changes] == left
        assert kept(held).checksum == counted(held).checksum


def test_a_batch_that_a_calsync_of_before_held_is_counted_once(
    held: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with held.store.write() as db:
        db.run(sa.update(table("batch")).values(summary=None))
    (told,) = queries.status(held.context).held
    nobody_counts(monkeypatch)
    assert kept(held).checksum == told.digest


def test_the_daemon_counts_what_nothing_is_kept_of_before_somebody_looks(
    held: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody has seen the batch by that."""
    with held.store.write() as db:
        db.run(sa.update(table("batch")).values(summary=None, digest="seen before"))
    (upkeep,) = (job for job in own_jobs(held.context) if job.name == "held batches")
    upkeep.run()
    whole = counted(held)
    nobody_counts(monkeypatch)
    upkeep.run()
    assert kept(held) == whole
    with held.store.read() as db:
        assert {row["digest"] for row in db.all(sa.select(table("batch")))} == {"seen before"}


@AT_ONCE
def test_a_digest_that_is_no_longer_true_is_refused_and_the_true_one_told_from_then_on(
    held: Platform,
) -> None:
    """What people do in their calendars changes what a batch would do, and not the batch."""
    shown = kept(held)
    with held.store.write() as db:
        gone = sa.update(table("copy")).where(table("copy").c.session == "ses-2")
        db.run(gone.values(state="gone", holds=False))
    with pytest.raises(InputError, match="has changed since it was shown"):
        commands.approve(held.context, shown.id, shown.checksum, reject=False)
    assert kept(held).checksum == counted(held).checksum != shown.checksum
    done = commands.approve(held.context, shown.id, kept(held).checksum, reject=False)
    assert done.changes == {"move": COUNT - 1, "first_event": 1}


@AT_ONCE
def test_it_does_not_name_who_was_forgotten(held: Platform) -> None:
    retention.forget(held.context, "maya@example.org")
    with held.store.read() as db:
        texts = [row["summary"] for row in db.all(sa.select(table("batch").c.summary))]
    assert not any("u-1" in str(text) for text in texts)
    assert kept(held) == counted(held)


def test_nothing_of_its_people_is_kept_once_it_is_decided(held: Platform) -> None:
    one = kept(held)
    commands.approve(held.context, one.id, one.checksum, reject=True)
    with held.store.read() as db:
        assert {row["summary"] for row in db.all(sa.select(table("batch").c.summary))} == {None}


class Complete(ListSource):
    """Its polls show what has nobody any more. It can be asked what it has."""

    emptied: tuple[str, ...] = ()

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        found = [one for one in self.sessions if one.id in self.emptied]
        yield Page(found, cursor="x", without_people=self.emptied)

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return {one.id for one in self.sessions}


@pytest.fixture
def withdrawn(make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """Sam takes the place of Maya in every session, which waits for a person, in a batch too large
    to be counted again by every poll."""
    monkeypatch.setattr(changes, "RANGE", RANGE)
    platform = make_platform()
    platform.connect("maya@example.org")
    platform.connect("sam@example.org")
    poll(platform, *(booked(platform, n) for n in range(COUNT)))
    platform.deliver()
    poll(platform, *now_with_sam(platform))
    assert dict(kept(platform).counts) == {"withdraw": COUNT}
    return platform


def now_with_sam(platform: Platform) -> list[BookedSession]:
    return [booked(platform, n, 1, participants=(SAM,)) for n in range(COUNT)]


def told_as(platform: Platform, kind: str) -> bool:
    """One of the held withdrawals is told as one of this kind, which it is."""
    counts = {"withdraw": COUNT} if kind == "withdraw" else {"withdraw": COUNT - 1, kind: 1}
    return kept(platform) == counted(platform) and dict(kept(platform).counts) == counts


def test_how_a_withdrawal_counts_is_told_when_sweeps_miss_its_session(withdrawn: Platform) -> None:
    there = now_with_sam(withdrawn)
    source = Complete(sessions=there[1:])
    assert withdrawn.poller_of(source, LIMITS).sweep().error is None
    assert told_as(withdrawn, "inferred")
    source.sessions = there
    assert withdrawn.poller_of(source, LIMITS).sweep().error is None
    assert told_as(withdrawn, "withdraw")


def test_how_a_withdrawal_counts_is_told_when_its_source_has_its_session_no_more(
    withdrawn: Platform,
) -> None:
    source = Complete(sessions=now_with_sam(withdrawn)[1:])
    for _ in range(2):
        assert withdrawn.poller_of(source, LIMITS).run_once().error is None
        withdrawn.later(minutes=11)
    assert told_as(withdrawn, "inferred")


def test_how_a_withdrawal_counts_is_told_when_nobody_is_listed_for_its_session(
    withdrawn: Platform,
) -> None:
    there = now_with_sam(withdrawn)
    source = Complete(sessions=[booked(withdrawn, 0, 2, participants=()), *there[1:]])
    source.emptied = ("ses-0",)
    assert withdrawn.poller_of(source, LIMITS).run_once().refused == 1
    assert told_as(withdrawn, "nobody_left")
