"""Leaving an account for good: who may, what the provider is told, and when credentials go."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import disconnect, reroute
from calsync.core.account import Account, AccountState, Grant
from calsync.daemon import maintenance
from calsync.errors import ChannelError, InputError, Refused, TryLater
from calsync.store.connect import accounts
from calsync.store.ledger.rows import table
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.platform import MAYA as HER
from tests.harness.platform import Platform

EMAIL = "maya@example.org"


class FakeRevoker:
    """Remembers which tokens it ended; `errors` are taken from the front, one per call."""

    client = "id"

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.errors: list[ChannelError] = []

    def revoke(self, secret: Mapping[str, str], until: float) -> bool:
        if self.errors:
            raise self.errors.pop(0)
        self.ended.append(secret["refresh_token"])
        return True


@pytest.fixture
def revoker(platform: Platform) -> FakeRevoker:
    made = FakeRevoker()
    told_by(platform, default=made, acme=made)
    return made


def told_by(platform: Platform, **revokers: FakeRevoker) -> None:
    """Each of these tenants has a Google that can be told."""
    known = {(tenant, "google"): one for tenant, one in revokers.items()}
    platform.context = replace(platform.context, revokers=known)


def leave(platform: Platform, account: str) -> str:
    return disconnect.leave(platform.context, "default", EMAIL, account)


def stored(platform: Platform, account: str) -> dict[str, Any]:
    columns = table("account").c
    query = sa.select(columns.state, columns.secret, columns.token, columns.reason)
    with platform.store.read() as db:
        (row,) = db.all(query.where(columns.id == account))
    return row


def journal(platform: Platform, what: str) -> list[dict[str, Any]]:
    """The details of these lines, in their order."""
    line = table("journal").c
    with platform.store.read() as db:
        rows = db.all(sa.select(line.detail).where(line.what == what).order_by(line.id))
    return [json.loads(row["detail"]) for row in rows]


def test_a_person_leaves_and_the_vendor_is_told_when_the_calendar_is_empty(
    platform: Platform, revoker: FakeRevoker
) -> None:
    maya = platform.connect(EMAIL)
    platform.book(platform.a_session(participants=(HER,)))
    platform.deliver()
    assert leave(platform, maya) == "withdrawing"
    assert leave(platform, maya) == "withdrawing"
    maintenance.disconnects(platform.context)
    assert revoker.ended == []
    platform.deliver()
    assert platform.calendar.live(maya) == []
    maintenance.disconnects(platform.context)

    assert revoker.ended == ["r"]
    assert stored(platform, maya) == {
        "state": "disconnected",
        "secret": None,
        "token": None,
        "reason": "disconnected by the person",
    }
    assert [one["answer"] for one in journal(platform, "revocation_answered")] == ["yes"]
    assert leave(platform, maya) == "disconnected"
    assert platform.states() == ["google gone", "mail live"]


@pytest.mark.parametrize("state", [AccountState.UNUSABLE, AccountState.FREE_BUSY_ONLY])
def test_an_account_that_is_not_written_is_left_at_once_and_the_vendor_is_told(
    platform: Platform, revoker: FakeRevoker, state: AccountState
) -> None:
    maya = platform.connect(EMAIL)
    with platform.store.write() as db:
        accounts.set_state(db, maya, state)
    assert leave(platform, maya) == "disconnected"
    maintenance.disconnects(platform.context)

    assert revoker.ended == ["r"]
    assert stored(platform, maya)["secret"] is None


def test_a_dead_account_loses_its_credentials_at_once_and_nobody_is_called(
    platform: Platform, revoker: FakeRevoker
) -> None:
    maya = platform.connect(EMAIL)
    with platform.store.write() as db:
        reroute.lose(platform.context, db, maya, AccountState.RECONNECT, "invalid_grant")
    assert leave(platform, maya) == "disconnected"
    assert stored(platform, maya)["secret"] is None
    maintenance.disconnects(platform.context)

    assert revoker.ended == []


def test_a_token_that_dies_while_its_events_are_withdrawn_ends_the_account(
    platform: Platform, revoker: FakeRevoker
) -> None:
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    with platform.store.write() as db:
        reroute.lose(platform.context, db, maya, AccountState.RECONNECT, "invalid_grant")
    maintenance.disconnects(platform.context)

    assert revoker.ended == []
    assert stored(platform, maya)["secret"] is None
    assert stored(platform, maya)["reason"] == "disconnected by the person"


def test_a_vendor_that_cannot_be_reached_is_asked_some_hours_and_then_given_up(
    platform: Platform, revoker: FakeRevoker
) -> None:
    revoker.errors = [TryLater("503", happened="no", scope="provider") for _ in range(1000)]
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    for _ in range(15 * 60):
        maintenance.disconnects(platform.context)
        if stored(platform, maya)["secret"] is None:
            break
        platform.later(minutes=1)
    tries = 1000 - len(revoker.errors)

    assert 5 < tries < 15
    assert stored(platform, maya)["state"] == "disconnected"
    assert [one["reason"] for one in journal(platform, "revocation_left_out")] == [
        disconnect.GIVEN_UP
    ]


def test_a_vendor_that_comes_back_is_told_after_all(
    platform: Platform, revoker: FakeRevoker
) -> None:
    revoker.errors = [TryLater("503", happened="no", scope="provider")]
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    maintenance.disconnects(platform.context)
    assert stored(platform, maya)["secret"] is not None
    maintenance.disconnects(platform.context)
    assert revoker.ended == [], "not asked again within the same minute"
    platform.later(minutes=2)
    maintenance.disconnects(platform.context)

    assert revoker.ended == ["r"]
    assert stored(platform, maya)["secret"] is None


def test_a_refusal_is_not_repeated(platform: Platform, revoker: FakeRevoker) -> None:
    revoker.errors = [Refused("revoke 400", happened="no", scope="account")]
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    for _ in range(3):
        maintenance.disconnects(platform.context)
        platform.later(hours=1)

    assert revoker.ended == []
    assert stored(platform, maya)["secret"] is None


def test_connecting_again_before_the_vendor_was_told_keeps_the_new_grant(
    platform: Platform, revoker: FakeRevoker
) -> None:
    revoker.errors = [TryLater("503", happened="no", scope="provider")]
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    maintenance.disconnects(platform.context)
    assert platform.connect(EMAIL) == maya
    platform.later(hours=1)
    maintenance.disconnects(platform.context)

    assert revoker.ended == []
    assert stored(platform, maya)["state"] == "active"
    assert stored(platform, maya)["secret"] is not None


def test_connecting_again_while_the_vendor_is_told_keeps_the_new_credentials(
    platform: Platform, revoker: FakeRevoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = platform.connect(EMAIL)
    leave(platform, maya)

    def meanwhile(*_: object) -> bool:
        platform.connect(EMAIL)
        return True

    monkeypatch.setattr(revoker, "revoke", meanwhile)
    maintenance.disconnects(platform.context)

    assert stored(platform, maya)["state"] == "active"
    assert stored(platform, maya)["secret"] is not None


def connect_elsewhere(platform: Platform, state: AccountState = AccountState.ACTIVE) -> str:
    """The same Google account, connected in another tenant under another platform address."""
    account = Account("google-other", "acme", "m@acme.example", "google", EMAIL, state=state)
    with platform.store.write() as db:
        return accounts.connect(db, platform.vault, account, EMAIL, {"refresh_token": "other"})


def test_a_grant_that_serves_another_tenant_as_well_goes_with_the_last_account(
    platform: Platform, revoker: FakeRevoker
) -> None:
    maya, other = platform.connect(EMAIL), connect_elsewhere(platform)
    leave(platform, maya)
    maintenance.disconnects(platform.context)
    assert revoker.ended == []
    assert stored(platform, maya)["secret"] is None
    (line,) = journal(platform, "revocation_left_out")
    assert line["reason"] == "its grant serves an account of tenant acme as well"
    disconnect.leave(platform.context, "acme", "m@acme.example", other)
    maintenance.disconnects(platform.context)

    assert revoker.ended == ["other"]


def test_a_grant_to_another_client_is_another_grant(
    platform: Platform, revoker: FakeRevoker
) -> None:
    elsewhere = FakeRevoker()
    elsewhere.client = "another id"
    told_by(platform, default=revoker, acme=elsewhere)
    maya = platform.connect(EMAIL)
    connect_elsewhere(platform)
    leave(platform, maya)
    maintenance.disconnects(platform.context)

    assert (revoker.ended, elsewhere.ended) == (["r"], [])


def test_nobody_leaves_somebody_elses_account(platform: Platform, revoker: FakeRevoker) -> None:
    maya, other = platform.connect(EMAIL), connect_elsewhere(platform)
    for tenant, email, account in (
        ("default", "sam@example.org", maya),
        ("acme", EMAIL, maya),
        ("default", EMAIL, other),
        ("default", EMAIL, "google-none"),
    ):
        with pytest.raises(InputError, match="no such calendar"):
            disconnect.leave(platform.context, tenant, email, account)

    assert stored(platform, maya)["state"] == "active"


def test_a_domain_wide_account_is_left_by_its_administrator_only(platform: Platform) -> None:
    account = Account("d", "default", EMAIL, "google", EMAIL, grant=Grant.DOMAIN)
    with platform.store.write() as db:
        ident = accounts.connect(db, platform.vault, account, EMAIL, {})
    with pytest.raises(InputError, match=r"administrator of example\.org"):
        leave(platform, ident)

    assert stored(platform, ident)["state"] == "active"


def test_credentials_that_no_key_opens_any_more_are_deleted(
    platform: Platform, revoker: FakeRevoker
) -> None:
    maya = platform.connect(EMAIL)
    leave(platform, maya)
    with platform.store.write() as db:
        db.run(sa.update(table("account")).values(secret=b"of another key"))
    maintenance.disconnects(platform.context)

    assert revoker.ended == []
    assert stored(platform, maya)["secret"] is None


# --- with the sandbox's Google and Microsoft -----------------------------------------------------


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as found:
        yield found


def told(made: Installation) -> list[int]:
    """What Google answered to each revocation."""
    return [one.status for one in made.sandbox.requests() if one.path == "/revoke"]


def test_google_is_told_after_the_last_event_is_withdrawn(made: Installation) -> None:
    account = made.connect("google")
    made.book()
    made.sync()
    assert disconnect.leave(made.open().context, "default", MAYA.upper(), account) == "withdrawing"
    made.sync()

    assert told(made) == [200]
    paths = [one.path for one in made.sandbox.requests() if one.method in ("DELETE", "POST")]
    assert paths[-1] == "/revoke"
    assert made.copies() == [("google", "gone"), ("mail", "live")]


def test_a_consent_that_was_withdrawn_at_google_is_no_fault(made: Installation) -> None:
    account = made.connect("google", ["https://www.googleapis.com/auth/calendar.freebusy"])
    made.sandbox.revoke(MAYA, provider="google")
    assert disconnect.leave(made.open().context, "default", MAYA, account) == "disconnected"
    made.sync()

    assert told(made) == [400]
    assert made.state(account) == "disconnected"


def test_microsoft_has_no_such_call_and_the_account_ends_all_the_same(made: Installation) -> None:
    account = made.connect("outlook")
    made.book()
    made.sync()
    disconnect.leave(made.open().context, "default", MAYA, account)
    made.sync()

    assert told(made) == []
    assert made.state(account) == "disconnected"
    assert made.copies() == [("outlook", "gone"), ("mail", "live")]
