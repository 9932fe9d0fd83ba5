"""Opening accounts: one refresh for everybody, sealed tokens, and a lock that always ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.accounts import tokens
from calsync.accounts.tokens import StoredAuthorizer
from calsync.core.account import AccountState, Credentials, FreshToken
from calsync.errors import AccessLost, Setup, TryLater
from calsync.store.connect import accounts, leaving
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.vault import Vault, new_key
from tests.harness.counted import counted
from tests.harness.platform import Platform


class FakeRefresher:
    """Hands out token-1, token-2, ...; `during` runs while the provider answers."""

    def __init__(self) -> None:
        self.given: list[str] = []
        self.during: Callable[[], None] = lambda: None
        self.rotates = True
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._lock = threading.Lock()

    def refresh(self, credentials: Credentials, until: float) -> FreshToken:
        with self._lock:
            self.given.append(credentials.secret["refresh_token"])
            number = len(self.given)
        self.during()
        rotated = {"refresh_token": f"refresh-{number}"} if self.rotates else None
        return FreshToken(f"token-{number}", self.now() + timedelta(hours=1), rotated)


@pytest.fixture
def refresher(platform: Platform) -> FakeRefresher:
    made = FakeRefresher()
    made.now = platform.clock
    return made


@pytest.fixture
def authorizer(platform: Platform, refresher: FakeRefresher) -> StoredAuthorizer:
    return StoredAuthorizer(platform.store, platform.vault, {("default", "google"): refresher})


def soon() -> float:
    return time.monotonic() + 20


def stored(platform: Platform, account: str) -> Credentials:
    with platform.store.read() as db:
        found = accounts.credentials(db, platform.vault, account)
    assert found is not None
    return found


def test_a_token_is_refreshed_once_and_used_until_it_nearly_ends(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    secrets = [authorizer.open(maya, soon()).secret for _ in range(3)]
    platform.later(minutes=58)
    secrets.append(authorizer.open(maya, soon()).secret)

    assert secrets == ["token-1", "token-1", "token-1", "token-2"]


def test_what_is_open_in_the_version_that_was_just_read_is_not_read_again(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    authorizer.open(maya, soon())
    version = stored(platform, maya).version
    with counted() as counts:
        opened = [authorizer.open(maya, soon(), version=version).secret for _ in range(3)]
    assert (opened, counts.transactions) == (["token-1"] * 3, 1)
    with counted() as counts:
        authorizer.open(maya, soon())
        authorizer.open(maya, soon(), version=version + 1)
    assert counts.transactions == 2, "another version, or none that is known"
    assert authorizer.open(maya, soon(), fresh=True, version=version).secret == "token-2"
    platform.later(minutes=58)
    version = stored(platform, maya).version
    assert authorizer.open(maya, soon(), version=version).secret == "token-3"


def test_credentials_that_were_read_with_the_claim_are_not_read_again(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    authorizer.open(maya, soon())
    known = stored(platform, maya)
    assert not authorizer.is_open(maya, known.version)
    with counted() as counts:
        secret = authorizer.open(maya, soon(), version=known.version, known=known).secret
    assert (secret, counts.transactions) == ("token-1", 0)
    assert authorizer.is_open(maya, known.version)
    platform.later(minutes=58)
    assert not authorizer.is_open(maya, known.version), "its token nearly ends"
    assert authorizer.open(maya, soon(), fresh=True, known=known).secret == "token-2"


def test_credentials_of_a_disconnected_account_open_nothing(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    authorizer.open(maya, soon())
    with platform.store.write() as db:
        db.run(sa.update(table("account")).values(state=AccountState.DISCONNECTED.value))
    known = stored(platform, maya)
    with pytest.raises(AccessLost):
        authorizer.open(maya, soon(), version=known.version, known=known)


def test_credentials_that_are_forgotten_are_open_no_more(
    platform: Platform, authorizer: StoredAuthorizer
) -> None:
    maya = platform.connect("maya@example.org")
    authorizer.open(maya, soon())
    authorizer.open(maya, soon())
    before = stored(platform, maya).version
    with platform.store.write() as db:
        leaving.forget_credentials(db, maya)
    now = stored(platform, maya).version
    assert now != before
    with pytest.raises(TryLater):  # nothing is left that could be refreshed
        authorizer.open(maya, soon(), version=now)


def test_no_more_accounts_stay_open_than_the_most(
    platform: Platform, authorizer: StoredAuthorizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_OPEN", 2)
    people = [platform.connect(f"p{n}@example.org") for n in range(3)]
    for one in (*people, *people):
        authorizer.open(one, soon())
    versions = [stored(platform, one).version for one in people]
    with counted() as counts:
        for one, version in zip(people, versions, strict=True):
            authorizer.open(one, soon(), version=version)
    assert counts.asked > 0


def test_two_workers_that_need_a_token_share_one_refresh(
    platform: Platform,
    authorizer: StoredAuthorizer,
    refresher: FakeRefresher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maya = platform.connect("maya@example.org")
    begun, go_on, waits = threading.Event(), threading.Event(), threading.Event()
    got: list[str] = []
    take = accounts.lock

    def lock(db: Db, ident: str, seconds: float) -> str | None:
        token = take(db, ident, seconds)
        if token is None:
            waits.set()
        return token

    monkeypatch.setattr(accounts, "lock", lock)

    def during() -> None:
        begun.set()
        assert go_on.wait(20)

    refresher.during = during
    first = threading.Thread(target=lambda: got.append(authorizer.open(maya, soon()).secret))
    first.start()
    assert begun.wait(20)
    second = threading.Thread(
        target=lambda: got.append(authorizer.open(maya, soon(), fresh=True).secret)
    )
    second.start()
    assert waits.wait(20)  # it has seen the old token, and that somebody refreshes it
    go_on.set()
    first.join(20)
    second.join(20)

    assert got == ["token-1", "token-1"]
    assert refresher.given == ["r"]


def test_a_rotated_refresh_token_is_kept_and_used_next(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    for _ in range(3):
        authorizer.open(maya, soon(), fresh=True)

    assert refresher.given == ["r", "refresh-1", "refresh-2"]
    assert stored(platform, maya).secret["refresh_token"] == "refresh-3"


def test_a_late_refresh_does_not_overwrite_newer_credentials(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")

    def reconnect() -> None:
        refresher.during = lambda: None
        platform.connect("maya@example.org")

    refresher.during = reconnect
    authorizer.open(maya, soon())

    now = stored(platform, maya)
    assert (now.secret["refresh_token"], now.token) == ("r", None)


def test_the_lock_of_a_process_that_died_ends_by_itself(
    platform: Platform, authorizer: StoredAuthorizer
) -> None:
    maya = platform.connect("maya@example.org")
    with platform.store.write() as db:
        assert accounts.lock(db, maya, 30)
        assert accounts.lock(db, maya, 30) is None
    platform.later(seconds=31)

    assert authorizer.open(maya, soon()).secret == "token-1"


def test_who_waits_for_the_lock_gives_up_at_the_own_deadline(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    with platform.store.write() as db:
        accounts.lock(db, maya, 300)
    with pytest.raises(TryLater) as caught:
        authorizer.open(maya, time.monotonic() + 0.3)

    assert (caught.value.happened, caught.value.scope) == ("no", "account")
    assert refresher.given == []


def test_a_refresh_that_fails_gives_the_lock_back(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")

    def fail() -> None:
        refresher.during = lambda: None
        raise TryLater("503", happened="no", scope="provider")

    refresher.during = fail
    with pytest.raises(TryLater):
        authorizer.open(maya, soon())

    assert authorizer.open(maya, soon()).secret == "token-2"


class Killed(BaseException):
    pass


def test_a_crash_between_refresh_and_store_costs_one_more_refresh(
    platform: Platform, refresher: FakeRefresher
) -> None:
    """Google keeps the old refresh token valid, so that the stored one still works."""
    maya = platform.connect("maya@example.org")

    def die(name: str) -> None:
        if name == "refresh.after":
            raise Killed

    refreshers = {("default", "google"): refresher}
    with pytest.raises(Killed):
        StoredAuthorizer(platform.store, platform.vault, refreshers, die).open(maya, soon())
    platform.later(minutes=1)
    again = StoredAuthorizer(platform.store, platform.vault, refreshers)

    assert again.open(maya, soon()).secret == "token-2"
    assert refresher.given == ["r", "r"]


def test_credentials_sealed_with_a_lost_key_are_the_operators_to_mend(
    platform: Platform, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    other = StoredAuthorizer(platform.store, Vault([new_key()]), {("default", "google"): refresher})
    with pytest.raises(Setup, match=r"security\.keys"):
        other.open(maya, soon())


def test_an_account_that_is_not_known_or_was_disconnected_lets_nobody_in(
    platform: Platform, authorizer: StoredAuthorizer
) -> None:
    with pytest.raises(AccessLost):
        authorizer.open("google-unknown", soon())


def test_no_token_stands_readable_in_the_database(
    platform: Platform, authorizer: StoredAuthorizer, refresher: FakeRefresher
) -> None:
    maya = platform.connect("maya@example.org")
    plain = [b"token-1", b"refresh-1"]
    authorizer.open(maya, soon())
    with platform.store.read() as db:
        row = db.one(sa.select(table("account")).where(table("account").c.id == maya))
    assert row is not None
    raw = repr(row).encode()
    if platform.store.sqlite:
        file = Path(str(platform.store.engine.url.database))
        raw += file.read_bytes() + file.with_name(f"{file.name}-wal").read_bytes()

    assert [one for one in plain if one in raw] == []
    assert row["secret"]
    assert row["token"]


def test_credentials_and_access_show_no_secret_in_their_text(
    platform: Platform, authorizer: StoredAuthorizer
) -> None:
    maya = platform.connect("maya@example.org")
    access = authorizer.open(maya, soon())

    assert "token-1" not in repr(access) + repr(stored(platform, maya))
    assert "token-1" not in repr(
        FreshToken("token-1", datetime.now(UTC), {"refresh_token": "refresh-1"})
    )
