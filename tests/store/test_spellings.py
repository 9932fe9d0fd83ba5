"""Accounts that an older calsync stored under an address as it was typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from calsync.core.account import Account
from calsync.store.connect import accounts, spellings
from calsync.store.ledger.rows import table
from tests.harness.platform import Platform

TYPED, KEY = "maya@exämple.org", "maya@xn--exmple-cua.org"


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def store(platform: Platform, ident: str, email: str, address: str, external_id: str) -> None:
    somebody = f"{ident}@example.org"
    account = Account(ident, "default", somebody, "google", somebody)
    with platform.store.write() as db:
        accounts.connect(db, platform.vault, account, ident, {})
        written = {"email": email, "address": address, "vendor_id": external_id}
        rows = table("account")
        db.run(sa.update(rows).where(rows.c.id == ident).values(**written))


def correct(platform: Platform) -> dict[str, list[str]]:
    with platform.store.write() as db:
        return spellings.correct(db)


def stored(platform: Platform) -> dict[str, tuple[str, str, str]]:
    with platform.store.read() as db:
        return {
            row["id"]: (row["email"], row["address"], row["vendor_id"])
            for row in accounts.listed(db)
        }


@pytest.mark.parametrize("typed", [TYPED, "maya@exa\u0308mple.org", "Maya@Exämple.org"])
def test_an_account_gets_the_spelling_that_its_person_is_looked_up_by(
    platform: Platform, typed: str
) -> None:
    store(platform, "a", typed, typed, typed)
    assert correct(platform) == {"default": [KEY]}
    assert stored(platform) == {"a": (KEY, KEY, KEY)}
    assert correct(platform) == {}


def test_what_the_provider_tells_stays(platform: Platform) -> None:
    store(platform, "a", TYPED, "m.chen@gmail.example", "id-1")
    correct(platform)
    assert stored(platform) == {"a": (KEY, "m.chen@gmail.example", "id-1")}


def test_upper_case_is_another_spelling_too(platform: Platform) -> None:
    store(platform, "a", "Maya@Example.org", "Maya@Example.org", "id-1")
    correct(platform)
    assert stored(platform) == {"a": ("maya@example.org", "maya@example.org", "id-1")}


def test_other_accounts_stay_as_they_are(platform: Platform) -> None:
    store(platform, "a", "maya@example.org", "Maya@Example.org", "id-1")
    store(platform, "b", "jürgen@example.org", "jürgen@example.org", "id-2")
    store(platform, "c", KEY, TYPED, "id-3")
    before = stored(platform)
    assert correct(platform) == {}
    assert stored(platform) == before


def test_an_id_that_another_account_has_by_now_is_left_to_it(platform: Platform) -> None:
    store(platform, "a", TYPED, TYPED, TYPED)
    store(platform, "b", KEY, KEY, KEY)
    correct(platform)
    assert stored(platform) == {"a": (KEY, KEY, TYPED), "b": (KEY, KEY, KEY)}
