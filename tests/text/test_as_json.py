"""Results as JSON: their fields in their order, instants in UTC."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from calsync.text.as_json import INLINE, to_json

NOON = datetime(2026, 12, 3, 12, 0, 0, 500_000, tzinfo=UTC)


class Kind(StrEnum):
    BAD = "bad"


@dataclass(frozen=True)
class Line:
    at: datetime | None
    detail: Mapping[str, object] = dataclasses.field(metadata=INLINE)


@dataclass(frozen=True)
class Report:
    kind: Kind
    lines: Sequence[Line]
    ids: frozenset[int] = frozenset()


def test_a_result_becomes_an_object_with_its_fields_in_their_order() -> None:
    found = to_json(Report(Kind.BAD, (Line(NOON, {"why": "late", "by": ["a"]}), Line(None, {}))))
    assert found == {
        "kind": "bad",
        "lines": [{"at": "2026-12-03T12:00:00Z", "why": "late", "by": ["a"]}, {"at": None}],
        "ids": [],
    }
    assert list(found) == ["kind", "lines", "ids"]
    assert type(found["kind"]) is str


def test_plain_values_stay_what_they_are() -> None:
    plain = {"text": "words", "number": 1.5, "yes": True, "none": None, "list": [1, "two"]}
    assert to_json(plain) == plain
    assert to_json(Report) is Report
