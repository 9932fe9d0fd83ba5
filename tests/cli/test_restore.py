"""Backups from the command line: made, put back, compared and repaired."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.cli.rig import LENA, MAYA, SAM, Rig
from tests.sandbox.caller import EVENTS, QUIET, Caller


@pytest.fixture
def backed_up(synced: Rig) -> Rig:
    """Everybody sees ses-1 and ses-2; then a backup is made."""
    synced.run("backup", str(synced.folder / "backup.db"))
    return synced


def put_back(rig: Rig) -> None:
    for rest in rig.folder.glob("calsync.db*"):
        rest.unlink()
    shutil.copy(rig.folder / "backup.db", rig.database)


def a_minute_later(rig: Rig) -> None:
    """SEQUENCE counts minutes: as if the lost time had taken more than the seconds of a test."""
    with rig.opened() as db:
        db.execute("UPDATE copy SET sequence = sequence + 1 WHERE channel = 'mail'")


def repair(rig: Rig) -> dict[str, Any]:
    """The steps of docs/operating.md."""
    rig.run("sync")
    done: dict[str, Any] = rig.json("verify", "--repair")
    rig.run("resume")
    rig.run("sync", "--now")
    return done


def add(rig: Rig, event: dict[str, Any], title: str, private: dict[str, str]) -> None:
    """Maya makes an event at the same time that has these private properties."""
    made = {name: event[name] for name in ("start", "end")}
    made |= {"summary": title, "extendedProperties": {"private": private}}
    with Caller(rig.sandbox, rig.sandbox.access_token(MAYA)) as caller:
        assert caller.call("POST", f"{EVENTS}{QUIET}", made).status == 200


def differences(told: dict[str, Any]) -> int:
    return sum(told[kind] for kind in ("doubles", "orphans", "stale", "missing"))


# --- backup ---------------------------------------------------------------------------------------


def test_a_backup_is_the_owners_alone_opens_paused_and_is_marked(backed_up: Rig) -> None:
    file = backed_up.folder / "backup.db"
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in backed_up.folder.glob("backup.db*")) == ["backup.db"]
    with sqlite3.connect(file) as db:
        (pause,) = db.execute("SELECT tenant, channel, by FROM pause").fetchall()
        ((copied,),) = db.execute("SELECT copied_at FROM instance").fetchall()
    assert pause == ("*", "*", "copy")
    assert copied
    assert backed_up.ask("SELECT copied_at FROM instance") == [(None,)]
    assert backed_up.ask("SELECT * FROM pause") == []


def test_a_backup_overwrites_nothing(backed_up: Rig) -> None:
    file = backed_up.folder / "backup.db"
    before = file.read_bytes()
    refused = backed_up.run("backup", str(file), code=2)
    assert "a backup overwrites nothing" in refused.err
    assert file.read_bytes() == before
    missing = backed_up.run("backup", str(backed_up.folder / "no" / "b.db"), code=2)
    assert "cannot be made" in missing.err


def test_a_backup_that_was_put_back_sends_nothing_and_is_not_resumed_unrepaired(
    backed_up: Rig,
) -> None:
    put_back(backed_up)
    backed_up.move("ses-1", hours=2)
    before = len(backed_up.sandbox.mails(SAM))
    backed_up.run("sync", "--now")
    assert len(backed_up.sandbox.mails(SAM)) == before
    refused = backed_up.run("resume", code=2)
    assert "calsync verify --repair" in refused.err
    backed_up.run("sync", "--now")
    assert len(backed_up.sandbox.mails(SAM)) == before


def test_status_names_what_ends_the_pause_of_a_backup_before_and_after_its_repair(
    backed_up: Rig,
) -> None:
    put_back(backed_up)
    assert "calsync verify --repair" in pauses_told(backed_up)
    assert "calsync resume" not in pauses_told(backed_up)
    backed_up.run("sync", "--now")
    backed_up.run("verify", "--repair")
    assert "repaired" in pauses_told(backed_up)
    assert "calsync resume" in pauses_told(backed_up)
    backed_up.run("resume")
    assert backed_up.json("status")["stopped"] == []


def pauses_told(rig: Rig) -> str:
    """What `status` begins with, in one line."""
    told = rig.run("status").out.partition("deliveries of sessions ahead")[0]
    return " ".join(told.split())


# --- verify ---------------------------------------------------------------------------------------


def test_nothing_differs_in_a_ledger_that_was_never_put_back(synced: Rig) -> None:
    told = synced.json("verify")
    assert (told["calendars"], differences(told)) == (1, 0)
    assert told["events"] == 2
    assert "2 events of ours in 1 calendar" in synced.run("verify").out


def test_a_removed_and_an_edited_event_are_told_as_missing_and_stale(synced: Rig) -> None:
    first, second = synced.sandbox.events(MAYA)
    synced.sandbox.user_deletes(MAYA, first["id"])
    synced.sandbox.user_edits(MAYA, second["id"], summary="Mine")
    told = synced.json("verify", code=1)
    assert (told["missing"], told["stale"], told["orphans"]) == (1, 1, 0)
    assert {one["kind"] for one in told["found"]} == {"missing", "stale"}


def test_a_repair_waits_until_every_source_was_read(backed_up: Rig) -> None:
    put_back(backed_up)
    refused = backed_up.run("verify", "--repair", code=2)
    assert "has not been read completely" in refused.err
    assert "calsync sync" in refused.err


def test_what_was_made_moved_and_cancelled_in_the_lost_time_is_right_again(
    backed_up: Rig,
) -> None:
    backed_up.book("ses-3", MAYA, SAM)
    backed_up.move("ses-1", hours=2)
    backed_up.book("ses-2", status="cancelled")
    backed_up.run("sync", "--now")
    seen = backed_up.times(MAYA)
    assert len(seen) == 2
    put_back(backed_up)
    done = repair(backed_up)
    assert done["recovered"] is True
    assert backed_up.times(MAYA) == seen
    assert backed_up.times(SAM) == seen
    assert differences(backed_up.json("verify")) == 0


def test_a_session_that_was_moved_in_the_lost_time_and_moved_back_since_is_mailed_again(
    backed_up: Rig,
) -> None:
    """Its record says what the ledger has, and the mailbox shows another time."""
    before = backed_up.times(SAM)
    backed_up.move("ses-1", hours=2)
    backed_up.run("sync", "--now")
    assert backed_up.times(SAM) != before
    backed_up.move("ses-1", hours=-2)
    put_back(backed_up)
    a_minute_later(backed_up)
    mails = len(backed_up.sandbox.mails(SAM))
    repair(backed_up)
    assert backed_up.times(SAM) == before
    assert len(backed_up.sandbox.mails(SAM)) == mails + 1  # the other session was not touched


def test_nobody_is_told_of_an_entry_that_was_withdrawn_in_the_lost_time(backed_up: Rig) -> None:
    """Google says that it is deleted, and it was deleted by us: nobody moved it anywhere."""
    backed_up.book("ses-1", status="cancelled")
    backed_up.book("ses-2", SAM)
    backed_up.run("sync", "--now")
    put_back(backed_up)
    a_minute_later(backed_up)
    before = len(backed_up.sandbox.mails(MAYA))
    repair(backed_up)
    assert len(backed_up.sandbox.mails(MAYA)) == before
    assert backed_up.times(MAYA) == []
    assert [one["kind"] for one in backed_up.json("sync")["findings"]].count("told") == 0


def test_after_recover_and_its_repair_nothing_leaves_until_it_is_resumed(backed_up: Rig) -> None:
    before = len(backed_up.times(SAM))
    put_back(backed_up)
    with backed_up.opened() as db:  # as a ledger that something else than calsync copied
        db.execute("DELETE FROM pause")
        db.execute("UPDATE instance SET copied_at = NULL")
    backed_up.run("recover")
    backed_up.book("ses-9", SAM)
    backed_up.run("sync")
    backed_up.run("verify", "--repair")
    backed_up.run("sync", "--now")
    assert len(backed_up.times(SAM)) == before
    assert "calsync resume" in pauses_told(backed_up)
    backed_up.run("resume")
    backed_up.run("sync", "--now")
    assert len(backed_up.times(SAM)) == before + 1


def test_a_session_of_the_lost_time_that_is_cancelled_since_is_withdrawn(backed_up: Rig) -> None:
    backed_up.book("ses-3", MAYA)
    backed_up.run("sync", "--now")
    assert len(backed_up.times(MAYA)) == 3
    put_back(backed_up)
    backed_up.book("ses-3", status="cancelled")
    repair(backed_up)
    assert len(backed_up.times(MAYA)) == 2


def test_what_a_repair_would_withdraw_goes_through_the_guard(backed_up: Rig) -> None:
    for n in range(3, 9):
        backed_up.book(f"ses-{n}", MAYA)
    backed_up.run("sync", "--now")
    put_back(backed_up)
    for n in range(3, 9):
        backed_up.book(f"ses-{n}", status="cancelled")
    backed_up.configure(guard="max_changes = 0\nmax_share = 0.01\nfree_sessions = 0")
    done = repair(backed_up)
    assert done["held"]
    assert len(backed_up.times(MAYA)) == 8


def test_an_event_of_another_installation_or_a_persons_copy_is_never_touched(
    backed_up: Rig,
) -> None:
    event = backed_up.sandbox.events(MAYA)[0]
    private = event["extendedProperties"]["private"]
    add(backed_up, event, "Theirs", {**private, "cs_instance": "f" * 32})
    add(backed_up, event, "My copy", private)
    put_back(backed_up)
    repair(backed_up)
    titles = [one.title for one in backed_up.sandbox.shown(MAYA)]
    assert {"Theirs", "My copy"} <= set(titles)
    assert len(titles) == 4


def test_a_calendar_that_cannot_be_listed_is_named_and_nothing_is_made_in_it(
    backed_up: Rig,
) -> None:
    put_back(backed_up)
    backed_up.book("ses-3", MAYA)
    backed_up.run("sync")
    backed_up.sandbox.fail({"method": "GET"}, status=500, times=50)
    told = backed_up.json("verify", "--repair", code=1)
    assert len(told["unread"]) == 1
    backed_up.run("resume")
    backed_up.run("sync", "--now")
    assert len(backed_up.times(MAYA)) == 2
    backed_up.sandbox.clear_faults()
    backed_up.run("sync", "--now")
    backed_up.run("sync", "--now")
    assert len(backed_up.times(MAYA)) == 3


# --- recover --------------------------------------------------------------------------------------


def test_recover_takes_a_ledger_that_was_put_back_by_other_means_for_old(synced: Rig) -> None:
    shutil.copy(synced.database, synced.folder / "backup.db")
    synced.book("ses-3", MAYA, LENA)
    synced.run("sync", "--now")
    seen = synced.times(MAYA)
    put_back(synced)
    assert synced.json("recover")["deliveries"] == 4
    done = repair(synced)
    assert done["recovered"] is False
    assert synced.times(MAYA) == seen
    assert differences(synced.json("verify")) == 0


def test_a_ledger_that_went_back_without_a_word_is_noticed_by_a_repair(synced: Rig) -> None:
    shutil.copy(synced.database, synced.folder / "backup.db")
    synced.book("ses-3", MAYA)
    synced.run("sync", "--now")
    seen = synced.times(MAYA)
    put_back(synced)
    synced.run("pause")
    synced.run("sync")
    refused = synced.run("verify", "--repair", code=2)
    assert "it was put back from a backup" in refused.err
    repair(synced)
    assert synced.times(MAYA) == seen


def test_every_command_says_what_it_did_in_words(backed_up: Rig) -> None:
    put_back(backed_up)
    assert "count as unknown now, and nothing is sent" in backed_up.run("recover").out
    backed_up.run("sync")
    assert "events of ours in 1 calendar" in backed_up.run("verify", "--repair").out
    backed_up.run("resume")


def test_where_a_server_keeps_the_ledger_its_own_tools_are_named(
    synced: Rig, postgres_url: str, tmp_path: Path
) -> None:
    synced.configure(database=postgres_url)
    synced.run("db", "upgrade")
    refused = synced.run("backup", str(tmp_path / "b"), code=2)
    assert "pg_dump" in refused.err
    assert "point-in-time recovery" in refused.err
