"""A provider that does not know a zone's name: the same event goes with another, at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calsync.core.content.zone_names import OLDER, in_known_zone, known_name
from calsync.core.ledger import Copy, CopyState, Do, Outcome
from calsync.core.reconcile.claimed import Claim, Finished, ForeignZone, Reread
from calsync.core.reconcile.finish import Made, after_call
from calsync.errors import UnknownZone
from tests.core.decisions import an_attempt, in_a, later, snapshot
from tests.make import NOW, an_event

S = CopyState
UNKNOWN = UnknownZone("400 invalid", "Europe/Kyiv")


def answered(copy: Copy, *, mine: bool = True) -> Finished:
    known = snapshot(copy)
    assert copy.attempt is not None
    reread = Reread(known.delivery.version if mine else None, [copy])
    claim = Claim("token", "account:acc-1", 0, known.delivery)
    made = Made(claim, known, None, reread, NOW, lambda n, _: later(seconds=n))
    return after_call(made, copy.n, copy.attempt, UNKNOWN)


def unsure(do: Do, before: CopyState, sends: int = 1) -> Copy:
    return in_a(S.UNSURE, before=before, attempt=an_attempt(do, sends=sends))


@pytest.mark.parametrize(
    ("do", "before", "sends"),
    [(Do.CREATE, S.PLANNED, 1), (Do.CREATE, S.PLANNED, 2), (Do.CHANGE, S.LIVE, 1)],
)
def test_an_event_whose_zones_name_is_unknown_is_sent_at_once_with_another(
    do: Do, before: CopyState, sends: int
) -> None:
    finished = answered(unsure(do, before, sends))
    assert finished.schedule is not None
    assert (finished.schedule.due_at, finished.schedule.parked) == (NOW, None)
    assert finished.copy is not None
    assert (finished.copy.state, finished.copy.refusal, finished.copy.again_at) == (
        before,
        None,
        None,
    )
    assert finished.attempt is not None
    assert finished.attempt.outcome is Outcome.NO
    assert finished.foreign_zone == ForeignZone("google", "Europe/Kyiv")


def test_who_lost_the_lease_learns_the_name_and_schedules_nothing() -> None:
    finished = answered(unsure(Do.CREATE, S.PLANNED), mine=False)
    assert finished.schedule is None
    assert finished.copy is not None
    assert finished.copy.state is S.UNSURE
    assert finished.foreign_zone == ForeignZone("google", "Europe/Kyiv")


@pytest.mark.parametrize(
    ("zone", "unknown", "name"),
    [
        ("Europe/Kyiv", set(), "Europe/Kyiv"),
        ("Europe/Kyiv", {"America/Toronto"}, "Europe/Kyiv"),
        ("Europe/Kyiv", {"Europe/Kyiv"}, "Europe/Kiev"),
        ("Europe/Kyiv", {"Europe/Kyiv", "Europe/Kiev"}, "UTC"),
        ("America/Coyhaique", {"America/Coyhaique"}, "UTC"),
    ],
)
def test_the_older_name_is_tried_before_utc(zone: str, unknown: set[str], name: str) -> None:
    assert known_name(zone, unknown) == name
    event = an_event(time_zone=zone)
    shown = in_known_zone(event, unknown)
    assert (shown.time_zone, shown.starts_at) == (name, event.starts_at)


@pytest.mark.parametrize(("new", "old"), OLDER.items())
def test_an_older_name_is_the_same_zone(new: str, old: str) -> None:
    at = datetime(2020, 1, 1, tzinfo=UTC)
    for _ in range(200):
        at += timedelta(days=13)
        assert at.astimezone(ZoneInfo(new)).utcoffset() == at.astimezone(ZoneInfo(old)).utcoffset()
