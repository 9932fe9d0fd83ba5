"""What a poll asks the database does not grow with how many sessions changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.harness.counted import counted
from tests.harness.platform import Platform


def asked(platform: Platform, sessions: int) -> int:
    """By a poll in which so many sessions of two people have moved by an hour."""
    hour = timedelta(hours=1)
    found = [
        replace(
            one,
            starts_at=one.starts_at + hour,
            ends_at=one.ends_at + hour,
            updated_at=one.updated_at + hour,
        )
        for one in platform.source.sessions[-sessions:]
    ]
    with counted() as counts:
        platform.book(*found)
    return counts.asked


def test_sessions_that_changed_are_written_together(platform: Platform) -> None:
    booked = [platform.a_session(f"ses-{n}") for n in range(20)]
    platform.book(*booked)
    platform.deliver()
    assert asked(platform, 20) < asked(platform, 2) + 5
    for one in (booked[0], booked[-1]):
        row = platform.delivery(one.id)
        assert row["version"] > 1
        assert row["starts_at"] > one.starts_at
