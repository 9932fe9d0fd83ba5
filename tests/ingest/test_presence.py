"""Rows that were deleted are missed within minutes, and what comes back is believed less."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.core.guard import Limits
from calsync.ingest.poll import Poller
from calsync.ops.questions.explain import explain
from calsync.store.ledger import batches
from tests.harness.platform import ListSource, Platform
from tests.harness.platform_fixtures import MakePlatform
from tests.ingest.test_sql_polls import a_crm, a_poller, wanted
from tests.sources.platform import Platform as Crm


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    made = a_crm(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def poller(platform: Platform, crm: Crm) -> Poller:
    made = a_poller(platform, crm)
    assert made.run_once().error is None
    return made


def journal(platform: Platform, session: str) -> list[str]:
    return [one.what for one in explain(platform.context, session, None, None).journal]


def test_a_deleted_row_is_withdrawn_at_the_second_poll_that_misses_it(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    crm.run("DELETE FROM s WHERE id = 7")
    for minutes in (1, 9):
        poller.run_once()
        assert wanted(platform) == 40
        platform.later(minutes=minutes)
    assert poller.run_once().changed == 2
    assert wanted(platform) == 38
    assert "session_vanished" in journal(platform, "7")


def test_a_row_that_came_back_is_from_then_on_missed_by_sweeps_only(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    crm.run("CREATE TABLE kept AS SELECT * FROM s WHERE id = 7")
    crm.run("DELETE FROM s WHERE id = 7")
    poller.run_once()
    crm.run("INSERT INTO s SELECT * FROM kept")
    poller.run_once()
    assert "session_returned" in journal(platform, "7")
    crm.run("DELETE FROM s WHERE id = 7")
    for _ in range(3):
        platform.later(minutes=11)
        poller.run_once()
    assert wanted(platform) == 40
    for _ in range(2):
        platform.later(hours=7)
        poller.sweep()
    assert wanted(platform) < 40


def test_an_empty_answer_is_believed_of_no_session(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    crm.run("DELETE FROM s")
    for _ in range(3):
        poller.run_once()
        platform.later(minutes=11)
    assert wanted(platform) == 40


def test_many_deleted_rows_are_held_as_inferred(make_platform: MakePlatform, crm: Crm) -> None:
    platform = make_platform()
    poller = a_poller(platform, crm)
    limits = Limits(1000, 1.0, max_inferred=10, max_first_mails=1000)
    ground = poller.intake.ground("default")
    poller.intake = replace(poller.intake, ground=lambda _: replace(ground, limits=limits))
    poller.run_once()
    platform.deliver()
    crm.run("DELETE FROM s WHERE id < 12")
    poller.run_once()
    platform.later(minutes=11)
    poller.run_once()
    with platform.store.read() as db:
        (held,) = batches.held(db)
    assert held.counts == {"inferred": 22}


class Asking(ListSource):
    """A source that notes what it is asked for, and has all of it."""

    asked: list[list[str]]

    def present(self, ids: Sequence[str]) -> set[str] | None:
        if ids:
            self.asked.append(list(ids))
        return set(ids)


def test_what_starts_soon_is_asked_for_each_time_and_the_rest_in_turn(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("calsync.ingest.presence.MOST", 4)
    source = Asking()
    source.asked = []
    day = timedelta(days=1)
    for n in range(7):
        start = platform.now + (n + 3) * day if n > 1 else platform.now + timedelta(hours=n + 1)
        session = platform.a_session(f"s{n}", starts_at=start, ends_at=start + day / 24)
        source.sessions.append(session)
    poller = platform.poller_of(source)
    for _ in range(4):
        poller.run_once()
    assert [sorted(one) for one in source.asked] == [
        ["s0", "s1", "s2", "s3"],
        ["s0", "s1", "s4", "s5"],
        ["s0", "s1", "s2", "s6"],
        ["s0", "s1", "s3", "s4"],
    ]


def test_a_source_that_cannot_tell_is_asked_nothing(platform: Platform) -> None:
    platform.book(platform.a_session())
    platform.source.sessions = []
    for _ in range(3):
        platform.poller.run_once()
        platform.later(minutes=11)
    assert wanted(platform) == 2
