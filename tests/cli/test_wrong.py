"""What is wrong is said in a sentence with what to do next: never a traceback, never a secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.cli.rig import MAYA, SAM, Rig
from tests.commands import environment
from tests.harness.small_calsync import calsync, started

SECRET = "PLANTED-SECRET"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "ses-9"), "`calsync sync`"),
        (("explain", "ses-1", "--person", "nobody@x.example"), "nobody@x.example"),
        (("preview", "ses-1", "--person", "nobody@x.example"), "`calsync explain ses-1`"),
        (("preview", "ses-1", "--person", SAM, "--channel", "pigeon"), "google, mail"),
        (("resend", "ses-9", "--person", SAM), "`calsync explain ses-9`"),
        (("resync", "ses-1", "ses-9"), "ses-9"),
        (("resync", "--person", "nobody@x.example"), "`calsync explain SESSION`"),
        (("resync", "--from", "yesterday"), "2026-12-03"),
        (("resync", "--to", "2026-13-01"), "2026-12-03"),
        (("resync", "--from", "0001-01-01T00:00:00+14:00"), "2026-12-03"),
        (("approve", "7"), "`calsync status`"),
        (("approve", "many"), "-h"),
        (("approve", "99999999999999999999"), "-h"),
        (("accounts", "test", "google-0"), "`calsync accounts list`"),
        (("accounts", "disconnect", "google-0"), "`calsync accounts list`"),
        (("pause", "--channel", "pigeon"), "google, mail"),
        (("pause", "--tenant", "nobody"), "default"),
        (("pause", "--reason", "x" * 201), "200 at most"),
        (("baseline", "nowhere.jsonl"), "name a file"),
        (("forget", "nobody@x.example", "--yes"), "give the address"),
        (("status", "--wide"), "-h"),
        (("fly",), "-h"),
        (("sync", "--config", "nowhere.toml"), "--config"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(
    booked: Rig, arguments: tuple[str, ...], said: str
) -> None:
    named = () if "--config" in arguments or arguments[0] == "fly" else ("--config", booked.config)
    done = calsync(*arguments, *map(str, named), folder=booked.folder)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "standard input is not JSON"),
        ('{"refresh_token": ', "standard input is not JSON"),
        ("[" * 100_000, "standard input is not JSON"),
        (b"\xff\xfe", "standard input is not JSON"),
        ('["token"]', "one JSON object"),
        ('{"refresh_token": 7}', "one JSON object"),
        ("{}", '{"refresh_token": "..."}'),
    ],
)
def test_credentials_that_are_none_are_refused(booked: Rig, given: str | bytes, said: str) -> None:
    named = ("--provider", "google", "--email", SAM, "--config", str(booked.config))
    done = calsync("accounts", "import", *named, stdin=given, folder=booked.folder)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--provider", "pigeon", "--email", SAM), "caldav, google"),
        (("--provider", "google", "--email", "Sam"), "maya@example.org"),
        (("--provider", "google", "--email", SAM, "--tenant", "nobody"), "default"),
        (("--provider", "caldav", "--email", SAM), "url, username, password"),
        (("--provider", "google"), "--email"),
    ],
)
def test_an_account_that_cannot_be_connected_is_refused(
    booked: Rig, options: tuple[str, ...], said: str
) -> None:
    given = json.dumps({"refresh_token": SECRET})
    done = booked.run("accounts", "import", *options, stdin=given, code=2)
    assert said in done.err
    assert SECRET not in done.err


def test_a_provider_that_is_not_set_up_takes_no_account(rig: Rig) -> None:
    text = rig.config.read_text(encoding="utf-8")
    rig.config.write_text(text.replace("client_", "#client_"), encoding="utf-8")
    options = ("--provider", "google", "--email", MAYA)
    done = rig.run("accounts", "import", *options, stdin='{"refresh_token": "r"}', code=2)
    assert "[google]" in done.err


def test_all_problems_of_a_configuration_are_told_at_once(rig: Rig) -> None:
    rig.config.write_text(
        f'[mail]\nhost = "mail.example"\npasswrod = "{SECRET}"\n'
        '[deliver]\nworkers = "many"\n[nonsense]\na = 1\n[[source]]\nkind = "file"\n',
        encoding="utf-8",
    )
    for command in ("run", "sync", "status", "health", "plan"):
        told = rig.run(command, code=2).err
        for name in ("mail.passwrod", "deliver.workers", "nonsense", "source", "security.keys"):
            assert name in told
        assert SECRET not in told


def test_a_configuration_that_is_no_toml_is_named_with_its_line(rig: Rig) -> None:
    rig.config.write_text("[mail\n", encoding="utf-8")
    assert "line 1" in rig.run("sync", code=2).err


def test_the_configuration_may_be_named_by_the_environment(rig: Rig) -> None:
    done = started("status", folder=rig.folder.parent, CALSYNC_CONFIG=str(rig.config))
    assert done.code == 0
    found = calsync("status", folder=rig.folder)
    assert found.code == 0, "calsync.toml of the folder is found by itself"


@pytest.mark.parametrize("command", ["status", "sync", "run", "health", "plan"])
def test_a_file_that_is_no_database_is_named_as_such(rig: Rig, command: str) -> None:
    rig.database.write_bytes(b"this is no database " * 500)
    told = rig.run(command, code=1).err
    assert "database" in told
    assert "database.url" in told
    assert rig.database.read_bytes() == b"this is no database " * 500


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:////dev/null/folder/calsync.db", "does not exist"),
        ("sqlite://", "sqlite:///calsync.db"),
        ("mysql://u:PLANTED-SECRET@host/name", "postgresql+psycopg://"),
        ("postgresql+pigeon://u:PLANTED-SECRET@host/name", "postgresql+psycopg://"),
        ("postgresql+psycopg://u:PLANTED-SECRET@127.0.0.1:1/name", "database.url"),
        ("no url", "database.url"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(
    rig: Rig, url: str, said: str
) -> None:
    environ = {"CALSYNC_DATABASE__URL": url}
    done = calsync("status", "--config", str(rig.config), folder=rig.folder, **environ)
    assert done.code in (1, 2)
    assert said in done.err
    assert SECRET not in done.err


def test_another_key_than_the_one_that_sealed_is_told(synced: Rig) -> None:
    keys = synced.folder / "keys"
    lost = keys.read_text("utf-8").partition(":")[0]
    keys.unlink()
    synced.configure()
    synced.move("ses-1", hours=1)
    for words in (("sync",), ("explain", "ses-1"), ("resend", "ses-1", "--person", SAM)):
        assert f"sealed with the key '{lost}'" in synced.run(*words, code=2).err
    synced.run("db", "reseal", "--lost", lost, code=1)
    told = synced.run("sync", code=1).out
    assert "security.keys" in told
    assert "calsync explain ses-1" in told
    for command in ("explain", "resend"):
        arguments = (command, "ses-1", "--person", SAM)
        assert "put that key back" in synced.run(*arguments, code=1).err


def test_a_baseline_file_with_a_bad_line_names_it_and_records_nothing(booked: Rig) -> None:
    file = booked.folder / "known.jsonl"
    file.write_text('{"session": "ses-1", "participant": "u-1"}\n{"session": 3', encoding="utf-8")
    before = booked.rows()
    assert f"{file}:2" in booked.run("baseline", str(file), code=2).err
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in booked.run("baseline", str(file), code=2).err
    assert booked.rows() == before


def test_validate_of_a_file_that_is_not_there_or_no_json(rig: Rig) -> None:
    missing = calsync("validate", "nowhere.json", folder=rig.folder)
    assert (missing.code, "name a file" in missing.err) == (2, True)
    broken = rig.folder / "broken.json"
    broken.write_text("{", encoding="utf-8")
    found = calsync("validate", str(broken), folder=rig.folder)
    assert found.code == 1
    assert str(broken) in found.err + found.out


def test_an_output_that_cannot_show_a_letter_still_gets_the_rest(booked: Rig) -> None:
    booked.book("ses-1", title="职业规划 😀")
    booked.run("sync")
    arguments = ("preview", "ses-1", "--person", SAM, "--config", str(booked.config))
    done = started(*arguments, folder=booked.folder, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\u804c" in done.out


def test_a_reader_that_goes_away_is_no_traceback(rig: Rig) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "calsync", "schema"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode == 1
