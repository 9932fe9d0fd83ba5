"""Somebody is forgotten: consents are taken back, and only what that needs is kept till then."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.accounts import reroute
from calsync.core.account import Account, AccountState
from calsync.daemon import maintenance
from calsync.errors import InputError, TryLater
from calsync.ops import retention
from calsync.store.connect import accounts
from calsync.store.engine.packed import unpack
from calsync.store.ledger.rows import table
from tests.accounts.test_parting import FakeRevoker, told_by
from tests.harness.installation import MAYA, installed
from tests.harness.platform import MAYA as HER
from tests.harness.platform import SAM, Platform

EMAIL = "maya@example.org"
OLD = TryLater("503", happened="no")


@pytest.fixture
def revoker(platform: Platform) -> FakeRevoker:
    made = FakeRevoker()
    told_by(platform, default=made, acme=made)
    return made


def stored(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.read() as db:
        return db.all(sa.select(table("account")))


def connect(platform: Platform, tenant: str, vendor_id: str) -> str:
    account = Account(accounts.new_id("google"), tenant, EMAIL, "google", EMAIL)
    with platform.store.write() as db:
        return accounts.connect(db, platform.vault, account, vendor_id, {"refresh_token": tenant})


def test_the_provider_is_told_and_then_nothing_of_the_account_is_left(
    platform: Platform, revoker: FakeRevoker
) -> None:
    connect(platform, "default", "1077")
    platform.book(platform.a_session())
    platform.deliver()
    done = retention.forget(platform.context, EMAIL)
    assert (done.accounts, done.revoking) == (1, 1)
    (row,) = stored(platform)
    kept = {name for name, value in row.items() if value not in (None, "", 0)}
    needed = {"id", "tenant", "provider", "vendor_id", "grant", "state", "state_at", "secret"}
    assert kept - needed <= {"check_at", "token_version"}
    with platform.store.read() as db:
        assert accounts.listed(db) == []
    assert revoker.ended == []
    maintenance.disconnects(platform.context)
    assert revoker.ended == ["default"]
    assert stored(platform) == []


def test_an_id_that_is_an_address_is_not_kept(platform: Platform, revoker: FakeRevoker) -> None:
    connect(platform, "default", EMAIL)
    retention.forget(platform.context, EMAIL)
    assert EMAIL not in repr(stored(platform))
    maintenance.disconnects(platform.context)
    assert (revoker.ended, stored(platform)) == (["default"], [])


def test_a_provider_that_cannot_be_told_for_hours_is_given_up_and_the_rest_goes(
    platform: Platform, revoker: FakeRevoker
) -> None:
    connect(platform, "default", "1077")
    retention.forget(platform.context, EMAIL)
    revoker.errors = [OLD, OLD]
    maintenance.disconnects(platform.context)
    assert len(stored(platform)) == 1
    platform.later(hours=7)
    maintenance.disconnects(platform.context)
    assert (revoker.ended, stored(platform)) == ([], [])


def test_a_dead_consent_and_one_without_such_a_call_go_at_once(
    platform: Platform, revoker: FakeRevoker
) -> None:
    connect(platform, "default", "1077")
    with platform.store.write() as db:
        (account,) = accounts.of_emails(db, "default", [EMAIL])[EMAIL]
        reroute.lose(platform.context, db, account.id, AccountState.RECONNECT, "invalid_grant")
    assert retention.forget(platform.context, EMAIL).revoking == 0
    told_by(platform)
    connect(platform, "default", "1077")
    assert retention.forget(platform.context, EMAIL).revoking == 0
    assert (stored(platform), revoker.ended) == ([], [])


def test_one_tenant_forgets_and_a_grant_that_another_one_needs_stays(
    platform: Platform, revoker: FakeRevoker
) -> None:
    connect(platform, "default", "1077")
    other = connect(platform, "acme", "1077")
    platform.book(platform.a_session())
    with platform.store.write() as db:
        slot = {"slot": "acme", "tenant": "acme", "channel": "mail"}
        db.run(sa.insert(table("slot")).values(slot))
    with pytest.raises(InputError, match="no tenant acne"):
        retention.forget(platform.context, EMAIL, "acne")
    assert retention.forget(platform.context, EMAIL, "acme").deliveries == 0
    assert [row["tenant"] for row in stored(platform)] == ["default"]
    other = connect(platform, "acme", "1077")
    done = retention.forget(platform.context, EMAIL, "default")
    assert (done.deliveries, done.accounts, done.revoking) == (1, 1, 0)
    maintenance.disconnects(platform.context)
    assert [row["id"] for row in stored(platform)] == [other]
    assert revoker.ended == []
    assert retention.forget(platform.context, EMAIL).revoking == 1
    maintenance.disconnects(platform.context)
    assert revoker.ended == ["acme"]


def test_who_connects_again_before_the_provider_was_told_keeps_the_new_consent(
    platform: Platform, revoker: FakeRevoker
) -> None:
    connect(platform, "default", "1077")
    retention.forget(platform.context, EMAIL)
    connect(platform, "default", "1077")
    maintenance.disconnects(platform.context)
    (row,) = stored(platform)
    assert (row["email"], row["state"], revoker.ended) == (EMAIL, "active", [])


def test_what_is_beyond_reach_is_counted(platform: Platform) -> None:
    platform.connect(EMAIL)
    platform.book(
        platform.a_session(),
        platform.a_session("ses-2"),
        platform.a_session("ses-3", participants=(HER,)),
    )
    platform.deliver()
    done = retention.forget(platform.context, EMAIL)
    assert (done.events_left, done.invitations_left, done.named_in) == (3, 0, 2)
    done = retention.forget(platform.context, SAM.email)
    assert (done.events_left, done.invitations_left, done.named_in) == (0, 2, 0)


def test_google_ends_the_consent_of_somebody_who_is_forgotten(tmp_path: Path) -> None:
    with installed(tmp_path) as made:
        made.connect("google")
        made.book()
        made.sync()
        assert retention.forget(made.open().context, MAYA).revoking == 1
        made.sync()
        answers = [one.status for one in made.sandbox.requests() if one.path == "/revoke"]
        assert answers == [200]
        assert made.shown() == [("google", "Title of ses-1")], "the event is the person's"


def test_in_the_file_nothing_of_what_was_blanked_can_be_read(tmp_path: Path) -> None:
    with installed(tmp_path) as made:
        made.book(title="PLANTED-TITLE")
        made.sync()
        packed = packed_texts(tmp_path / "calsync.db")
        assert any("PLANTED-TITLE" in (unpack(one) or "") for one in packed)
        assert all(in_a_file(tmp_path, one) for one in packed)
        retention.forget(made.open().context, MAYA)
        assert not any(in_a_file(tmp_path, one) for one in packed)
        assert not in_a_file(tmp_path, b"PLANTED-TITLE")


def packed_texts(file: Path) -> list[bytes]:
    """The session, and what Maya is shown of it, as SQLite keeps them."""
    with closing(sqlite3.connect(file)) as db:
        rows = db.execute("SELECT record FROM booked_session").fetchall()
        rows += db.execute("SELECT content FROM delivery WHERE email = ?", (MAYA,)).fetchall()
    return [row[0] for row in rows]


def in_a_file(folder: Path, kept: bytes) -> bool:
    return any(kept in one.read_bytes() for one in folder.glob("calsync.db*"))
