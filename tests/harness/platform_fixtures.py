"""Platforms over both databases, closed at the end of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from calsync.core.guard import Limits
from tests.harness.platform import LOOSE, Platform
from tests.harness.transactions import no_call_inside_a_transaction  # noqa: F401 - watches all

MakePlatform = Callable[..., Platform]


@pytest.fixture
def make_platform(ledger_url: str) -> Iterator[MakePlatform]:
    """Make the platform with limits or tenant settings of its own."""
    made: list[Platform] = []

    def make(limits: Limits = LOOSE, **tenant: Any) -> Platform:
        made.append(Platform(ledger_url, limits=limits, **tenant))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def platform(make_platform: MakePlatform) -> Platform:
    return make_platform()
