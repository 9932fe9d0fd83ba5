"""Many claims end in one transaction: facts always, the schedule only under the claim's lease."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.booked import BookedSession
from calsync.core.ledger import Copy, CopyState, DeliveryKey
from calsync.core.reconcile.claimed import ChannelStop, Claim, Finished, Note, Schedule
from calsync.store.ledger import journal
from calsync.store.ledger.rows import Sealer
from calsync.store.queue import claims, limiter, pauses, slots
from calsync.store.queue.finish import finish
from tests.harness.platform import MAYA, Platform

LEASE = timedelta(seconds=90)


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def booked(platform: Platform, *names: str) -> None:
    sessions: list[BookedSession] = [
        platform.a_session(name, participants=(MAYA,)) for name in names
    ]
    platform.book(*sessions)


def key(session: str) -> DeliveryKey:
    return DeliveryKey("default", session, "u-1")


def claimed(platform: Platform, *names: str) -> list[Claim]:
    with platform.store.write() as db:
        found = [claims.take_one(db, LEASE, key(name)) for name in names]
    return [claim for claim in found if claim is not None]


def ended(platform: Platform, *ends: Finished) -> list[Finished]:
    with platform.store.write() as db:
        return finish(db, Sealer(platform.vault), ends)


def copy_in(platform: Platform, claim: Claim, **changes: Any) -> Copy:
    """A copy on the claim's route, stored."""
    route = claim.delivery.route
    assert route is not None
    copy = Copy(
        n=1,
        uid=f"uid-{claim.delivery.key.session}",
        channel=route.channel,
        account=route.account,
        address=route.address,
        destination=route.destination,
        state=CopyState.LIVE,
    )
    return replace(copy, **changes)


def test_claims_end_together_each_as_it_came_out(platform: Platform) -> None:
    booked(platform, "a", "b")
    one, other = claimed(platform, "a", "b")
    later = platform.clock() + timedelta(hours=1)
    ended(
        platform,
        Finished(one, Schedule(None, attempts=0, last_error=None), lines=(Note("one_done"),)),
        Finished(other, Schedule(later, attempts=2, last_error="busy"), lines=(Note("tried"),)),
    )
    first, second = platform.delivery("a"), platform.delivery("b")
    assert (first["due_at"], first["lease_token"], first["attempts"]) == (None, None, 0)
    assert (second["due_at"], second["attempts"], second["last_error"]) == (later, 2, "busy")
    with platform.store.read() as db:
        assert journal.lines(db, "default", "a")[-1]["what"] == "one_done"
        assert journal.lines(db, "default", "b")[-1]["what"] == "tried"
    assert claimed(platform, "a", "b") != []


def test_a_lost_lease_among_them_schedules_nothing_and_its_facts_are_stored(
    platform: Platform,
) -> None:
    booked(platform, "a", "b")
    one, other = claimed(platform, "a", "b")
    platform.later(minutes=5)
    (taken,) = claimed(platform, "a")
    live = copy_in(platform, one, occupies=True)
    ended(
        platform,
        Finished(one, Schedule(None, attempts=9), copy=live),
        Finished(other, Schedule(None)),
    )
    row = platform.delivery("a")
    assert (row["lease_token"], row["attempts"]) == (taken.token, 0)
    assert platform.states("a") == ["mail live"]
    assert platform.delivery("b")["lease_token"] is None


def test_a_copy_whose_place_is_held_by_now_is_dropped_and_the_others_stay(
    platform: Platform,
) -> None:
    booked(platform, "a", "b")
    one, other = claimed(platform, "a", "b")
    live = copy_in(platform, one, occupies=True)
    ended(platform, Finished(one, None, copy=live))
    second = replace(live, n=2, uid="uid-2")
    stored = ended(
        platform,
        Finished(one, Schedule(platform.now), copy=second, lines=(Note("copy_found"),)),
        Finished(other, Schedule(None), copy=copy_in(platform, other, occupies=True)),
    )
    assert platform.states("a") == ["mail live"]
    assert platform.states("b") == ["mail live"]
    assert stored[0] == Finished(one, Schedule(None))
    assert platform.delivery("a")["due_at"] is None


def test_who_changed_or_woke_a_delivery_meanwhile_wins(platform: Platform) -> None:
    booked(platform, "a", "b")
    one, other = claimed(platform, "a", "b")
    moved = platform.a_session("a", participants=(MAYA,))
    later = moved.starts_at + timedelta(hours=1)
    platform.change(moved, starts_at=later, ends_at=later + timedelta(hours=1))
    ended(
        platform,
        Finished(one, Schedule(None, slot="mail:elsewhere", parked="refused")),
        Finished(other, Schedule(None, parked="refused"), wake=True),
    )
    first, second = platform.delivery("a"), platform.delivery("b")
    assert (first["parked"], first["slot"]) == (None, "mail:default")
    assert first["due_at"] is not None
    assert second["parked"] == "refused"
    assert second["due_at"] is not None


def test_only_a_stop_that_is_news_comes_back(platform: Platform) -> None:
    booked(platform, "a", "b")
    one, other = claimed(platform, "a", "b")
    until = platform.clock() + timedelta(minutes=5)
    setup = ChannelStop("default", "mail", "setup", "no password", until)
    busy = replace(setup, by="provider", reason="429", everywhere=True)
    first = Finished(one, Schedule(None), stop=setup)
    stored = ended(platform, first, replace(first, claim=other))
    assert [end.stop for end in stored] == [setup, None]
    (last,) = ended(platform, Finished(one, None, stop=busy))
    assert last.stop is None
    with platform.store.read() as db:
        assert {(row["tenant"], row["by"]) for row in pauses.active(db)} == {
            ("default", "setup"),
            ("*", "provider"),
        }
        told = [line["what"] for line in journal.recent(db, ("channel_stopped",))]
    assert told == ["channel_stopped"]


def test_what_is_written_of_slots_is_written_in_the_order_of_their_names(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes whose calls of the same accounts end together would wait for each other."""
    booked(platform, "a", "b", "c")
    ends = [
        Finished(replace(claim, slot=slot), Schedule(None), cools_until=platform.now)
        for claim, slot in zip(claimed(platform, "a", "b", "c"), "zxy", strict=True)
    ]
    written = list[str]()
    monkeypatch.setattr(slots, "cool", lambda _db, name, _until: written.append(name))
    ended(platform, *ends)
    assert written == ["x", "y", "z"]


def test_mails_of_a_day_add_up_for_each_delivery(platform: Platform) -> None:
    one, other = key("a"), key("b")
    with platform.store.write() as db:
        limiter.count_mails(db, [one, other, one])
        limiter.count_mails(db, [one])
        assert limiter.mails_of_each(db, [one, other, key("c")]) == {one: 3, other: 1, key("c"): 0}
