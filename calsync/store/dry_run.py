"""Trying out: the same code on the same rows, and everything rolled back at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from calsync.store.database import Db, Store, open_engine

T = TypeVar("T")


class _RolledBack(Exception):  # noqa: N818  (it ends a transaction, nothing failed)
    pass


class DryStore(Store):
    """A store whose every transaction is a part of one that is never committed."""

    def __init__(self, store: Store, db: Db) -> None:
        super().__init__(store.engine, store.shift)
        self._db = db

    @contextmanager
    def write(self) -> Iterator[Db]:
        with self._db.conn.begin_nested():
            yield self._db

    @contextmanager
    def read(self) -> Iterator[Db]:
        yield self._db


def rolled_back(store: Store, work: Callable[[DryStore], T]) -> T:
    """The result of `work` on a store where nothing it writes remains. It must make no call."""
    if not store.sqlite:
        return _rolled_back(store, work)
    with _copied(store) as copy:
        return _rolled_back(copy, work)


@contextmanager
def _copied(store: Store) -> Iterator[Store]:
    """The SQLite file as it is now, copied: it has one write lock for everybody, and a long plan
    must not hold that."""
    with TemporaryDirectory(prefix="calsync-plan-") as folder:
        file = Path(folder) / "plan.db"
        with (
            closing(sqlite3.connect(str(store.engine.url.database))) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
        copy = Store(open_engine(f"sqlite:///{file}"), store.shift)
        try:
            yield copy
        finally:
            copy.close()


def _rolled_back(store: Store, work: Callable[[DryStore], T]) -> T:
    results: list[T] = []
    try:
        with store.write() as db:
            results.append(work(DryStore(store, db)))
            raise _RolledBack
    except _RolledBack:
        return results[0]
