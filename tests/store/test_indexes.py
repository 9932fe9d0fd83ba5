"""Every index is read by some question, and no question reads a growing table from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType

import pytest

from calsync.core.ledger import DeliveryKey
from calsync.core.upcoming.rules import UpcomingRules
from calsync.store import expired, retention, status
from calsync.store.connect import accounts, leaving, operators, visits
from calsync.store.database import Db, Store, open_engine
from calsync.store.ledger import (
    batches,
    copies,
    deliveries,
    journal,
    notices,
    people,
    recovery,
    sessions,
)
from calsync.store.queue import channels, tellings
from calsync.store.records import by_start, older_versions
from calsync.store.tables.proofs import Table
from calsync.store.upcoming import due
from tests.bench.grown import grow
from tests.harness.ledgers import postgres_ledger, sqlite_ledger
from tests.harness.plans import scans, statements, steps_of
from tests.postgres import Cluster

SESSIONS, PERSON, LEASE = 300, "p1@example.org", timedelta(minutes=1)
Question = Callable[[Db], object]


def _blanked(db: Db) -> object:
    return expired.blank_content(db, db.now - timedelta(days=30))


def _upcoming(db: Db) -> object:
    due.longest(db, "default", UpcomingRules())
    due.deliveries(db, "default", timedelta(days=1))
    return due.any_due(db, "default", timedelta(days=1))


def _nobody(db: Db) -> object:
    return sessions.without_people(db, "platform", db.now, 5)


def _forgotten(db: Db) -> None:
    row = deliveries.get(db, DeliveryKey("default", "s1", "p1"))
    assert row is not None
    retention.forget_delivery(db, row, "somebody")


# One question for each index: without it the question would read the whole table, or more of it.
READ_BY: Mapping[str, Question] = MappingProxyType(
    {
        "ix_account_check": lambda db: accounts.to_check(db, 5),
        "ix_account_leaving": leaving.cleared,
        "ix_account_tenant_email": lambda db: accounts.of_emails(db, "default", [PERSON]),
        "ix_arrival_expires_at": visits.purge,
        "ix_attempt_copy": lambda db: status.answers(db, 1, db.now),
        "ix_attempt_kept": _blanked,
        "ix_batch_state": batches.held,
        "ix_batch_tenant_closed": lambda db: batches.touched(db, "default"),
        "ix_booked_session_ahead": lambda db: sessions.count_ahead(db, "platform", "default"),
        "ix_booked_session_kept": _blanked,
        "ix_booked_session_nobody": _nobody,
        "ix_booked_session_stale": lambda db: status.stale(db, 5),
        "ix_booked_session_tenant_program": lambda db: sessions.knows_program(db, "p"),
        "ix_booked_session_tenant_starts_at_id": lambda db: by_start.starting(
            db, "default", by_start.Starting(start=db.now), 5
        ),
        "ix_booked_session_upcoming": _upcoming,
        "ix_booked_session_zone": sessions.zones_ahead,
        "ix_consent_expires_at": visits.purge,
        "ix_copy_account": lambda db: copies.wake_in_accounts(db, "default", [PERSON]),
        "ix_copy_handed_to": lambda db: copies.wake_in_accounts(db, "default", [PERSON]),
        "ix_copy_state": status.copy_counts,
        "ix_delivery_ahead": status.delivery_counts,
        "ix_delivery_announced": status.delivery_counts,
        "ix_delivery_batched": status.delivery_counts,
        "ix_delivery_claim": status.overdue_since,
        "ix_delivery_failing": lambda db: status.late(db, db.now + timedelta(days=1), 5),
        "ix_delivery_inspect": lambda db: channels.to_inspect(db, ["google"]),
        "ix_delivery_kept": _blanked,
        "ix_delivery_look": lambda db: recovery.listed(db, "a1"),
        "ix_delivery_parked": lambda db: status.parked(db, 5),
        "ix_delivery_person": lambda db: people.sessions_ahead(db, "default", [PERSON]),
        "ix_delivery_tell": lambda db: tellings.due(db, 5),
        "ix_delivery_told": lambda db: tellings.open_ones(db, 5),
        "ix_delivery_unasked": _upcoming,
        "ix_delivery_upcoming": _upcoming,
        "ix_fact_at": lambda db: expired.drop_facts(db, db.now),
        "ix_fact_delivery": _forgotten,
        "ix_journal_alerts": lambda db: journal.alerts(db, 5),
        "ix_journal_at": lambda db: journal.since(db, "decision_failed", db.now),
        "ix_journal_delivery": _forgotten,
        "ix_notice_kept": _blanked,
        "ix_notice_state_due_at": lambda db: notices.claim(db, LEASE),
        "ix_older_version_source": older_versions.counts,
        "ix_operator_visit_expires_at": operators.purge,
        "ix_slot_account": lambda db: accounts.by_ids(db, ["a1"]),
        "ix_slot_due": channels.anything_due,
        "ix_slot_failing": status.failing_channels,
        "ix_visit_expires_at": visits.purge,
    }
)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def grown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A ledger of each kind with many sessions. Nothing is committed to it."""
    if request.param == "sqlite":
        yield from _grown(sqlite_ledger(tmp_path_factory.mktemp("grown") / "calsync.db"))
        return
    cluster: Cluster = request.getfixturevalue("ledger_cluster")
    with postgres_ledger(cluster) as url:
        yield from _grown(url)


def _grown(url: str) -> Iterator[Store]:
    store = Store(open_engine(url))
    grow(store, SESSIONS)
    yield store
    store.close()


def asked(store: Store, question: Question) -> dict[str, object]:
    """The statements of a question, whose work is rolled back."""
    with store.read() as read:
        now = read.now
    with store.engine.connect().execution_options(calsync_write=True) as conn, conn.begin() as work:
        with statements(conn) as found:
            question(Db(conn, now))
        work.rollback()
    return found


def test_some_question_is_known_for_every_index() -> None:
    """One that nothing is looked for by costs every write and helps nobody: drop it."""
    indexes = {one.name for known in Table.metadata.sorted_tables for one in known.indexes}

    assert READ_BY.keys() == {name for name in indexes if name and not name.startswith("uq_")}


@pytest.mark.parametrize("index", READ_BY)
def test_the_question_of_an_index_reads_by_it(grown: Store, index: str) -> None:
    found = asked(grown, READ_BY[index])
    with grown.engine.connect() as conn:
        if conn.dialect.name == "sqlite":  # PostgreSQL takes another one while tables are small
            steps = [step for text in found for step in steps_of(conn, text, found[text])]
            assert [step for step in steps if f"INDEX {index}" in step]
        read_whole = {text: scans(conn, text, values) for text, values in found.items()}

    assert {text: steps for text, steps in read_whole.items() if steps} == {}
