"""The database: engines, short transactions, and the one clock.

SQLite (WAL, one machine) and PostgreSQL (many) behave alike here: a write transaction is the only
writer of what it locked, times are aware UTC, and `Db.now` is the database's clock. What goes wrong
is a DatabaseError of ours; nobody above the store knows SQLAlchemy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, CursorResult, Dialect, Engine, make_url
from sqlalchemy.types import TypeDecorator

from calsync.errors import CommitUnknownError, DatabaseError, InputError
from calsync.store.engine import texts
from calsync.store.engine.errors import translating
from calsync.store.engine.kept import KeptConnections
from calsync.store.engine.postgres import OVERFLOW, keeps_sessions, open_postgres
from calsync.store.engine.repeat import repeated
from calsync.store.engine.sqlite import BUSY_SECONDS, Checkpoints, open_sqlite

T = TypeVar("T")
KEPT_INSTANTS = 1_000  # rows that were written together share most of theirs


class Utc(TypeDecorator[datetime]):
    """Aware UTC in, aware UTC out; a naive datetime is a mistake and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = in_utc(value)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """A delivery writes fifty instants, and SQLAlchemy writes each for SQLite in four steps."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """And reads fifteen; a poll those of 500 sessions."""
        found = super().result_processor(dialect, coltype)
        return _from_text if dialect.name == "sqlite" else found


def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy's own type keeps it in SQLite: `2026-11-28 09:30:00.250000`."""
    return None if value is None else _text_of(in_utc(value))


@lru_cache(KEPT_INSTANTS)
def _text_of(at: datetime) -> str:
    """`at` is in UTC: elsewhere two instants of the hour that clocks show twice are equal."""
    return at.isoformat(" ", "microseconds")[:26]


@lru_cache(KEPT_INSTANTS)
def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


def as_instant(given: str | datetime) -> datetime:
    """What the driver gives of a column of instants, aware UTC."""
    if isinstance(given, str):
        return datetime.fromisoformat(given).replace(tzinfo=UTC)
    return given.astimezone(UTC)


def in_utc(value: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a naive datetime."""
    if value.tzinfo is None:
        raise ValueError("a datetime without a zone reached the database")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


Row = dict[str, Any]
Values = dict[str, Any] | None  # of a statement's parameters


@dataclass(frozen=True, slots=True)
class Db:
    """One open transaction. `now` is fixed for its duration. `effects` are what is done once it is
    committed: a transaction that is done again, or never committed, tells nobody anything."""

    conn: Connection
    now: datetime
    effects: list[Callable[[], None]] = field(default_factory=list)

    @property
    def postgres(self) -> bool:
        return self.conn.dialect.name == "postgresql"

    def run(self, statement: sa.Executable, rows: Any = None) -> CursorResult[Any]:
        """Execute; `rows` is one dict or a list of them (executemany)."""
        result = self.conn.execute(statement, rows)
        assert isinstance(result, CursorResult)
        return result

    def write(self, statement: sa.Executable, rows: Any) -> int:
        """Execute a statement that is built once, for one dict of values or a list of them; how
        many rows it changed, where it is one."""
        if not isinstance(rows, Mapping) and len(rows) == 1:
            rows = rows[0]
        many = not isinstance(rows, Mapping)
        if many and not rows:
            return 0
        text = texts.text_of(statement, self.conn, rows[0] if many else rows)
        if text is None:
            return int(self.run(statement, rows).rowcount)
        return int(texts.run(self.conn, text, rows).rowcount)

    def one(self, statement: sa.Executable, values: Values = None) -> Row | None:
        """The only row. Raises MultipleResultsFound where there are several."""
        text = texts.text_of(statement, self.conn, values or {})
        if text is None:
            row = self.conn.execute(statement, values).one_or_none()
            return row._asdict() if row is not None else None
        with closing(texts.run(self.conn, text, values or {})) as cursor:
            found = cursor.fetchmany(2)
        if len(found) > 1:
            raise sa.exc.MultipleResultsFound("several rows where one was asked for")
        return text.row(found[0]) if found else None

    def first(self, statement: sa.Executable, values: Values = None) -> Row | None:
        text = texts.text_of(statement, self.conn, values or {})
        if text is None:
            row = self.conn.execute(statement, values).first()
            return row._asdict() if row is not None else None
        with closing(texts.run(self.conn, text, values or {})) as cursor:
            found = cursor.fetchone()
        return text.row(found) if found is not None else None

    def first_of_each(
        self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]
    ) -> list[Row | None]:
        """`first` for each of these values, which have the same names; one question to the server,
        however many they are."""
        return [found[0] if found else None for found in self.all_of_each(statement, rows)]

    def all(self, statement: sa.Executable, values: Values = None) -> list[Row]:
        text = texts.text_of(statement, self.conn, values or {})
        if text is None:
            result = self.conn.execute(statement, values)
            names = tuple(result.keys())
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        with closing(texts.run(self.conn, text, values or {})) as cursor:
            return text.rows(cursor.fetchall())

    def all_of_each(
        self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]
    ) -> list[list[Row]]:
        """`all` for each of these values, which have the same names; one question to the server,
        however many they are."""
        text = texts.text_of(statement, self.conn, rows[0]) if rows else None
        if text is None:
            return [self.all(statement, dict(values)) for values in rows]
        found = texts.all_of_each(self.conn, text, rows)
        return [[text.row(row) for row in some] for some in found]

    def scalar(self, statement: sa.Executable, values: Values = None) -> Any:
        return _scalar(self.conn, statement, values)

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Do this when the transaction is committed: what cannot be rolled back, such as a line of
        the log."""
        self.effects.append(effect)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """An error inside undoes what was done inside, and the transaction goes on."""
        before = len(self.effects)
        try:
            with self.conn.begin_nested():
                yield
        except BaseException:
            del self.effects[before:]
            raise


def _scalar(conn: Connection, statement: sa.Executable, values: Values) -> Any:
    text = texts.text_of(statement, conn, values or {})
    if text is None:
        return conn.execute(statement, values).scalar()
    with closing(texts.run(conn, text, values or {})) as cursor:
        found = cursor.fetchone()
    return next(iter(text.row(found).values())) if found is not None else None


class Store:
    """Hands out short transactions. No network call may happen inside one.

    shift   added to the database's clock, so that tests move time instead of waiting
    direct  connections for what needs a session: those of `engine` where they have one; None where
            nothing is known that has
    """

    def __init__(
        self,
        engine: Engine,
        shift: Callable[[], timedelta] = timedelta,
        direct: Engine | None = None,
    ) -> None:
        self.engine = engine
        self.shift = shift
        self.direct = direct or (engine if keeps_sessions(engine) else None)
        self.sqlite = engine.dialect.name == "sqlite"
        self._writer, self._checkpoints = threading.Lock(), Checkpoints()
        self._peeking = KeptConnections(engine)

    @property
    def most_connections(self) -> int:
        """How many connections this process opens at most."""
        pools = {engine.pool for engine in (self.engine, self.direct) if engine is not None}
        return sum(one.size() + OVERFLOW for one in pools if isinstance(one, sa.QueuePool))

    @contextmanager
    def write(self) -> Iterator[Db]:
        """A transaction that may write; commits at the end, rolls back on an error."""
        effects: list[Callable[[], None]] = []
        ending = False
        try:
            with self.engine.connect().execution_options(calsync_write=True) as conn:
                with self._only_writer(), conn.begin():
                    yield Db(conn, self._now(conn), effects)
                    ending = True
                if self.sqlite:
                    self._checkpoints.after(conn)
        except DatabaseError as error:
            if ending and error.away:
                raise CommitUnknownError(str(error), error.sqlstate, away=True) from error
            raise
        for effect in effects:
            effect()

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        """SQLite has one writer at a time. Threads of this process queue for it here: SQLite's own
        way to wait is to sleep and ask again, ever longer (sqlite.org/c3ref/busy_timeout.html)."""
        if not self.sqlite:
            yield
            return
        if not self._writer.acquire(timeout=BUSY_SECONDS):
            raise DatabaseError("another transaction of this process does not end")
        try:
            yield
        finally:
            self._writer.release()

    def transact(
        self,
        work: Callable[[Db], T],
        *,
        patience: float = 0.0,
        unsure: Callable[[Db], T] | None = None,
    ) -> T:
        """The result of `work` in a write transaction that is done again when it lost against
        another one, or within `patience` seconds when the database went away; then `unsure` in its
        place where the work may be stored already (`engine.repeat`).

        `work` may run several times, and makes no call.
        """
        return repeated(self.write, work, patience, unsure)

    @contextmanager
    def read(self) -> Iterator[Db]:
        """A transaction that only reads: one snapshot on SQLite, statements on PostgreSQL."""
        with self.engine.connect() as conn, conn.begin():
            yield Db(conn, self._now(conn))

    @contextmanager
    def peek(self) -> Iterator[Db]:
        """For one question: a statement by itself sees one snapshot, and SQLite need not be told
        where it begins and ends, which takes three times as long as the answer."""
        with self._peeking.one() if self.sqlite else self.engine.connect() as conn:
            yield Db(conn, self._now(conn))

    def _now(self, conn: Connection) -> datetime:
        # SQLite runs in this process, so its clock is this clock.
        now: datetime = datetime.now(UTC) if self.sqlite else _scalar(conn, _first_question(), None)
        return now.astimezone(UTC) + self.shift()

    def empty_log(self) -> None:
        """On SQLite, let what was overwritten leave the write-ahead log as well, as soon as nobody
        reads there; PostgreSQL's belongs to its operator."""
        if self.sqlite:
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    def learn_sizes(self) -> None:
        """Tell PostgreSQL's planner what sessions and deliveries are like. Of tables that have just
        been filled it knows nothing until it looks for itself, a minute later: it takes a tenant to
        have a few sessions, and reads all of them to find some by their ids
        (postgresql.org/docs/current/routine-vacuuming.html, section 25.1.3). It is help alone: a
        server that does not do it in time is not asked again."""
        if not self.sqlite:
            with suppress(DatabaseError), self.engine.begin() as conn:
                conn.execute(sa.text("ANALYZE booked_session, delivery"))

    def close(self) -> None:
        self._peeking.close()
        self.engine.dispose()
        if self.direct is not None:
            self.direct.dispose()


@cache
def _first_question() -> sa.Select[Any]:
    """What every transaction begins with on PostgreSQL: its clock is asked, and told to compile no
    statement in this transaction, behind whatever pooler. How many tenants and channels there are
    is guessed far too high, so that a question answered from ten pages would be compiled for 100 ms
    each time it is asked (postgresql.org/docs/current/jit-decision.html)."""
    statement = sa.select(sa.func.now(), sa.func.set_config("jit", "off", sa.true()))
    texts.remember(statement)
    return statement


def open_engine(
    url: str, *, size: int = 20, make: bool = True, pooled: bool = False, stays: bool = False
) -> Engine:
    """An engine for `database.url`. Raises InputError for one that cannot be used.

    make    a SQLite file that is missing is made, with its folder
    pooled  a pooler in front of PostgreSQL gives each transaction another connection
    stays   the process runs until it is stopped
    """
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError as error:
        raise InputError(
            "database.url cannot be read; write sqlite:///calsync.db or "
            "postgresql+psycopg://user@host/name"
        ) from error
    try:
        if parsed.get_backend_name() == "sqlite":
            return translating(open_sqlite(parsed, size, make=make))
        if parsed.get_backend_name() == "postgresql":
            return translating(open_postgres(parsed, size, pooled=pooled, stays=stays))
    except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(
            f"database.url names the driver {parsed.drivername}, which is not installed; write "
            "sqlite:///calsync.db or postgresql+psycopg://user@host/name"
        ) from error
    raise InputError(
        f"database.url names {parsed.get_backend_name()}; calsync works with sqlite and postgresql"
    )
