"""When calls may be made: limits, the mails of a day, settling, priorities, turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.booked import Online, Participant, Program, ProgramKind, Status
from calsync.core.ledger import Rate
from calsync.core.reconcile.claimed import Finished, Schedule
from calsync.delivery.concurrency import InFlight
from calsync.delivery.dispatch import Dispatcher
from calsync.delivery.groups import TOGETHER, Groups, Work
from calsync.errors import TryLater
from calsync.ops import commands
from calsync.store.ledger.rows import Sealer, table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import due, limiter
from calsync.store.queue.finish import finish
from calsync.store.queue.limiter import Room
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform


@pytest.fixture
def make_platform(make_platform: MakePlatform) -> MakePlatform:
    """The clock stands still: limits fill up again while it goes on, however slow the machine."""

    def make(**settings: Any) -> Platform:
        platform = make_platform(**settings)
        platform.stop_clock(platform.clock())
        return platform

    return make


GROUP = Program("prog-8", "Cohort", ProgramKind.GROUP)


def zoom(number: int) -> Online:
    return Online(f"https://zoom.us/j/{number}", "Zoom")


def updates(platform: Platform) -> int:
    return len(platform.mail.sent)


# --- the limiter ---------------------------------------------------------------------------------


def test_no_minute_holds_more_than_its_limit_wherever_it_begins(platform: Platform) -> None:
    """As Google counts: what comes at once in the beginning is of the minute after it as well."""
    made = []
    for second in range(75):
        with platform.store.write() as db:
            while limiter.spend(db, "key", 120) is None:
                made.append(second)
        platform.later(seconds=1)
    minutes = [sum(first <= one < first + 60 for one in made) for first in range(16)]

    assert max(minutes) <= 120
    assert min(minutes) >= 116, "in the long run it is 120 in 62 seconds"
    assert made.count(0) == 4, "two seconds' worth may come at once"


def test_it_is_told_how_many_calls_a_limit_has_room_for_before_they_are_claimed(
    platform: Platform,
) -> None:
    asked = [("used", 60), ("unknown", 60), ("used up", 60)]
    with platform.store.write() as db:
        assert limiter.spend(db, "used", 60) is None
        assert limiter.spend(db, "used up", 60, calls=3) is None
        free_at = limiter.spend(db, "used up", 60)
        found = limiter.rooms(db, asked)
        assert free_at is not None
        assert found == [Room(1), Room(2), Room(0, free_at - db.now)]
        for (key, most), room in zip(asked, found, strict=True):
            spent = [limiter.spend(db, key, most) for _ in range(room.calls + 1)]
            assert [one is None for one in spent] == [True] * room.calls + [False]


def a_crowd(platform: Platform) -> None:
    """A session for each of 30 people with a calendar."""
    people = [Participant(f"u-{n}", f"P {n}", f"u{n}@example.org") for n in range(30)]
    for one in people:
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in people))


def test_no_more_is_claimed_than_the_limit_of_all_accounts_has_room_for(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"google": Rate(600, 600)})
    a_crowd(platform)
    groups = Groups(platform.deliverer)
    work = Work([], [], 64, ["default"], InFlight(lambda _: {}).rooms)
    first, second = groups.run(work), groups.run(work)

    assert first.claims == len(first.calls) == 20
    assert (second.claims, second.dry) == (0, True)
    assert second.room_in == TOGETHER
    platform.later(seconds=1)
    assert groups.run(work).claims == 10


def test_who_has_to_wait_long_for_a_limit_waits_by_itself(make_platform: MakePlatform) -> None:
    """So that a pass ends, which waits for what can be made in a moment."""
    platform = make_platform(rates={"google": Rate(6, None)})
    a_crowd(platform)
    begun = Groups(platform.deliverer).run(
        Work([], [], 64, ["default"], InFlight(lambda _: {}).rooms)
    )

    assert (begun.claims, len(begun.calls), begun.room_in) == (30, 1, None)


def test_a_daemon_looks_again_once_a_limit_has_room(make_platform: MakePlatform) -> None:
    platform = make_platform(rates={"google": Rate(6_000, None)})
    a_crowd(platform)
    with platform.store.write() as db:
        assert limiter.spend(db, "google:default", 6_000, calls=195) is None
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert dispatcher.step(lambda: ["default"]) == 0
    dispatcher.wait(600)
    platform.later(seconds=1)

    assert dispatcher.step(lambda: ["default"]) == 2


def test_over_the_limit_the_next_chance_is_named(platform: Platform) -> None:
    with platform.store.write() as db:
        assert limiter.spend(db, "key", 6) is None
        free_at = limiter.spend(db, "key", 6)
        assert free_at is not None
        assert limiter.spend(db, "other", 6) is None
    platform.ahead += free_at - platform.clock() + timedelta(seconds=1)
    with platform.store.write() as db:
        assert limiter.spend(db, "key", 6) is None


def test_many_calls_at_once_are_paid_for_one_by_one(platform: Platform) -> None:
    with platform.store.write() as db:
        assert limiter.spend(db, "key", 60, calls=10) is None
    platform.later(seconds=5)
    with platform.store.write() as db:
        assert limiter.spend(db, "key", 60) is not None
    platform.later(seconds=4)
    with platform.store.write() as db:
        assert limiter.spend(db, "key", 60) is None


def test_a_call_over_the_limit_waits_and_is_not_lost(make_platform: MakePlatform) -> None:
    platform = make_platform(rates={"google": Rate(6, None)})
    maya = platform.connect("maya@example.org")
    platform.book(*(platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in range(3)))
    platform.work_one()
    platform.work_one()
    assert len(platform.calendar.live(maya)) == 1
    for _ in range(6):
        platform.later(seconds=11)
        while platform.work_one():
            pass

    assert len(platform.calendar.live(maya)) == 3


@pytest.mark.parametrize("full", ["account:maya", "google:default"])
def test_a_refusal_spends_nothing_of_either_limit(platform: Platform, full: str) -> None:
    rates = {"google": Rate(6, 6)}
    other = ({"account:maya", "google:default"} - {full}).pop()
    with platform.store.write() as db:
        assert limiter.spend(db, full, 6) is None
        for _ in range(3):
            assert (
                limiter.take(db, limiter.CountedCalls("default", "google", "maya", rates))
                is not None
            )
        assert limiter.spend(db, other, 6) is None


def test_a_mail_that_waits_for_the_next_day_spends_no_call(make_platform: MakePlatform) -> None:
    platform = make_platform(rates={"mail": Rate(6, None)}, mails_per_day=0)
    platform.book(platform.a_session(participants=(SAM,)))
    platform.deliver()

    assert platform.mail.sent == []
    with platform.store.write() as db:
        assert limiter.spend(db, "mail:default", 6) is None


def test_a_look_up_pays_for_the_call_it_leads_to_as_well(make_platform: MakePlatform) -> None:
    platform = make_platform(rates={"google": Rate(6, None)})
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.calendar.failures = [TryLater("connection lost", happened="maybe", scope="copy")]
    platform.deliver()
    platform.later(minutes=5)
    platform.deliver()
    with platform.store.write() as db:
        free_at = limiter.spend(db, "google:default", 6)

    assert [name for name, _ in platform.calendar.calls] == ["create", "find", "create"]
    assert free_at is not None
    assert free_at - platform.clock() > timedelta(seconds=15)


def test_an_account_that_cools_keeps_nobody_else_waiting(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    sam = platform.connect("sam@example.org")
    platform.book(platform.a_session("ses-1", participants=(MAYA,)))
    platform.calendar.failures = [TryLater("429", happened="no", scope="account", after=3600)]
    platform.deliver()
    platform.book(platform.a_session("ses-2"))
    platform.deliver()
    assert (len(platform.calendar.live(maya)), len(platform.calendar.live(sam))) == (0, 1)
    platform.later(hours=2)
    platform.deliver()

    assert len(platform.calendar.live(maya)) == 2


# --- mails of a day ------------------------------------------------------------------------------


def test_the_seventh_mail_of_a_day_waits_for_the_next_and_a_cancellation_does_not(
    platform: Platform,
) -> None:
    session = platform.a_session(participants=(SAM,))
    platform.book(session)
    platform.deliver()
    midnight = platform.clock().replace(hour=0, minute=0, second=0) + timedelta(days=1)
    platform.ahead += midnight - platform.clock() + timedelta(minutes=1)
    for number in range(10, 18):
        session = platform.change(session, place=zoom(number))
        platform.later(minutes=2)
        platform.deliver()
    assert updates(platform) == 1 + 6
    platform.later(days=1)
    platform.deliver()
    assert updates(platform) == 1 + 7
    for number in range(20, 28):
        session = platform.change(session, place=zoom(number))
        platform.later(minutes=2)
        platform.deliver()
    platform.change(session, status=Status.CANCELLED)
    platform.deliver()

    assert platform.mail.sent[-1]["method"] == "CANCEL"


# --- settling ------------------------------------------------------------------------------------


def mailed(platform: Platform, **ahead: float) -> None:
    start = platform.now + timedelta(**ahead)
    session = platform.a_session(
        participants=(SAM,), starts_at=start, ends_at=start + timedelta(hours=1)
    )
    platform.book(session)
    platform.deliver()
    platform.source.sessions = [session]


def move(platform: Platform, number: int) -> None:
    platform.change(platform.source.sessions[0], place=zoom(number))
    platform.deliver()


def test_an_update_is_mailed_a_minute_after_the_last_change(platform: Platform) -> None:
    mailed(platform, days=3)
    move(platform, 2)
    platform.later(seconds=50)
    move(platform, 3)
    platform.later(seconds=50)
    platform.deliver()
    assert updates(platform) == 1
    platform.later(seconds=11)
    platform.deliver()

    assert updates(platform) == 2


def test_an_endless_burst_is_mailed_five_minutes_after_its_first_change(
    platform: Platform,
) -> None:
    mailed(platform, days=3)
    for number in range(2, 8):
        move(platform, number)
        platform.later(seconds=50)
    assert updates(platform) == 1
    platform.deliver()

    assert updates(platform) == 2


@pytest.mark.parametrize(("hours", "at_once"), [(1.9, True), (2.2, False)])
def test_within_two_hours_of_the_start_nothing_settles(
    platform: Platform, hours: float, at_once: bool
) -> None:
    mailed(platform, hours=hours)
    move(platform, 2)

    assert updates(platform) == (2 if at_once else 1)


def test_a_session_that_moves_to_within_two_hours_is_told_at_once(platform: Platform) -> None:
    mailed(platform, days=3)
    start = platform.clock() + timedelta(hours=1)
    session = platform.source.sessions[0]
    platform.change(session, starts_at=start, ends_at=start + timedelta(hours=1))
    platform.deliver()

    assert updates(platform) == 2


def test_a_group_that_fills_up_reaches_calendars_once_after_a_quarter_of_an_hour(
    platform: Platform,
) -> None:
    platform.connect("maya@example.org")
    session = platform.a_session(program=GROUP, participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    for n in range(3):
        one = Participant(f"p-{n}", f"P {n}", f"p{n}@example.org")
        session = platform.change(session, participants=(*session.participants, one))
        platform.deliver()
        platform.later(minutes=4)
    assert updates(platform) == 3  # everybody's first invitation waits for nothing
    assert [do for do, _ in platform.calendar.calls].count("change") == 0
    platform.later(minutes=4)
    platform.deliver()

    assert [do for do, _ in platform.calendar.calls].count("change") == 1
    assert updates(platform) == 3


# --- order ---------------------------------------------------------------------------------------


def claimed(platform: Platform) -> list[str]:
    """Sessions in the order in which one worker takes them."""
    order = []
    for _ in range(20):
        with platform.store.write() as db:
            for claim in due.take(db, timedelta(seconds=90), ["default"]):
                order.append(claim.delivery.key.session)
                finish(db, Sealer(platform.vault), [Finished(claim, Schedule(None))])
    return order


def test_what_starts_soon_goes_before_what_was_due_longer(platform: Platform) -> None:
    platform.connect("maya@example.org")
    start = platform.now + timedelta(hours=5)
    soon = platform.a_session("ses-soon", starts_at=start, ends_at=start + timedelta(hours=1))
    far = [platform.a_session(f"ses-far-{n}") for n in range(2)]
    sessions = [replace(one, participants=(MAYA,)) for one in (soon, *far)]
    platform.book(*sessions)
    platform.deliver()
    for one in (*sessions[1:], sessions[0]):
        platform.change(one, title="New title")
        platform.later(seconds=5)

    assert claimed(platform) == ["ses-soon", "ses-far-0", "ses-far-1"]


def test_a_resync_of_everything_goes_after_news(platform: Platform) -> None:
    platform.connect("maya@example.org")
    sessions = [platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in range(3)]
    platform.book(*sessions)
    platform.deliver()
    commands.resync(platform.context, Selection())
    platform.later(seconds=5)
    platform.change(sessions[2], title="News")

    assert claimed(platform)[0] == "ses-2"


# --- the daily round -----------------------------------------------------------------------------


def test_a_slot_that_was_woken_for_nothing_is_corrected(platform: Platform) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    platform.deliver()
    with platform.store.write() as db:
        db.run(sa.update(table("slot")).values(next_due=db.now))
    assert platform.due()
    assert not platform.work_one()

    assert not platform.due()
