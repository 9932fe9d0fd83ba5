"""`validate --source NAME` reads a configured source to its end, and writes and sends nothing."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.rig import MAYA, SAM, Rig
from tests.cli.test_questions import assert_fits


def test_a_source_that_is_right_is_read_without_a_ledger(rig: Rig) -> None:
    rig.book("ses-1", MAYA, SAM)
    rig.book("ses-2", SAM, status="cancelled")
    rig.database.unlink()
    told = rig.run("validate", "--source", "platform").out
    assert "source platform: 2 records read" in told
    assert "wanted: 1 booked session and 1 cancelled, with 3 participants" in told
    assert "refused: 0 records" in told
    assert "warning: ses-1: personal_notes" in told
    assert not rig.database.exists()


def test_what_is_refused_is_named_with_field_and_reason(rig: Rig) -> None:
    rig.book("ses-1", MAYA)
    rig.book("ses-2", SAM, time_zone="Mars/Olympus")
    rig.book("ses-3", SAM, time_zone="Moon/Sea")
    before = rig.rows()
    told = rig.run("validate", "--source", "platform", code=1).out
    assert "ses-2" in told
    assert "source platform: 3 records read" in told
    assert "refused: 2 records" in told
    assert "- 2 for time_zone: is not an IANA zone; write an IANA zone" in told
    found = rig.json("validate", "--source", "platform", code=1)
    assert (found["records"], found["booked"], found["error"]) == (3, 1, None)
    assert [one["record"] for one in found["refused"]] == ["ses-2", "ses-3"]
    assert rig.rows() == before
    assert rig.sandbox.mails(SAM) == []


def test_a_source_that_cannot_be_read_to_its_end_shows_what_was_read_and_why(rig: Rig) -> None:
    rig.book("ses-1", MAYA)
    with rig.source.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"title": "nobody's"}) + "\n")
    told = rig.run("validate", "--source", "platform", code=1).out
    assert_fits(told)
    assert "wanted: 1 booked session and 0 cancelled, with 1 participant\n" in told
    _, _, last = told.partition("not read to the end:")
    assert "has no id" in " ".join(last.split())
    rig.source.unlink()
    found = rig.json("validate", "--source", "platform", code=1)
    assert (found["records"], str(rig.source) in found["error"]) == (0, True)


def test_sessions_of_a_database_for_which_nobody_is_listed_are_warned_of(rig: Rig) -> None:
    file = rig.folder / "platform.db"
    _platform(file)
    text = rig.config.read_text(encoding="utf-8")
    text = text.replace('kind = "file"', 'kind = "sql"').replace(
        f"path = {json.dumps(str(rig.source))}",
        f'url = "sqlite:///{file}"\nquery = "SELECT * FROM session"\n'
        'participants_query = "SELECT * FROM participant"',
    )
    rig.config.write_text(text, encoding="utf-8")
    told = rig.run("validate", "--source", "platform").out
    assert "warning: ses-2: participants: nobody is listed for this session" in told
    assert "column personal_notes holds notes and is not read" in told
    assert "wanted: 2 booked sessions and 0 cancelled, with 1 participant\n" in told


def _platform(file: Path) -> None:
    with sqlite3.connect(file) as db:
        names = "id, updated_at, status, title, starts_at, ends_at, time_zone, personal_notes"
        db.execute(f"CREATE TABLE session ({names})")
        db.execute("CREATE TABLE participant (session_id, id, name, email)")
        for ident in ("ses-1", "ses-2"):
            times = ("2099-12-03T15:00:00", "2099-12-03T16:00:00", "America/Toronto")
            row = (ident, "2026-01-01T00:00:00Z", "booked", "Mentoring", *times, "secret")
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        db.execute("INSERT INTO participant VALUES ('ses-1', 'u-2', 'Sam', ?)", [SAM])
    db.close()


def test_a_source_to_which_the_platform_sends_cannot_be_read(rig: Rig) -> None:
    rig.configure(web='public_url = "https://calsync.example"')
    text = rig.config.read_text(encoding="utf-8")
    rig.config.write_text(f'{text}\n[[source]]\nname = "api"\nkind = "push"\n', encoding="utf-8")
    told = rig.run("validate", "--source", "api", code=2).err
    assert "`calsync validate FILE`" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--source", "elsewhere"), "the configured ones are: platform"),
        (("sessions.jsonl", "--source", "platform"), "either a file or"),
        ((), "either a file or"),
    ],
)
def test_what_is_to_be_checked_is_named_once_and_right(
    rig: Rig, arguments: tuple[str, ...], said: str
) -> None:
    assert said in rig.run("validate", *arguments, code=2).err
