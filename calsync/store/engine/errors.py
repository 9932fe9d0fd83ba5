"""What a database's errors become: ours, with the driver's first line, and what to do where that is
known."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine, ExceptionContext

from calsync.errors import ConflictError, DatabaseError, ValueRefusedError

KINDS = ((sa.exc.IntegrityError, ConflictError), (sa.exc.DataError, ValueRefusedError))
# A statement prepared in one transaction is looked for in another, which a pooler gave another
# connection of the server's, or is there already, from somebody else
# (postgresql.org/docs/current/errcodes-appendix.html; pgbouncer.org/features.html).
NOT_PREPARED, PREPARED_TWICE = "26000", "42P05"
POOLED = (
    "a pooler such as PgBouncer gives each transaction another connection: set database.pooled = "
    "true, and database.listen_url to the address of the server itself"
)
TOO_MANY = "53300"  # too_many_connections: of the server, the database or the role
NO_CONNECTION_LEFT = ("too many connections", "too many clients", "remaining connection slots")
CONNECTIONS = (
    "let calsync have more connections (max_connections of the server, CONNECTION LIMIT of the "
    "database or role), or set fewer deliver.workers"
)
ADVICE = {NOT_PREPARED: POOLED, PREPARED_TWICE: POOLED, TOO_MANY: CONNECTIONS}

# The server ends, starts, or is a copy that only reads: the one that was written to is elsewhere.
AWAY = ("25006", "57P01", "57P02", "57P03")


def translating(engine: Engine) -> Engine:
    """Whatever fails on a connection of this engine is raised as our own error: on connecting, in a
    statement, at the commit (docs.sqlalchemy.org, DialectEvents.handle_error)."""
    sa.event.listen(engine, "handle_error", _translated)
    return engine


def _translated(context: ExceptionContext) -> DatabaseError | None:
    error = context.sqlalchemy_exception
    if context.is_pre_ping or not isinstance(error, sa.exc.DBAPIError):
        return None  # a ping that fails has the pool connect anew
    ours = translated(error, away=context.is_disconnect or context.connection is None)
    if ours.sqlstate in AWAY:
        context.is_disconnect = True  # no connection of the pool is used again
    return ours


def _of_connecting(said: str) -> str:
    """libpq tells a refused connection in words alone (postgresql.org/docs, PQerrorMessage)."""
    return TOO_MANY if any(words in said for words in NO_CONNECTION_LEFT) else ""


def translated(error: sa.exc.DBAPIError, *, away: bool) -> DatabaseError:
    """What it is for us. `away`: the driver says that the connection is lost, or there is none."""
    kind = next((ours for theirs, ours in KINDS if isinstance(error, theirs)), DatabaseError)
    lines = str(error.orig).strip().splitlines()
    said = lines[0] if lines else type(error.orig).__name__
    state = getattr(error.orig, "sqlstate", None) or _of_connecting(said)
    return kind(said, state or None, advice=ADVICE.get(state, ""), away=away or state in AWAY)
