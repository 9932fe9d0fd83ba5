"""The JSON Schema says what the parser says, as far as a schema can; the document says it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from calsync.errors import RecordError
from calsync.sources.records import format as models
from calsync.sources.records.notes import FORBIDDEN
from calsync.sources.records.parts import PERSON
from calsync.sources.records.record import FACTS, parse, schema
from calsync.sources.sql.rows import COLUMNS, PERSON_COLUMNS
from tests.sources.records import EXAMPLE, LEAVE_OUT, NOW, a_person, a_record

DOCUMENT = Path(__file__).parents[2] / "docs" / "session-format.md"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    made = schema()
    Draft202012Validator.check_schema(made)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    return Draft202012Validator(made)


@pytest.mark.parametrize(
    "record",
    [
        EXAMPLE,
        {"id": "ses-1", "updated_at": "2026-11-20T09:30:00Z", "status": "cancelled"},
        a_record(place=None, agenda=None, program=None, url=None, title=None, tenant=None),
        a_record(starts_at=1796328000, ends_at="1796330700"),
        a_record(starts_at="2026-12-03T20:00:00Z"),
        a_record(place={"kind": "in_person", "name": "Room 4"}, participants=[], mood="good"),
    ],
)
def test_the_schema_takes_what_is_right(
    validator: Draft202012Validator, record: dict[str, Any]
) -> None:
    validator.validate(record)
    parse(record, tenant="default", now=NOW, strict=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": LEAVE_OUT},
        {"id": " "},
        {"id": "x" * 256},
        {"updated_at": LEAVE_OUT},
        {"updated_at": "2026-11-20T09:30:00"},
        {"status": "canceled"},
        {"tenant": ["default"]},
        {"starts_at": LEAVE_OUT},
        {"ends_at": "15:45"},
        {"ends_at": True},
        {"ends_at": 1796330700000},
        {"time_zone": LEAVE_OUT},
        {"time_zone": 5},
        {"participants": LEAVE_OUT},
        {"participants": "nobody"},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(
    validator: Draft202012Validator, changes: dict[str, Any]
) -> None:
    record = a_record(**changes)
    with pytest.raises(RecordError):
        parse(record, tenant="default", now=NOW)
    assert not validator.is_valid(record)


@pytest.mark.parametrize(
    "changes",
    [
        {"place": {"kind": "moon"}},
        {"agenda": {"text": "Goals", "format": "rtf"}},
        {"program": {"kind": "solo"}},
        {"participants": [a_person(email=LEAVE_OUT)]},
        {"participants": [a_person(locale="english, please")]},
    ],
)
def test_the_schema_refuses_what_the_parser_leaves_out(
    validator: Draft202012Validator, changes: dict[str, Any]
) -> None:
    record = a_record(**changes)
    assert parse(record, tenant="default", now=NOW)[1]
    assert not validator.is_valid(record)


def all_models() -> Iterator[type[BaseModel]]:
    for one in vars(models).values():
        if (
            isinstance(one, type)
            and issubclass(one, models.RecordPart)
            and one is not models.RecordPart
        ):
            yield one


def test_every_field_is_described() -> None:
    undescribed = [
        f"{model.__name__}.{name}"
        for model in all_models()
        for name, field in model.model_fields.items()
        if not field.description and name != "kind"
    ]
    assert undescribed == []


PREFIX = {
    "LinkRecord": "links[].",
    "ProgramRecord": "program.",
    "OnlineRecord": "place.",
    "InPersonRecord": "place.",
    "AgendaRecord": "agenda.",
    "ParticipantRecord": "participants[].",
}


def test_the_document_names_every_field_column_and_forbidden_field() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    names = {
        PREFIX.get(model.__name__, "") + field
        for model in all_models()
        for field in model.model_fields
    }
    names |= {*COLUMNS, *PERSON_COLUMNS, *FORBIDDEN}
    assert sorted(name for name in names if f"`{name}`" not in text) == []


def test_the_document_tells_what_refuses_a_record_and_a_person() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| \S+ \| (refused|person) \|", DOCUMENT.read_text(), re.M)
    assert {name for name, level in rows if level == "refused"} == set(FACTS)
    people = {f"participants[].{name}" for name in PERSON}
    assert {name for name, level in rows if level == "person"} == people


def test_the_documents_example_is_accepted_without_a_warning(
    validator: Draft202012Validator,
) -> None:
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    records = [json.loads(block) for block in blocks]
    assert len(records) == 2
    for record in records:
        validator.validate(record)
        assert parse(record, tenant="default", now=NOW, strict=True)[1] == []
