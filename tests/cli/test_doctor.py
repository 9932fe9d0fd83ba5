"""`calsync doctor` looks at everything that calsync depends on, and delivers nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.harness.small_calsync import calsync
from tests.ports import free_port
from tests.settings import outlook_settings


def by_check(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["checked"]: (one["verdict"], one["text"]) for one in found["checks"]}


def test_everything_is_looked_at_and_nothing_is_delivered(rig: Rig) -> None:
    rig.connect()
    rig.book("ses-1", MAYA, SAM)
    rig.configure(outlook=outlook_settings(rig.sandbox))
    before = rig.rows()["delivery"], rig.sandbox.events(MAYA)
    told = rig.json("doctor")
    assert told["verdict"] == "warning"
    found = by_check(told)
    assert found["client of Google Calendar"] == ("ok", "it knows this client")
    assert found["client of Outlook"] == ("ok", "it knows this application")
    assert found["clock of Google Calendar"][0] == "ok"
    assert found["mail server"] == ("ok", "it answers")
    assert found["access to Google Calendar"] == ("ok", "1 refresh token used: access was renewed")
    assert found["access to Outlook"] == ("not checked", "nobody has connected a calendar")
    assert found["source platform"][0] == "warning"
    assert found["web.public_url"][0] == "not checked"
    assert (rig.rows()["delivery"], rig.sandbox.events(MAYA)) == before
    assert [rig.sandbox.mails(one) for one in (MAYA, SAM, LENA)] == [[], [], []]


def test_what_is_wrong_is_told_with_what_to_do_and_without_a_secret(rig: Rig) -> None:
    token = rig.sandbox.grant(MAYA)
    given = json.dumps({"refresh_token": token})
    rig.run("accounts", "import", "--provider", "google", "--email", MAYA, stdin=given)
    rig.sandbox.revoke(MAYA)
    secret = rig.sandbox.outlook_client_secret
    rig.configure(
        outlook=outlook_settings(rig.sandbox, client_secret="wrong-PLANTED")
        + "\nclient_valid_until = 2020-01-01",
        web=f'public_url = "http://127.0.0.1:{free_port()}"',
    )
    rig.source.unlink()
    done = rig.run("doctor", code=1)
    told = " ".join(done.out.split())
    assert "1 account has lost access" in told
    assert "error: client of Outlook: correct the settings of [outlook]" in told
    assert "outlook.client_secret it ended on 2020-01-01" in told
    assert "error: source platform: check its path, url, query and sign-in" in told
    assert "warning: web.public_url: start `calsync run` or `calsync web`" in told
    for planted in ("PLANTED", secret, token):
        assert planted not in done.out + done.err


def test_a_database_that_cannot_be_used_keeps_nothing_else_from_being_checked(rig: Rig) -> None:
    rig.database.unlink()
    found = by_check(rig.json("doctor", code=1))
    assert found["database.url"][0] == "error"
    assert found["keys"] == ("not checked", "the database cannot be used")
    assert found["client of Google Calendar"][0] == "ok"
    assert not rig.database.exists()


def test_a_configuration_that_cannot_be_used_is_a_result_for_each_problem(tmp_path: Path) -> None:
    config = tmp_path / "calsync.toml"
    config.write_text('[mail]\nhost = "smtp.example.org"\n[guard]\nmax_change = 1\n', "utf-8")
    done = calsync("doctor", "--config", str(config), "--json", folder=tmp_path)
    told = [one for one in json.loads(done.out)["checks"] if one["verdict"] == "error"]
    assert done.code == 1
    assert {one["area"] for one in told} == {"configuration"}
    assert any("max_changes" in one["text"] for one in told)
    assert any("mail.sender" in one["text"] for one in told)


def test_another_key_under_the_same_id_is_told(rig: Rig) -> None:
    rig.connect()
    (rig.folder / "keys").write_text(f"k1:{'B' * 43}=", encoding="utf-8")
    found = by_check(rig.json("doctor", code=1))
    assert found["security.keys"][0] == "error"


@pytest.mark.parametrize("secret", ["other-PLANTED"])
def test_a_client_that_google_does_not_know_is_told(rig: Rig, secret: str) -> None:
    text = rig.config.read_text(encoding="utf-8")
    rig.config.write_text(text.replace(rig.sandbox.client_secret, secret), encoding="utf-8")
    done = rig.run("doctor", "--json", code=1)
    found = by_check(json.loads(done.out))
    assert found["client of Google Calendar"] == ("error", "token 401 invalid_client")
    assert secret not in done.out + done.err
