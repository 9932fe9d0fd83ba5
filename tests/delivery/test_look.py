"""Looking: what a calendar shows is respected where it is proven, and never feared."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.core.booked import Online
from calsync.core.calls import PreparedRequest, Receipt, Sighting
from calsync.core.ledger import Copy, Policy, Rate
from calsync.delivery.inspect import Inspector
from calsync.errors import AccessLost, ChannelError, Refused, Setup, TryLater, Unusable
from calsync.ops import commands
from calsync.store.connect import accounts
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.queue import pauses
from tests.fakes import FakeCalendar
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform

DAY_BEFORE = {"days": 9, "hours": 1}


def with_event(platform: Platform, count: int = 1) -> str:
    """Maya's calendar with her sessions in it; returns her account."""
    maya = platform.connect("maya@example.org")
    sessions = [platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in range(1, count + 1)]
    platform.book(*sessions)
    platform.deliver()
    return maya


def written(platform: Platform, *what: str) -> list[str]:
    with platform.store.read() as db:
        return [str(line["what"]) for line in journal.recent(db, what)]


def make_taken(platform: Platform) -> None:
    """The user adds a guest, and a look notices."""
    for entry in platform.calendar.entries.values():
        entry.guests = True
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    platform.deliver()
    assert platform.states() == ["google taken"]


def test_an_event_with_guests_is_left_to_its_user_and_looked_at_again(platform: Platform) -> None:
    with_event(platform)
    make_taken(platform)

    assert platform.delivery()["look_at"] is not None
    calls = len(platform.calendar.calls)
    platform.later(hours=22)
    platform.inspector.run_once()
    assert platform.calendar.calls[calls:] == [("look", platform.copies()[0].uid)]
    assert platform.states() == ["google taken"]


def test_a_change_after_a_look_is_sent_for_the_revision_that_the_look_saw(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person gave the event a colour: its revision is another, and nothing of ours."""
    with_event(platform)
    seen = FakeCalendar._sighting
    monkeypatch.setattr(
        FakeCalendar,
        "_sighting",
        lambda *args: dataclasses.replace(seen(*args), revision='"coloured"'),
    )
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    sent_for = list[str | None]()
    send = FakeCalendar.send

    def noted(calendar: FakeCalendar, prepared: PreparedRequest, copy: Copy, *rest: Any) -> Receipt:
        sent_for.append(copy.revision)
        return send(calendar, prepared, copy, *rest)

    monkeypatch.setattr(FakeCalendar, "send", noted)
    platform.change(platform.a_session("ses-1", participants=(MAYA,)), title="Another title")
    platform.deliver()

    assert sent_for == ['"coloured"']
    assert written(platform, "copy_drifted") == []


def test_guests_that_leave_again_do_not_give_the_event_back(platform: Platform) -> None:
    with_event(platform)
    make_taken(platform)
    for entry in platform.calendar.entries.values():
        entry.guests = False
    platform.later(hours=22)
    platform.inspector.run_once()
    platform.deliver()

    assert platform.states() == ["google taken"]


def test_a_guest_event_that_its_user_deletes_makes_room_for_the_next_material_change(
    platform: Platform,
) -> None:
    maya = with_event(platform)
    session = platform.a_session(participants=(MAYA,))
    make_taken(platform)
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(hours=22)
    platform.inspector.run_once()
    platform.deliver()
    assert platform.states() == ["google dismissed"]
    assert platform.calendar.live(maya) == []
    platform.change(session, place=Online("https://zoom.us/j/9"))
    platform.deliver()

    assert platform.states() == ["google dismissed", "google live"]
    assert len(platform.calendar.live(maya)) == 1


def test_a_deleted_guest_event_wakes_whoever_waits_for_its_place(platform: Platform) -> None:
    twin = dataclasses.replace(SAM, id="u-3", email="maya@example.org")
    maya = platform.connect("maya@example.org")
    session = platform.a_session(participants=(MAYA, twin))
    platform.book(session)
    platform.deliver()
    make_taken(platform)
    session = platform.change(session, participants=(twin,))
    platform.deliver()
    assert platform.states(participant="u-3") == []
    with platform.store.write() as db:  # as after a revival: taken over while its account was lost
        db.run(sa.update(table("copy")).values(holds=False))
    for entry in platform.calendar.entries.values():
        entry.gone = True
    commands.resync(platform.context, Selection(person="u-1"))
    platform.deliver()  # a look waits until nothing else is due in the account
    platform.inspector.run_once()
    platform.deliver()

    assert platform.states(participant="u-3") == ["google live"]
    assert len(platform.calendar.live(maya)) == 1


def test_more_than_five_deletions_in_one_look_are_held_and_ops_are_told(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform()
    told: list[str] = []
    context = dataclasses.replace(platform.context, log=lambda event, **_: told.append(event))
    with_event(platform, 6)
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(**DAY_BEFORE)
    Inspector(context, 0.1).run_once()
    platform.deliver()

    assert {platform.states(f"ses-{n}")[0] for n in range(1, 7)} == {"google live"}
    assert written(platform, "many_dismissed") == ["many_dismissed"]
    assert "many_dismissed" in told


@pytest.mark.parametrize(("apart", "dismissed"), [(10, 4), (61, 6)])
def test_deletions_of_one_minute_count_together_over_several_looks(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, apart: int, dismissed: int
) -> None:
    able = dataclasses.replace(platform.calendar.able, inspect_batch=2)
    monkeypatch.setattr(platform.calendar, "able", able)
    with_event(platform, 6)
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(**DAY_BEFORE)
    for _ in range(3):
        assert platform.inspector.run_once() == 2
        platform.deliver()
        platform.later(seconds=apart)

    states = [platform.states(f"ses-{n}")[0] for n in range(1, 7)]
    assert states.count("google dismissed") == dismissed
    assert states.count("google live") == 6 - dismissed
    assert len(written(platform, "many_dismissed")) == (dismissed < 6)


def test_deletions_that_were_held_count_in_the_next_look(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = dataclasses.replace(platform.calendar.able, inspect_batch=6)
    monkeypatch.setattr(platform.calendar, "able", able)
    with_event(platform, 7)
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(**DAY_BEFORE)
    assert [platform.inspector.run_once() for _ in range(2)] == [6, 1]

    assert {platform.states(f"ses-{n}")[0] for n in range(1, 8)} == {"google live"}
    assert len(written(platform, "dismissal_held")) == 7


def test_deletions_in_another_account_do_not_count(platform: Platform) -> None:
    with_event(platform, 5)
    platform.connect("sam@example.org")
    platform.book(platform.a_session("ses-9", participants=(SAM,)))
    platform.deliver()
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(**DAY_BEFORE)
    while platform.inspector.run_once():
        platform.deliver()

    assert platform.states("ses-9", "u-2") == ["google dismissed"]
    assert {platform.states(f"ses-{n}")[0] for n in range(1, 6)} == {"google dismissed"}


def test_five_deletions_in_one_look_are_each_respected(platform: Platform) -> None:
    with_event(platform, 5)
    for entry in platform.calendar.entries.values():
        entry.gone = True
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    platform.deliver()

    assert {platform.states(f"ses-{n}")[0] for n in range(1, 6)} == {"google dismissed"}


@pytest.mark.parametrize("policy", ["report", "restore"])
def test_an_event_the_user_moved_is_reported_and_only_by_policy_put_back(
    make_platform: MakePlatform, policy: str
) -> None:
    platform = make_platform(policy=Policy(drift=policy))
    with_event(platform)
    for entry in platform.calendar.entries.values():
        entry.drifted = True
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    platform.deliver()

    assert written(platform, "copy_drifted") == ["copy_drifted"]
    changes = [do for do, _ in platform.calendar.calls].count("change")
    assert changes == (1 if policy == "restore" else 0)


@pytest.mark.parametrize(
    ("error", "state", "stopped"),
    [
        (TryLater("503", happened="no", scope="account"), AccountState.ACTIVE, False),
        (Refused("400", happened="no"), AccountState.ACTIVE, False),
        (AccessLost("401", happened="no", scope="account"), AccountState.RECONNECT, False),
        (Unusable("404 calendar", happened="no", scope="account"), AccountState.UNUSABLE, False),
        (Setup("accessNotConfigured", happened="no", scope="tenant"), AccountState.ACTIVE, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ChannelError) else None,
)
def test_a_look_that_fails_withdraws_nothing(
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
    error: ChannelError,
    state: AccountState,
    stopped: bool,
) -> None:
    maya = with_event(platform)

    def look(*_: object) -> list[tuple[Copy, Sighting]]:
        raise error

    monkeypatch.setattr(platform.calendar, "inspect", look)
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    platform.deliver()

    assert len(platform.calendar.live(maya)) == 1
    assert platform.mail.sent == []
    with platform.store.read() as db:
        assert accounts.by_ids(db, [maya])[maya].state is state
        assert bool(pauses.active(db)) is stopped


def test_a_copy_that_could_not_be_seen_stays_and_is_looked_at_soon(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_event(platform)
    error = TryLater("500", happened="no")
    monkeypatch.setattr(
        platform.calendar, "inspect", lambda copies, *_: [(one, error) for one in copies]
    )
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()

    assert platform.states() == ["google live"]
    look_at = platform.delivery()["look_at"]
    assert 0 < (look_at - platform.clock()).total_seconds() <= 600


def test_looks_stay_within_their_share_and_a_large_batch_is_not_starved(
    make_platform: MakePlatform,
) -> None:
    platform = make_platform(rates={"google": Rate(600, None)})
    with_event(platform, 6)
    maya = platform.connect("sam@example.org")
    platform.book(platform.a_session("ses-9", participants=(SAM,)))
    for _ in range(5):
        platform.deliver()
        platform.later(seconds=30)
    assert len(platform.calendar.live(maya)) == 1
    inspector = Inspector(platform.context, 0.01)  # six looks a minute
    platform.later(**DAY_BEFORE)
    asked = len(platform.calendar.calls)
    assert inspector.run_once() > 0
    first = len(platform.calendar.calls) - asked
    assert inspector.run_once() == 0
    platform.later(seconds=70)
    while inspector.run_once():
        pass

    assert first in (1, 6)
    assert len(platform.calendar.calls) - asked == 7


def test_a_change_that_arrives_during_a_look_is_delivered_right_after_it(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its new slot was found empty while the look had the lease; nothing else would wake it."""
    maya = with_event(platform)
    look = platform.calendar.inspect

    def meanwhile(*args: object) -> list[object]:
        with platform.store.write() as db:
            accounts.set_state(db, maya, AccountState.UNUSABLE)
            reroute.reroute(platform.context, db, "default", ["maya@example.org"])
        assert not platform.work_one()
        return list(look(*args))  # type: ignore[arg-type]

    monkeypatch.setattr(platform.calendar, "inspect", meanwhile)
    platform.later(**DAY_BEFORE)
    platform.inspector.run_once()
    with platform.store.read() as db:
        slot = table("slot")
        woken = db.scalar(sa.select(slot.c.next_due).where(slot.c.slot == "mail:default"))

    assert woken is not None
    platform.deliver()
    assert platform.states() == ["google stranded"]
