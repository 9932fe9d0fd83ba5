"""Domains added to the `domains` settings, and removed: their people follow at once."""

from __future__ import annotations

from dataclasses import replace

from calsync.accounts import disconnect
from calsync.core.account import AccountState
from calsync.core.booked import Participant
from calsync.core.guard import Limits
from calsync.errors import AccessLost
from calsync.ops import startup
from calsync.store.connect import accounts
from calsync.store.ledger import batches
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.platform_fixtures import MakePlatform

NORA = Participant("u-3", "Nora Berg", "Nora@Corp.example")


def configure(platform: Platform, *domains: str) -> None:
    """Start with this configuration, and work off what it brings."""
    platform.tenant = replace(platform.tenant, domains=dict.fromkeys(domains, "google"))
    with platform.store.write() as db:
        startup.configuration_changed(platform.context, db, repr(domains))
    platform.deliver()
    with platform.store.write() as db:
        disconnect.finish(platform.context, db)


def shown(platform: Platform) -> list[str]:
    """Where Nora sees the session."""
    states = [one.split() for one in platform.states(participant="u-3")]
    return [channel for channel, state in states if state == "live"]


def found(platform: Platform) -> list[tuple[str, str, str | None]]:
    with platform.store.read() as db:
        return [(row["email"], row["state"], row["reason"]) for row in accounts.listed(db)]


def test_people_of_an_added_domain_see_their_sessions_in_the_calendar_at_once(
    platform: Platform,
) -> None:
    platform.book(platform.a_session(participants=(MAYA, NORA)))
    platform.deliver()
    configure(platform, "corp.EXAMPLE")

    assert platform.states(participant="u-3") == ["mail gone", "google live"]
    assert platform.states(participant="u-1") == ["mail live"]
    assert found(platform) == [("nora@corp.example", "active", None)]


def test_people_of_a_removed_domain_go_back_to_mail_and_return_with_it(
    platform: Platform,
) -> None:
    configure(platform, "corp.example")
    platform.book(platform.a_session(participants=(NORA,)))
    configure(platform, "corp.example", "other.example")
    assert shown(platform) == ["google"]
    configure(platform, "other.example")
    assert shown(platform) == ["mail"]
    ((_, state, _),) = found(platform)
    assert state == "disconnected"
    configure(platform, "corp.example")

    assert shown(platform) == ["google"]


def test_a_domain_whose_grant_is_gone_already_is_left_all_the_same(platform: Platform) -> None:
    configure(platform, "corp.example")
    platform.book(platform.a_session(participants=(NORA,)))
    configure(platform, "corp.example", "other.example")
    with platform.store.read() as db:
        (row,) = accounts.listed(db)
    platform.authorizer.errors[row["id"]] = AccessLost("x", happened="no", scope="account")
    configure(platform)
    assert found(platform)[0][1] == "disconnected"
    platform.authorizer.errors.clear()
    configure(platform, "corp.example")

    assert found(platform)[0][1] == "active"
    assert shown(platform) == ["google"]


def test_who_was_disconnected_by_ops_stays_so_whatever_becomes_of_the_domain(
    platform: Platform,
) -> None:
    platform.book(platform.a_session(participants=(NORA,)))
    configure(platform, "corp.example")
    with platform.store.write() as db:
        (row,) = accounts.listed(db)
    disconnect.disconnect(platform.context, row["id"])
    platform.deliver()
    configure(platform, "corp.example", "other.example")
    configure(platform)
    configure(platform, "corp.example")

    assert found(platform) == [("nora@corp.example", "disconnected", "disconnected by ops")]
    assert shown(platform) == ["mail"]


def test_an_own_consent_is_left_alone(platform: Platform) -> None:
    platform.connect("sam@example.org", "google-sam")
    platform.book(platform.a_session(participants=(SAM,)))
    configure(platform, "example.org")
    configure(platform)

    assert found(platform) == [("sam@example.org", AccountState.ACTIVE.value, None)]
    assert platform.states(participant="u-2") == ["google live"]


def test_a_whole_domain_is_one_batch_for_the_guard(make_platform: MakePlatform) -> None:
    platform = make_platform(guard=Limits(1, 0.0, 1000, 1000, free_sessions=0))
    people = [Participant(f"p-{n}", f"P {n}", f"p{n}@corp.example") for n in range(3)]
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in people))
    platform.deliver()
    configure(platform, "corp.example")
    with platform.store.write() as db:
        (held,) = batches.held(db)
        assert held.counts == {"switch": 3}
        batches.decide(db, held.id, held.checksum, reject=False)
    platform.deliver()

    assert [platform.states(f"s-{one.id}", one.id)[-1] for one in people] == ["google live"] * 3


def test_a_domain_that_moves_to_another_provider_takes_its_people_along(platform: Platform) -> None:
    platform.book(platform.a_session(participants=(NORA,)))
    configure(platform, "corp.example")
    assert shown(platform) == ["google"]
    platform.tenant = replace(platform.tenant, domains={"corp.example": "outlook"})
    with platform.store.write() as db:
        startup.configuration_changed(platform.context, db, "moved")
        rows = {row["provider"]: row for row in accounts.listed(db)}

    assert rows["google"]["chosen_at"] is None, "it is being left"
    assert rows["outlook"]["chosen_at"] is not None
    assert platform.delivery(participant="u-3")["channel"] == "outlook"
