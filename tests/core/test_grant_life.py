"""When accounts that were lost show that all consents end at one age."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from calsync.core.account import ends_at_one_age


@pytest.mark.parametrize(
    ("lost", "oldest", "ends"),
    [
        ([7.0, 7.4], 3.0, True),
        ([7.0, 8.9, 2.0], 8.5, True),
        ([7.0], 3.0, False),
        ([7.0, 7.4], 9.5, False),
        ([7.0, 7.4, 2.0, 40.0], 3.0, False),
        ([6.9, 9.1], 3.0, False),
        ([], 3.0, False),
    ],
)
def test_several_lost_at_the_age_and_none_that_is_older_show_it(
    lost: Sequence[float], oldest: float, ends: bool
) -> None:
    ages = [timedelta(days=one) for one in lost]
    assert ends_at_one_age(ages, timedelta(days=oldest), timedelta(days=7)) is ends
