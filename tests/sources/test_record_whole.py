"""A record in which everything is as documented is read at once, and means what it means read part
by part."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.errors import RecordError
from calsync.sources.records import record
from calsync.sources.records.record import parse
from tests.sources.records import NOW, a_record

MAYA, SAM = a_record()["participants"]
RECORDS: tuple[dict[str, Any], ...] = (
    {},
    {"id": 17, "starts_at": 1796311800, "ends_at": 1796314500},
    {"status": "cancelled"},
    {"title": 5, "unknown": {"a": 1}, "place": None, "program": None, "agenda": None},
    {"place": {"kind": "in_person", "name": "Room 4"}, "links": [{"label": "a", "url": "b"}]},
    {"participants": [MAYA, {**MAYA, "role": None, "locale": "fr_CA", "person": 4}]},
    {"participants": [MAYA, {**SAM, "email": "no address"}, {**SAM, "id": 3, "time_zone": "x"}]},
    {"participants": [MAYA, "nobody", {**SAM, "locale": 17}]},
    {"participants": [{**MAYA, "name": " "}]},
    {"program": {"id": "p", "kind": "crowd"}, "place": {"kind": "moon"}},
    {"tenant": "another"},
    {"updated_at": "yesterday"},
    {"ends_at": None},
    {"admin_notes": "x", "agenda": {"text": "a", "adminNotes": ["y"]}},
)


def read(given: dict[str, Any]) -> Any:
    try:
        session, warnings = parse(a_record(**given), tenant="default", now=NOW, max_participants=4)
    except RecordError as error:
        return str(error)
    return session, [(str(one), one.set_aside, one.participant) for one in warnings]


@pytest.mark.parametrize("given", RECORDS)
def test_it_is_read_as_by_its_parts(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = read(given)
    monkeypatch.setattr(record, "_fitting", lambda *_: None)
    assert read(given) == at_once


def test_a_record_that_fits_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: object) -> None:
        raise AssertionError("a part of it was validated by itself")

    monkeypatch.setattr(record.Reading, "fit", fit)
    assert len(read({})[0].participants) == 2
