"""What a provider was seen to do is stored as soon as the test of it has ended, or by the next."""

from __future__ import annotations

from calsync.store.findings import proofs
from tests.crash.scenarios import Scenario
from tests.crash.stage import MAYA, Stage


def connected(stage: Stage) -> str:
    return stage.account


def proven_and_nothing_left(stage: Stage) -> None:
    with stage.in_process() as made, made.context.store.read() as db:
        assert ("default", "google", "if_match") in proofs.proven(db)
    assert stage.shown(MAYA) == []


PROVEN = (Scenario(("live", "remember_proofs"), connected, proven_and_nothing_left, "prove"),)
