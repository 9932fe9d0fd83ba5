"""A lease is free, taken, over or given back: the same in every table that has one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.store import lease, schema
from calsync.store.database import Db, Store, Utc, open_engine
from calsync.store.lease import Lease
from calsync.store.ledger.rows import table
from calsync.store.tables.proofs import Table

LEASES = [one for one in vars(lease).values() if isinstance(one, Lease)]
WHILE = timedelta(seconds=30)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    store = Store(open_engine(store_url))
    schema.upgrade(store)
    yield store
    store.close()


def a_row(db: Db, name: str) -> None:
    """Some row of this table, with nothing in the columns that may be empty."""
    values = ((Utc, db.now), (sa.Integer, 1), (sa.Boolean, False), (object, "x"))
    row = {
        one.name: next(value for kind, value in values if isinstance(one.type, kind))
        for one in table(name).columns
        if not one.nullable
    }
    if not db.scalar(sa.select(sa.func.count()).select_from(table(name))):
        db.run(sa.insert(table(name)), row)


def holds(db: Db, where: sa.ColumnElement[bool], name: str) -> bool:
    return bool(db.scalar(sa.select(sa.func.count()).select_from(table(name)).where(where)))


@pytest.mark.parametrize("one", LEASES, ids=lambda one: one.table)
def test_a_lease_is_free_before_it_is_taken_and_after_its_end(store: Store, one: Lease) -> None:
    with store.write() as db:
        a_row(db, one.table)
        assert holds(db, one.free(db.now), one.table)
        assert not holds(db, one.lasts(db.now), one.table)

        db.run(sa.update(table(one.table)).values(**one.taken("mine", db.now + WHILE)))
        assert not holds(db, one.free(db.now), one.table)
        assert holds(db, one.lasts(db.now), one.table)
        later = db.now + WHILE * 2
        assert holds(db, one.free(later), one.table)
        assert not holds(db, one.lasts(later), one.table)

        db.run(sa.update(table(one.table)).values(**one.given_back()))
        assert holds(db, one.free(db.now), one.table)


@pytest.mark.parametrize("one", LEASES, ids=lambda one: one.table)
def test_a_lease_is_mine_by_its_token_even_when_it_has_ended(store: Store, one: Lease) -> None:
    with store.write() as db:
        a_row(db, one.table)
        assert not holds(db, one.mine("mine"), one.table)
        db.run(sa.update(table(one.table)).values(**one.taken("mine", db.now - WHILE)))
        assert holds(db, one.mine("mine"), one.table)
        db.run(sa.update(table(one.table)).values(**one.taken("another's", db.now + WHILE)))
        assert not holds(db, one.mine("mine"), one.table)


def test_every_table_with_a_lease_is_named() -> None:
    ends = ("lease_until", "lock_until", "poll_until", "owner_until")
    known = {name for name, one in Table.metadata.tables.items() if any(e in one.c for e in ends)}
    assert known == {one.table for one in LEASES}


def test_no_two_leases_bear_the_same_token() -> None:
    assert len({lease.new_token() for _ in range(100)}) == 100
