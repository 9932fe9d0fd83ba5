"""Trying out: the same code on the same rows, and everything rolled back at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from calsync.ports import Page, SessionSource
from calsync.store.database import Db, Store

T = TypeVar("T")


class _RolledBack(Exception):  # noqa: N818  (it ends a transaction, nothing failed)
    pass


class DryStore(Store):
    """A store whose every transaction is a part of one that is never committed."""

    def __init__(self, store: Store, db: Db) -> None:
        super().__init__(store.engine)
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


def read(source: SessionSource, cursor: str | None) -> ReadSource:
    """Everything the source has now. Raises SourceError."""
    return ReadSource(source.name, source.tenant, tuple(source.changes(cursor)))
