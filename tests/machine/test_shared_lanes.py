"""Whatever two processes do, no two mails are sent at once over one lane, and each is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from calsync.delivery import concurrency, dispatch, groups
from calsync.delivery.attempts import Call
from calsync.delivery.groups import Answered
from calsync.store.database import Db
from calsync.store.queue import claims, due
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import Platform
from tests.harness.platform_fixtures import (  # noqa: F401 - fixtures
    make_platform,
    no_call_inside_a_transaction,
    platform,
)
from tests.machine.ledger import BrokenError
from tests.machine.shared_lanes import ROW, SharedLanes

ACTS, MOST_ACTS = 60, 400
FINISH = groups.Groups._finish


def a_history(
    platform: Platform,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    *,
    orderly: bool = False,
) -> SharedLanes:
    """Mails share a lane however slow their server is; no time passes but by `later`."""
    platform.stop_clock(platform.clock())
    now = dispatch.time.monotonic()

    def later(seconds: float) -> None:
        nonlocal now
        now += seconds
        platform.later(seconds=seconds)

    monkeypatch.setattr(dispatch.time, "monotonic", lambda: now)
    monkeypatch.setattr(concurrency.MailPace, "row", lambda *_: ROW)
    return SharedLanes(platform, later, seed, orderly=orderly)


@pytest.mark.parametrize(
    "seed", [4, *(pytest.param(n, marks=pytest.mark.full) for n in range(5, 40))]
)
def test_no_two_mails_are_sent_at_once_over_a_lane_that_they_share(
    platform: Platform,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    history = a_history(platform, monkeypatch, seed)
    history.live(ACTS)
    assert len({lane for _, lane in history.begun}) > 1


def the_first_holds_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    def hold(db: object, lease: object, claimed: list[claims.Claim]) -> None:
        claims.lease(db, claimed[::-1], db.now + lease)  # type: ignore[arg-type, attr-defined]

    monkeypatch.setattr(due, "hold_lanes", hold)


def what_waits_frees_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency.InFlight, "is_called", lambda *_: False)


def what_needs_no_call_frees_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name: getattr(due, name) for name in ("Due", "take", "take_behind")}
    monkeypatch.setattr(groups, "due", SimpleNamespace(**names, hold_lanes=lambda *_: None))


def nobody_waits_for_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency.InFlight, "may_begin", lambda *_: True)


PLANTED = (  # and with which seed a history that shows it comes early
    (the_first_holds_the_lane, 5),
    (what_waits_frees_the_lane, 1),
    (what_needs_no_call_frees_the_lane, 5),
    (nobody_waits_for_the_lane, 2),
)


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.full) for n in range(2, 20))]
)
def test_where_nobody_is_killed_each_mail_is_sent_once_and_nothing_stays_claimed(
    platform: Platform,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    a_history(platform, monkeypatch, seed, orderly=True).live(ACTS)


def no_answer_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    def finish(group: groups.Groups, db: Db, _: Sequence[Answered], unsent: Sequence[Call]) -> None:
        FINISH(group, db, [], unsent)

    monkeypatch.setattr(groups.Groups, "_finish", finish)


def nothing_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def finish(group: groups.Groups, db: Db, answers: Sequence[Answered], _: object) -> None:
        FINISH(group, db, answers, [])

    monkeypatch.setattr(groups.Groups, "_finish", finish)


@pytest.mark.parametrize("plant", [no_answer_is_stored, nothing_goes_back])
def test_what_is_dropped_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    plant(monkeypatch)
    with closing(Platform(sqlite_ledger(tmp_path / "calsync.db"))) as made:
        history = a_history(made, monkeypatch, 1, orderly=True)
        with pytest.raises(BrokenError, match=r"too many|stays claimed"):
            history.live(ACTS)


@pytest.mark.parametrize(("plant", "seed"), PLANTED)
def test_a_planted_mistake_of_a_shared_lane_is_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plant: Callable[[pytest.MonkeyPatch], None],
    seed: int,
) -> None:
    plant(monkeypatch)
    with closing(Platform(sqlite_ledger(tmp_path / "calsync.db"))) as made:
        history = a_history(made, monkeypatch, seed)
        with pytest.raises(BrokenError, match="two mails at once"):
            history.live(MOST_ACTS)
