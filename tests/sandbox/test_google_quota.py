"""Google's quota over a sliding minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from calsync.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.caller import MAYA, Caller

SAM = "sam@example.org"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def both(clock: Clock) -> Iterator[tuple[Sandbox, Caller, Caller]]:
    with Sandbox(now=clock) as sandbox:
        for one in (MAYA, SAM):
            sandbox.add_person(one, google=True)
        with (
            Caller(sandbox, sandbox.access_token(MAYA)) as maya,
            Caller(sandbox, sandbox.access_token(SAM)) as sam,
        ):
            yield sandbox, maya, sam


def test_a_person_is_refused_what_exceeds_a_minute_wherever_the_minute_begins(
    both: tuple[Sandbox, Caller, Caller], clock: Clock
) -> None:
    sandbox, maya, sam = both
    RemoteSandbox(sandbox.url).google_quota(project=0, person=3)
    for seconds in (0, 30, 29):
        clock.later(seconds)
        assert maya.list().status == 200
    refused = maya.list()
    assert (refused.status, refused.reason) == (403, "userRateLimitExceeded")
    assert sam.list().status == 200
    clock.later(1)
    assert maya.list().status == 200, "the first one is a minute old"
    assert maya.list().status == 403
    usage = {"answered": 5, "refused": 2, "project_minute": 4, "person_minute": 3}
    assert RemoteSandbox(sandbox.url).google_usage() == usage
    assert sandbox.violations() == []


def test_the_project_is_refused_what_exceeds_its_minute_whoever_asks(
    both: tuple[Sandbox, Caller, Caller],
) -> None:
    sandbox, maya, sam = both
    sandbox.google_quota(project=2, person=0)
    assert [maya.list().status, sam.list().status] == [200, 200]
    refused = sam.list()
    assert (refused.status, refused.reason) == (429, "rateLimitExceeded")


def test_without_a_quota_nothing_is_refused_or_counted(
    both: tuple[Sandbox, Caller, Caller],
) -> None:
    sandbox, maya, _ = both
    assert maya.list().status == 200
    assert sandbox.google_usage()["answered"] == 0
