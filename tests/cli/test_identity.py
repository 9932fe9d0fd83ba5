"""Whose Google account an imported consent opens, through the real command line."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.rig import MAYA, SAM, Rig

ALIAS = "m.chen@gmail.example"
OWNED = "https://www.googleapis.com/auth/calendar.events.owned"


def connect(rig: Rig, email: str, token: str, **given: str) -> dict[str, Any]:
    stdin = json.dumps({"refresh_token": token, **given})
    options = ("--provider", "google", "--email", email)
    found: dict[str, Any] = rig.json("accounts", "import", *options, stdin=stdin)
    return found


def test_two_addresses_of_one_google_account_are_one_account_and_one_place(rig: Rig) -> None:
    first = connect(rig, MAYA, rig.sandbox.grant(MAYA))
    second = connect(rig, ALIAS, rig.sandbox.grant(MAYA))
    assert second["id"] == first["id"]
    assert (first["address"], second["address"]) == (MAYA, MAYA)
    assert (first["served_before"], second["served_before"]) == (None, MAYA)
    assert (first["warning"], second["warning"]) == (None, None)
    (account,) = rig.json("accounts", "list")
    assert account["email"] == ALIAS


def test_sessions_of_the_address_that_was_served_before_go_back_to_mail(rig: Rig) -> None:
    connect(rig, MAYA, rig.sandbox.grant(MAYA))
    rig.book("ses-1", MAYA)
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [True]
    connect(rig, SAM, rig.sandbox.grant(MAYA))
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [False]


def test_without_an_identity_the_given_address_is_taken_with_a_warning(rig: Rig) -> None:
    rig.sandbox.switch("refresh_id_token", False)
    given = json.dumps({"refresh_token": rig.sandbox.grant(MAYA)})
    options = ("--provider", "google", "--email", ALIAS)
    done = rig.run("accounts", "import", *options, stdin=given)
    assert f"connected to {ALIAS}" in done.out
    assert "shows its sessions twice" in " ".join(done.err.split())


def test_an_account_that_was_stored_by_address_is_known_again_by_its_identity(rig: Rig) -> None:
    token = rig.sandbox.grant(MAYA)
    rig.sandbox.switch("refresh_id_token", False)
    first = connect(rig, ALIAS, token)
    rig.sandbox.switch("refresh_id_token", True)
    second = connect(rig, ALIAS, token)
    assert (first["address"], second["address"]) == (ALIAS, MAYA)
    rig.sandbox.switch("refresh_id_token", False)
    third = connect(rig, MAYA, token)
    assert first["id"] == second["id"] == third["id"]


def test_a_new_refresh_token_is_the_one_that_is_kept(rig: Rig) -> None:
    rig.sandbox.switch("rotate_refresh_tokens", True)
    found = connect(rig, MAYA, rig.sandbox.grant(MAYA))
    assert "opened" in rig.run("accounts", "test", found["id"]).out


def test_what_google_granted_decides_whether_events_can_be_written(rig: Rig) -> None:
    rig.sandbox.switch("refresh_id_token", False)
    connect(rig, MAYA, rig.sandbox.grant(MAYA, ["openid", "email"]))
    assert rig.json("accounts", "list")[0]["state"] == "free_busy_only"
    connect(rig, MAYA, rig.sandbox.grant(MAYA, [OWNED]))
    assert rig.json("accounts", "list")[0]["state"] == "active"


def test_a_dead_consent_is_not_imported_and_says_what_to_do(rig: Rig) -> None:
    token = rig.sandbox.grant(MAYA)
    rig.sandbox.revoke(MAYA)
    options = ("--provider", "google", "--email", MAYA)
    given = json.dumps({"refresh_token": token})
    done = rig.run("accounts", "import", *options, stdin=given, code=2)
    assert "consent again" in done.err
    assert token not in done.err
    assert rig.json("accounts", "list") == []
