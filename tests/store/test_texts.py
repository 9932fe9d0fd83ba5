"""Statements as text on the driver's connection: what SQLAlchemy would run, read and raise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.errors import ConflictError, DatabaseError
from calsync.store.database import Db, Store, open_engine
from calsync.store.engine import texts
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once, instant
from tests.harness.counted import counted

AT = datetime(2026, 11, 28, 9, 30, 0, 250_000, tzinfo=UTC)
NEW = {"key": "a", "tat": AT}


@built_once
def added() -> sa.Insert:
    return sa.insert(table("limiter")).inline()


@built_once
def found() -> sa.Select[Any]:
    limiter = table("limiter").c
    return sa.select(limiter.key, limiter.tat, sa.literal(7).label("seven")).where(
        limiter.tat <= instant("until")
    )


@built_once
def moved() -> sa.Update:
    limiter = table("limiter")
    return sa.update(limiter).where(limiter.c.key == sa.bindparam("of_key"))


@built_once
def several() -> sa.Select[Any]:
    limiter = table("limiter").c
    return sa.select(limiter.key).where(limiter.key.in_(sa.bindparam("keys", expanding=True)))


@built_once
def attempted() -> sa.Insert:
    attempt = table("attempt")
    return sa.insert(attempt).returning(attempt.c.sends, attempt.c.conflict)


@pytest.fixture
def store(ledger_url: str) -> Iterator[Store]:
    made = Store(open_engine(ledger_url))
    yield made
    made.close()


@pytest.fixture
def db(store: Store) -> Iterator[Db]:
    with store.write() as db:
        yield db


def test_values_go_in_and_come_out_with_their_types(db: Db) -> None:
    assert db.write(added(), NEW) == 1
    assert texts.text_of(found(), db.conn, {"until": AT}) is not None
    row = {"key": "a", "tat": AT, "seven": 7}
    assert db.first(found(), {"until": AT}) == row
    assert db.all(found(), {"until": AT}) == [row]
    assert db.scalar(found(), {"until": AT}) == "a"
    assert db.one(found(), {"until": AT}) == row
    early = AT.replace(year=2025)
    assert (db.first(found(), {"until": early}), db.scalar(found(), {"until": early})) == (
        None,
    ) * 2


def test_an_instant_of_any_zone_is_kept_as_sqlalchemys_own_type_keeps_it(db: Db) -> None:
    for at in (AT.astimezone(timezone(timedelta(hours=5, minutes=30))), AT.replace(microsecond=0)):
        db.write(added(), {"key": str(at), "tat": at})
        limiter = sa.table(
            "limiter", sa.column("key"), sa.column("tat", sa.DateTime(timezone=True))
        )
        kept = db.scalar(sa.select(limiter.c.tat).where(limiter.c.key == str(at)))
        assert kept.replace(tzinfo=kept.tzinfo or UTC) == at
    with pytest.raises(ValueError, match="without a zone"):
        db.write(added(), {"key": "naive", "tat": AT.replace(tzinfo=None)})


def test_where_one_row_is_asked_for_several_are_a_mistake(db: Db) -> None:
    db.write(added(), [NEW, {"key": "b", "tat": AT}])
    with pytest.raises(sa.exc.MultipleResultsFound):
        db.one(found(), {"until": AT})


def test_the_names_of_values_say_what_an_update_sets(db: Db) -> None:
    db.write(added(), NEW)
    assert db.write(moved(), {"of_key": "a", "key": "b"}) == 1
    assert db.write(moved(), {"of_key": "b", "tat": AT.replace(year=2027)}) == 1
    assert db.write(moved(), {"of_key": "nobody", "key": "c"}) == 0
    until = {"until": AT.replace(year=2028)}
    assert db.all(found(), until) == [{"key": "b", "tat": AT.replace(year=2027), "seven": 7}]


def test_many_rows_of_values_are_one_call(db: Db) -> None:
    assert db.write(added(), [{"key": str(n), "tat": AT} for n in range(3)]) == 3
    assert db.write(added(), []) == 0
    assert len(db.all(found(), {"until": AT})) == 3


def test_a_column_that_is_not_named_gets_its_default(db: Db) -> None:
    key = {"tenant": "t", "session": "s", "participant": "p", "n": 1}
    call = {"do": "create", "version": 1, "channel": "google", "outcome": "open"}
    row = {**key, **call, "material_fp": "", "quiet_fp": "", "started": AT, "deadline": AT}
    assert texts.text_of(attempted(), db.conn, row) is not None
    assert db.first(attempted(), row) == {"sends": 1, "conflict": False}


def test_what_depends_on_its_values_is_run_by_sqlalchemy(db: Db) -> None:
    db.write(added(), NEW)
    assert texts.text_of(several(), db.conn, {"keys": ["a"]}) is None
    assert db.all(several(), {"keys": ["a", "b"]}) == [{"key": "a"}]


def test_what_was_not_built_once_is_run_by_sqlalchemy(db: Db) -> None:
    assert texts.text_of(sa.select(table("limiter").c.key), db.conn, {}) is None


def test_whoever_listens_to_statements_hears_them_all(db: Db) -> None:
    with counted() as counts:
        db.write(added(), NEW)
        assert db.first(found(), {"until": AT})
    assert counts.asked == 2


def test_a_value_that_is_missing_is_an_error(db: Db) -> None:
    with pytest.raises(KeyError, match="until"):
        db.all(found(), {})


def test_a_naive_datetime_is_refused(db: Db) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        db.all(found(), {"until": AT.replace(tzinfo=None)})


def twice(store: Store) -> None:
    with store.write() as db:
        db.write(added(), NEW)
        db.write(added(), NEW)


def test_what_a_unique_index_keeps_out_is_a_conflict_of_ours(store: Store) -> None:
    with pytest.raises(ConflictError):
        twice(store)
    with store.write() as db:
        assert db.all(found(), {"until": AT}) == []
        with pytest.raises(ConflictError), db.savepoint():
            db.write(added(), [NEW, NEW])
        assert db.write(added(), NEW) == 1


def cut_off(store: Store) -> None:
    """The server ends the connection of a transaction."""
    with store.write() as db:
        pid = db.scalar(sa.text("SELECT pg_backend_pid()"))
        with store.read() as other:
            other.scalar(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        db.first(found(), {"until": AT})


@pytest.mark.parametrize("ledger_url", ["postgres"], indirect=True)
def test_a_connection_that_is_lost_is_used_no_more(store: Store) -> None:
    with pytest.raises(DatabaseError) as lost:
        cut_off(store)
    assert lost.value.away
    with store.write() as db:
        assert db.all(found(), {"until": AT}) == []
