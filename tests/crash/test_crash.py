"""The real process is killed with SIGKILL while it delivers; nothing is lost or doubled."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from calsync.accounts import connect
from tests.crash.scenarios import DELIVERING
from tests.crash.stage import LENA, MAYA, SAM, Stage, a_stage

POINTS = [f"{name}.{edge}" for name in DELIVERING for edge in ("before", "after")]
ON_POSTGRES = ("group.before", "group.after", "send.after")


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


# A group of six, with two workers: committed and not handed out, handed out and not called, some
# called, some answered, and half of the answers stored.
GROUPED = (
    ("group.after", 1),
    ("call.before", 1),
    ("call.before", 3),
    ("send.after", 1),
    ("call.after", 3),
    ("group.before", 2),
    ("group.after", 2),
)
IN_THE_GATE = (("group.after", 1), ("call.after", 3))


def grouped(stage: Stage, point: str, nth: int) -> None:
    """Sessions of three people, two of them with a calendar; in the end everybody sees each once,
    and no mail came twice but byte for byte."""
    stage.configure(workers=2)
    with stage.in_process() as made:
        token = {"refresh_token": stage.sandbox.grant(LENA)}
        connect.add(made.context, "default", "google", LENA, token)
    names = ["ses-1", "ses-2", "ses-3"]
    for day, ident in enumerate(names):
        stage.book(ident, MAYA, LENA, SAM, days=5 + day)
    stage.killed(point, nth=nth)
    stage.done()
    for person in (MAYA, LENA, SAM):
        wanted = [(f"Title of {ident}", stage.start(ident)) for ident in names]
        assert sorted(stage.shown(person)) == wanted
    assert stage.mailed(SAM) == ["REQUEST"] * 3


@pytest.mark.parametrize(
    ("point", "nth"),
    [
        pytest.param(*g, marks=() if g in (*IN_THE_GATE, ("call.before", 3)) else pytest.mark.full)
        for g in GROUPED
    ],
)
def test_killed_with_a_group_half_done_everybody_sees_each_session_once(
    tmp_path: Path, point: str, nth: int
) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        grouped(stage, point, nth)


@pytest.mark.parametrize(
    ("point", "nth"),
    [pytest.param(*g, marks=() if g in IN_THE_GATE[1:] else pytest.mark.full) for g in GROUPED],
)
def test_killed_on_postgres_with_a_group_half_done_everybody_sees_each_session_once(
    tmp_path: Path, postgres_ledger_url: str, point: str, nth: int
) -> None:
    with a_stage(tmp_path, postgres_ledger_url) as stage:
        grouped(stage, point, nth)


# Mails of one lane, one after the other: committed and not handed out; the second of them sent and
# the others waiting.
IN_A_ROW = (("group.after", 2), ("send.after", 3))


@pytest.mark.parametrize(
    ("point", "nth"),
    [pytest.param(*one, marks=() if one in IN_A_ROW[1:] else pytest.mark.full) for one in IN_A_ROW],
)
def test_killed_with_mails_waiting_for_one_connection_everybody_is_invited_once(
    tmp_path: Path, point: str, nth: int
) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        stage.configure(workers=1)
        names = [f"ses-{n}" for n in range(1, 8)]
        for day, ident in enumerate(names):
            stage.book(ident, SAM, days=5 + day)
        stage.killed(point, "sync_in_rows", nth=nth)
        with closing(sqlite3.connect(stage.folder / "calsync.db")) as db:
            waiting = db.execute("SELECT count(*) FROM attempt WHERE outcome = 'open'").fetchone()
        assert waiting[0] > 1, "several are claimed over the one lane"
        stage.done()
        wanted = [(f"Title of {ident}", stage.start(ident)) for ident in names]
        assert sorted(stage.shown(SAM)) == wanted
        assert len({mail.raw for mail in stage.sandbox.mails(SAM)}) == len(names)
