"""The cut-over from a system that wrote into calendars: an event is taken over once."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.crash.scenarios import Scenario
from tests.crash.stage import MAYA, SAM, Stage
from tests.harness.former import google_event

ADOPTING = ("adopt", "baseline_adopt")


def in_mayas_calendar(stage: Stage) -> str:
    stage.book()
    start = stage.start().replace(tzinfo=None)
    event = google_event(stage.sandbox, MAYA, start, start + timedelta(hours=1))
    return json.dumps({"session": "ses-1", "participant": MAYA, "google": event})


def is_ours_now(stage: Stage) -> None:
    """Nothing was made beside it; it moves and goes with its session."""
    assert stage.shown(MAYA) == [("Mentoring", stage.start())]
    assert stage.shown(SAM) == []
    stage.move()
    stage.done()
    stage.once()
    stage.cancel()
    stage.done()
    assert stage.shown(MAYA) == []


ADOPTED = (Scenario(ADOPTING, in_mayas_calendar, is_ours_now, "take_over_events"),)
