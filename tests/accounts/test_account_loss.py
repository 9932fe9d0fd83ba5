"""Accounts that are lost, many at once, disconnected, or unusable for a while."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import connect, disconnect, mass_loss, reroute
from calsync.core.account import AccountState
from calsync.core.booked import Online, Participant
from calsync.core.guard import Limits
from calsync.errors import AccessLost, TryLater, Unusable
from calsync.ops import commands
from calsync.store.connect import accounts
from calsync.store.guard import changes
from calsync.store.ledger import batches
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses
from tests.harness.platform import MAYA, Platform
from tests.harness.platform_fixtures import MakePlatform


def lose(platform: Platform, account: str, reason: str = "invalid_grant") -> None:
    with platform.store.write() as db:
        reroute.lose(platform.context, db, account, AccountState.RECONNECT, reason)


def state_of(platform: Platform, account: str) -> AccountState:
    with platform.store.read() as db:
        return accounts.by_ids(db, [account])[account].state


def many(platform: Platform, count: int) -> list[str]:
    """As many people with a calendar each, who all have a session in it."""
    people = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(count)]
    found = [platform.connect(one.email or "", f"google-{one.id}") for one in people]
    platform.book(*(platform.a_session(f"ses-{one.id}", participants=(one,)) for one in people))
    platform.deliver(workers=4)
    assert sum(len(platform.calendar.live(one)) for one in found) == count
    return found


def notices(platform: Platform) -> int:
    with platform.store.read() as db:
        return int(db.scalar(sa.select(sa.func.count()).select_from(table("notice"))))


@pytest.mark.parametrize(("count", "gone"), [(24, 4), (30, 30)])
def test_many_accounts_lost_at_once_are_one_incident_and_no_flood(
    platform: Platform, count: int, gone: int
) -> None:
    """4 of 24 are more than 10 %."""
    found = many(platform, count)
    for one in found[:gone]:
        lose(platform, one)
    platform.deliver()
    with platform.store.read() as db:
        (stop,) = pauses.active(db)

    assert (stop["by"], stop["channel"]) == ("incident", "google")
    assert platform.mail.sent == []
    assert notices(platform) < min(gone, 4)


def test_after_a_mass_loss_resume_serves_these_people_by_mail_and_tells_each_once(
    platform: Platform,
) -> None:
    found = many(platform, 24)
    for one in found[:4]:
        lose(platform, one)
    assert commands.resume(platform.context, "default", "google") == 1
    platform.deliver()
    assert platform.mail.sent == []  # what stands in the lost calendars is still right
    assert platform.states("ses-p-3", "p-3") == ["google stranded"]
    assert notices(platform) == 4
    person = Participant("p-3", "P 3", "p3@example.org")
    session = platform.a_session("ses-p-3", participants=(person,))
    platform.change(session, place=Online("https://zoom.us/j/7"))
    platform.later(minutes=10)
    platform.deliver()

    assert [m["to"] for m in platform.mail.sent] == ["p3@example.org"]


def mass_loss_of_five(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five of 24 are lost, and so many are more than two ranges of people."""
    monkeypatch.setattr(mass_loss, "RANGE", 2)
    found = many(platform, 24)
    for one in found[:5]:
        lose(platform, one)
    return found


def test_after_a_mass_loss_people_are_handed_over_by_ranges(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = mass_loss_of_five(platform, monkeypatch)
    platform.at.clear()
    assert commands.resume(platform.context, "default", "google") == 1
    assert platform.at.count("serve_by_mail.after") == 4
    assert notices(platform) == 5
    routes = [platform.delivery(f"ses-p-{n}", f"p-{n}")["channel"] for n in range(6)]
    assert routes == ["mail"] * 5 + ["google"]
    assert state_of(platform, found[5]) is AccountState.ACTIVE
    with platform.store.read() as db:
        assert batches.left_open(db, mass_loss.SOURCE) == {}


def test_who_loses_an_account_while_others_are_handed_over_is_served_too(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = mass_loss_of_five(platform, monkeypatch)
    ranges = mass_loss.serve_by_mail

    def meanwhile(*given: Any) -> None:
        ranges(*given)
        lose(platform, found[10])

    monkeypatch.setattr(mass_loss, "serve_by_mail", meanwhile)
    commands.resume(platform.context, "default", "google")
    assert platform.delivery("ses-p-10", "p-10")["channel"] == "mail"
    assert notices(platform) == 6


@pytest.mark.parametrize("at_once", [500, 2])
def test_a_mass_loss_is_held_as_one_batch_where_the_guard_holds_it(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(changes, "RANGE", at_once)
    platform = make_platform(guard=Limits(max_changes=2, max_share=0.1))
    mass_loss_of_five(platform, monkeypatch)
    commands.resume(platform.context, "default", "google")
    with platform.store.read() as db:
        (held,) = batches.held(db)
    assert (held.source, held.counts) == (mass_loss.SOURCE, {"switch": 3})


def test_an_unusable_account_in_a_mass_loss_is_still_checked_again(platform: Platform) -> None:
    found = many(platform, 24)
    for one in found[:4]:
        with platform.store.write() as db:
            reroute.lose(platform.context, db, one, AccountState.UNUSABLE, "403")
    platform.later(days=1, minutes=1)
    with platform.store.read() as db:
        assert {row["id"] for row in accounts.to_check(db, 10)} == set(found[:4])
        assert [one["by"] for one in pauses.active(db)] == ["incident"]


def test_disconnecting_sends_the_mail_first_and_then_empties_the_calendar(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    seen: list[tuple[int, int]] = []
    platform.calendar.during = lambda: seen.append(
        (len(platform.mail.sent), len(platform.calendar.live(maya)))
    )
    assert disconnect.disconnect(platform.context, maya) == "withdrawing"
    with platform.store.write() as db:
        assert disconnect.finish(platform.context, db) == 0
    platform.deliver()
    assert seen == [(1, 1)]  # at the withdrawal the mail was out, and the event still there
    assert platform.calendar.live(maya) == []
    with platform.store.write() as db:
        assert disconnect.finish(platform.context, db) == 1
        row = db.one(sa.select(table("account")).where(table("account").c.id == maya))

    assert row is not None
    assert (row["state"], row["secret"], row["token"]) == ("disconnected", None, None)
    assert platform.states() == ["google gone", "mail live"]


def test_disconnecting_ends_although_a_first_event_was_never_made(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.calendar.failures = [TryLater("503", happened="no")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    assert platform.states() == ["google planned"]
    disconnect.disconnect(platform.context, maya)
    platform.deliver()
    with platform.store.write() as db:
        assert disconnect.finish(platform.context, db) == 1


def test_a_dead_account_is_disconnected_at_once_and_its_events_stay(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    lose(platform, maya)
    assert disconnect.disconnect(platform.context, maya) == "disconnected"
    with platform.store.write() as db:
        row = db.one(sa.select(table("account")).where(table("account").c.id == maya))
    platform.deliver()

    assert row is not None
    assert (row["state"], row["secret"]) == ("disconnected", None)
    assert len(platform.calendar.live(maya)) == 1
    assert platform.states() == ["google stranded"]


def test_a_call_that_fails_after_the_disconnection_changes_and_tells_nothing(
    platform: Platform,
) -> None:
    maya = platform.connect("maya@example.org")
    lose(platform, maya)
    disconnect.disconnect(platform.context, maya)
    before = notices(platform)
    platform.later(days=1)
    lose(platform, maya)

    assert state_of(platform, maya) is AccountState.DISCONNECTED
    assert notices(platform) == before


def test_an_unusable_calendar_is_tried_once_a_day_until_it_works(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.calendar.failures = [Unusable("403", happened="no", scope="account")]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    platform.authorizer.errors[maya] = Unusable("403", happened="no", scope="account")
    probes = len(platform.authorizer.opened)
    for hours in (1, 24, 1, 24):
        platform.later(hours=hours)
        connect.check_unusable(platform.context)
    assert len(platform.authorizer.opened) - probes == 2
    assert state_of(platform, maya) is AccountState.UNUSABLE
    platform.authorizer.errors.clear()
    platform.later(hours=24)
    connect.check_unusable(platform.context)
    platform.deliver()

    assert state_of(platform, maya) is AccountState.ACTIVE
    assert len(platform.calendar.live(maya)) == 1
    assert platform.mail.events("maya@example.org") == {}


def test_the_same_account_connected_again_takes_up_the_event_it_has(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    platform.authorizer.errors[maya] = AccessLost("invalid_grant", happened="no", scope="account")
    session = platform.change(platform.a_session(participants=(MAYA,)), title="Renamed")
    platform.deliver()
    assert platform.states() == ["google stranded"]
    platform.authorizer.errors.clear()
    assert platform.connect("maya@example.org") == maya
    platform.deliver()

    assert platform.states() == ["google live"]
    (event,) = platform.calendar.live(maya)
    assert session.title in str(event["title"])
    assert platform.mail.sent == []


def test_somebody_elses_lost_account_moves_nobody_else(platform: Platform) -> None:
    maya = platform.connect("maya@example.org")
    sam = platform.connect("sam@example.org")
    platform.book(platform.a_session())
    platform.deliver()
    lose(platform, sam)
    changed = dataclasses.replace(platform.a_session(), place=Online("https://zoom.us/j/5"))
    platform.change(changed)
    platform.later(minutes=10)
    platform.deliver()

    assert len(platform.calendar.live(maya)) == 1
    assert [m["to"] for m in platform.mail.sent] == ["sam@example.org"]


def test_calendars_that_cannot_be_used_are_not_tried_in_their_providers_break(
    platform: Platform,
) -> None:
    people = [f"person-{n}@example.org" for n in range(3)]
    idents = [platform.connect(email) for email in people]
    with platform.store.write() as db:
        for ident in idents:
            accounts.set_state(db, ident, AccountState.UNUSABLE, "403")
            accounts.check_again(db, ident, db.now)
    too_much = TryLater("429", happened="no", scope="provider", after=1800)
    for ident in idents:
        platform.authorizer.errors[ident] = too_much
    for minutes in (0, 10, 15):
        platform.later(minutes=minutes)
        connect.check_unusable(platform.context)
    assert len(platform.authorizer.opened) == 1

    platform.authorizer.errors.clear()
    platform.later(minutes=61)
    connect.check_unusable(platform.context)
    assert [state_of(platform, ident) for ident in idents] == [AccountState.ACTIVE] * 3
