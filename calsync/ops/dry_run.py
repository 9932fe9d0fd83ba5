"""Trying out: the same code on the same rows, and everything rolled back at the end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from calsync.ports import Page, SessionSource
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


@dataclass(slots=True)
class ReadSource:
    """A source that was read already, so that no transaction waits for it."""

    name: str
    tenant: str
    pages: Sequence[Page]

    def changes(self, cursor: str | None) -> Iterator[Page]:
        del cursor
        yield from self.pages

    def sweep(self) -> Iterator[Page]:
        yield from ()

    def present(self, ids: Sequence[str]) -> set[str] | None:
        return None


def read(source: SessionSource, cursor: str | None) -> ReadSource:
    """Everything the source has now. Raises SourceError."""
    return ReadSource(source.name, source.tenant, tuple(source.changes(cursor)))
