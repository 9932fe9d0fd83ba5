"""Calendars that are lost, many at once too, cannot be used, or whose provider asks for a break."""

from __future__ import annotations

from calsync.accounts import reroute
from calsync.core.account import AccountState
from calsync.store.connect import accounts
from calsync.store.queue import pauses
from tests.crash.scenarios import Scenario, connected_since_a_restore, delivered, updated_once
from tests.crash.stage import MAYA, Stage


def unusable(stage: Stage) -> None:
    """Maya's calendar could not be written yesterday."""
    with stage.in_process() as made, made.context.store.write() as db:
        reroute.lose(made.context, db, stage.account, AccountState.UNUSABLE, "404 calendar")
    delivered(stage)
    assert stage.mailed(MAYA) == ["REQUEST"]
    stage.later(hours=25)


def still_unusable(stage: Stage) -> None:
    unusable(stage)
    stage.sandbox.fail({"path_contains": "/calendars/"}, status=503, times=None)


def usable_tomorrow(stage: Stage) -> None:
    stage.once()
    assert stage.ours(MAYA) == [False]
    assert stage.mailed(MAYA) == ["REQUEST"]
    stage.sandbox.clear_faults()
    stage.later(hours=25)
    stage.done()
    usable(stage)


def usable(stage: Stage) -> None:
    stage.once()
    assert stage.ours(MAYA) == [True]


def many_lost(stage: Stage) -> None:
    """Maya's calendar is one of many that were lost at once."""
    delivered(stage)
    with stage.in_process() as made, made.context.store.write() as db:
        accounts.set_state(db, stage.account, AccountState.RECONNECT, "invalid_grant")
        pauses.stop(db, "default", "google", "incident", "many accounts lost")


def mailed_instead(stage: Stage) -> None:
    """What stands in the lost calendar is right until the session moves."""
    assert "REQUEST" not in stage.mailed(MAYA)
    stage.move()
    stage.later(minutes=10)
    stage.done()
    assert stage.mailed(MAYA).count("REQUEST") == 1


def listed_in_a_break(stage: Stage) -> None:
    connected_since_a_restore(stage)
    stage.sandbox.fail({"path_contains": "/calendars/"}, status=429, times=None)


def break_is_over(stage: Stage) -> None:
    stage.sandbox.clear_faults()
    stage.later(hours=2)
    stage.done()
    updated_once(stage)


LOST = (
    Scenario(("probe", "usable_again"), unusable, usable),
    Scenario(("still_unusable",), still_unusable, usable_tomorrow),
    Scenario(("serve_by_mail",), many_lost, mailed_instead, "resume"),
    Scenario(("listing_failed",), listed_in_a_break, break_is_over),
)
