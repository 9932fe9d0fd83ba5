"""`sync` ends with what was read of each source, what it wants, what is refused and why, and what
is held."""

from __future__ import annotations

import json
import os
import time

from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.cli.test_questions import assert_fits
from tests.harness.records import now

TIGHT = "max_changes = 0\nmax_share = 0.01\nmax_first_mails = 1000\nfree_sessions = 0"


def test_a_pass_ends_with_what_each_source_gave(rig: Rig) -> None:
    other = rig.folder / "other.jsonl"
    other.write_text("", encoding="utf-8")
    text = f'[[source]]\nname = "other"\nkind = "file"\npath = {json.dumps(str(other))}\n'
    rig.config.write_text(rig.config.read_text("utf-8") + "\n" + text, encoding="utf-8")
    rig.book("ses-1", SAM, LENA)
    rig.book("ses-2", SAM, time_zone="Mars/Olympus")
    assert rig.run("sync").out.splitlines()[-3:] == [
        "source platform: 2 records read, changes wanted for 2 deliveries, 1 refused",
        "refused: ses-2: time_zone: is not an IANA zone; write an IANA zone, such as "
        "America/Toronto",
        "source other: 0 records read, changes wanted for 0 deliveries, 0 refused",
    ]


def test_a_source_that_nobody_wrote_is_said_to_be_unchanged(synced: Rig) -> None:
    """Nothing read is not the same as nothing there."""
    long_ago = time.time() - 3600
    os.utime(synced.source, (long_ago, long_ago))
    synced.run("sync")
    assert synced.run("sync").out.splitlines()[-1] == (
        "source platform: unchanged since it was last read, changes wanted for 0 deliveries, "
        "0 refused"
    )
    (source,) = synced.json("sync")["sources"]
    assert (source["unchanged"], source["seen"]) == (True, 0)


def test_a_plan_ends_with_what_each_source_would_give(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    for n in range(2, 24):
        rig.book(f"ses-{n:02}", SAM, time_zone="Mars/Olympus")
    told = rig.run("plan").out.splitlines()
    start = told.index("1 step") + 1
    assert told[start] == (
        "source platform: 23 records read, changes wanted for 1 delivery, 22 refused"
    )
    named = told[start + 1 : start + 21]
    assert [line.split(": ")[1] for line in named] == [f"ses-{n:02}" for n in range(2, 22)]
    assert told[start + 21 :] == [
        "2 more records are refused; `calsync validate --source platform` tells why"
    ]
    details = rig.json("plan", "--details")
    assert [len(details[name]) for name in ("steps", "sources", "waiting")] == [1, 1, 0]
    assert details["steps"] == rig.json("plan"), "without it, the list of steps as ever"


def test_of_many_refused_records_the_first_are_named_and_the_rest_counted(rig: Rig) -> None:
    for n in range(23):
        rig.book(f"ses-{n:02}", SAM, time_zone="Mars/Olympus")
    told = rig.run("sync").out.splitlines()
    named = [line for line in told if line.startswith("refused: ")]
    assert [line.split(": ")[1] for line in named] == [f"ses-{n:02}" for n in range(5)]
    assert told[-1] == "18 more records are refused; `calsync status` tells why"
    rig.book("ses-00", SAM, time_zone="Moon/Sea")
    (source,) = rig.json("sync")["sources"]
    assert (source["refused"], len(source["refusals"])) == (23, 20)


def test_an_update_that_would_lose_somebody_is_named_with_its_reason(synced: Rig) -> None:
    people = synced.records["ses-1"]["participants"]
    synced.book("ses-1", participants=[people[0], {**people[1], "email": "?"}])
    told = synced.run("sync").out
    assert "1 refused" in told
    assert "refused: ses-1: participants" in told


def test_a_source_that_failed_is_told_with_what_was_read_of_it(synced: Rig) -> None:
    synced.source.unlink()
    told = synced.run("sync", code=1).out
    _, _, last = told.partition("source platform: 0 records read")
    assert f"not read to the end: {synced.source}: No such file" in " ".join(last.split())
    assert_fits(told)


def test_what_is_held_of_a_source_is_told_under_it(synced: Rig) -> None:
    synced.configure(guard=TIGHT)
    synced.book("ses-1", MAYA, SAM, starts_at="2099-12-03T18:00:00", ends_at="2099-12-03T19:00:00")
    told = synced.run("sync", "--now").out
    _, _, last = told.partition("source platform: 2 records read, changes wanted for 2 deliveries")
    assert last.startswith(", 0 refused\nbatch ")
    assert "is held (move 2)" in last


def test_why_a_source_cannot_be_read_names_the_source_once(synced: Rig) -> None:
    missing = synced.folder / "missing.db"
    crm = {"name": "crm", "kind": "sql", "url": f"sqlite:///{missing}", "query": "SELECT 1"}
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in crm.items())
    with synced.config.open("a", encoding="utf-8") as file:
        file.write(f"\n[[source]]\n{lines}")
    for command in (
        ("plan",),
        ("sync",),
        ("baseline",),
        ("status",),
        ("source", "try", "crm"),
        ("validate", "--source", "crm"),
        ("doctor",),
    ):
        done = synced.run(*command, code=0 if command == ("status",) else 1)
        told = " ".join((done.out + done.err).split())
        assert "there is no database" in told, command
        begins = "calsync: source crm: there is no database"
        assert "source crm: there is no database" not in told.replace(begins, ""), command


def test_one_source_is_read_alone_and_what_is_wrong_elsewhere_is_told(synced: Rig) -> None:
    missing = json.dumps(str(synced.folder / "missing.jsonl"))
    pushed = '[[source]]\nname = "api"\nkind = "push"\n'
    text = f'[[source]]\nname = "other"\nkind = "file"\npath = {missing}\n{pushed}'
    synced.config.write_text(f"{synced.config.read_text('utf-8')}\n{text}", encoding="utf-8")
    synced.run("sync", code=1)
    synced.book("ses-3", SAM)
    told = synced.run("sync", "--source", "platform").out
    assert "source platform: 3 records read" in told
    assert "source other: " not in told, "that line is of a source that was read"
    assert "warning: source other has been unreadable since" in told
    assert "`calsync sync --source other`" in told, "in one line, to be copied"
    assert len(synced.sandbox.mails(SAM)) == 2
    nobody = synced.run("sync", "--source", "crm", code=2).err
    assert "no source is called 'crm'; the configured ones are: platform, other" in nobody
    assert "the platform sends its sessions" in synced.run("sync", "--source", "api", code=2).err


def test_a_record_that_was_refused_before_is_told_of_an_unchanged_source(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    rig.book("ses-2", SAM, time_zone="Mars/Olympus")
    long_ago = time.time() - 3600
    os.utime(rig.source, (long_ago, long_ago))
    rig.run("sync")
    told = rig.run("sync").out
    assert "source platform: unchanged" in told
    assert "warning: 1 record was refused: ses-2: time_zone: is not an IANA zone" in told


def test_a_sweep_that_failed_is_made_again_when_its_source_is_asked_for(synced: Rig) -> None:
    just_now = f"{now():%Y-%m-%d %H:%M:%S.%f}"
    with synced.opened() as db:
        db.execute("UPDATE source_cursor SET sweep_tried_at = ?, swept_at = NULL", [just_now])
        db.execute("UPDATE source_cursor SET sweep_error = 'row 7 has no id'")
    assert "has not been compared as a whole" in synced.run("sync").out
    assert "has not been compared" not in synced.run("sync", "--source", "platform").out
