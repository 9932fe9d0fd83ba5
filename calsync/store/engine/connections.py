"""How many connections PostgreSQL has for calsync, and how many of them are free."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.engine.postgres import keeps_sessions

# Some connections are kept for superusers, since version 16 for a further role too; a role and a
# database may have bounds of their own, -1 for none:
# postgresql.org/docs/current/runtime-config-connection.html
_USE = sa.text("""
SELECT current_setting('max_connections')::int
       - current_setting('superuser_reserved_connections')::int
       - coalesce(current_setting('reserved_connections', true), '0')::int AS server,
       (SELECT sum(numbackends) FROM pg_stat_database) AS of_server,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS role,
       (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) AS of_role,
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database()) AS base,
       (SELECT numbackends FROM pg_stat_database WHERE datname = current_database()) AS of_base
""")

# The name that `postgres` gives the connections of a process which runs until it is stopped. A role
# sees the names of its own connections alone (postgresql.org/docs/current/monitoring-stats.html).
_PROCESSES = sa.text("""
SELECT count(*) AS processes, coalesce(sum(split_part(name, '/', 3)::int), 0) AS wanted
FROM (SELECT DISTINCT application_name AS name FROM pg_stat_activity
      WHERE usename = current_user AND application_name ~ '^calsync/[0-9a-f]{8}/[0-9]{1,5}$') AS one
""")


@dataclass(frozen=True, slots=True)
class ConnectionUse:
    """What PostgreSQL has for calsync.

    most       how many connections calsync's user may have at once
    free       how many can be opened now
    processes  how many daemons and web processes are connected
    wanted     how many connections these open at most, all together
    """

    most: int
    free: int
    processes: int = 0
    wanted: int = 0


def connection_use(db: Db) -> ConnectionUse | None:
    """What the server allows and has left; None for SQLite, which has no such bound. Behind a
    pooler no process is counted: its connections are the pooler's."""
    if not db.postgres:
        return None
    row = db.one(_USE) or {}
    bounds = [(row["server"], row["of_server"]), (row["role"], row["of_role"])]
    bounds.append((row["base"], row["of_base"]))
    known = [(int(most), int(used or 0)) for most, used in bounds if most is not None and most >= 0]
    there = (keeps_sessions(db.conn.engine) and db.one(_PROCESSES)) or {}
    return ConnectionUse(
        most=min(most for most, _ in known),
        free=min(max(0, most - used) for most, used in known),
        processes=int(there.get("processes", 0)),
        wanted=int(there.get("wanted", 0)),
    )
