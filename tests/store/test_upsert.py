"""Rows inserted one by one and several at once mean the same, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.errors import DatabaseError
from calsync.store.database import Db, Store, open_engine
from calsync.store.ledger.rows import table
from calsync.store.upsert import insert, upsert
from tests.harness.counted import counted

AT = datetime(2026, 11, 28, 9, 30, 0, 250_000, tzinfo=UTC)
ODD = 'a "quoted" \\u00e9 é\u2028\\ line\nand tab\t😀'
MANY = 10  # psycopg prepares a statement that it has run five times


@pytest.fixture
def store(ledger_url: str) -> Iterator[Store]:
    made = Store(open_engine(ledger_url))
    yield made
    made.close()


@pytest.fixture
def db(store: Store) -> Iterator[Db]:
    with store.write() as db:
        yield db


def copy_row(n: int, **more: Any) -> dict[str, Any]:
    """With text, bytes, numbers, truth, instants and nothing."""
    return {
        **{
            "tenant": "t",
            "session": "s",
            "participant": "p",
            "n": n,
            "uid": ODD,
            "channel": "mail",
        },
        **{"address": "", "place_key": "k", "state": "live", "content": b"\x00\\\xff\x01"},
        **{
            "holds": False,
            "sequence": 2**31 - 1,
            "look_at": AT,
            "changed_at": AT,
            "revision": None,
        },
        **more,
    }


def copies(db: Db) -> list[dict[str, Any]]:
    return db.all(sa.select(table("copy")).order_by(table("copy").c.n))


@pytest.mark.parametrize("write", [insert, upsert])
def test_several_rows_are_stored_as_one_is(db: Db, write: Any) -> None:
    write(db, table("copy"), [copy_row(1)])
    write(db, table("copy"), [copy_row(2), copy_row(3)])
    one, *others = copies(db)
    assert one["content"] == b"\x00\\\xff\x01"
    assert (one["uid"], one["look_at"], one["generation"], one["replace"]) == (ODD, AT, 0, False)
    assert [{**row, "n": 1} for row in others] == [one, one]


def test_nothing_is_written_of_no_rows(db: Db) -> None:
    insert(db, table("copy"), [])
    upsert(db, table("copy"), [])
    assert copies(db) == []


@pytest.mark.parametrize("extra", [[], [copy_row(2)]])
def test_where_a_key_exists_the_named_columns_are_set_or_the_row_stays(
    db: Db, extra: list[dict[str, Any]]
) -> None:
    upsert(db, table("copy"), [copy_row(1)])
    upsert(db, table("copy"), [copy_row(1, state="gone", uid="other"), *extra])
    assert (copies(db)[0]["state"], copies(db)[0]["uid"]) == ("live", ODD)
    upsert(db, table("copy"), [copy_row(1, state="gone", uid="other"), *extra], ["state"])
    assert (copies(db)[0]["state"], copies(db)[0]["uid"]) == ("gone", ODD)


def test_an_instant_is_stored_whatever_its_zone_and_refused_without_one(db: Db) -> None:
    far = timezone(timedelta(hours=5, minutes=30))
    limiter = table("limiter")
    upsert(db, limiter, [{"key": "a", "tat": AT}, {"key": "b", "tat": AT.astimezone(far)}])
    assert {row["tat"] for row in db.all(sa.select(limiter))} == {AT}
    with pytest.raises(ValueError, match="without a zone"):
        upsert(db, limiter, [{"key": "c", "tat": AT}, {"key": "d", "tat": AT.replace(tzinfo=None)}])


def test_numbers_are_given_in_the_order_of_the_rows(db: Db) -> None:
    lines = [{"at": AT, "tenant": "t", "what": f"{n}"} for n in range(MANY)]
    insert(db, table("journal"), lines)
    journal = table("journal")
    found = db.all(sa.select(journal.c.what, journal.c.detail).order_by(journal.c.id))
    assert [(row["what"], row["detail"]) for row in found] == [(f"{n}", "") for n in range(MANY)]


def test_rows_are_one_question_of_one_value_for_postgresql(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    with store.write() as db:
        monkeypatch.setattr(
            "calsync.store.engine.texts.run", lambda _conn, text, rows: asked.append((text, rows))
        )
        with pytest.raises(AttributeError):  # of what the driver did not do
            upsert(db, table("limiter"), [{"key": f"{n}", "tat": AT} for n in range(MANY)], ["tat"])
    ((text, rows),) = asked
    assert len(text.parameters) == (1 if db.postgres else 2)
    assert isinstance(rows, dict) == db.postgres


def test_a_column_that_is_added_meanwhile_disturbs_no_prepared_statement(store: Store) -> None:
    limiter = table("limiter")
    for n in range(MANY):
        with store.write() as db:
            upsert(db, limiter, [{"key": f"{n} {m}", "tat": AT} for m in range(2)], ["tat"])
        if n == MANY - 2:
            with store.write() as db:
                db.run(sa.text("ALTER TABLE limiter ADD COLUMN more TEXT"))
    with store.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(limiter)) == 2 * MANY


def test_whoever_listens_to_statements_hears_them(db: Db) -> None:
    with counted() as counts:
        upsert(db, table("limiter"), [{"key": f"{n}", "tat": AT} for n in range(MANY)], ["tat"])
    assert counts.asked == 1


def test_what_no_column_holds_is_an_error_of_ours(store: Store) -> None:
    lines = [{"at": AT, "tenant": "t", "what": None} for _ in range(2)]
    with pytest.raises(DatabaseError), store.write() as db:
        insert(db, table("journal"), lines)
