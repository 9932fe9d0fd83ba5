"""Outlook accounts by the command line: imported, tried out, disconnected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.accounts import connect
from tests.commands import Done
from tests.harness.installation import MAYA, Installation, installed
from tests.harness.small_calsync import calsync


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        made.book()
        made.open()
        yield made


def run(place: Installation, *arguments: str, stdin: str = "") -> Done:
    return calsync(*arguments, "--config", "calsync.toml", stdin=stdin, folder=place.folder)


def imported(place: Installation, credentials: object) -> Done:
    command = ("accounts", "import", "--provider", "outlook", "--email", MAYA)
    return run(place, *command, stdin=json.dumps(credentials))


def test_an_outlook_account_is_imported_tried_out_used_and_disconnected(
    place: Installation,
) -> None:
    token = place.sandbox.grant_outlook(MAYA)
    done = imported(place, {"refresh_token": token})
    assert (done.code, done.err) == (0, "")
    account = done.out.split()[0]
    assert f"{account} is connected to {MAYA}" in done.out
    assert "calendar answers" in run(place, "accounts", "test", account).out
    assert run(place, "sync").code == 0
    assert place.shown() == [("outlook", "Title of ses-1")]
    assert "disconnecting" in run(place, "accounts", "disconnect", account).out
    assert run(place, "sync").code == 0
    assert place.mails() == ["REQUEST"]
    assert place.state(account) == "disconnected"
    kept = (place.folder / "calsync.db").read_bytes()
    assert token.encode() not in kept


def test_credentials_that_open_nothing_are_told_and_nothing_is_stored(place: Installation) -> None:
    done = imported(place, {})
    assert (done.code, '{"refresh_token": "..."}' in done.err) == (2, True)
    done = imported(place, {"refresh_token": "1.Asecret"})
    assert done.code == 1
    assert "access_lost: token 400 invalid_grant" in done.err
    assert "1.Asecret" not in done.out + done.err
    assert connect.listed(place.open().context, "default") == []
