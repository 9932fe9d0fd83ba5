"""What operators and participants ask costs the same however much is stored, or reads no more of
it than an index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.ops import queries
from calsync.store import expired, metrics, status
from calsync.store.connect import accounts
from calsync.store.database import Db, Store, open_engine
from calsync.store.findings import record_warnings
from calsync.store.ledger import copies, deliveries, people, sessions
from calsync.store.ledger.rows import table
from calsync.store.queue import channels, slots, tellings
from calsync.store.records import hashes, older_versions, presence
from tests.bench.grown import grow
from tests.harness.ledgers import sqlite_ledger
from tests.harness.plans import scans, statements
from tests.harness.work import steps

FEW, MANY = 300, 3_000
PERSON = "p1@example.org"
IDS = [f"s{n}" for n in range(200)]
RECORDS = {one: "0" * 24 for one in IDS}


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sequence[Store]]:
    """Two ledgers on SQLite, with few and with many sessions. Nothing is committed to them."""
    folder, made = tmp_path_factory.mktemp("grown"), list[Store]()
    for count in (FEW, MANY):
        made.append(Store(open_engine(sqlite_ledger(folder / f"{count}.db"))))
        grow(made[-1], count)
    yield made
    for one in made:
        one.close()


def _in_other_zones(db: Db) -> None:
    """The data of the zone of all sessions has changed, and some were followed."""
    db.run(sa.update(table("booked_session")).values(time_zone="America/Toronto"))
    sessions.set_cursor(db, "platform", recompute_from=None)
    sessions.begin_recomputing(db, ["America/Toronto"])
    for _ in range(2):
        sessions.recomputed(db, "platform", sessions.recomputing(db, "platform", 10)[-1])


ASKED: dict[str, Callable[[Db], object]] = {
    "parked": lambda db: status.parked(db, 20),
    "stale": lambda db: status.stale(db, 20),
    "told": lambda db: tellings.open_ones(db, 20),
    "overdue": status.overdue_since,
    "due": channels.anything_due,
    "to inspect": lambda db: channels.to_inspect(db, ["google"]),
    "to tell": lambda db: tellings.due(db, 100),
    "reaped": slots.reap,
    "known records": lambda db: hashes.to_read(db, "platform", "default", RECORDS),
    "sessions of a page": lambda db: sessions.stored(db, "default", IDS),
    "deliveries of a page": lambda db: deliveries.of_sessions(db, "default", IDS),
    "sessions that are back": lambda db: presence.sighted(db, "default", IDS),
    "older versions": lambda db: older_versions.drop(db, "default", IDS),
    "warnings": lambda db: record_warnings.store(db, "default", "platform", IDS, {}),
    "accounts": lambda db: accounts.of_emails(db, "default", IDS),
    "records put right": lambda db: sessions.take_back(db, "platform", IDS),
    "planned": deliveries.with_work,
    "a person's sessions": lambda db: people.sessions_ahead(db, "default", [PERSON]),
    "a person's accounts": lambda db: copies.wake_in_accounts(db, "default", [PERSON]),
    "content that expired": lambda db: expired.blank_content(db, db.now - timedelta(days=300)),
    "lines that expired": lambda db: expired.drop_lines(db, db.now - timedelta(days=300)),
    "facts that expired": lambda db: expired.drop_facts(db, db.now - timedelta(days=300)),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_asked_costs_the_same_however_much_is_stored(
    ledgers: Sequence[Store], asked: str
) -> None:
    few, many = (steps(store, ASKED[asked]) for store in ledgers)

    assert many <= few * 1.3 + 100


def test_a_round_of_asking_costs_the_same_however_many_sessions_end_at_once(
    ledgers: Sequence[Store],
) -> None:
    def at_once(db: Db) -> None:
        c = table("booked_session").c
        end = db.now + timedelta(days=30)
        db.run(sa.update(c.id.table).where(c.ends_at > db.now).values(starts_at=end, ends_at=end))

    def ask(db: Db) -> None:
        (first,) = presence.next_later(db, "platform", None, timedelta(days=2), 1)
        after = presence.position([first])
        (second,) = presence.next_later(db, "platform", after, timedelta(days=2), 1)
        assert first["id"] < second["id"]

    few, many = (steps(store, ask, after=at_once) for store in ledgers)

    assert many <= few * 1.3 + 100


def test_sessions_in_zones_whose_data_changed_are_followed_page_by_page(
    ledgers: Sequence[Store],
) -> None:
    def page(db: Db) -> None:
        assert len(sessions.recomputing(db, "platform", 10)) == 10

    few, many = (steps(store, page, after=_in_other_zones) for store in ledgers)

    assert many <= few * 1.3 + 100


@pytest.mark.parametrize("ask", [queries.current, metrics.figures], ids=["status", "metrics"])
def test_counts_are_read_from_indexes_alone(
    ledgers: Sequence[Store], ask: Callable[[Db], object]
) -> None:
    store = ledgers[-1]
    with store.read() as db:
        with statements(db.conn) as asked:
            ask(db)
        assert len(asked) > 5
        whole = [step for text in asked for step in scans(db.conn, text, asked[text])]

    assert whole == []
