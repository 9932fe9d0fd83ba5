"""The first import of many sessions asks the ledger by the page, not by the session."""

from __future__ import annotations

from contextlib import closing

import sqlalchemy as sa

from calsync.core.booked import BookedSession
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from tests.harness import counted
from tests.harness.platform import MAYA, SAM, Platform


def asked(platform: Platform, found: list[BookedSession]) -> int:
    """How many statements the poll takes that shows these sessions for the first time."""
    platform.source.sessions = found
    with counted.counted() as counts:
        assert platform.poller.run_once().news == len(found)
    return counts.asked


def test_a_page_of_new_sessions_takes_as_many_statements_as_one(platform: Platform) -> None:
    made = [platform.a_session(f"ses-{n:02}", participants=(MAYA, SAM)) for n in range(21)]
    asked(platform, made[:1])  # what is asked once
    one = asked(platform, made[1:2])
    assert asked(platform, made[2:]) <= one
    c = table("delivery").c
    with platform.store.read() as db:
        stored = db.all(sa.select(c.session, c.participant).order_by(c.session, c.participant))
        told = [journal.lines(db, "default", session.id) for session in made]
    wanted = {(session.id, person.id) for session in made for person in (MAYA, SAM)}
    assert {(row["session"], row["participant"]) for row in stored} == wanted
    assert {len([line for line in lines if line["what"] == "wanted"]) for lines in told} == {2}


def test_postgresqls_planner_knows_what_a_first_page_brought(postgres_ledger_url: str) -> None:
    with closing(Platform(postgres_ledger_url)) as platform:
        assert known_to_the_planner(platform) == set()
        asked(platform, [platform.a_session(participants=(MAYA, SAM))])
        assert known_to_the_planner(platform) == {"booked_session", "delivery"}


def known_to_the_planner(platform: Platform) -> set[str]:
    """Tables of whose tenants it knows anything; here it does not look for itself."""
    with platform.store.read() as db:
        found = db.all(sa.text("SELECT tablename FROM pg_stats WHERE attname = 'tenant'"))
    return {row["tablename"] for row in found}
