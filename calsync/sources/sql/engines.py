"""Connections to platforms' databases: read only, in UTC, and silent about passwords and data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from calsync.errors import SourceError
from calsync.sources.sql.drivers import missing, unknown
from calsync.sources.sql.loading import keep_unreadable
from calsync.sources.sql.rights import to_grant
from calsync.text.sql import MYSQL

CONNECT_SECONDS = 10
BUSY_SECONDS = 30
MOST_SOURCES = 32  # whose statements are kept as compiled

# Said to every new connection: a TIMESTAMP without zone is UTC, and nothing is written.
GREETING = {
    "sqlite": ("PRAGMA query_only = ON",),
    "mysql": ("SET time_zone = '+00:00'", "SET SESSION TRANSACTION READ ONLY"),
}
GREETING["mariadb"] = GREETING["mysql"]
# Said to every new transaction. SQLite's driver begins none before a SELECT. A pooler in front of
# PostgreSQL gives each transaction another connection (pgbouncer.org/features.html): what was said
# to a connection is not known in the next transaction, and stays for somebody else.
BEGINNING = {"sqlite": "BEGIN", "postgresql": "SET LOCAL TIME ZONE 'UTC'"}
SNAPSHOT = dict.fromkeys(("postgresql", *MYSQL), "REPEATABLE READ")
# What PostgreSQL and MySQL say in these classes names tables, columns and roles, never a value
# (postgresql.org/docs/current/errcodes-appendix.html, dev.mysql.com/doc/mysql-errors).
# What a database without an encoding answers when its bytes are not the UTF-8 that we ask for
# (postgresql.org/docs/current/multibyte.html).
NO_SUCH_CHARACTER = "22021"
NOT_UTF8 = (
    "its database holds text that is not UTF-8 and does not say what it is; add the encoding to "
    "its url, such as ?client_encoding=LATIN1"
)
CLIENTS_OWN = range(2000, 3000)  # MySQL's errors of the connection, made by the driver
OF_QUERY = ("no such ", "near ", "ambiguous column name", "unrecognized token", "incomplete input")
MASK = "***"
NAMED = r"""(?i:\b(?:pwd|passwd|password)["']?\s*[=:]\s*["'{]?)"""
TELLING = ("08", "28", "3D", "42", "53", "57")


@contextmanager
def connected(name: str, url: str, *, snapshot: bool = False) -> Iterator[Connection]:
    """A connection for one read of the source `name`. Begin and end transactions on it.

    snapshot  a transaction sees one state of the database from its beginning to its end

    Every error of the database becomes a SourceError.
    """
    parsed = _parse(name, url)
    try:
        engine = _engine(name, parsed)
        with engine.connect() as conn:
            backend = parsed.get_backend_name()
            if backend == "postgresql":
                conn.execution_options(postgresql_readonly=True)
            if snapshot and backend in SNAPSHOT:
                conn.execution_options(isolation_level=SNAPSHOT[backend])
            yield conn
    except sa.exc.SQLAlchemyError as error:
        if _sqlstate(error) == NO_SUCH_CHARACTER:
            raise SourceError(f"source {name}: {NOT_UTF8}") from None
        reason = _reason(error, parsed)
        advice = to_grant(name, parsed, _codes(error), reason) or "check its url and query"
        raise SourceError(f"source {name}: {reason}; {advice}") from None


def clock(conn: Connection) -> datetime:
    """The database's now, aware UTC."""
    if conn.dialect.name == "sqlite":  # it runs in this process: its clock is this clock
        return datetime.now(UTC)
    now = sa.func.sysutcdatetime() if conn.dialect.name == "mssql" else sa.func.now()
    found: datetime = conn.execute(sa.select(now)).scalar_one()
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _parse(name: str, url: str) -> URL:
    try:
        parsed = make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SourceError(
            f"source {name}: its url cannot be read; write an SQLAlchemy URL, "
            "such as postgresql+psycopg://user@host/name"
        ) from None
    file = parsed.database or ""
    sqlite = parsed.get_backend_name() == "sqlite" and not file.startswith("file:")
    if sqlite and not Path(file).is_file():  # SQLite would make an empty database of it
        raise SourceError(f"source {name}: there is no database {file!r}; correct its url")
    return parsed


@lru_cache(maxsize=MOST_SOURCES)
def _engine(name: str, url: URL) -> Engine:
    """It holds no connection, but what it has compiled: the next read asks the same."""
    backend, arguments = url.get_backend_name(), dict[str, int | str | None]()
    if backend == "sqlite":
        arguments["timeout"] = BUSY_SECONDS
    try:
        driver = url.get_driver_name()
        if driver.startswith("psycopg") and "connect_timeout" not in url.query:
            arguments["connect_timeout"] = CONNECT_SECONDS
        if driver == "psycopg":  # psycopg2 prepares nothing
            arguments["prepare_threshold"] = None
            # Else a database without an encoding (SQL_ASCII) gives its text as bytes.
            arguments["client_encoding"] = str(url.query.get("client_encoding", "UTF8"))
        engine = sa.create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args=arguments
        )
    except ImportError as error:
        raise SourceError(f"source {name}: {missing(url, error.name)}") from None
    except sa.exc.NoSuchModuleError:
        raise SourceError(f"source {name}: {unknown(url)}") from None
    sa.event.listen(engine, "connect", _greet(backend, driver))
    if backend in BEGINNING:
        sa.event.listen(engine, "begin", _begin)
    return engine


def _greet(backend: str, driver: str) -> Callable[[DBAPIConnection, ConnectionPoolEntry], None]:
    def greet(raw: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        if backend == "sqlite":
            raw.isolation_level = None  # else the driver begins nothing before a SELECT
        keep_unreadable(raw, driver)
        cursor = raw.cursor()
        for statement in GREETING.get(backend, ()):
            cursor.execute(statement)
        cursor.close()

    return greet


def _begin(conn: Connection) -> None:
    conn.exec_driver_sql(BEGINNING[conn.dialect.name])


def _sqlstate(error: sa.exc.SQLAlchemyError) -> str:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""


def _codes(error: sa.exc.SQLAlchemyError) -> tuple[object, ...]:
    """The error's number of MySQL, or its SQLSTATE."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    return (*(cause.args[:1] if cause else ()), _sqlstate(error))


def _reason(error: sa.exc.SQLAlchemyError, url: URL) -> str:
    """What went wrong, as far as it can be said without a password or a value."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    if cause is None:
        return type(error).__name__
    state = _sqlstate(error)
    number = next((one for one in cause.args[:1] if isinstance(one, int)), None)
    backend = url.get_backend_name()
    if backend == "postgresql":
        lost = isinstance(error, sa.exc.OperationalError) and not state
        safe = lost or state.startswith(TELLING)
    elif backend in MYSQL:
        safe = number in CLIENTS_OWN or state.startswith(TELLING)
    else:
        # Errors of the database itself have a name; those of reading a value do not. SQLITE_ERROR
        # is a query that is wrong, or a function of it that quotes the value it was given.
        named = getattr(cause, "sqlite_errorname", None)
        safe = str(cause).startswith(OF_QUERY) if named == "SQLITE_ERROR" else named is not None
    words = str(cause.args[-1] if number is not None and cause.args[1:] else cause)
    words = words.partition("; check the manual")[0]  # MySQL quotes the statement, with its values
    code = state or ("" if number is None else str(number))
    text = words.split("\n", 1)[0] if safe else f"{type(cause).__name__} {code}".strip()
    return without_password(text, url)


def without_password(text: str, url: URL) -> str:
    """The password is blanked where it is called one. It is where it stands as a value as well:
    quoted, in brackets, behind "=", ":" and "/", before "/" and "@"; and anywhere where it is no
    word that a text may hold. But as the name of the user, the server or the database it is no
    secret."""
    password = url.password or ""
    known = password in (url.username, url.host, url.database)
    for secret in sorted(_spelt(password), key=len, reverse=True) if password else ():
        word = _whole(secret)
        text = re.sub(rf"({NAMED}){word}", rf"\1{MASK}", text)
        if known:
            continue
        text = re.sub(rf"""(?<=["'=:`(/]){word}|{word}(?=[/@])""", MASK, text)
        if not secret.isalpha():
            text = re.sub(word, MASK, text)
    return text


def _spelt(password: str) -> set[str]:
    """The password as it is, in an address, and as drivers escape it."""
    escaped = password.replace("\\", "\\\\")
    quoted = (escaped.replace(one, f"\\{one}") for one in "'\"")
    doubled = (password.replace(one, one * 2) for one in "'\"")
    return {password, quote(password), quote_plus(password), escaped, *quoted, *doubled}


def _whole(secret: str) -> str:
    """A pattern for it that is no part of a longer word: where it begins or ends with a sign, any
    character may stand beside it."""
    begins = r"(?<!\w)" if re.match(r"\w", secret) else ""
    ends = r"(?!\w)" if re.match(r"\w", secret[-1]) else ""
    return f"{begins}{re.escape(secret)}{ends}"
