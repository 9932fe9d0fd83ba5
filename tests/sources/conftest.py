"""Databases of a platform: one of each kind, or a test on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.platform import Platform


@pytest.fixture(params=["sqlite", "postgres"])
def platform(request: pytest.FixtureRequest) -> Platform:
    made: Platform = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(f"sqlite:///{tmp_path / 'platform.db'}")
    made.run("SELECT 1")  # makes the file
    yield made
    made.engine.dispose()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Platform]:
    made = Platform(postgres_url)
    yield made
    made.engine.dispose()
