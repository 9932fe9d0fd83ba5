"""Sealing again: what an older key sealed gets the newest one, so that the old key can go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from calsync.errors import SealError
from calsync.store.connect import accounts, consents
from calsync.store.database import Db, Row, Store
from calsync.store.ledger import notices
from calsync.store.ledger.rows import attempt_place, copy_place, table
from calsync.store.upcoming import unsubscribed
from calsync.store.vault import Vault

Transact = Callable[[Callable[[Db], int]], int]
PAGE = 200  # values read, and then written, in one short transaction


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column of sealed values: for which purpose, and bound to which place in each row.
    `before_any`: its row is there before anything is sealed."""

    kind: str
    table: str
    column: str
    purpose: str
    place: Callable[[Mapping[str, Any]], str]
    before_any: bool = False


SEALED = (
    Sealed(
        "credentials", "account", "secret", "account", lambda r: accounts.place(r["id"], "secret")
    ),
    Sealed(
        "access tokens", "account", "token", "account", lambda r: accounts.place(r["id"], "token")
    ),
    Sealed("shown content", "copy", "content", "content", copy_place),
    Sealed("stored calls", "attempt", "wire", "wire", attempt_place),
    Sealed("consents", "consent", "sealed", "consent", lambda r: consents.place(r["id"])),
    Sealed("stored notices", "notice", "wire", "notice", notices.place),
    Sealed(
        "the secret of unsubscribe links",
        "instance",
        "unsubscribing",
        unsubscribed.PURPOSE,
        lambda _: unsubscribed.PLACE,
        before_any=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of one kind. `left` are still sealed with another key: no key listed opens them,
    or somebody wrote them with an older configuration meanwhile."""

    kind: str
    resealed: int
    left: int


def run(
    store: Store,
    vault: Vault,
    progress: Callable[[int], None] = lambda _: None,
    transact: Transact | None = None,
) -> list[Resealed]:
    """Seal everything with the newest key. Safe to repeat, to stop, and beside a running daemon:
    a value is replaced only while it is the one that was opened. `transact` replaces the store's
    own."""
    transact = transact or store.transact
    done: list[Resealed] = []
    for one in SEALED:
        before, count = sum(kind.resealed for kind in done), 0
        last: tuple[Any, ...] | None = None
        while rows := _page(store, vault, one, last):
            last = tuple(rows[-1][column.name] for column in table(one.table).primary_key)
            count += _replace(transact, vault, one, rows)
            progress(before + count)
        with store.read() as db:
            left = sa.select(sa.func.count()).select_from(table(one.table)).where(_old(vault, one))
            done.append(Resealed(one.kind, count, int(db.scalar(left))))
    return done


def _old(vault: Vault, one: Sealed) -> sa.ColumnElement[bool]:
    """The column holds a value that the newest key did not seal."""
    column = table(one.table).c[one.column]
    start = sa.func.substr(column, 1, len(vault.newest_header), type_=sa.LargeBinary)
    return sa.and_(column.is_not(None), start != vault.newest_header)


def _page(store: Store, vault: Vault, one: Sealed, last: tuple[Any, ...] | None) -> list[Row]:
    """The next rows by primary key; every column of it and what the place needs."""
    target = table(one.table)
    keys = list(target.primary_key)
    query = sa.select(target).where(_old(vault, one)).order_by(*keys).limit(PAGE)
    if last is not None:
        query = query.where(sa.tuple_(*keys) > last)
    with store.read() as db:
        return db.all(query)


def _replace(transact: Transact, vault: Vault, one: Sealed, rows: list[Row]) -> int:
    target = table(one.table)
    fresh: list[tuple[sa.ColumnElement[bool], bytes]] = []
    for row in rows:
        place, was = one.place(row), row[one.column]
        try:
            value = vault.open(one.purpose, place, was)
        except SealError:
            continue
        mine = [column == row[column.name] for column in target.primary_key]
        unchanged = sa.and_(*mine, target.c[one.column] == was)
        fresh.append((unchanged, vault.seal(one.purpose, place, value)))

    def work(db: Db) -> int:
        return sum(
            int(db.run(sa.update(target).where(where).values({one.column: value})).rowcount)
            for where, value in fresh
        )

    return transact(work)
