"""Commands that answer questions. None of them changes what is stored or sends anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.cli.rig import AGENDA, LENA, MAYA, NOTE, SAM, Rig
from tests.commands import environment
from tests.harness.small_calsync import calsync

COMMANDS = (
    "demo", "init", "recipe", "source", "validate", "schema", "plan", "baseline", "run", "web",
    "sync", "resync", "resend", "status", "health", "doctor", "person", "sessions", "sources",
    "explain", "preview", "approve", "pause", "resume", "accounts", "connect-link", "forget",
    "tokens", "webhooks", "db", "backup", "recover", "verify", "ops-link",
)  # fmt: skip


def test_help_lists_every_command_and_each_has_its_own_help(tmp_path: Path) -> None:
    listed = calsync("--help", folder=tmp_path).out
    assert re.findall(r"^  (\S+)", listed.partition("\nStart:\n")[2], re.MULTILINE) == [*COMMANDS]
    for command in ("sync", "accounts", "approve"):
        assert "Usage:" in calsync(command, "--help", folder=tmp_path).out


def test_help_loads_nothing_that_takes_its_time() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "calsync", "--help"]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "calsync.cli.app" in loaded
    slow = {"sqlalchemy", "pydantic", "fastapi", "cryptography", "requests", "msal", "rich.table"}
    assert loaded & slow == set()


def test_a_question_loads_nothing_that_only_calls_and_mails_need() -> None:
    """Whatever `status` and `health` need comes with an installation that is put together."""
    code = "import sys, calsync.bootstrap, calsync.ops.queries; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment()
    )
    loaded = set(told.stdout.split())
    slow = {"sqlmodel", "alembic", "googleapiclient", "google.auth", "google_auth_oauthlib"}
    assert "calsync.bootstrap" in loaded
    assert not any(one.startswith("sqlalchemy.dialects.postgresql") for one in loaded)
    assert loaded & (slow | {"msal", "apscheduler", "markdown_it", "jinja2", "fastapi"}) == set()


@pytest.mark.parametrize(
    "asked",
    [
        ("explain", ""),
        ("explain", "ses-1", "--person", " "),
        ("preview", "", "--person", "maya@gmail.example"),
        ("person", ""),
        ("resync", ""),
        ("resend", "ses-1", "--person", ""),
        ("forget", ""),
        ("accounts", "test", ""),
        ("tokens", "revoke", ""),
        ("tokens", "create", "--name", "", "--tenant", "default"),
        ("accounts", "list", "--tenant", ""),
        ("pause", "--tenant", ""),
        ("resume", "--channel", " "),
        ("resync", "--program", ""),
        ("source", "try", ""),
        ("recipe", "init", ""),
        ("connect-link", "--email", ""),
    ],
)
def test_an_empty_name_is_refused_before_anything_is_looked_for(
    asked: tuple[str, ...], tmp_path: Path
) -> None:
    """Most often it is a variable of a script that was not set."""
    told = calsync(*asked, folder=tmp_path)
    assert (told.code, "it is empty; write the one that is meant" in told.err) == (2, True)


@pytest.mark.parametrize("question", ["status", "accounts"])
def test_a_question_opens_no_source_page_or_daemon(synced: Rig, question: str) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "calsync", *question.split()]
    command += ["list"] * (question == "accounts") + ["--config", str(synced.config)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "calsync.bootstrap.opening" in loaded
    slow = ("calsync.daemon", "calsync.sources.sql", "calsync.web", "calsync.selfservice.entry")
    assert [one for one in loaded if one.startswith(slow)] == []


def test_to_read_a_configuration_without_texts_of_its_own_loads_no_language() -> None:
    """`health` is asked every few seconds, and says nothing to people."""
    code = "import sys; from calsync.config import load; load(None, {}, seals=False)"
    told = subprocess.run(
        [sys.executable, "-c", f"{code}; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    loaded = set(told.stdout.split())
    assert "calsync.config.mail_texts" in loaded
    assert "babel" not in loaded


def test_plan_shows_what_sync_would_do_and_changes_no_row(synced: Rig) -> None:
    synced.move("ses-1", hours=3)
    synced.book("ses-3", LENA, SAM)
    before, mails = synced.rows(), len(synced.sandbox.mails(SAM))
    planned = synced.json("plan")
    shown = synced.run("plan").out
    assert synced.rows() == before
    assert len(synced.sandbox.mails(SAM)) == mails
    steps = {(one["session"], one["person"]): one["step"] for one in planned}
    assert steps["ses-1", MAYA] == "change copy 1 by google"
    assert steps["ses-3", LENA] == steps["ses-3", SAM] == "make copy 1 by mail"
    assert not any(session == "ses-2" for session, _ in steps)
    assert "change copy 1 by google" in shown
    assert_fits(shown)


def test_resync_dry_run_shows_its_steps_and_changes_no_row(synced: Rig) -> None:
    with synced.opened() as db:
        db.execute("UPDATE copy SET quiet_fp = 'other' WHERE channel = 'google'")
    before = synced.rows()
    planned = synced.json("resync", "--dry-run", "--rewrite")
    assert [(one["session"], one["step"]) for one in planned] == [
        ("ses-1", "change copy 1 by google"),
        ("ses-2", "change copy 1 by google"),
    ]
    assert_fits(synced.run("resync", "ses-1", "--dry-run").out)
    assert synced.rows() == before


def test_questions_change_no_row(synced: Rig) -> None:
    before = synced.rows()
    account = synced.json("accounts", "list")[0]["id"]
    synced.run("explain", "ses-1")
    synced.run("preview", "ses-1", "--person", SAM)
    synced.run("status")
    synced.run("health", code=1)
    synced.run("db", "upgrade")
    assert synced.json("accounts", "test", account)["ok"]
    after = synced.rows()
    # A test of an account may have fetched a token, which is kept.
    assert {**before, "account": None} == {**after, "account": None}


def test_status_counts_what_is_shown_where(synced: Rig) -> None:
    found = synced.json("status")
    counts = {(one["channel"], one["state"]): one["count"] for one in found["copies"]}
    assert counts == {("google", "live"): 2, ("mail", "live"): 2}
    assert found["deliveries"]["wanted"] == 4
    assert found["deliveries"]["due"] == 0
    assert found["accounts"] == [{"provider": "google", "state": "active", "count": 1}]
    assert [one["source"] for one in found["sources"]] == ["platform"]
    text = synced.run("status").out
    assert "daemon seen" in text
    assert_fits(text)


def test_status_begins_with_what_is_not_as_it_should_be(synced: Rig) -> None:
    synced.run("pause", "--channel", "google")
    first = synced.run("status").out.partition("deliveries of sessions ahead")[0]
    assert "no daemon has run yet" in first
    assert "calsync resume --channel google" in first
    assert_fits(first)
    assert synced.run("health", code=1).out == "no daemon has run yet; run `calsync run`\n"


def test_status_for_machines_has_the_findings_too(booked: Rig) -> None:
    found = booked.json("status")["findings"]
    assert found == json.loads(booked.run("health", "--verdict", "--json", code=1).out)["findings"]
    assert found[0]["kind"] == "no_daemon"


def test_the_verdict_fails_for_errors_alone(synced: Rig) -> None:
    synced.run("pause", "--channel", "google")
    told = synced.run("health", "--verdict", code=1).out
    assert told.startswith(
        "error: no daemon has run yet; run `calsync run`\nnotice: google has been"
    )
    with synced.daemon():
        assert synced.run("health").out == "ok\n"
        findings = synced.json("health", "--verdict")["findings"]
        assert [one["kind"] for one in findings] == ["pause", "warning"]


def test_a_configuration_that_everybody_may_read_is_told(synced: Rig) -> None:
    assert "chmod" not in synced.run("status").out
    synced.config.chmod(0o644)
    assert "chmod o= " in synced.run("status").out


def test_explain_tells_of_every_person_or_of_one(synced: Rig) -> None:
    story = synced.json("explain", "ses-1")
    assert [(one["email"], one["route"]) for one in story["people"]] == [
        (MAYA, "google"),
        (SAM, "mail"),
    ]
    assert all(one["copies"][0]["state"] == "live" for one in story["people"])
    seen = [one["visible"] for one in story["people"]]
    assert [(one["state"], one["address"]) for one in seen] == [("calendar", MAYA), ("mail", SAM)]
    assert all(one["since"] and one["waits_for"] is None for one in seen)
    assert "create_answered" in {line["what"] for line in story["journal"]}
    one = synced.json("explain", "ses-1", "--person", "u-2")
    assert [person["email"] for person in one["people"]] == [SAM]
    assert {line["participant"] for line in one["journal"]} <= {"u-2", None}
    text = synced.run("explain", "ses-1", "--person", SAM).out
    assert f"{SAM} (u-2): invited by mail to {SAM} since " in " ".join(text.split())
    assert story["title"] in text
    assert story["local"] in text
    assert MAYA not in text
    assert_fits(text)
    assert AGENDA not in json.dumps(story)


def test_preview_shows_what_each_channel_is_given(synced: Rig) -> None:
    mail = synced.json("preview", "ses-1", "--person", SAM)
    assert mail["channel"] == "mail"
    assert f'To: "Sam Okafor" <{SAM}>' in mail["body"]
    google = synced.json("preview", "ses-1", "--person", SAM, "--channel", "google")
    assert json.loads(google["body"])["summary"] == google["title"]
    assert AGENDA in mail["text"]
    assert AGENDA in google["body"]
    text = synced.run("preview", "ses-1", "--person", MAYA).out
    assert AGENDA in text
    assert '"summary"' not in text
    raw = synced.run("preview", "ses-1", "--person", MAYA, "--raw").out
    assert json.loads(raw) == json.loads(synced.json("preview", "ses-1", "--person", MAYA)["body"])
    assert synced.run("preview", "ses-1", "--person", SAM, "--raw").out.endswith("--\r\n")
    assert NOTE not in text + raw + json.dumps(mail) + json.dumps(google)


def test_the_upcoming_mail_is_shown_as_it_would_be_written_and_explained(synced: Rig) -> None:
    mail = synced.json("preview", "ses-1", "--person", MAYA, "--upcoming")
    assert mail["channel"] == "mail"
    assert "Subject: Coming up: " in mail["body"]
    assert f"<{MAYA}>" in mail["body"]
    assert "text/calendar" not in mail["body"]
    assert NOTE not in json.dumps(mail)

    assert synced.json("explain", "ses-1", "--person", SAM)["people"][0]["upcoming"] is None
    synced.configure(mail='upcoming_to = "mailed"')
    (sam,) = synced.json("explain", "ses-1", "--person", SAM)["people"]
    assert sam["upcoming"]["state"] == "not_yet"
    text = " ".join(synced.run("explain", "ses-1").out.split())
    assert f"Upcoming Session mail: sent from then on ({sam['upcoming']['at']})" in text
    (maya,) = synced.json("person", MAYA)
    assert maya["upcoming_mails"] is True


def test_accounts_are_listed_whole_enough_to_copy_their_id(synced: Rig) -> None:
    (one,) = synced.json("accounts", "list")
    assert (one["email"], one["provider"], one["state"]) == (MAYA, "google", "active")
    text = synced.run("accounts", "list").out
    assert one["id"] in text
    assert_fits(text)
    assert synced.json("accounts", "list", "--tenant", "default") == [one]
    refused = synced.run("accounts", "list", "--tenant", "other", code=2)
    assert "choose one of default" in refused.err


def test_an_account_that_does_not_open_fails_its_test(synced: Rig) -> None:
    account = synced.json("accounts", "list")[0]["id"]
    assert "answers" in synced.run("accounts", "test", account).out
    synced.sandbox.revoke(MAYA)
    with synced.opened() as db:
        db.execute("UPDATE account SET token = NULL")
    found = synced.json("accounts", "test", account, code=1)
    assert not found["ok"]
    assert "access_lost" in found["answer"]


def test_validate_tells_good_records_from_bad_ones(rig: Rig) -> None:
    rig.book("ses-1", MAYA, SAM)
    file = rig.folder / "sessions.jsonl"
    found = calsync("validate", str(file), folder=rig.folder)
    assert (found.code, "1 accepted, 0 refused" in found.out) == (0, True)
    rig.book("ses-2", MAYA, SAM, time_zone="Mars/Olympus")
    bad = calsync("validate", str(file), "--json", folder=rig.folder)
    report = json.loads(bad.out)
    assert bad.code == 1
    assert (report["accepted"], report["refused"][0]["field"]) == (1, "time_zone")
    text = calsync("validate", str(file), folder=rig.folder)
    assert text.code == 1
    assert "ses-2" in text.out
    assert_fits(text.out)


def test_schema_accepts_a_record_and_refuses_one_without_an_id(rig: Rig) -> None:
    schema = json.loads(calsync("schema", folder=rig.folder).out)
    rig.book("ses-1", MAYA, SAM)
    jsonschema.validate(rig.records["ses-1"], schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**rig.records["ses-1"], "id": None}, schema)


def test_status_and_accounts_work_before_anything_happened(rig: Rig) -> None:
    assert rig.json("status")["deliveries"]["wanted"] == 0
    assert rig.json("accounts", "list") == []
    assert rig.json("plan") == []
    assert "0 accounts" in rig.run("accounts", "list").out


def assert_fits(text: str) -> None:
    """Nothing is wider than 100 columns."""
    assert [line for line in text.splitlines() if len(line) > 100] == []
