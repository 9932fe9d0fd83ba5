"""Batches that are too large for one transaction: counted and released by ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import Agenda, BookedSession, Online, Participant, Status
from calsync.core.guard import Limits
from calsync.errors import InputError
from calsync.ingest.guard import ranges
from calsync.ops import commands, queries
from calsync.ops.results.status import HeldBatch
from calsync.ports import NOTHING_KNOWN, KnownRecords, Page
from calsync.store.guard import changes, large
from calsync.store.ledger.rows import table
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform
from tests.harness.work import most_changed_at_once

RANGE = 4  # deliveries
LIMITS = Limits(3, 0.0, 2, 3, 1000, 1.0, 0)
OTHER = Online("https://zoom.us/j/2", "Zoom")


@pytest.fixture(autouse=True)
def _short_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "RANGE", RANGE)


@dataclass
class Pages:
    """A source in pages of two sessions; `between` runs before each of them but the first."""

    sessions: list[BookedSession] = field(default_factory=list)
    between: Callable[[], None] = lambda: None
    name: str = "platform"
    tenant: str = "default"

    def changes(self, cursor: str | None, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        for start in range(0, len(self.sessions), 2):
            if start:
                self.between()
            yield Page(self.sessions[start : start + 2], cursor="x")

    def sweep(self, known: KnownRecords = NOTHING_KNOWN) -> Iterator[Page]:
        yield Page(self.sessions)

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return None


def polled(
    platform: Platform,
    *sessions: BookedSession,
    limits: Limits = LIMITS,
    between: Callable[[], None] = lambda: None,
) -> None:
    platform.poller_of(Pages(list(sessions), between), limits).run_once()


def held(platform: Platform) -> list[HeldBatch]:
    with platform.store.read() as db:
        return queries.held(db)


def waiting(platform: Platform, person: Participant) -> int:
    """How many of this person's deliveries are in a batch."""
    c = table("delivery").c
    mine = (c.participant == person.id, c.batch.is_not(None))
    with platform.store.read() as db:
        return int(db.scalar(sa.select(sa.func.count()).where(*mine)))


def booked(platform: Platform, count: int, *people: Participant) -> list[BookedSession]:
    chosen = people or (MAYA, SAM)
    return [platform.a_session(f"ses-{n:02}", participants=chosen) for n in range(count)]


def shown(platform: Platform, count: int) -> list[BookedSession]:
    """Sessions that Maya's calendar shows."""
    platform.connect("maya@example.org")
    made = booked(platform, count, MAYA)
    polled(platform, *made)
    platform.deliver()
    return made


def newer(session: BookedSession, **values: Any) -> BookedSession:
    later = session.updated_at.replace(hour=session.updated_at.hour + 1)
    return replace(session, updated_at=later, **values)


def calls(platform: Platform, do: str) -> int:
    return [one for one, _ in platform.calendar.calls].count(do)


def states(platform: Platform) -> list[str]:
    with platform.store.read() as db:
        return [row["state"] for row in db.all(sa.select(table("batch").c.state))]


def test_calendar_entries_of_a_first_import_go_with_their_page_and_mails_after_the_verdict(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    platform.connect("maya@example.org")
    seen: list[tuple[int, int]] = []

    def look() -> None:
        platform.deliver()
        seen.append((calls(platform, "create"), len(platform.mail.sent)))
        assert waiting(platform, MAYA) == 0

    loose = replace(LIMITS, max_first_mails=100)
    polled(platform, *booked(platform, 8), limits=loose, between=look)
    platform.deliver()

    assert seen == [(2, 0), (4, 0), (6, 0)]
    assert (calls(platform, "create"), len(platform.mail.sent)) == (8, 8)
    assert held(platform) == []


def test_too_many_first_mails_of_a_large_import_wait_and_its_calendar_entries_do_not(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    platform.connect("maya@example.org")
    polled(platform, *booked(platform, 8))
    platform.deliver()

    (one,) = held(platform)
    assert (one.changes, one.session_count) == ({"first_mail": 8}, 8)
    assert (calls(platform, "create"), platform.mail.sent) == (8, [])
    commands.approve(platform.context, one.batch, one.digest, reject=False)
    platform.deliver()
    assert (held(platform), len(platform.mail.sent)) == ([], 8)


@pytest.mark.parametrize("first", ["known", "new"])
def test_a_batch_with_a_session_that_was_known_before_releases_nothing_before_its_verdict(
    make_platform: MakePlatform, first: str
) -> None:
    platform = make_platform()
    (known,) = shown(platform, 1)
    moved = newer(known, place=OTHER)
    fresh = [platform.a_session(f"new-{n}", participants=(MAYA,)) for n in range(5)]
    kept: list[int] = []
    order = [moved, *fresh] if first == "known" else [fresh[0], moved, *fresh[1:]]
    polled(platform, *order, between=lambda: kept.append(waiting(platform, MAYA)))

    assert kept == [2, 4]
    assert waiting(platform, MAYA) == 0


def test_what_a_large_batch_released_at_once_counts_as_passed(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.connect("maya@example.org")
    polled(platform, *booked(platform, 6))
    batch = table("batch")
    with platform.store.read() as db:
        stored = db.all(sa.select(batch.c.counts).where(batch.c.source == "platform"))

    assert '"passed": {"first_event": 6}' in stored[0]["counts"].replace('"nothing": 0, ', "")


@pytest.mark.parametrize("reject", [False, True], ids=["approve", "reject"])
def test_too_many_moves_in_a_large_batch_are_held_and_quiet_changes_flow(
    make_platform: MakePlatform, reject: bool
) -> None:
    platform = make_platform()
    sessions = shown(platform, 16)
    moved = [newer(one, place=OTHER) for one in sessions[:10]]
    reworded = [newer(one, agenda=Agenda("<p>New words</p>")) for one in sessions[10:]]
    polled(platform, *moved, *reworded)
    platform.deliver()

    (one,) = held(platform)
    assert (one.changes, calls(platform, "change")) == ({"move": 10}, 6)
    assert [change.session for change in one.listed] == [f"ses-{n:02}" for n in range(10)]
    commands.approve(platform.context, one.batch, one.digest, reject=reject)
    platform.deliver()
    assert (held(platform), calls(platform, "change")) == ([], 6 if reject else 16)
    assert states(platform).count("rejected") == int(reject)


def test_as_many_moves_as_the_limit_go_in_a_large_batch_and_count_for_an_hour(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    sessions, limits = shown(platform, 9), replace(LIMITS, max_changes=6)
    polled(platform, *(newer(one, place=OTHER) for one in sessions[:6]), limits=limits)
    platform.deliver()
    assert (held(platform), calls(platform, "change")) == ([], 6)
    polled(platform, *(newer(one, place=OTHER) for one in sessions[6:]), limits=limits)

    assert [one.changes for one in held(platform)] == [{"move": 3}]


def moved_at_once(platform: Platform) -> tuple[list[BookedSession], list[BookedSession]]:
    """Eight sessions as they are shown, and as a poll moved them: more than the guard lets go."""
    sessions = shown(platform, 8)
    moved = [newer(one, place=OTHER) for one in sessions]
    polled(platform, *moved)
    return sessions, moved


def test_a_change_that_is_taken_back_leaves_a_large_held_batch_by_itself(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    sessions, moved = moved_at_once(platform)
    (before,) = held(platform)
    polled(platform, newer(moved[0], place=sessions[0].place))
    (after,) = held(platform)

    assert (before.changes, after.changes) == ({"move": 8}, {"move": 7})
    assert after.digest != before.digest


def test_a_large_batch_that_changed_since_it_was_shown_is_not_approved(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    _, moved = moved_at_once(platform)
    (one,) = held(platform)
    with platform.store.read() as db:
        revision = db.scalar(sa.select(table("batch").c.revision).where(_is(one)))
    polled(platform, newer(moved[0], place=Online("https://zoom.us/j/3", "Zoom")))

    with pytest.raises(InputError, match="has changed since it was shown"):
        commands.approve(platform.context, one.batch, one.digest, reject=False)
    with platform.store.write() as db:  # it changes between the reading and the release
        assert not large.approve(db, one.batch, revision, reject=False)
    platform.deliver()
    assert calls(platform, "change") == 0


def _is(one: HeldBatch) -> sa.ColumnElement[bool]:
    return table("batch").c.id == one.batch


def test_a_change_that_comes_while_a_batch_is_released_belongs_to_the_next_one(
    make_platform: MakePlatform,
) -> None:
    """Nobody saw it when the batch was approved."""
    platform = make_platform()
    _, moved = moved_at_once(platform)
    (one,) = held(platform)
    with platform.store.write() as db:
        assert large.approve(db, one.batch, 0, reject=False)
    again = Pages([newer(moved[0], status=Status.CANCELLED)])
    with platform.store.write() as db:
        intake = platform.poller_of(again).intake
        prepared = intake.prepare(again.sessions)
        intake.take_sessions(db, "default", prepared)

    assert platform.delivery("ses-00")["batch"] not in (None, one.batch)
    ranges.close(platform.store, platform.context.at, one.batch, LIMITS)
    platform.deliver()
    assert (calls(platform, "change"), calls(platform, "withdraw")) == (7, 0)


@pytest.mark.parametrize("point", ["guard_decide", "guard_release", "guard_end"])
def test_a_large_batch_whose_process_died_is_closed_by_the_next_poll(
    make_platform: MakePlatform, point: str
) -> None:
    platform = make_platform()
    sessions = shown(platform, 10)
    poller = platform.poller_of(Pages([newer(one, place=OTHER) for one in sessions]), LIMITS)

    def die(name: str) -> None:
        if name == f"{point}.before":
            raise KeyboardInterrupt

    poller.intake = replace(poller.intake, at=die)
    with pytest.raises(KeyboardInterrupt):
        poller.run_once()
    assert states(platform).count("closing") == 1
    polled(platform)

    assert [one.changes for one in held(platform)] == [{"move": 10}]
    assert "closing" not in states(platform)


def test_a_person_who_connects_while_a_large_batch_is_open_is_counted_as_they_are_then(
    make_platform: MakePlatform,
) -> None:
    """What was counted as first mails became first calendar entries."""
    platform = make_platform()
    once = [lambda: platform.connect("sam@example.org")]
    polled(platform, *booked(platform, 8), between=lambda: once and once.pop()())
    platform.deliver()

    (one,) = held(platform)
    assert one.changes == {"first_mail": 8}
    assert {change.person for change in one.listed} == {"maya@example.org"}
    assert calls(platform, "create") == 8


def test_no_transaction_changes_more_deliveries_than_a_range_or_a_page_has(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    platform.connect("maya@example.org")
    with most_changed_at_once(platform.store, "delivery") as most:
        polled(platform, *booked(platform, 12))
        (one,) = held(platform)
        commands.approve(platform.context, one.batch, one.digest, reject=False)

    assert 0 < most() <= RANGE
