"""A participant without an id that can be used, who may be somebody whom the record names no
more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calsync.ops import queries
from calsync.sources.file import FileSource
from calsync.store.ledger import deliveries
from tests.harness.platform import Platform
from tests.harness.records import a_record, now

MAYA = {"id": "u-1", "name": "Maya", "email": "maya@home.example"}
SAM = {"id": "u-2", "name": "Sam", "email": "sam@home.example"}
GUEST = {"name": "Guest", "email": "guest@home.example"}
NAMELESS = ({"name": "Maya", "email": "maya@home.example"}, MAYA | {"id": ["u-1"]}, "Maya")
NOBODY = (None, {}, {"id": None, "name": None, "email": None}, {"id": "", "name": "", "email": ""})
CANCELLED = (GUEST, None, MAYA | {"email": "maya"})


class File:
    """A platform's file and what reads it."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform, self._path = platform, folder / "sessions.jsonl"
        self._poller = platform.poller_of(FileSource("file", "default", str(self._path)))
        self._writes = 0

    def read(self, *people: object, **changes: object) -> list[str]:
        """Who is to be shown the session, once the file names these."""
        self._writes += 1
        written = now().replace(microsecond=self._writes).isoformat()
        record = a_record("1", [], updated_at=written) | {"participants": people} | changes
        self._path.write_text(json.dumps(record) + "\n", "utf-8")
        self._poller.run_once()
        with self._platform.store.read() as db:
            rows = deliveries.of_sessions(db, "default", ["1"])["1"]
        return sorted(one["participant"] for one in rows if one["want"] == "present")


@pytest.fixture
def file(platform: Platform, tmp_path: Path) -> File:
    return File(platform, tmp_path)


def stale(platform: Platform) -> list[str]:
    return [one.reason for one in queries.status(platform.context).stale]


@pytest.mark.parametrize("nameless", NAMELESS)
def test_who_may_have_lost_their_id_stays(platform: Platform, file: File, nameless: object) -> None:
    assert file.read(MAYA, SAM) == ["u-1", "u-2"]
    assert file.read(nameless, nameless) == ["u-1", "u-2"]
    assert file.read(nameless, SAM) == ["u-1", "u-2"]
    (reason,) = stale(platform)
    assert "and may be u-1, who is not named any more; write the id of every participant" in reason
    assert file.read(SAM) == ["u-2"]
    assert not stale(platform)


def test_who_has_no_id_keeps_nobody_else_from_being_shown_the_session(file: File) -> None:
    assert file.read(GUEST, SAM) == ["u-2"]
    assert file.read(GUEST, SAM, MAYA) == ["u-1", "u-2"]


def test_who_never_had_an_id_is_nobody_who_left(platform: Platform, file: File) -> None:
    assert file.read(GUEST, SAM, MAYA) == ["u-1", "u-2"]
    assert file.read(GUEST, SAM) == ["u-2"]
    assert not stale(platform)


@pytest.mark.parametrize("nobody", NOBODY)
def test_an_empty_participant_is_nobody(platform: Platform, file: File, nobody: object) -> None:
    assert file.read(MAYA, SAM) == ["u-1", "u-2"]
    assert file.read(nobody, SAM) == ["u-2"]
    assert not stale(platform)


def test_who_goes_on_under_another_id_is_not_missing(platform: Platform, file: File) -> None:
    file.read(MAYA, SAM)
    again = MAYA | {"id": "u-9"}
    assert "u-9" in file.read(again, SAM, GUEST)
    assert "u-9" in file.read(again, SAM, GUEST, GUEST)
    moved = again | {"email": "maya@work.example"}
    assert "u-9" in file.read(moved, SAM, GUEST, GUEST, GUEST, title="Another title")
    assert not stale(platform)


@pytest.mark.parametrize("person", CANCELLED)
def test_a_cancellation_is_obeyed_whoever_cannot_be_read(
    platform: Platform, file: File, person: object
) -> None:
    assert file.read(MAYA, SAM) == ["u-1", "u-2"]
    assert file.read(person, SAM, status="cancelled") == []
    assert not stale(platform)
