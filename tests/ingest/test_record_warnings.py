"""People who are set aside, and what else was left out of records, until a later one is right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calsync.errors import InputError
from calsync.ingest.poll import Poller
from calsync.ops import queries, retention, verdict
from calsync.ops.questions.explain import explain
from calsync.ops.results.explanation import Explanation
from calsync.ops.results.finding import Severity
from calsync.ops.results.status import WarnedRecord
from calsync.runtime.context import Settings
from calsync.sources.file import FileSource
from calsync.store.api import facts
from tests.harness.platform import Platform
from tests.harness.records import a_record, now

JOSE = {"id": "u-1", "name": "José", "email": "josé@home.example"}
SAM = {"id": "u-2", "name": "Sam", "email": "sam@home.example"}
REASON = (
    "has letters beyond ASCII before the @, which is not supported; write another address of this "
    "person; this person is set aside"
)


class File:
    """A platform's file and what reads it."""

    def __init__(self, platform: Platform, folder: Path) -> None:
        self.file = folder / "sessions.jsonl"
        self.file.write_text("", encoding="utf-8")
        self.poller: Poller = platform.poller_of(FileSource("file", "default", str(self.file)))

    def write(self, *people: dict[str, str], **changes: Any) -> None:
        record = a_record("aside", people, updated_at=now().isoformat(), **changes)
        self.file.write_text(json.dumps(record) + "\n", encoding="utf-8")


@pytest.fixture
def file(platform: Platform, tmp_path: Path) -> File:
    return File(platform, tmp_path)


def listed(platform: Platform) -> list[WarnedRecord]:
    return list(queries.status(platform.context).warnings)


def explained(platform: Platform, person: str | None = None) -> Explanation:
    return explain(platform.context, "aside", person, None)


def told(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.write() as db:
        facts.number(db, "default")
        found = facts.between(db, "default", 0, 100, link="")
    return [one for one in found if one["kind"] == "participant_set_aside"]


def test_a_person_who_is_set_aside_is_named_on_the_first_read_and_every_later_one(
    platform: Platform, file: File
) -> None:
    file.write(JOSE, SAM)
    file.poller.run_once()
    for again in (file.poller.run_once, file.poller.sweep, file.poller.run_once):
        (one,) = listed(platform)
        assert (one.session, one.participant, one.set_aside) == ("aside", "u-1", True)
        assert (one.source, one.field, one.reason) == ("file", "participants[0].email", REASON)
        again()
    (only,) = explained(platform, "u-1").warnings
    assert only.reason == REASON
    assert explained(platform, "u-1").people == []
    assert explained(platform).warnings == [only]
    assert explained(platform, "u-2").warnings == []
    with pytest.raises(InputError, match="has no participant u-3"):
        explained(platform, "u-3")

    (fact,) = told(platform)
    assert (fact["session"], fact["participant"]) == ("aside", "u-1")
    assert fact["field"] == "participants[0].email"
    assert "not supported; write another address" in fact["message"]
    (finding,) = [one for one in verdict.verdict(platform.context) if "set aside" in one.text]
    assert finding.severity is Severity.WARNING
    assert finding.command == "calsync sync --source file"


def test_a_later_record_that_is_right_ends_it_and_one_that_cannot_be_used_does_not(
    platform: Platform, file: File
) -> None:
    file.write(JOSE, SAM)
    file.poller.run_once()
    file.write(JOSE, SAM, time_zone="Nowhere")
    file.poller.run_once()
    assert len(listed(platform)) == 1
    file.write({**JOSE, "email": "jose@home.example"}, SAM)
    file.poller.run_once()
    assert listed(platform) == []
    file.write(JOSE | {"id": "u-7"}, {**JOSE, "email": "jose@home.example"}, SAM)
    file.poller.run_once()
    assert [one["participant"] for one in told(platform)] == ["u-1", "u-7"]


def test_other_warnings_are_kept_as_well_behind_those_of_people(
    platform: Platform, file: File
) -> None:
    file.write({**SAM, "time_zone": "Nowhere"}, JOSE, place={"kind": "online", "label": "Zoom"})
    file.poller.run_once()
    first, *others = listed(platform)
    assert first.participant == "u-1"
    assert {(one.participant, one.set_aside, one.field) for one in others} == {
        (None, False, "place"),
        ("u-2", False, "participants[0].time_zone"),
    }
    assert len(told(platform)) == 1
    kinds = {one.severity for one in verdict.verdict(platform.context) if "left out" in one.text}
    assert kinds == {Severity.NOTICE}


def test_what_began_earlier_keeps_its_beginning(platform: Platform, file: File) -> None:
    file.write(JOSE, SAM)
    file.poller.run_once()
    (before,) = listed(platform)
    platform.later(hours=1)
    file.write(JOSE, SAM, place={"kind": "online", "label": "Zoom"})
    file.poller.run_once()
    person, place = listed(platform)
    assert person.since == before.since
    assert place.since > before.since


def test_warnings_go_with_the_content_of_their_session(platform: Platform, file: File) -> None:
    file.write(JOSE, SAM, days=1)
    file.poller.run_once()
    platform.later(days=2)
    assert listed(platform) == []  # it is over
    assert len(explained(platform).warnings) == 1
    platform.later(days=Settings().content_days)
    assert retention.run_once(platform.context)["record_warning"] == 1
    assert explained(platform).warnings == []


def test_a_person_without_an_id_is_named_by_their_place_in_the_record(
    platform: Platform, file: File
) -> None:
    file.write(SAM, {"name": "Nobody", "email": "nobody@home.example"})
    file.poller.run_once()
    (one,) = listed(platform)
    assert (one.participant, one.field) == (None, "participants[1].id")
