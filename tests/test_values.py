"""Values with other fields, beside `dataclasses.replace`, which does the same for any dataclass."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from calsync.core.ledger import Attempt, Copy, Delivery, Snapshot
from calsync.core.reconcile.claimed import Finished
from calsync.values import replaced
from tests.make import a_copy


@dataclass(frozen=True, slots=True)
class Single:
    only: int


@pytest.mark.parametrize("changes", [{}, {"sequence": 7}, {"uid": "x", "account": None}])
def test_fields_are_changed_as_the_library_does(changes: dict[str, Any]) -> None:
    copy = a_copy()
    made = replaced(copy, **changes)
    assert made == replace(copy, **changes)
    assert type(made) is Copy
    assert copy == a_copy()


def test_a_value_of_one_field_is_made_too() -> None:
    assert replaced(Single(1), only=2) == Single(2)
    assert replaced(Single(1)) == Single(1)


def test_a_field_that_it_has_not_is_refused() -> None:
    with pytest.raises(TypeError, match="there is no field nothing"):
        replaced(a_copy(), nothing=1)  # type: ignore[call-arg]  # that is the mistake


@dataclass(frozen=True, slots=True)
class Checked:
    only: int

    def __post_init__(self) -> None:
        raise ValueError("asked when it is made")


@dataclass(frozen=True)
class Open:
    only: int


@pytest.mark.parametrize("value", [object.__new__(Checked), Open(1)])
def test_what_is_more_than_its_fields_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="more than its fields"):
        replaced(value, only=2)


@pytest.mark.parametrize("kind", [Attempt, Copy, Delivery, Finished, Snapshot])
def test_what_is_changed_with_every_delivery_is_no_more_than_its_fields(kind: type[Any]) -> None:
    assert not hasattr(kind, "__post_init__")
    assert set(kind.__slots__) == {one.name for one in fields(kind)}
