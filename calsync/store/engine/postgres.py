"""PostgreSQL: how it is connected to, by itself or through a pooler."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

POOLED = "calsync_pooled"


def open_postgres(url: URL, size: int, *, pooled: bool = False) -> Engine:
    """Connections to PostgreSQL.

    pooled  a pooler gives each transaction another connection of the server's: no statement is
            prepared (psycopg.org/psycopg3/docs/advanced/prepare.html)
    """
    arguments: dict[str, Any] = {"prepare_threshold": None} if pooled else {}
    # Else texts come as bytes where the database itself has no encoding, and nothing can be asked.
    arguments["client_encoding"] = "UTF8"
    return sa.create_engine(
        url,
        pool_size=size,
        max_overflow=4,
        pool_pre_ping=True,
        connect_args=arguments,
        execution_options={POOLED: pooled},
    )


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
