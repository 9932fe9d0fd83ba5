"""Canaries: what the key of an id must yield, so that another key under the same id is noticed.

A key is believed only after it opened a value that was sealed under its id, or where nothing was
sealed yet: a canary written by a wrong key would refuse the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from calsync.errors import SealError
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.sealing.reseal import SEALED, Sealed
from calsync.store.upsert import upsert
from calsync.store.vault import Vault

PROBED = 20  # rows of each table that are looked at: those of the highest primary keys


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """How the configured keys and those of the database agree; ids, never bytes.

    proven    no canary tells of them, and they may have one, oldest first
    changed   other bytes than what was sealed under these ids before
    absent    the id of the database's newest key, where it is not configured, and since when
    """

    proven: Sequence[str] = ()
    changed: Sequence[str] = ()
    absent: tuple[str, datetime] | None = None


def examine(db: Db, vault: Vault) -> KnownKeys:
    """Compare the vault's keys with the canaries, and those without one with a bounded number of
    sealed values."""
    stored = db.all(sa.select(table("key_canary")).order_by(table("key_canary").c.number))
    canaries = {row["kid"]: row["fingerprint"] for row in stored}
    ids = list(reversed(vault.key_ids))
    unknown = [kid for kid in ids if kid not in canaries]
    changed = [kid for kid in ids if canaries.get(kid) not in (None, vault.fingerprint(kid))]
    proven: list[str] = []
    if unknown:
        opening = _opening(db, vault)
        if opening is None and not canaries:
            proven = unknown
        elif opening is not None:
            proven = [kid for kid in unknown if opening.get(kid)]
            changed += [kid for kid in unknown if opening.get(kid) is False]
    absent = [(row["kid"], row["since"]) for row in stored[-1:] if row["kid"] not in ids]
    return KnownKeys(proven, changed, absent[0] if absent else None)


def add(db: Db, vault: Vault, ids: Sequence[str]) -> None:
    """Write canaries for these keys, the last of them the newest. One that is there stays."""
    first = _highest(db) + 1
    upsert(db, table("key_canary"), [_row(db, vault, kid, first + i) for i, kid in enumerate(ids)])


def renew(db: Db, vault: Vault) -> None:
    """Only the newest key has a canary from now on: nothing is sealed with another one."""
    canary = table("key_canary")
    newest = vault.key_ids[0]
    row = _row(db, vault, newest, _highest(db) + 1)
    upsert(db, canary, [row], ("number", "fingerprint"))
    db.run(sa.delete(canary).where(canary.c.kid != newest))


def give_up(db: Db, kid: str) -> None:
    """The key of this id is lost: it is no longer asked for."""
    canary = table("key_canary")
    db.run(sa.delete(canary).where(canary.c.kid == kid))


def _row(db: Db, vault: Vault, kid: str, number: int) -> dict[str, object]:
    return {"kid": kid, "number": number, "fingerprint": vault.fingerprint(kid), "since": db.now}


def _highest(db: Db) -> int:
    return int(db.scalar(sa.select(sa.func.max(table("key_canary").c.number))) or 0)


def _opening(db: Db, vault: Vault) -> dict[str, bool] | None:
    """By key id, whether the vault opens any of the values that were looked at; None where there
    are no rows that could hold one."""
    found: dict[str, bool] = {}
    some = False
    for one, row in _rows(db):
        sealed = row[one.column]
        some = some or sealed is not None or not one.before_any
        kid = vault.key_id(sealed) if sealed is not None else None
        if kid is not None and not found.get(kid):
            found[kid] = _opens(vault, one, row, sealed)
    return found if some else None


def _rows(db: Db) -> Iterator[tuple[Sealed, Row]]:
    for one in SEALED:
        target = table(one.table)
        keys = [column.desc() for column in target.primary_key]
        for row in db.all(sa.select(target).order_by(*keys).limit(PROBED)):
            yield one, row


def _opens(vault: Vault, one: Sealed, row: Row, sealed: bytes) -> bool:
    try:
        vault.open(one.purpose, one.place(row), sealed)
    except SealError:
        return False
    return True
