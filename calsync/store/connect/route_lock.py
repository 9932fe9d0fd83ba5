"""Who waits for whom where routes are chosen: polls go beside each other, an account change alone.

A poll reads a person's accounts and writes new deliveries; a change of those accounts in the same
instant would see neither the rows, which are not committed, nor find a row to wait for. SQLite has
one writer at a time anyway; PostgreSQL gets a lock on the tenant's routes, until the transaction's
end (postgresql.org/docs/current/explicit-locking.html, advisory locks).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db
from calsync.store.prepared import built_once


def choosing(db: Db, tenant: str) -> None:
    """Accounts are read and routes of new deliveries written: no account changes meanwhile. Comes
    before the rows of deliveries are locked."""
    if db.postgres:
        db.scalar(_shared(), {"of_routes": _routes(tenant)})


def choosing_again(db: Db, tenant: str) -> None:
    """Accounts changed, or deliveries are written down of which no poll may have read that there is
    none: whoever is choosing by what was ends first."""
    if db.postgres:
        db.scalar(_alone(), {"of_routes": _routes(tenant)})


def _routes(tenant: str) -> str:
    return f"calsync routes {tenant}"


@built_once
def _shared() -> sa.Select[Any]:
    return sa.select(sa.func.pg_advisory_xact_lock_shared(_hashed()))


@built_once
def _alone() -> sa.Select[Any]:
    return sa.select(sa.func.pg_advisory_xact_lock(_hashed()))


def _hashed() -> sa.ColumnElement[int]:
    return sa.func.hashtextextended(sa.bindparam("of_routes", type_=sa.Text()), 0)
