"""One address in several spellings is one person, whichever way it comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.rig import Rig

WRITTEN, ASCII = "Maya@Exämple.org", "maya@xn--exmple-cua.org"
SPELLINGS = [WRITTEN, "maya@EXÄMPLE.ORG", ASCII, "MAYA@XN--EXMPLE-CUA.ORG"]


@pytest.fixture
def maya(rig: Rig) -> Rig:
    """Maya has a Google account whose mail domain is written with an umlaut."""
    rig.sandbox.add_person(ASCII, google=True)
    return rig


def connect(rig: Rig, email: str) -> dict[str, Any]:
    given = json.dumps({"refresh_token": rig.sandbox.grant(ASCII)})
    options = ("--provider", "google", "--email", email)
    found: dict[str, Any] = rig.json("accounts", "import", *options, stdin=given)
    return found


def book(rig: Rig, email: str = WRITTEN) -> None:
    person = {"id": "u-1", "name": "Maya Chen", "email": email}
    rig.book("ses-1", participants=[person])


@pytest.mark.parametrize("email", SPELLINGS)
def test_an_account_imported_under_any_spelling_shows_the_sessions_of_its_person(
    maya: Rig, email: str
) -> None:
    connect(maya, email)
    book(maya)
    maya.run("sync")

    assert [one.ours for one in maya.sandbox.shown(ASCII)] == [True]


def test_an_account_without_an_identity_is_used_all_the_same(maya: Rig) -> None:
    maya.sandbox.switch("refresh_id_token", False)
    first = connect(maya, WRITTEN)
    assert connect(maya, ASCII)["id"] == first["id"]
    book(maya)
    maya.run("sync")

    assert [one.ours for one in maya.sandbox.shown(ASCII)] == [True]


@pytest.mark.parametrize("email", SPELLINGS)
def test_questions_and_orders_about_a_person_take_every_spelling(maya: Rig, email: str) -> None:
    book(maya)
    maya.run("sync")

    (person,) = maya.json("explain", "ses-1", "--person", email)["people"]
    assert person["participant"] == "u-1"
    assert maya.json("preview", "ses-1", "--person", email)["session"] == "ses-1"
    assert maya.json("resync", "--person", email)["selected"] == 1
    maya.run("resend", "ses-1", "--person", email)


@pytest.mark.parametrize("email", SPELLINGS)
def test_a_person_is_forgotten_under_every_spelling(maya: Rig, email: str) -> None:
    connect(maya, ASCII)
    book(maya)
    maya.run("sync")

    left = {"events_left": 1, "invitations_left": 0, "named_in": 0}
    counts = {"deliveries": 1, "accounts": 1, "revoking": 1}
    assert maya.json("forget", email, "--yes") == counts | left
    assert "exmple-cua" not in repr(maya.rows()).lower()


def store_as_before(rig: Rig, account: str) -> None:
    """As the calsync before stored an account that was imported for the address as it is typed."""
    typed = WRITTEN.lower()
    with rig.opened() as db:
        db.execute(
            "UPDATE account SET email = ?, address = ?, vendor_id = ? WHERE id = ?",
            [typed, WRITTEN, typed, account],
        )


def test_an_account_that_was_stored_as_typed_shows_its_sessions_from_the_next_start_on(
    maya: Rig,
) -> None:
    maya.sandbox.switch("refresh_id_token", False)
    account = connect(maya, ASCII)["id"]
    store_as_before(maya, account)
    book(maya)
    maya.run("sync")
    assert [one.ours for one in maya.sandbox.shown(ASCII)] == [True]
    before = maya.rows()["account"]
    maya.run("sync")

    assert maya.rows()["account"] == before, "it is done once"
    assert connect(maya, WRITTEN)["id"] == account
    (row,) = maya.json("accounts", "list")
    assert (row["email"], row["address"]) == (ASCII, ASCII)


def test_sessions_that_were_mailed_to_its_person_move_into_the_calendar(maya: Rig) -> None:
    book(maya)
    maya.run("sync")
    store_as_before(maya, connect(maya, ASCII)["id"])
    with maya.opened() as db:  # nobody was found by it, so the sessions went by mail
        db.execute(
            "UPDATE delivery SET channel = 'mail', account = NULL, address = ?, place_key = ?",
            [ASCII, f"mail:{ASCII}"],
        )
    maya.run("sync")

    (told,) = maya.json("explain", "ses-1", "--person", WRITTEN)["people"]
    assert (told["route"], told["account"] is not None) == ("google", True)
    assert [one.ours for one in maya.sandbox.shown(ASCII) if one.where == "google"] == [True]


def test_an_account_that_was_stored_as_typed_is_forgotten_before_any_start(maya: Rig) -> None:
    store_as_before(maya, connect(maya, ASCII)["id"])

    left = {"events_left": 0, "invitations_left": 0, "named_in": 0}
    counts = {"deliveries": 0, "accounts": 1, "revoking": 1}
    assert maya.json("forget", WRITTEN, "--yes") == counts | left
    assert maya.json("accounts", "list") == []


def test_two_accounts_of_one_address_both_stay(maya: Rig) -> None:
    """Somebody helped themselves and imported the ASCII form as well."""
    maya.sandbox.switch("refresh_id_token", False)
    store_as_before(maya, connect(maya, ASCII)["id"])
    with maya.opened() as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(account)")]
        row = dict(zip(names, db.execute("SELECT * FROM account").fetchone(), strict=True))
        row |= {"id": "google-2", "email": ASCII, "vendor_id": ASCII, "address": ASCII}
        marks = ", ".join("?" for _ in names)
        db.execute(f"INSERT INTO account VALUES ({marks})", [row[name] for name in names])
    maya.run("sync")

    assert [row["email"] for row in maya.json("accounts", "list")] == [ASCII, ASCII]
