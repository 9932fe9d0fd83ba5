"""Connections of SQLite that wait for the next question outside of the pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from calsync.store.engine.sqlite import READER_KIB, keep_pages

MOST = 4  # more are given back: a pool has few


class KeptConnections:
    """For threads that ask one question at a time, in no transaction. To take a connection from the
    pool and to give it back costs SQLAlchemy more than SQLite needs for the answer."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Connection] = []

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection that nobody else uses meanwhile; after an error it is not kept."""
        try:
            conn = self._idle.pop()
        except IndexError:
            conn = self._engine.connect()
            keep_pages(conn, READER_KIB)  # the pool gives the one that wrote last
        kept = False
        try:
            yield conn
            if conn.in_transaction():  # SQLAlchemy ran the question itself, and began one
                conn.rollback()
            kept = len(self._idle) < MOST
        finally:
            if kept:
                self._idle.append(conn)
            else:
                conn.close()

    def close(self) -> None:
        """Give all of them back."""
        while self._idle:
            self._idle.pop().close()
