"""PostgreSQL: how it is connected to, by itself or through a pooler."""

from __future__ import annotations

from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

POOLED = "calsync_pooled"
OVERFLOW = 4  # connections beyond a pool's size, closed again after use
# libpq's parameters (postgresql.org/docs/current/libpq-connect.html). A machine that is gone says
# nothing: without a bound a statement waits for it as long as TCP does, a quarter of an hour. Where
# the database itself has no encoding, text comes as bytes unless one is asked for.
CONNECTING: dict[str, Any] = {
    "client_encoding": "UTF8",
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def open_postgres(url: URL, size: int, *, pooled: bool = False, stays: bool = False) -> Engine:
    """Connections to PostgreSQL. A transaction sees what is committed, as its locks assume,
    whatever the database's default_transaction_isolation is.

    pooled  a pooler gives each transaction another connection of the server's: no statement is
            prepared (psycopg.org/psycopg3/docs/advanced/prepare.html)
    stays   the process keeps its connections: each is named after it, so that others can count
            such processes and what they may open (`connections`)
    """
    given = CONNECTING | ({"application_name": _process(size)} if stays else {})
    arguments: dict[str, Any] = {one: given[one] for one in given if one not in url.query}
    if pooled:
        arguments["prepare_threshold"] = None
    return sa.create_engine(
        url,
        pool_size=size,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,
        connect_args=arguments,
        isolation_level="READ COMMITTED",
        execution_options={POOLED: pooled},
    )


def _process(size: int) -> str:
    """A name for this process, with how many connections it may open."""
    return f"calsync/{token_hex(4)}/{size + OVERFLOW}"


def keeps_sessions(engine: Engine) -> bool:
    """A connection is the same one of the server's in each of its transactions."""
    return not engine.get_execution_options().get(POOLED, False)


def same_database(one: Engine, other: Engine) -> bool:
    """Both lead to one database of one running server. Whatever a pooler calls the database, the
    server knows its name, and since when it runs."""
    database = sa.select(sa.func.current_database(), sa.func.pg_postmaster_start_time())
    with one.connect() as first, other.connect() as second:
        return first.execute(database).one() == second.execute(database).one()


def encoding(conn: Connection) -> str:
    """How the database stores text, as PostgreSQL calls it: UTF8, LATIN1, SQL_ASCII and so on."""
    found: str = conn.execute(sa.select(sa.func.current_setting("server_encoding"))).scalar_one()
    return found
