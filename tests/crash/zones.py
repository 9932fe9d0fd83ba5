"""Time zone data that was updated while nothing ran: what moves, moves once."""

from __future__ import annotations

from pathlib import Path

from tests.crash.scenarios import Scenario
from tests.crash.stage import MAYA, SAM, Stage
from tests.harness.zone_data import SUMMER_IN_MEXICO, folder_of, in_use

ZONES = ("zones_page", "zones_close")


def booked_with_older_data(stage: Stage) -> None:
    stage.book()
    record = stage.records["ses-1"]
    summer = {"starts_at": "2027-06-10T15:00:00", "ends_at": "2027-06-10T16:00:00"}
    stage.put({**record, **summer, "time_zone": "America/Mexico_City"})
    with in_use(folder_of(Path(stage.folder) / "zoneinfo", SUMMER_IN_MEXICO)):
        stage.sync()
    assert [at.hour for _, at in stage.shown(MAYA)] == [20]


def moved_once(stage: Stage) -> None:
    for person in (MAYA, SAM):
        assert [at.hour for _, at in stage.shown(person)] == [21]
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST"]


UPDATED = (Scenario(ZONES, booked_with_older_data, moved_once),)
