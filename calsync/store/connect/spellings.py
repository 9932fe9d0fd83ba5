"""Accounts stored under another spelling of their person's address than the one people are looked
up by: an older calsync kept the domain as it was typed, and found nobody by it."""

from __future__ import annotations

import sqlalchemy as sa

from calsync.core.address import address_key
from calsync.store.database import Db, Row
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table


def correct(db: Db) -> dict[str, list[str]]:
    """Store these accounts under the one spelling; returns whose they are, by tenant.

    Repeating it finds nothing, unless an older process has connected such an account meanwhile.
    """
    found: dict[str, list[str]] = {}
    account = table("account")
    for row in db.all(sa.select(account).where(_may_differ(db))):
        key = address_key(row["email"])
        if key == row["email"]:
            continue
        mine = account.c.id == row["id"]
        db.run(sa.update(account).where(mine).values(email=key, **_same_address(db, row, key)))
        journal.note(db, "account_address_corrected", tenant=row["tenant"], account=row["id"])
        found.setdefault(row["tenant"], []).append(key)
    return found


def _may_differ(db: Db) -> sa.ColumnElement[bool]:
    """Upper case, or letters beyond ASCII: they take more bytes than they are letters."""
    email = table("account").c.email
    size = sa.func.octet_length if db.postgres else _bytes
    return sa.or_(email != sa.func.lower(email), size(email) != sa.func.length(email))


def _bytes(text: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """SQLite has no octet_length before 3.43."""
    return sa.func.length(sa.cast(text, sa.LargeBinary))


def _same_address(db: Db, row: Row, key: str) -> dict[str, str]:
    """The columns that repeat the person's address. It stands for the provider's id where the
    provider told none; that is left where another account has it by now."""
    values = {"address": key} if address_key(row["address"]) == key else {}
    account = table("account")
    taken = sa.select(sa.func.count()).where(
        account.c.tenant == row["tenant"],
        account.c.provider == row["provider"],
        account.c.vendor_id == key,
    )
    if address_key(row["vendor_id"]) == key and not db.scalar(taken):
        values["vendor_id"] = key
    return values
