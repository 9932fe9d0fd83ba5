"""What core hands around are values: nobody who holds one can see it change."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass

import pytest

import calsync.core
from calsync.core.booked import RecordWarning


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(calsync.core.__path__, "calsync.core."):
        yield found.name


def changeable(module: object) -> list[str]:
    """The dataclasses of a module that are not frozen."""
    return [
        name
        for name, one in vars(module).items()
        if isinstance(one, type) and is_dataclass(one)
        if not one.__dataclass_params__.frozen  # type: ignore[attr-defined]
    ]


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_dataclass_of_core_is_frozen(name: str) -> None:
    assert changeable(importlib.import_module(name)) == []


def test_one_that_can_be_changed_is_noticed() -> None:
    class Module:
        @dataclass
        class Loose:
            value: int

        @dataclass(frozen=True)
        class Firm:
            value: int

    assert changeable(Module) == ["Loose"]


def test_a_warning_about_a_record_is_a_sentence_that_knows_its_parts() -> None:
    warning = RecordWarning("ses-1", "participants[0].email", "is none", "u-1", set_aside=True)
    assert warning == "ses-1: participants[0].email: is none"
    assert (warning.session, warning.field) == ("ses-1", "participants[0].email")
    assert (warning.reason, warning.participant, warning.set_aside) == ("is none", "u-1", True)
