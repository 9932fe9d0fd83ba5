"""A copy of the ledger that opens paused and knows that it is a copy."""

from __future__ import annotations

from pathlib import Path

from calsync.errors import InputError
from calsync.runtime.context import Context
from calsync.store.engine import copying

SERVERS = (
    "calsync copies SQLite files only; back PostgreSQL up with its own tools: "
    "`pg_dump --format=custom --file=ledger.dump NAME` copies the ledger as it is now, and "
    "point-in-time recovery (continuous archiving) loses seconds instead of a day. After a restore "
    "run `calsync recover` before anything else"
)


def backup(context: Context, file: Path) -> None:
    """Copy a SQLite ledger into a file of its own, beside a running daemon.

    Raises InputError for another database, and for a file that exists or cannot be made.
    """
    if not context.store.sqlite:
        raise InputError(SERVERS)
    copying.copy_to(context.store, file)
