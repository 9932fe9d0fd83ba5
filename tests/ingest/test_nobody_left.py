"""A session that had people and for which none is listed: a person decides, nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.ingest.poll import Poller
from calsync.ops import queries
from calsync.ops.questions.explain import explain
from calsync.store.ledger import batches, sessions
from calsync.store.ledger.batches import Held
from tests.harness.platform import Platform
from tests.ingest.test_sql_polls import a_crm, a_poller, attend, wanted
from tests.sources.platform import Platform as Crm

SHOWN = 40  # of twenty sessions with two people each


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[Crm]:
    made = a_crm(tmp_path)
    yield made
    made.engine.dispose()


@pytest.fixture
def poller(platform: Platform, crm: Crm) -> Poller:
    """The twenty sessions are read and delivered."""
    made = a_poller(platform, crm)
    assert made.run_once().error is None
    platform.deliver()
    assert (wanted(platform), len(platform.mail.sent)) == (SHOWN, SHOWN)
    return made


def touch(crm: Crm, where: str = "true") -> None:
    crm.run(f"UPDATE s SET updated_at = datetime('now') WHERE {where}")


def lose(crm: Crm, where: str) -> None:
    """The participants of these sessions are deleted, and the sessions are touched."""
    crm.run(f"DELETE FROM a WHERE {where}")
    touch(crm, where.replace("booking_id", "id"))


def held(platform: Platform) -> list[Held]:
    with platform.store.read() as db:
        return batches.held(db)


def decide(platform: Platform, *, reject: bool = False) -> None:
    with platform.store.write() as db:
        (one,) = batches.held(db)
        batches.decide(db, one.id, one.checksum, reject=reject)


def test_a_session_whose_people_are_gone_stays_until_somebody_approves(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "booking_id = 7")
    done = poller.run_once()
    platform.deliver()
    assert (done.error, done.refused) == (None, 1)
    (one,) = held(platform)
    assert (one.counts, one.sessions) == ({"nobody_left": 2}, ["7"])
    assert len(platform.mail.sent) == SHOWN

    told = queries.status(platform.context)
    assert [one.session for one in told.stale] == ["7"]
    assert "nobody is listed for it any more" in told.stale[0].reason
    assert [(one.record, one.field) for one in told.set_aside] == [("7", "participants")]
    story = explain(platform.context, "7", None, None)
    assert story.stale == told.stale[0].reason

    decide(platform)
    platform.deliver()
    assert [one["method"] for one in platform.mail.sent[SHOWN:]] == ["CANCEL", "CANCEL"]
    assert poller.sweep().error is None
    assert held(platform) == []


def test_people_who_are_listed_again_end_the_question_and_hear_nothing(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "booking_id < 4")
    poller.run_once()
    assert held(platform)[0].counts == {"nobody_left": 6}
    crm.run("DELETE FROM a")
    attend(crm)
    poller.run_once()
    platform.deliver()

    assert held(platform) == []
    assert len(platform.mail.sent) == SHOWN
    told = queries.status(platform.context)
    assert (told.stale, told.set_aside) == ([], [])


def test_a_rejected_withdrawal_is_not_asked_for_again(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "booking_id = 7")
    poller.run_once()
    decide(platform, reject=True)
    for done in (poller.run_once(), poller.sweep()):
        assert done.error is None
    platform.deliver()

    assert held(platform) == []
    assert len(platform.mail.sent) == SHOWN


def test_a_complete_read_that_lists_nobody_at_all_has_failed(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "true")
    done = poller.sweep()
    assert done.error is not None
    assert "nobody is listed for any of the 20 sessions that are shown" in done.error
    assert (wanted(platform), held(platform)) == (SHOWN, [])
    with platform.store.write() as db:
        sessions.forget_cursors(db)
    done = poller.run_once()
    assert done.error is not None
    assert (wanted(platform), held(platform)) == (SHOWN, [])
    with platform.store.read() as db:
        row = sessions.cursor(db, "db")
    assert row is not None
    assert row["cursor"] is None  # read as a whole again


def test_a_read_of_changes_that_lists_nobody_does_not_fail(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "true")
    assert poller.run_once().error is None
    assert held(platform)[0].counts == {"nobody_left": SHOWN}
    assert poller.sweep().error is not None


def test_a_complete_read_that_still_lists_some_asks_about_the_others(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "booking_id > 1")
    assert poller.sweep().error is None
    assert held(platform)[0].counts == {"nobody_left": SHOWN - 2}


def test_a_record_that_says_nobody_is_taken_at_its_word(platform: Platform) -> None:
    session = platform.a_session()
    platform.book(session)
    platform.deliver()
    stamp = session.updated_at + timedelta(minutes=1)
    platform.book(replace(session, participants=(), updated_at=stamp))
    platform.deliver()

    assert held(platform) == []
    assert [one["method"] for one in platform.mail.sent] == ["REQUEST"] * 2 + ["CANCEL"] * 2


def test_a_session_that_never_had_people_is_no_question(platform: Platform, tmp_path: Path) -> None:
    crm = a_crm(tmp_path)
    crm.run("DELETE FROM a WHERE booking_id = 3")
    poller = a_poller(platform, crm)
    assert [poller.run_once().refused, poller.sweep().refused] == [0, 0]
    assert queries.status(platform.context).stale == []
    crm.engine.dispose()


def test_what_is_refused_here_stays_listed_after_a_sweep(
    platform: Platform, crm: Crm, poller: Poller
) -> None:
    lose(crm, "booking_id = 7")
    poller.run_once()
    poller.sweep()
    assert [one.record for one in queries.status(platform.context).set_aside] == ["7"]
