"""What every command prints with `--json`, over one ledger in which something waits everywhere."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.cli.rig import LENA, LOOSE, MAYA, PEOPLE, SAM, Rig, a_rig
from tests.harness.records import now
from tests.harness.small_calsync import calsync
from tests.ports import free_port
from tests.settings import outlook_settings

LIVE = "zoe@contoso.example"
FAR = {"starts_at": "2099-12-03T15:00:00", "ends_at": "2099-12-03T16:00:00"}
LATER = {"starts_at": "2099-12-03T18:00:00", "ends_at": "2099-12-03T19:00:00"}
TIGHT = "max_changes = 0\nmax_share = 0.01\nmax_first_mails = 1000\nfree_sessions = 0"

MINUTES = 470_000  # SEQUENCE of a mail: minutes since 2026 began, of this year's end and later

# What differs from run to run, and what stands for it.
VOLATILE = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<instant>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+00:00", "<instant with its fraction>"),
    (r"calsync_[0-9a-f]{12}_[0-9a-f]{64}", "<token>"),
    (r"(google|caldav|outlook)-[0-9a-f]+", "<account>"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
    (r"<uuid>\.\d+\.\d{20}@", "<uuid>.<sequence>.<stamp>@"),
    (r"\b[0-9a-f]{12,64}\b", "<hex>"),
    (r"schema is at \d{4}", "schema is at <number>"),
    (r"ticket=[\w.-]+", "ticket=<ticket>"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:<port>"),
)


OF_A_KIND = {"body": "<bytes>"}  # whatever it is
OF_THE_MACHINE = {"read_from": "<folder>", "version": "<version>"}  # of its time zone data


def printed(folder: Path) -> dict[str, Any]:
    """By the name of its golden file, what a command prints, masked."""
    with a_rig(folder) as rig:
        _configure(rig, LOOSE)
        found = _while_it_begins(rig) | _while_much_waits(rig) | _of_the_platform(rig)
        found |= _without_configuration(rig) | _ordered(rig) | _at_the_end(rig)
        rig.configure()  # without an address of its own, which would be looked up
        found["doctor"] = rig.json("doctor")
        found |= _of_real_accounts(rig)
        found |= _begun(rig)
    return {name: masked(value, folder) for name, value in found.items()}


def _configure(rig: Rig, guard: str) -> None:
    rig.configure(
        guard=guard,
        mail='upcoming_to = "all"',
        web='public_url = "https://calsync.example"',
        connect=f'keys = ["k1:{"A" * 43}="]',
        webhook=f'url = "http://127.0.0.1:{free_port()}/hook"\nkeys = ["k1:{"A" * 43}="]',
    )


def _while_it_begins(rig: Rig) -> dict[str, Any]:
    rig.token = rig.sandbox.grant(MAYA)
    given = json.dumps({"refresh_token": rig.token})
    options = ("--provider", "google", "--email", MAYA)
    connected = rig.json("accounts", "import", *options, stdin=given)
    elsewhere = {**PEOPLE[SAM], "time_zone": "Mars/Olympus"}
    rig.book("ses-1", **FAR, participants=[PEOPLE[MAYA], elsewhere])
    rig.book("ses-2", MAYA, LENA, **FAR)
    rig.book("ses-3", LENA, **FAR)
    rig.book("ses-4", SAM, **FAR, time_zone="Mars/Olympus")
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.7.1 not here", person=LENA, times=None)
    planned = _in_order(rig.json("plan"))
    first = rig.json("sync", code=1)
    rig.book("ses-1", **LATER)
    details = rig.json("plan", "--details")
    rig.book("ses-1", **FAR)
    return {
        "accounts-import": connected,
        "plan": planned,
        "plan-details": details,
        "sync": first,
        "preview": rig.json("preview", "ses-1", "--person", SAM),
        "explain": rig.json("explain", "ses-1", "--person", SAM),
    }


def _while_much_waits(rig: Rig) -> dict[str, Any]:
    rig.book("ses-2", time_zone="Mars/Olympus")
    rig.run("sync")
    _configure(rig, TIGHT)
    rig.book("ses-1", **LATER)
    held = rig.json("sync")
    rig.run("pause", "--channel", "mail")
    with rig.opened() as db:
        line = ("2098-01-01 00:00:00.000000", "default", "ses-1", "u-1", "alert")
        columns = "(at, tenant, session, participant, what, detail)"
        detail = json.dumps({"reason": "the copy has guests"})
        db.execute(f"INSERT INTO journal {columns} VALUES (?, ?, ?, ?, ?, ?)", (*line, detail))
        place = ("call", "OverflowError", "calsync.core.schedule.at_least", 17, 2)
        hour_ago = f"{now() - timedelta(hours=1):%Y-%m-%d %H:%M:%S.%f}"
        whom = (hour_ago, hour_ago, "default", "ses-1", "u-1")
        db.execute(f"INSERT INTO unexpected_failure VALUES ({', '.join('?' * 10)})", place + whom)
        zone = ("google", "Europe/Kyiv", "2098-01-01 00:00:00.000000")
        db.execute("INSERT INTO unknown_zone VALUES (?, ?, ?)", zone)
        db.execute("UPDATE delivery SET told = 'unreachable' WHERE session = 'ses-3'")
        error = "try_later: connection refused"
        failing = "UPDATE slot SET failures = 1, failing_since = ? WHERE channel = 'mail'"
        db.execute(failing, [hour_ago])
        soon = f"{now() + timedelta(hours=3):%Y-%m-%d %H:%M:%S.%f}"
        tried = "attempts = 1, last_error = ?, due_at = ?, starts_at = ?, parked = NULL"
        mine = "session = 'ses-2' AND email = ?"
        db.execute(f"UPDATE delivery SET {tried} WHERE {mine}", [error, soon, soon, LENA])
        older = ("default", "ses-1", "platform", *["2020-01-01 00:00:00.000000"] * 3, "-", "{}")
        names = "tenant, session, source, updated_at, seen_at, since, digest, record"
        marks = ", ".join("?" * 8)
        db.execute(f"INSERT INTO older_version ({names}) VALUES ({marks})", older)
    _receiver_fails(rig)
    status = rig.json("status")
    (batch,) = status["held"]
    return {
        "sync-held": held,
        "status": status,
        "health": rig.json("health", code=1),
        "person": rig.json("person", MAYA),
        "sessions": rig.json("sessions"),
        "sources": rig.json("sources"),
        "health-verdict": rig.json("health", "--verdict", code=1),
        "approve": rig.json("approve", str(batch["batch"]), "--digest", batch["digest"]),
        "resync-dry-run": _in_order(rig.json("resync", "--dry-run")),
        "resync": rig.json("resync", "ses-1"),
    }


def _receiver_fails(rig: Rig) -> None:
    rig.run("webhooks", "list")
    with rig.opened() as db:
        db.execute("DELETE FROM webhook")
        db.execute(
            "INSERT INTO webhook (tenant, sent, attempts, failing_since, last_error, due_at)"
            " VALUES ('default', 0, 3, ?, 'status 500', ?)",
            ("2098-01-01 00:00:00.000000", "2098-01-01 00:00:00.000000"),
        )
        db.execute(
            "INSERT INTO dead_letter (tenant, first, last, attempts, reason, at)"
            " VALUES ('default', 1, 2, 3, 'status 500', '2098-01-01 00:00:00.000000')"
        )


def _of_the_platform(rig: Rig) -> dict[str, Any]:
    token = ("tokens", "create", "--name", "platform", "--scope", "changes:read")
    return {
        "tokens-create": rig.json(*token),
        "tokens-list": rig.json("tokens", "list"),
        "connect-link": rig.json("connect-link", "--email", MAYA),
        "ops-link": rig.json("ops-link"),
        "webhooks-list": rig.json("webhooks", "list"),
        "webhooks-replay": rig.json("webhooks", "replay", code=1),
        "webhooks-retry": rig.json("webhooks", "retry", code=1),
    }


def _without_configuration(rig: Rig) -> dict[str, Any]:
    file = rig.folder / "some.jsonl"
    records = ({**rig.records["ses-1"], "agenda": {"text": "x" * 60_000}}, rig.records["ses-4"])
    file.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    checked = calsync("validate", str(file), "--json", folder=rig.folder)
    assert checked.code == 1
    listed = calsync("recipe", "list", "--json", folder=rig.folder)
    return {
        "validate": json.loads(checked.out),
        **_of_a_source_alone(rig),
        "recipe-list": json.loads(listed.out),
    }


def _of_a_source_alone(rig: Rig) -> dict[str, Any]:
    """Without a ledger and a mail server."""
    file = rig.folder / "tried.jsonl"
    records = (rig.records["ses-1"], rig.records["ses-4"])
    file.write_text("\n".join(map(json.dumps, records)) + "\n", encoding="utf-8")
    config = rig.folder / "tried.toml"
    keys = f'[security]\nkeys = ["k1:{"A" * 43}="]\n'
    source = f'[[source]]\nname = "some"\nkind = "file"\npath = {json.dumps(str(file))}\n'
    config.write_text(keys + source, encoding="utf-8")
    mail = calsync("doctor", "mail", "--config", str(config), "--json", folder=rig.folder)
    tried = calsync("source", "try", "some", "--config", str(config), "--json", folder=rig.folder)
    return {"source-try": json.loads(tried.out), "doctor-mail": json.loads(mail.out)}


def _ordered(rig: Rig) -> dict[str, Any]:
    """What commands print that were told to do something."""
    (token,) = rig.json("tokens", "list")
    paused = rig.json("pause", "--channel", "google", "--reason", "a test")
    return {
        "pause": paused,
        "resume": rig.json("resume"),
        "resend": rig.json("resend", "ses-1", "--person", SAM),
        "baseline": rig.json("baseline"),
        "backup": rig.json("backup", str(rig.folder / "copy.db")),
        "db-upgrade": rig.json("db", "upgrade"),
        "tokens-revoke": rig.json("tokens", "revoke", token["id"]),
    }


def _begun(rig: Rig) -> dict[str, Any]:
    """Two installations that begin."""
    commands = {
        "init": ("init",),
        "recipe-init": ("recipe", "init", "moodle"),
        "recipe-show": ("recipe", "show", "moodle"),
    }
    found = {}
    for name, words in commands.items():
        folder = rig.folder / name
        folder.mkdir()
        found[name] = json.loads(calsync(*words, "--json", folder=folder).out)
    return found


def _at_the_end(rig: Rig) -> dict[str, Any]:
    (account,) = rig.json("accounts", "list")
    return {
        "accounts-list": [account],
        "accounts-test": rig.json("accounts", "test", account["id"]),
        "db-reseal": rig.json("db", "reseal"),
        **_after_a_restore(rig),
        "forget": rig.json("forget", SAM, "--yes"),
        "accounts-disconnect": rig.json("accounts", "disconnect", account["id"]),
    }


def _after_a_restore(rig: Rig) -> dict[str, Any]:
    for event in rig.sandbox.events(MAYA):
        rig.sandbox.user_deletes(MAYA, event["id"])
    compared = rig.json("verify", code=1)
    rig.sandbox.fail({"method": "GET"}, status=500, times=None)
    unread = rig.json("verify", code=1)
    rig.sandbox.clear_faults()
    return {"verify": compared, "verify-unread": unread, "recover": rig.json("recover")}


def _of_real_accounts(rig: Rig) -> dict[str, Any]:
    rig.sandbox.add_person(LIVE, google=True, outlook=True)
    rig.configure(outlook=outlook_settings(rig.sandbox))
    found = {}
    for provider, grant in (("google", rig.sandbox.grant), ("outlook", rig.sandbox.grant_outlook)):
        given = json.dumps({"refresh_token": grant(LIVE)})
        options = ("--provider", provider, "--email", LIVE)
        account = rig.json("accounts", "import", *options, stdin=given)["id"]
        found[f"doctor-{provider}"] = rig.json("doctor", provider, "--live", account)
    return found


def _in_order(planned: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sessions that start together are listed in no order of their own."""
    return sorted(planned, key=lambda one: (one["session"], one["person"]))


def masked(value: Any, folder: Path) -> Any:
    if isinstance(value, dict):
        kinds = OF_A_KIND | (OF_THE_MACHINE if "read_from" in value else {})
        return {key: kinds.get(key) or masked(one, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [masked(one, folder) for one in value]
    if isinstance(value, int) and value >= MINUTES:
        return MINUTES
    if isinstance(value, str):
        value = value.replace(str(folder), "<folder>")
        for pattern, sign in VOLATILE:
            value = re.sub(pattern, sign, value)
    return value
