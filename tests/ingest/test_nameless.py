"""A participant without an id that can be used may be anybody whom the record does not name."""

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
NOBODY = ({"name": "Maya", "email": "maya@home.example"}, MAYA | {"id": ["u-1"]}, "Maya", None)


class File:
    """A platform's file and what reads it."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self._platform, self._path = platform, folder / "sessions.jsonl"
        self._poller = platform.poller_of(FileSource("file", "default", str(self._path)))
        self._writes = 0

    def read(self, *people: object) -> list[str]:
        """Who is to be shown the session, once the file names these."""
        self._writes += 1
        written = now().replace(microsecond=self._writes).isoformat()
        record = a_record("1", [], updated_at=written) | {"participants": people}
        self._path.write_text(json.dumps(record) + "\n", "utf-8")
        self._poller.run_once()
        with self._platform.store.read() as db:
            rows = deliveries.of_sessions(db, "default", ["1"])["1"]
        return sorted(one["participant"] for one in rows if one["want"] == "present")


@pytest.fixture
def file(platform: Platform, tmp_path: Path) -> File:
    return File(platform, tmp_path)


@pytest.mark.parametrize("nobody", NOBODY)
def test_who_may_be_in_the_record_without_an_id_stays(
    platform: Platform, file: File, nobody: object
) -> None:
    assert file.read(MAYA, SAM) == ["u-1", "u-2"]
    assert file.read(nobody, nobody) == ["u-1", "u-2"]
    assert file.read(nobody, SAM) == ["u-1", "u-2"]
    (stale,) = queries.status(platform.context).stale
    assert "u-1 may be listed without an id that can be used; write the id" in stale.reason
    assert file.read(SAM) == ["u-2"]
    assert not queries.status(platform.context).stale


def test_who_has_no_id_keeps_nobody_else_from_being_shown_the_session(file: File) -> None:
    assert file.read(NOBODY[0], SAM) == ["u-2"]
    assert file.read(NOBODY[0], SAM, MAYA) == ["u-1", "u-2"]
