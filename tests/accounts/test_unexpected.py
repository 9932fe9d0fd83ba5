"""What nobody foresaw of a sign-in service or a calendar costs one account a wait, and nobody else
anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calsync.accounts import connect, disconnect
from calsync.accounts.tokens import StoredAuthorizer
from calsync.core.account import AccountState
from calsync.core.consent import ConsentError, SignInProblem
from calsync.core.visit import Visitor
from calsync.delivery.deliver import Deliverer
from calsync.errors import Origin, Refused, TryLater, Unusable
from calsync.selfservice.actions import SelfService
from calsync.store.connect import accounts
from tests.accounts.test_authorize import FakeRefresher
from tests.accounts.test_consents import consents, visit
from tests.accounts.test_parting import FakeRevoker
from tests.accounts.test_parting import stored as credentials
from tests.harness.installation import Installation, installed
from tests.harness.platform import MAYA, Platform
from tests.harness.surprises import SECRET, failures, once, raising

ORIGIN = Origin("KeyError", "providers.caldav.discover.calendars", 7)
EMAIL = "maya@example.org"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def opening(platform: Platform, refresher: FakeRefresher) -> StoredAuthorizer:
    return StoredAuthorizer(platform.store, platform.vault, {("default", "google"): refresher})


def state(platform: Platform, ident: str) -> AccountState:
    with platform.store.read() as db:
        return accounts.by_ids(db, [ident])[ident].state


def test_a_token_answer_that_nobody_foresaw_costs_its_account_an_hour_and_is_told(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresher = FakeRefresher()
    refresher.now = platform.clock
    authorizer = opening(platform, refresher)
    platform.deliverer = Deliverer(replace(platform.context, authorizer=authorizer))
    maya = platform.connect(EMAIL)
    platform.book(platform.a_session(participants=(MAYA,)))
    with monkeypatch.context() as broken:
        broken.setattr(refresher, "refresh", raising(OverflowError(SECRET)))
        platform.deliver()
        platform.later(minutes=50)
        platform.deliver()
    (found,) = failures(platform.context)
    assert (found.area, found.error, found.count) == ("call", "OverflowError", 1)
    assert state(platform, maya) is AccountState.ACTIVE
    assert platform.delivery()["parked"] is None

    platform.later(minutes=20)
    platform.deliver()
    assert len(platform.calendar.live(EMAIL)) == 1


def test_a_token_answer_that_nobody_foresaw_keeps_no_lock(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresher = FakeRefresher()
    authorizer = opening(platform, refresher)
    maya = platform.connect(EMAIL)
    with monkeypatch.context() as broken:
        broken.setattr(refresher, "refresh", raising(RecursionError(SECRET)))
        with pytest.raises(TryLater, match="unexpected RecursionError") as caught:
            authorizer.open(maya, time.monotonic() + 20)
    assert (caught.value.happened, caught.value.scope) == ("no", "account")
    assert SECRET not in str(caught.value)
    assert authorizer.open(maya, time.monotonic() + 20).secret == "token-1"


def test_a_probe_that_fails_unexpectedly_keeps_no_other_account_from_its_own(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    unusable = Unusable("403", happened="no", scope="account")
    for email in (EMAIL, "lena@example.org"):
        ident = platform.connect(email)
        with platform.store.write() as db:
            accounts.set_state(db, ident, AccountState.UNUSABLE, unusable.reason)
            accounts.check_again(db, ident, db.now)
    find = platform.calendar.find_uid
    monkeypatch.setattr(platform.calendar, "find_uid", once(KeyError(SECRET), find))
    connect.check_unusable(platform.context)

    (found,) = failures(platform.context)
    assert (found.area, found.tenant) == ("probe", "default")
    with platform.store.read() as db:
        states = sorted(row["state"] for row in accounts.listed(db, None))
    assert states == ["active", "unusable"]


def test_trying_an_account_out_tells_where_the_unexpected_came_from(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = platform.connect(EMAIL)
    monkeypatch.setattr(platform.calendar, "find_uid", raising(KeyError(SECRET)))
    tried = connect.try_out(platform.context, maya)
    assert not tried.ok
    assert tried.answer.startswith("refused: unexpected KeyError in calsync.accounts.probe.ask.")
    assert SECRET not in tried.answer


def test_a_revocation_answered_unexpectedly_is_asked_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoker = FakeRevoker()
    context = replace(platform.context, revokers={("default", "google"): revoker})
    maya = platform.connect(EMAIL)
    disconnect.leave(context, "default", EMAIL, maya)
    with context.store.write() as db:
        disconnect.finish(context, db)
    with monkeypatch.context() as broken:
        broken.setattr(revoker, "revoke", raising(ValueError(SECRET)))
        disconnect.revoke(context)
    (found,) = failures(context)
    assert (found.area, found.error) == ("revocation", "ValueError")
    assert credentials(platform, maya)["secret"] is not None

    platform.later(minutes=2)
    disconnect.revoke(context)
    assert revoker.ended == ["r"]


def test_a_sign_in_service_that_answers_unexpectedly_costs_a_person_another_try(
    place: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, opened = visit(place), consents(place)
    consenter = opened.consenters["default", "google"]
    with monkeypatch.context() as broken:
        broken.setattr(consenter, "begin", raising(RecursionError(SECRET)))
        with pytest.raises(ConsentError) as caught:
            opened.begin(browser, "google")
    assert caught.value.problem is SignInProblem.BUSY
    assert caught.value.reason.startswith("unexpected RecursionError in calsync.")
    assert SECRET not in caught.value.reason
    assert [(one.area, one.error) for one in failures(place.open().context)] == [
        ("sign-in", "RecursionError")
    ]
    assert opened.begin(browser, "google").startswith("http")


def test_a_calendar_server_that_answers_a_persons_connect_unexpectedly_is_told_to_ops(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "add", raising(Refused("unexpected", origin=ORIGIN)))
    service = SelfService(platform.context, {})
    visitor = Visitor("default", EMAIL)
    assert service.connect_caldav(visitor, "https://x", "maya", "secret").trouble == "silent"
    (found,) = failures(platform.context)
    assert (found.area, found.error, found.tenant) == ("sign-in", "KeyError", "default")
