"""`calsync run` as a process: it delivers, ends when asked, is killed, and is only one."""

from __future__ import annotations

import json
import signal
import subprocess
from importlib.metadata import version

from tests.cli.rig import AGENDA, LENA, MAYA, NOTE, SAM, Rig
from tests.harness.small_calsync import until

MAILED = "SELECT 1 FROM copy WHERE channel = 'mail' AND state = 'live'"


def test_what_is_booked_moved_and_cancelled_is_delivered(rig: Rig) -> None:
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: rig.times(MAYA) and rig.times(SAM))
        before = rig.times(MAYA)
        rig.move("ses-1", hours=2)
        until(lambda: rig.times(MAYA) != before)
        assert len(rig.times(MAYA)) == 1
        rig.book("ses-1", status="cancelled")
        until(lambda: not rig.times(MAYA) and not rig.times(SAM))
        ends(process)
    assert [mail.method for mail in rig.sandbox.mails(SAM)][-1] == "CANCEL"


def test_health_is_good_only_while_the_daemon_runs(rig: Rig) -> None:
    assert "calsync run" in rig.run("health", code=1).out
    with rig.daemon() as process:
        until(lambda: rig.ask("SELECT heartbeat FROM instance") != [(None,)])
        assert rig.run("health").out == "ok\n"
        assert rig.json("health") == {"problems": []}
        ends(process)
    assert "calsync run" in rig.json("health", code=1)["problems"][0]


def test_health_tells_of_a_source_that_cannot_be_read_for_long(rig: Rig) -> None:
    with rig.daemon():
        until(lambda: rig.ask("SELECT heartbeat FROM instance") != [(None,)])
        (rig.folder / "sessions.jsonl").unlink()
        until(lambda: rig.said("source_failed"))
        assert rig.run("health").out == "ok\n", "a short while is no alarm"
        with rig.opened() as db:
            db.execute("UPDATE source_cursor SET failing_since = '2026-01-01 00:00:00.000000'")
        assert rig.run("health").out == "ok\n", "a new start would not mend it"
        (found,) = [
            one
            for one in rig.json("health", "--verdict", code=1)["findings"]
            if one["severity"] == "error"
        ]
        assert (found["kind"], found["whom"]) == ("source", "source platform")


def test_a_second_run_on_the_same_file_is_refused_and_the_first_goes_on(rig: Rig) -> None:
    with rig.daemon() as process:
        told = rig.run("run", code=2).err
        assert "another `calsync run`" in told
        assert "PostgreSQL" in told
        rig.book("ses-1", MAYA)
        until(lambda: rig.times(MAYA))
        ends(process)


def test_commands_work_beside_the_daemon(rig: Rig) -> None:
    rig.configure(guard="max_changes = 1000\nmax_first_mails = 0\nfree_sessions = 0")
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: rig.times(MAYA))
        (held,) = rig.json("status")["held"]
        assert rig.times(SAM) == []
        rig.run("approve", str(held["batch"]), "--digest", held["digest"])
        until(lambda: rig.times(SAM))
        rig.run("pause", "--channel", "google")
        rig.book("ses-2", MAYA)
        until(lambda: rig.ask("SELECT 1 FROM delivery WHERE session = 'ses-2'"))
        rig.run("sync")
        assert len(rig.times(MAYA)) == 1
        rig.run("resume")
        until(lambda: len(rig.times(MAYA)) == 2)
        assert rig.run("explain", "ses-1").out
        assert rig.run("resend", "ses-1", "--person", SAM).out == "sent\n"
        assert rig.json("plan") == []
        ends(process)
    assert len(rig.times(SAM)) == 1


def test_sigterm_ends_it_with_0_and_the_next_run_resolves_the_open_call(rig: Rig) -> None:
    rig.sandbox.slow(60, {"method": "POST", "path_contains": "/events"})
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: rig.sandbox.events(MAYA) and rig.ask(MAILED))
        ends(process)
    assert rig.lines()[-1]["event"] == "stopped"
    assert rig.lines()[-1]["open_calls"] == 1
    assert rig.ask("SELECT state FROM copy WHERE channel = 'google'") == [("unsure",)]
    rig.sandbox.clear_faults()
    rig.end_leases()
    with rig.daemon() as process:
        until(lambda: rig.ask("SELECT state FROM copy WHERE channel = 'google'") == [("live",)])
        ends(process)
    assert len(rig.times(MAYA)) == len(rig.times(SAM)) == 1
    assert len(rig.sandbox.mails(SAM)) == 1


def test_killed_while_a_call_is_open_and_started_again_it_delivers_once(rig: Rig) -> None:
    rig.sandbox.slow(60, {"method": "POST", "path_contains": "/events"})
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: rig.sandbox.events(MAYA) and rig.ask(MAILED))
        process.kill()
        assert process.wait(timeout=60) == -signal.SIGKILL
    rig.sandbox.clear_faults()
    rig.end_leases()
    rig.book("ses-2", MAYA, LENA)
    with rig.daemon() as process:
        until(lambda: len(rig.times(MAYA)) == 2 and rig.times(LENA))
        until(lambda: rig.ask("SELECT DISTINCT state FROM copy") == [("live",)])
        ends(process)
    assert len(rig.times(SAM)) == len(rig.sandbox.mails(SAM)) == 1


def test_interrupt_ends_it_as_well(rig: Rig) -> None:
    with rig.daemon() as process:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0


def test_the_log_is_one_json_line_per_action_without_secrets_or_content(rig: Rig) -> None:
    with rig.daemon() as process:
        rig.book("ses-1", MAYA, SAM)
        until(lambda: rig.times(MAYA) and rig.times(SAM))
        rig.sandbox.fail_smtp("data", code=550, message=f"5.7.1 {SAM} no", person=SAM)
        rig.sandbox.fail({"path_contains": "/events"}, status=500)
        rig.book("ses-2", MAYA, SAM)
        until(lambda: len(rig.times(MAYA)) == 2)
        rig.sandbox.revoke(MAYA)
        rig.book("ses-3", MAYA)
        until(lambda: rig.said("account_lost"))
        (rig.folder / "sessions.jsonl").unlink()
        until(lambda: rig.said("source_failed"))
        ends(process)
    lines = rig.lines()
    text = rig.log.read_text(encoding="utf-8")
    assert len(lines) == text.count("\n")
    assert all({"event", "at", "level"} <= set(line) for line in lines)
    assert [line["event"] for line in (lines[0], lines[-1])] == ["started", "stopped"]
    assert lines[0]["version"] == version("calsync")
    assert lines[0]["database"].startswith("sqlite /")
    assert (lines[0]["sources"], lines[0]["listens"]) == (["platform"], [])
    told = [
        (line["event"], line["session"], line["channel"])
        for line in lines
        if line["event"].startswith("deliver")
    ]
    assert told.count(("delivered", "ses-1", "google")) == 1
    assert told.count(("delivered", "ses-1", "mail")) == 1
    assert told.count(("delivery_failed", "ses-2", "mail")) == 1
    assert "Traceback" not in text
    key = (rig.folder / "keys").read_text(encoding="utf-8").partition(":")[2]
    for secret in (AGENDA, NOTE, rig.token, rig.sandbox.client_secret, key, "ya29."):
        assert secret not in text


def ends(process: subprocess.Popen[bytes]) -> None:
    """Asked by SIGTERM, it ends by itself with 0."""
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_the_demo_ends_with_what_its_story_promises(rig: Rig) -> None:
    done = rig.run("demo", "--once", "--json", config=False)
    steps = json.loads(done.out)["steps"]
    titles = [one["step"] for one in steps]
    assert titles[0] == "Three sessions are booked"
    assert titles[-1] == "The group session is cancelled"
    last = {one["person"]: one for one in steps[-1]["people"]}
    for who in last.keys() - {"Maya Chen"}:  # hers stays where her dead connection left it
        assert "Group kick-off" not in last[who]["sees"], who
    assert "Session 1" in last["Sam Okafor"]["sees"]
    assert last["Sam Okafor"]["channel"] == "google"
    assert last["Kofi Mensah"]["mails"] == "CANCEL"
    assert (last["Priya Nair"]["events"], last["Lena Vogel"]["events"]) == (0, 1)
    near = {one["person"]: one["mails"] for one in steps[-2]["people"]}
    assert {who: mails for who, mails in near.items() if mails} == {
        "Sam Okafor": "upcoming",
        "Lena Vogel": "REQUEST, upcoming",
    }
    (moved,) = (one for one in steps if one["step"].startswith("Olivia moves"))
    before, after = ({p["person"]: p for p in step["people"]} for step in (steps[0], moved))
    assert (before["Jonas Lind"]["channel"], before["Jonas Lind"]["events"]) == ("outlook", 1)
    assert (before["Olivia Brandt"]["channel"], before["Olivia Brandt"]["events"]) == ("outlook", 2)
    assert (after["Olivia Brandt"]["channel"], after["Olivia Brandt"]["events"]) == ("google", 2)
    assert after["Olivia Brandt"]["mails"] == "notice", "that Google was connected"
    edited = {one["person"]: one for one in steps[2]["people"]}
    assert {one["mails"] for one in edited.values()} == {""}
