"""Listings of many calendars: no faster than the limit, and not twice when interrupted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calsync.accounts import connect
from calsync.ops.restore.recover import recover
from calsync.ops.restore.verify import Verifier
from tests.ops.restoring import Restoring

PEOPLE = [f"p{n}@contoso.example" for n in range(4)]


@pytest.fixture
def several(restoring: Restoring) -> Restoring:
    """Four Google calendars, and room for an inspection every six seconds."""
    made = restoring.made
    made.deliver = "look_share = 0.001"
    for one in PEOPLE:
        made.sandbox.add_person(one, google=True)
        given = {"refresh_token": made.sandbox.grant(one)}
        connect.add(made.open().context, "default", "google", one, given)
    made.book()
    made.sync()
    return restoring


def test_calendars_are_listed_at_the_pace_of_inspections(several: Restoring) -> None:
    made, waited = several.made, []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        made.shift += timedelta(seconds=seconds)

    told = Verifier(made.open().context, wait=wait).report()
    assert told.calendars == len(PEOPLE)
    assert len(waited) == len(PEOPLE) - 1, "the first one goes at once"
    assert sum(waited) > 10


def test_an_interrupted_repair_goes_on_where_it_stopped(several: Restoring) -> None:
    made, listed = several.made, []
    recover(made.open().context)
    made.sync()

    def stopped(calendars: int) -> None:
        listed.append(calendars)
        if calendars == len(PEOPLE) - 1:
            raise KeyboardInterrupt

    def no_wait(seconds: float) -> None:
        made.shift += timedelta(seconds=seconds)

    context = made.open().context
    with pytest.raises(KeyboardInterrupt):
        Verifier(context, wait=no_wait, progress=stopped).repair(["platform"])
    assert listed == [1, 2, 3]
    assert Verifier(context, wait=no_wait).repair(["platform"]).calendars == 1
