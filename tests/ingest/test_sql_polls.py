"""A platform's database, polled and swept into a real ledger: "no answer" is never "nobody"."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from calsync.ingest.poll import Poller
from calsync.sources.sql.source import SqlSource
from calsync.store.ledger.rows import table
from tests.harness.platform import Platform
from tests.sources.platform import Platform as Crm

QUERY = "SELECT *, 'booked' AS status FROM s"
PEOPLE = (
    "SELECT booking_id AS session_id, user_id AS id, name, email FROM a"
    " WHERE booking_id IN :session_ids"
)


def a_crm(folder: Path) -> Crm:
    """Twenty sessions of two people each, in the coming weeks; ids are numbers."""
    crm = Crm(f"sqlite:///{folder / 'crm.db'}")
    crm.run(
        "CREATE TABLE s (id integer primary key, updated_at text, starts_at text, ends_at text,"
        " time_zone text, title text)"
    )
    crm.run("CREATE TABLE a (booking_id integer, user_id int, name text, email text)")
    crm.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
        " INSERT INTO s SELECT i, datetime('now', '-1 day'), datetime('now', i || ' days'),"
        " datetime('now', i || ' days', '45 minutes'), 'UTC', 'Typ' FROM n"
    )
    attend(crm)
    return crm


def attend(crm: Crm) -> None:
    for n, name in ((1, "Maya"), (2, "Sam")):
        crm.run(f"INSERT INTO a SELECT id, {n}, '{name}', '{name}@home.example' FROM s")


def a_poller(platform: Platform, crm: Crm) -> Poller:
    source = SqlSource("db", "default", crm.url, QUERY, participants_query=PEOPLE)
    return platform.poller_of(source)


def wanted(platform: Platform) -> int:
    """Deliveries that somebody should see."""
    rows = table("delivery")
    with platform.store.read() as db:
        return len(db.all(sa.select(rows.c.session).where(rows.c.want == "present")))


def test_ids_that_become_text_withdraw_nobody(platform: Platform, tmp_path: Path) -> None:
    crm = a_crm(tmp_path)
    poller = a_poller(platform, crm)
    poller.run_once()
    assert wanted(platform) == 40
    crm.run("DROP TABLE a")
    crm.run("CREATE TABLE a (booking_id text, user_id int, name text, email text)")
    attend(crm)
    crm.run("UPDATE s SET updated_at = datetime('now'), title = 'New title'")
    for done in (poller.run_once(), poller.sweep()):
        assert (done.error, done.refused) == (None, 0)
        assert wanted(platform) == 40
    crm.engine.dispose()


def test_people_under_other_ids_withdraw_nobody(platform: Platform, tmp_path: Path) -> None:
    crm = a_crm(tmp_path)
    poller = a_poller(platform, crm)
    poller.run_once()
    crm.run("UPDATE a SET booking_id = 'ses-' || booking_id")
    crm.run("UPDATE s SET updated_at = datetime('now')")
    poller.source = SqlSource(  # it gives what it was not asked for
        "db", "default", crm.url, QUERY, participants_query=f"{PEOPLE} OR booking_id LIKE 'ses%'"
    )
    for done in (poller.run_once(), poller.run_once(), poller.sweep()):
        assert done.error is not None
        assert "'ses-1'" in done.error
        assert wanted(platform) == 40
    crm.run("UPDATE a SET booking_id = replace(booking_id, 'ses-', '')")
    assert poller.run_once().error is None
    assert wanted(platform) == 40
    crm.engine.dispose()
