"""The guard over the store: what is too much waits by kind, and the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.booked import Agenda, BookedSession, Online, Participant, Status
from calsync.core.guard import Limits
from calsync.errors import SourceError
from calsync.ops import commands
from calsync.ports import KnownRecords, Page
from calsync.store.connect import accounts
from calsync.store.ledger import batches
from calsync.store.ledger.batches import Held
from calsync.store.ledger.selection import Selection
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform

TIGHT = Limits(max_changes=3, max_share=0.0, max_inferred=2, max_first_mails=100, free_sessions=0)
OTHER = Online("https://zoom.us/j/2", "Zoom")


def held(platform: Platform) -> list[Held]:
    with platform.store.read() as db:
        return batches.held(db)


def shown(platform: Platform, count: int) -> list[BookedSession]:
    """Sessions that Maya's calendar shows."""
    platform.connect("maya@example.org")
    made = [platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in range(count)]
    platform.book(*made)
    platform.deliver()
    return made


def newer(session: BookedSession, **changes: Any) -> BookedSession:
    return replace(session, updated_at=session.updated_at + timedelta(minutes=1), **changes)


def calls(platform: Platform, do: str) -> int:
    return [one for one, _ in platform.calendar.calls].count(do)


def test_as_many_as_the_limit_go_and_one_more_waits_for_a_person(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 7)
    moved = [newer(one, place=OTHER) for one in sessions[:3]]
    platform.book(*moved)
    platform.deliver()
    assert (held(platform), calls(platform, "change")) == ([], 3)
    platform.later(minutes=61)
    platform.book(*(newer(one, place=OTHER) for one in sessions[3:]))
    platform.deliver()

    assert [one.counts for one in held(platform)] == [{"move": 4}]
    assert calls(platform, "change") == 3


@pytest.mark.parametrize(("minutes", "waits"), [(30, True), (61, False)])
def test_changes_of_the_last_hour_count_together(
    make_platform: MakePlatform, minutes: int, waits: bool
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 4)
    platform.book(*(newer(one, place=OTHER) for one in sessions[:2]))
    platform.later(minutes=minutes)
    platform.book(*(newer(one, place=OTHER) for one in sessions[2:]))

    assert bool(held(platform)) is waits


def test_what_passed_counts_for_an_hour_however_often_a_held_batch_is_seen(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 9)
    cancelled = [newer(one, status=Status.CANCELLED) for one in sessions[:4]]
    moved = [newer(one, place=OTHER) for one in sessions[4:7]]
    platform.book(*cancelled, *moved)
    assert [one.counts for one in held(platform)] == [{"withdraw": 4}]
    for _ in range(4):
        platform.later(minutes=20)
        platform.poller.run_once()
        with platform.store.write() as db:
            batches.close(db, held(platform)[0].id, TIGHT)
    platform.book(*(newer(one, place=OTHER) for one in sessions[7:]))

    assert [one.counts for one in held(platform)] == [{"withdraw": 4}]


def test_quiet_changes_flow_while_the_moves_of_the_same_poll_wait(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 8)
    platform.book(
        *(newer(one, place=OTHER, title="Moved") for one in sessions[:4]),
        *(newer(one, agenda=Agenda("<p>New words</p>")) for one in sessions[4:]),
    )
    platform.deliver()

    assert [one.counts for one in held(platform)] == [{"move": 4}]
    assert calls(platform, "change") == 4
    titles = {str(one.event["title"]) for one in platform.calendar.entries.values()}
    assert not any("Moved" in title for title in titles)


def test_a_change_that_is_taken_back_leaves_the_held_batch_by_itself(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 4)
    moved = [newer(one, place=OTHER) for one in sessions]
    platform.book(*moved)
    (before,) = held(platform)
    platform.book(newer(moved[0], place=sessions[0].place))
    (after,) = held(platform)
    assert after.counts == {"move": 3}
    assert after.checksum != before.checksum
    platform.book(*(newer(m, place=s.place) for m, s in zip(moved[1:], sessions[1:], strict=True)))
    platform.deliver()

    assert held(platform) == []
    assert calls(platform, "change") == 0


def test_a_rejected_change_waits_until_its_record_changes_and_for_nothing_else(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 4)
    platform.book(*(newer(one, status=Status.CANCELLED) for one in sessions))
    with platform.store.write() as db:
        (one,) = batches.held(db)
        batches.decide(db, one.id, one.checksum, reject=True)
    platform.deliver()
    commands.resync(platform.context, Selection())
    with platform.store.write() as db:
        reroute.reroute(platform.context, db, "default", ["maya@example.org"])
    platform.deliver()
    assert calls(platform, "withdraw") == 0
    assert platform.delivery("ses-0")["parked"] == "rejected"
    platform.book(newer(newer(sessions[0], place=OTHER)))
    platform.deliver()

    assert platform.delivery("ses-0")["parked"] is None
    assert calls(platform, "change") == 1


def test_another_route_does_not_let_a_rejected_move_go(make_platform: MakePlatform) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 4)
    platform.book(*(newer(one, place=OTHER) for one in sessions))
    with platform.store.write() as db:
        (one,) = batches.held(db)
        batches.decide(db, one.id, one.checksum, reject=True)
        (account,) = accounts.listed(db)
        accounts.set_state(db, account["id"], AccountState.UNUSABLE)
    with platform.store.write() as db:
        reroute.reroute(platform.context, db, "default", ["maya@example.org"])
        for held_now in batches.held(db):
            batches.decide(db, held_now.id, held_now.checksum, reject=False)
    platform.later(minutes=10)
    platform.deliver()

    assert platform.delivery("ses-0")["channel"] == "mail"
    assert platform.delivery("ses-0")["parked"] == "rejected"
    assert platform.mail.sent == []


def test_an_approved_batch_goes_and_counts_no_more(make_platform: MakePlatform) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 7)
    platform.book(*(newer(one, place=OTHER) for one in sessions[:4]))
    with platform.store.write() as db:
        (one,) = batches.held(db)
        batches.decide(db, one.id, one.checksum, reject=False)
    platform.book(*(newer(one, place=OTHER) for one in sessions[4:]))
    platform.deliver()

    assert held(platform) == []
    assert calls(platform, "change") == 7


def test_the_open_batch_of_a_poll_that_died_is_joined_by_the_next_one(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = make_platform(TIGHT)
    sessions = shown(platform, 6)
    moved = [newer(one, place=OTHER) for one in sessions]
    changes = platform.source.changes

    def dies(cursor: str | None, known: KnownRecords) -> Iterator[Page]:
        yield Page(moved[:2], cursor="x")
        raise SourceError("connection lost")

    monkeypatch.setattr(platform.source, "changes", dies)
    assert platform.poller.run_once().error
    platform.deliver()
    assert calls(platform, "change") == 0
    monkeypatch.setattr(platform.source, "changes", changes)
    platform.book(*moved)
    platform.deliver()

    assert [one.counts for one in held(platform)] == [{"move": 6}]
    assert calls(platform, "change") == 0


def test_a_poll_that_died_and_found_nothing_more_lets_its_work_go(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = platform.source.changes

    def dies(cursor: str | None, known: KnownRecords) -> Iterator[Page]:
        yield Page([platform.a_session(participants=(SAM,))], cursor="x")
        raise SourceError("connection lost")

    monkeypatch.setattr(platform.source, "changes", dies)
    platform.poller.run_once()
    monkeypatch.setattr(platform.source, "changes", changes)
    platform.poller.run_once()
    platform.deliver()

    assert len(platform.mail.sent) == 1


def test_too_many_first_invitations_wait_and_first_events_do_not(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(Limits(100, 1.0, 100, max_first_mails=2, free_sessions=2))
    maya = platform.connect("maya@example.org")
    platform.book(*(platform.a_session(f"ses-{n}") for n in range(3)))
    platform.deliver()

    assert [one.counts for one in held(platform)] == [{"first_mail": 3}]
    assert len(platform.calendar.live(maya)) == 3
    assert platform.mail.sent == []


def test_cancellations_that_are_only_inferred_have_a_limit_of_their_own(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(Limits(100, 1.0, max_inferred=2, max_first_mails=100, free_sessions=2))
    sessions = shown(platform, 4)
    platform.source.sessions = sessions[:1]
    platform.later(minutes=1)
    platform.poller.sweep()
    platform.later(hours=7)
    platform.poller.sweep()
    platform.deliver()

    assert [one.counts for one in held(platform)] == [{"inferred": 3}]
    assert calls(platform, "withdraw") == 0


def test_an_empty_sweep_withdraws_nothing(platform: Platform) -> None:
    shown(platform, 3)
    platform.source.sessions = []
    for _ in range(3):
        platform.later(hours=7)
        platform.poller.sweep()
    platform.deliver()

    assert calls(platform, "withdraw") == 0
    assert platform.delivery("ses-0")["want"] == "present"


def test_one_large_group_that_moves_is_an_ordinary_change(make_platform: MakePlatform) -> None:
    platform = make_platform(Limits())
    people = tuple(Participant(f"u{n}", f"Person {n}", f"p{n}@home.example") for n in range(60))
    group = platform.a_session("g60", participants=people)
    platform.book(group)
    platform.deliver()
    platform.book(newer(group, place=OTHER))

    assert held(platform) == []


def test_a_small_tenant_keeps_what_stands_when_the_source_cancels_all_of_it(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(Limits())
    sessions = shown(platform, 18)
    platform.book(*(newer(one, status=Status.CANCELLED) for one in sessions))
    platform.deliver()

    (one,) = held(platform)
    assert one.counts == {"withdraw": 18}
    assert (one.changes[0].session, one.changes[0].person) == ("ses-0", "maya@example.org")
    assert calls(platform, "withdraw") == 0
