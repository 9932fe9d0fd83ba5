"""Consents that are about to end, and the sessions that are shown through them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from calsync.core.account import AccountState, GrantLife
from calsync.store.connect import accounts, grants
from calsync.store.connect.grants import EndingGrants
from tests.harness.platform import MAYA, Platform

DAY = timedelta(days=1)
LIVES = {"google": GrantLife(unused=180 * DAY, trial=7 * DAY)}


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def ending(platform: Platform, tenant: str | None = None) -> list[EndingGrants]:
    with platform.store.read() as db:
        return grants.ending(db, LIVES, tenant)


def refreshed(platform: Platform, ident: str) -> None:
    with platform.store.write() as db:
        known = accounts.credentials(db, platform.vault, ident)
        assert known is not None
        accounts.store_token(db, platform.vault, known, "t", db.now + timedelta(hours=1), None)


def test_accounts_that_nobody_used_are_told_with_their_sessions_ahead(platform: Platform) -> None:
    ident = platform.connect(MAYA.email)
    platform.connect("kai@example.org")
    platform.later(days=167)
    refreshed(platform, ident)
    (one,) = ending(platform)
    assert (one.why, one.accounts, one.sessions) == ("unused", 1, 0)
    platform.later(days=167)
    soon = platform.clock() + 3 * DAY
    platform.book(replace(platform.a_session(), starts_at=soon, ends_at=soon + timedelta(hours=1)))
    (one,) = ending(platform)
    assert (one.accounts, one.sessions, one.life) == (2, 1, 180 * DAY)
    assert platform.clock() - one.since > 300 * DAY
    assert ending(platform, "another") == []
    with platform.store.read() as db:
        first, second = grants.longest_unused(db, "google", db.now - 30 * DAY, 5)
        assert grants.longest_unused(db, "google", db.now - 30 * DAY, 1) == [first]
    assert second == ident


def test_accounts_that_are_lost_at_one_age_tell_of_those_that_will_be(platform: Platform) -> None:
    lost = [platform.connect(f"p{n}@example.org") for n in range(2)]
    platform.later(days=7, hours=3)
    with platform.store.write() as db:
        for ident in lost:
            accounts.set_state(db, ident, AccountState.RECONNECT, "token 400 invalid_grant")
    platform.connect(MAYA.email)
    (one,) = ending(platform)
    assert (one.why, one.accounts, one.life) == ("trial", 1, 7 * DAY)
    platform.later(days=10)
    assert ending(platform) == []
