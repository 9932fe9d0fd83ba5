"""Wake-ups between processes that work on one PostgreSQL database: NOTIFY and LISTEN.

A wake-up only says *look now*: nothing is lost where a pooler in front of the server keeps us from
listening. NOTIFY belongs to a transaction and passes through; LISTEN belongs to a session
(pgbouncer.org/features.html).
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Store

NAME = "calsync_due"


def wake(db: Db) -> None:
    """Tell every listener when this transaction commits; nothing on SQLite."""
    if db.postgres:
        db.run(sa.select(sa.func.pg_notify(NAME, "")))


def heard(store: Store, seconds: float) -> Iterator[bool]:
    """Endlessly True for a wake-up and False for so many seconds without one; nothing at all where
    there is no LISTEN. Raises DatabaseError or the driver's error when the connection is lost."""
    if store.direct is None or store.direct.dialect.driver != "psycopg":
        return
    with store.direct.connect() as lent:
        conn = lent.execution_options(isolation_level="AUTOCOMMIT")
        raw: Any = conn.connection.driver_connection
        conn.detach()  # it listens until it is closed: nobody else gets it from the pool
        conn.exec_driver_sql(f"LISTEN {NAME}")
        while True:
            # The driver waits by looking ten times a second; a socket can wait by itself.
            select.select([raw], [], [], seconds)
            yield any(True for _ in raw.notifies(timeout=0))
