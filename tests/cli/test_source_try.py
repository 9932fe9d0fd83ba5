"""`calsync source try NAME` shows what a source gives and what would be made of it, and does
nothing else."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.rig import LENA, MAYA, NOTE, SAM, Rig
from tests.cli.test_questions import assert_fits
from tests.commands import run

WHEN = {"starts_at": "2099-12-03T15:00:00", "ends_at": "2099-12-03T16:00:00"}


def test_each_record_is_shown_as_it_came_and_as_it_would_be_taken(rig: Rig) -> None:
    people = [
        {"id": "u-1", "name": "Maya Chen", "email": MAYA, "role": "mentee"},
        {"id": "u-2", "name": "Sam Okafor", "email": "nowhere"},
    ]
    rig.book("ses-1", participants=people, time_zone="America/Toronto", **WHEN)
    rig.book("ses-2", SAM, time_zone="Mars/Olympus")
    before = rig.rows()
    told = rig.run("source", "try", "platform", code=1).out
    assert_fits(told)
    first, second = told.split("2. as it came:")
    assert '"email": "nowhere"' in first
    assert "as it would be taken:" in first
    assert "2099-12-03T20:00:00Z" in first
    assert "Maya Chen <maya@gmail.example>, mentee, America/Toronto, en" in first
    assert re.search(r"person u-2 +set aside: cannot be used", first)
    assert "warning: ses-1: participants[1].email: is not an e-mail address" in first
    assert '"time_zone": "Mars/Olympus"' in second
    assert "refused: ses-2: time_zone is not an IANA zone; write an IANA zone" in second
    assert "as it would be taken" not in second
    assert "2 records tried, 1 would be refused; nothing was stored and" in second
    assert NOTE not in told
    assert rig.rows() == before
    assert [rig.sandbox.mails(one) for one in (MAYA, SAM)] == [[], []]


def test_no_ledger_is_needed_and_no_more_is_shown_than_asked_for(rig: Rig) -> None:
    for number in range(7):
        rig.book(f"ses-{number}", SAM, **WHEN)
    rig.database.unlink()
    assert len(rig.json("source", "try", "platform")["records"]) == 5
    (one,) = rig.json("source", "try", "platform", "--limit", "1")["records"]
    assert (one["taken"]["id"], one["refused"]) == ("ses-0", [])
    assert json.loads(one["answer"])["id"] == "ses-0"
    assert not rig.database.exists()


def test_without_a_configuration_it_says_how_to_make_one(tmp_path: Path) -> None:
    told = run(("source", "try", "moodle"), folder=tmp_path)
    assert told.code == 2
    assert "no calsync.toml is in this folder" in told.err
    assert "`calsync recipe init NAME`" in told.err
    assert "security.keys" not in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("source", "try", "mine"), ("validate", "--source", "mine")])
def test_no_key_is_needed_for_what_stores_nothing(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "calsync.toml").write_text(
        '[[source]]\nname = "mine"\nkind = "file"\npath = "sessions.json"\n', "utf-8"
    )
    (tmp_path / "sessions.json").write_text("[]", "utf-8")
    told = run(command, folder=tmp_path)
    assert (told.code, told.err) == (0, "")
    assert "security.keys" in run(("plan",), folder=tmp_path).err


def test_a_source_that_cannot_be_read_says_why(rig: Rig) -> None:
    rig.source.unlink()
    told = rig.run("source", "try", "platform", code=1).out
    assert "cannot be read:" in told
    assert "check the source's path" in " ".join(told.split())
    assert "no source is called 'crm'" in rig.run("source", "try", "crm", code=2).err


def test_an_empty_source_says_what_to_check(rig: Rig) -> None:
    rig.source.write_text("", encoding="utf-8")
    assert "it has no records: check its path" in rig.run("source", "try", "platform").out


@pytest.fixture
def database(rig: Rig) -> Path:
    """A platform's database in the place of the file."""
    file = rig.folder / "platform.db"
    with sqlite3.connect(file) as db:
        names = "id, updated_at, status, title, starts_at, ends_at, time_zone, personal_notes"
        db.execute(f"CREATE TABLE session ({names})")
        db.execute("CREATE TABLE participant (session_id, id, name, email)")
        for day in (1, 2, 3):
            values = (day, f"2026-11-0{day} 00:00:00", "booked", f"Day {day}", *WHEN.values())
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, 'UTC', ?)", (*values, NOTE))
        db.execute("INSERT INTO participant VALUES (3, 'u-3', 'Lena Vogel', ?)", (LENA,))
    text = rig.config.read_text(encoding="utf-8")
    text = text.replace('kind = "file"', 'kind = "sql"').replace(
        f"path = {json.dumps(str(rig.source))}",
        f'url = "sqlite:///{file}"\nquery = "SELECT * FROM session"\n'
        'participants_query = "SELECT * FROM participant"',
    )
    rig.config.write_text(text, encoding="utf-8")
    return file


def test_of_a_database_the_rows_that_changed_last_are_shown_with_their_people(
    rig: Rig, database: Path
) -> None:
    told = rig.run("source", "try", "platform", "--limit", "2").out
    assert_fits(told)
    assert NOTE not in told
    assert "column personal_notes holds notes" in " ".join(told.split())
    newest, second = rig.json("source", "try", "platform", "--limit", "2")["records"]
    assert [one["taken"]["title"] for one in (newest, second)] == ["Day 3", "Day 2"]
    answer = json.loads(newest["answer"])
    assert answer["participants_query"][0]["email"] == LENA
    assert list(answer)[:3] == ["id", "status", "title"]
    assert second["warnings"] == ["2: nobody is listed for this session"]


def test_notes_inside_a_json_column_are_not_shown(rig: Rig, database: Path) -> None:
    with sqlite3.connect(database) as db:
        db.execute("ALTER TABLE session ADD COLUMN participants")
        people = [{"id": "u-1", "name": "M", "email": MAYA, "personal_notes": NOTE}]
        db.execute("UPDATE session SET participants = ?", (json.dumps(people),))
        db.execute("UPDATE session SET participants = '[no json' WHERE id = 1")
    text = rig.config.read_text(encoding="utf-8")
    rig.config.write_text(text.replace("participants_query", "#participants_query"), "utf-8")
    found = rig.json("source", "try", "platform", code=1)["records"]
    assert NOTE not in json.dumps(found)
    assert json.loads(found[0]["answer"])["participants"] == [
        {"id": "u-1", "name": "M", "email": MAYA}
    ]
    assert found[2]["refused"][0]["field"] == "participants"
    assert json.loads(found[2]["answer"])["participants"] == "[no json"
