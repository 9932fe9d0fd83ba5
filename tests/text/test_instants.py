"""Instants for machines and operators."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from calsync.text.instants import iso

AT = datetime(2026, 12, 3, 20, 0, 7, 999_999)  # noqa: DTZ001 - each case gives it a zone


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (AT.replace(tzinfo=UTC), "2026-12-03T20:00:07Z"),
        (AT.replace(tzinfo=timezone(timedelta(hours=-5))), "2026-12-03T20:00:07-05:00"),
        (None, None),
    ],
)
def test_an_instant_is_told_to_the_second(given: datetime | None, said: str | None) -> None:
    assert iso(given) == said
