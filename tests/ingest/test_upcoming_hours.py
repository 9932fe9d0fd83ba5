"""A program's hours are kept with its sessions; where none are said, a session is stored and
compared as versions wrote it that knew no such field: an upgrade alone is no news."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from calsync.core.booked import BookedSession, Program
from calsync.sources.records.record import parse
from calsync.store.ledger import sessions
from calsync.store.ledger.rows import table
from tests.harness.platform import Platform
from tests.sources.records import NOW, a_record


def with_program(session: BookedSession, hours: int | None) -> BookedSession:
    return replace(session, program=Program("prog-7", "Program", upcoming_hours=hours))


def test_a_session_without_hours_is_stored_as_before_and_one_with_them_is_news(
    platform: Platform,
) -> None:
    session = platform.a_session()
    for one in (with_program(session, None), with_program(session, 48)):
        assert sessions.from_json(sessions.to_json(one)) == one
    stored = json.loads(sessions.to_json(with_program(session, None)))
    assert set(stored["program"]) == {"id", "name", "kind", "discreet"}
    hashes = {sessions.content_hash(with_program(session, hours)) for hours in (None, 24, 48)}
    assert len(hashes) == 3
    without = replace(session, program=None)
    assert sessions.from_json(sessions.to_json(without)) == without


def test_the_hours_stand_beside_the_session_and_follow_it(platform: Platform) -> None:
    query = sa.select(table("booked_session").c.upcoming_hours)
    session = with_program(platform.a_session(), 48)
    for hours in (48, 12, None):
        session = platform.change(with_program(session, hours))
        with platform.store.read() as db:
            assert db.scalar(query) == hours


@pytest.mark.parametrize(
    ("said", "hours"), [(48, 48), ("48", 48), (None, None), (0, None), (169, None), ("soon", None)]
)
def test_hours_that_no_window_can_have_are_left_out_alone(said: object, hours: int | None) -> None:
    record = a_record(program={"id": "prog-7", "name": "Program", "upcoming_hours": said})
    session, warnings = parse(record, tenant="default", now=NOW)
    assert session.program is not None
    assert (session.program.id, session.program.upcoming_hours) == ("prog-7", hours)
    told = [str(one) for one in warnings]
    wrong = said is not None and hours is None
    assert ["program.upcoming_hours" in one for one in told] == [True] * wrong
