"""What a group asks the server: as often for many answers and claims as for few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from calsync.core.booked import Participant
from calsync.core.ledger import Rate
from calsync.delivery import dispatch
from calsync.delivery.dispatch import Dispatcher
from calsync.store.engine import texts
from calsync.store.queue import slots
from tests.harness.platform import Platform
from tests.harness.platform_fixtures import MakePlatform

PEOPLE = [Participant(f"p-{n}", f"P {n}", f"p{n}@example.org") for n in range(18)]


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
    told("all_of_each")
    return found


def booked(platform: Platform, people: Sequence[Participant], *, calendars: bool) -> None:
    """A session for each of them."""
    for one in people if calendars else ():
        platform.connect(one.email)
    platform.book(*(platform.a_session(f"s-{one.id}", participants=(one,)) for one in people))


@pytest.mark.parametrize("calendars", [True, False])
def test_four_answers_are_stored_with_as_many_questions_as_two(
    platform: Platform, asked: list[str], monkeypatch: pytest.MonkeyPatch, *, calendars: bool
) -> None:
    booked(platform, PEOPLE[:8], calendars=calendars)
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


@pytest.mark.parametrize("calendars", [True, False])
def test_sixteen_deliveries_are_claimed_with_as_many_questions_as_two(
    make_platform: MakePlatform,
    asked: list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    calendars: bool,
) -> None:
    monkeypatch.setattr(dispatch, "FIRST", 16)
    rates = {"google": Rate(600, 60), "mail": Rate(600)}
    platform = make_platform(rates=rates)
    platform.calendar.able = replace(platform.calendar.able, names_zones=True)
    booked(platform, PEOPLE, calendars=calendars)
    with platform.store.write() as db:
        slots.ensure(db, "default", "mail", None, lanes=len(PEOPLE))
    counts = []
    for workers in (1, 8):  # and as many ahead
        asked.clear()
        assert Dispatcher(platform.deliverer, workers).step(lambda: ["default"]) == 2 * workers
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 16  # with the one that begins the transaction


@pytest.mark.parametrize("calendars", [True, False])
def test_an_answer_writes_no_column_of_a_copy_that_it_does_not_change(
    platform: Platform, asked: list[str], *, calendars: bool
) -> None:
    booked(platform, PEOPLE[:1], calendars=calendars)
    dispatcher = Dispatcher(platform.deliverer, workers=1)
    assert dispatcher.step(lambda: ["default"]) == 1
    assert dispatcher.work_one()
    asked.clear()
    dispatcher.step(lambda: [])
    (written,) = [one.partition(" WHERE ")[0] for one in asked if one.startswith("UPDATE copy ")]
    assert "state" in written
    assert not [name for name in ("place_key", "holds", "account", "uid") if name in written]
