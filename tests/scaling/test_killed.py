"""Daemons that are killed lose and double nothing: what `make reliability` does, in small."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.ground import a_sandbox
from tests.scaling.crowd import Crowd, Killing, Size

DAEMONS = 3
SMALL = Size(sessions=50, people=50, a_tick=10, mail=False)


@pytest.mark.full
@pytest.mark.timeout(600)
def test_daemons_killed_one_after_the_other_lose_and_double_nothing(
    tmp_path: Path, postgres_ledger_url: str
) -> None:
    with a_sandbox() as sandbox:
        crowd = Crowd(tmp_path, sandbox, database={"database": postgres_ledger_url}, size=SMALL)
        crowd.connect()
        run = crowd.work(DAEMONS, Killing())
    assert run.killed > 0
    assert run.tally.events == 100
    assert run.tally.clean, run.tally
