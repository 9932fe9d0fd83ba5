"""The real process is killed with SIGKILL while it delivers; nothing is lost or doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.scenarios import DELIVERING
from tests.crash.stage import MAYA, SAM, Stage, a_stage

POINTS = [f"{name}.{edge}" for name in DELIVERING for edge in ("before", "after")]
ON_POSTGRES = ("claim.after", "send.after", "finish.before")


def story(stage: Stage, point: str, nth: int) -> None:
    """Booked, moved and cancelled, killed once in each: on the first passing in the calendar's
    delivery, on the second in the mail's."""
    stage.book()
    stage.killed(point, nth=nth)
    stage.done()
    stage.once()
    stage.move()
    stage.killed(point, nth=nth)
    stage.done()
    stage.once()
    stage.cancel()
    stage.killed(point, nth=nth)
    stage.done()
    assert (stage.shown(MAYA), stage.shown(SAM)) == ([], [])
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST", "CANCEL"]


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_killed_while_it_delivers_everybody_sees_the_session_once(
    tmp_path: Path, point: str, nth: int
) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        story(stage, point, nth)


@pytest.mark.parametrize(
    "point",
    [pytest.param(p, marks=() if p in ON_POSTGRES else pytest.mark.full) for p in POINTS],
)
def test_killed_on_postgres_everybody_sees_the_session_once(
    tmp_path: Path, postgres_ledger_url: str, point: str
) -> None:
    with a_stage(tmp_path, postgres_ledger_url) as stage:
        story(stage, point, 1)
