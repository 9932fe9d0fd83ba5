"""Which row an account is: by the provider's id, and by its address where that stands for it."""

from __future__ import annotations

import pytest

from calsync.core.account import Account
from calsync.store.connect import accounts
from tests.harness.platform import Platform

MAYA = "maya@example.org"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("id-1", "id-1", True),
        (MAYA, "id-1", True),
        ("id-1", MAYA, True),
        ("id-1", "id-2", False),
    ],
    ids=["the same id", "an id at last", "no id this time", "an address given to somebody else"],
)
def test_an_account_is_known_by_its_id_else_by_the_address_that_stands_for_it(
    ledger_url: str, first: str, second: str, same: bool
) -> None:
    platform = Platform(ledger_url)
    found = []
    for external_id in (first, second):
        account = Account(accounts.new_id("google"), "default", MAYA, "google", MAYA)
        with platform.store.write() as db:
            found.append(accounts.connect(db, platform.vault, account, external_id, {}))

    platform.close()
    assert (found[0] == found[1]) is same


@pytest.mark.parametrize("again", ["MAYA@Exämple.org", "maya@xn--exmple-cua.org"])
def test_connecting_again_under_another_spelling_is_the_same_account_in_the_same_place(
    ledger_url: str, again: str
) -> None:
    platform = Platform(ledger_url)
    for email in ("Maya@exämple.org", again):
        ident = accounts.new_id("google")
        account = Account(ident, "default", email, "google", email)
        with platform.store.write() as db:
            accounts.connect(db, platform.vault, account, email.lower(), {})
    with platform.store.read() as db:
        (row,) = accounts.listed(db)
        of_maya = accounts.of_emails(db, "default", ["maya@EXÄMPLE.org"])

    platform.close()
    assert (row["email"], row["address"]) == ("maya@xn--exmple-cua.org", "Maya@exämple.org")
    assert list(of_maya) == ["maya@xn--exmple-cua.org"]
