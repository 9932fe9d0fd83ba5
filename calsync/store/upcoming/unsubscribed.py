"""Who does not want mails of a category, and the secret with which their links are made."""

from __future__ import annotations

import os
from collections.abc import Iterable

import sqlalchemy as sa

from calsync.core.upcoming.unsubscribing import SECRET_BYTES
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.upsert import upsert
from calsync.store.vault import Vault

PURPOSE, PLACE = "unsubscribing", "instance:unsubscribing"


def secret(db: Db, vault: Vault) -> bytes | None:
    """The installation's secret; None before it was made. Raises SealError where no key opens
    it."""
    sealed = _sealed(db)
    return None if sealed is None else vault.open(PURPOSE, PLACE, sealed)


def make_secret(db: Db, vault: Vault) -> None:
    """Make the secret, unless there is one: links of every mail are made with the same."""
    instance = table("instance")
    if _sealed(db) is None:
        sealed = vault.seal(PURPOSE, PLACE, os.urandom(SECRET_BYTES))
        mine = (instance.c.id == 1, instance.c.unsubscribing.is_(None))
        db.run(sa.update(instance).where(*mine).values(unsubscribing=sealed))


def drop_secret(db: Db, vault: Vault, kid: str) -> None:
    """What the key of this id sealed is lost: a new one is made, and former links work no more."""
    sealed = _sealed(db)
    if sealed is not None and vault.key_id(sealed) == kid:
        db.run(sa.update(table("instance")).values(unsubscribing=None))


def _sealed(db: Db) -> bytes | None:
    found = db.scalar(sa.select(table("instance").c.unsubscribing).limit(1))
    return found if isinstance(found, bytes) else None


def is_unsubscribed(db: Db, reader: str) -> bool:
    """This reader does not want the mails of their category."""
    c = table("unsubscribed").c
    return db.first(sa.select(c.reader).where(c.reader == reader)) is not None


def unsubscribe(db: Db, reader: str, category: str) -> None:
    """Remember that this reader does not want them, from now."""
    row = {"reader": reader, "category": category, "since": db.now}
    upsert(db, table("unsubscribed"), [row])


def subscribe(db: Db, readers: Iterable[str]) -> None:
    """Forget that they did not."""
    target = table("unsubscribed")
    db.run(sa.delete(target).where(target.c.reader.in_(list(readers))))
