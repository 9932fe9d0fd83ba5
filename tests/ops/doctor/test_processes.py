"""The doctor compares what all processes that run may open with what PostgreSQL allows."""

from __future__ import annotations

import pytest

from calsync.ops.doctor import ledger
from calsync.ops.doctor.registry import CheckAnswer
from calsync.ops.results.surroundings import Surroundings
from calsync.store.engine.connections import ConnectionUse
from tests.harness.platform import Platform


def answers(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, use: ConnectionUse
) -> list[CheckAnswer]:
    found = Surroundings(connections=use, wanted=36)
    monkeypatch.setattr(ledger, "surroundings", lambda *_: found)
    checks = ledger.ledger_checks(platform.context)
    (check,) = (one for one in checks if one.checked == "connections")
    return list(check.run())


@pytest.mark.parametrize("ledger_url", ["sqlite"], indirect=True)
def test_two_daemons_and_a_web_process_are_more_than_postgresql_allows_by_default(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(use: ConnectionUse) -> tuple[str, str, str]:
        (one,) = answers(platform, monkeypatch, use)
        return str(one.verdict), one.text, one.todo

    verdict, text, todo = told(ConnectionUse(97, 56, processes=3, wanted=108))
    assert verdict == "warning"
    assert text == (
        "56 of 97 connections are free, but the 3 processes that are running open up to 108 "
        "together: when all are busy at once, work waits or fails"
    )
    assert todo.startswith("raise max_connections")
    assert told(ConnectionUse(97, 70, processes=2, wanted=72))[:2] == (
        "ok",
        "70 of 97 connections are free; the 2 processes that are running open up to 72 together",
    )
    assert told(ConnectionUse(97, 90, processes=1, wanted=36))[1].endswith(
        "one process opens up to 36"
    )
