"""What the end of a group asks the server: as often for many answers as for few."""

from __future__ import annotations

from typing import Any

import pytest

from calsync.core.booked import Participant
from calsync.delivery import dispatch
from calsync.delivery.dispatch import Dispatcher
from calsync.store.engine import texts
from tests.harness.platform import Platform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(8)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question in the order in which they are asked; many rows of values are one."""
    found: list[str] = []

    def told(name: str) -> None:
        real = getattr(texts, name)

        def asking(conn: Any, text: texts.Text, rows: Any) -> Any:
            before, answer = len(found), real(conn, text, rows)
            found[before:] = [text.text]  # SQLite, which is no server, is asked for each by itself
            return answer

        monkeypatch.setattr(texts, name, asking)

    told("run")
    told("first_of_each")
    return found


@pytest.mark.parametrize("calendars", [True, False])
def test_four_answers_are_stored_with_as_many_questions_as_two(
    platform: Platform, asked: list[str], monkeypatch: pytest.MonkeyPatch, *, calendars: bool
) -> None:
    for one in PEOPLE if calendars else ():
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in PEOPLE))
    monkeypatch.setattr(dispatch, "LINGER", 0.0)
    monkeypatch.setattr(dispatch, "AHEAD_SECONDS", 1000.0)
    dispatcher = Dispatcher(platform.deliverer, workers=4)
    counts = []
    for answers in (2, 4):
        dispatcher.wake()
        dispatcher.step(lambda: ["default"])
        for _ in range(answers):
            assert dispatcher.work_one()
        asked.clear()
        dispatcher.step(lambda: [])  # claims nothing
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 11
