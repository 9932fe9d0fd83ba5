"""What a mail about an account tells of, stored and read back."""

from __future__ import annotations

import pytest

from calsync.core.content.notices import AccountFact, Cause, fact_from_json, fact_to_json
from tests.make import NOW


@pytest.mark.parametrize("cause", list(Cause))
def test_a_stored_fact_is_read_back_equal(cause: Cause) -> None:
    fact = AccountFact(
        provider="caldav",
        address="maya@exämple.org",
        calendar="https://dav.example.org/maya/work/",
        person="maya@example.org",
        at=NOW,
        cause=cause,
        writes=False,
    )
    assert fact_from_json(fact_to_json(fact)) == fact
