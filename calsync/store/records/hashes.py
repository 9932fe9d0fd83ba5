"""The hashes of the raw records that sessions were accepted from: while a source shows a session by
the same record, there is nothing to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.engine.among import among, these
from calsync.store.ledger import recovery
from calsync.store.ledger.rows import table
from calsync.store.ledger.sessions import RANGE
from calsync.store.prepared import built_once

ACCEPTED = 8  # letters of the content's hash that stand before that of the record
SETTLED = ("booked", "cancelled")  # a vanished one is news when it comes back


def of_content(digest: str, raw: str | None) -> str | None:
    """The hash of a raw record as it is stored: with the content that was accepted from it, so that
    it counts for nothing once something else is, whoever wrote that."""
    return None if raw is None else digest[:ACCEPTED] + raw


def known(db: Db, source: str, tenant: str, ids: Collection[str]) -> dict[str, str]:
    """By id, of those of these sessions about which nothing is to be done when their record is the
    same. To be done is something where a read changes more than what is accepted: an update was
    refused, the session was missing or without people, or an older version was shown."""
    if recovery.lost_time(db, source) is not None:
        return {}
    found: dict[str, str] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), RANGE):
        rows = db.all(_known(), these(tenant, wanted[start : start + RANGE]))
        found |= {
            row["id"]: row["record_hash"][ACCEPTED:]
            for row in rows  # found by their keys: the source is no reason to read all of its own
            if row["source"] == source and row["record_hash"][:ACCEPTED] == row["digest"][:ACCEPTED]
        }
    return found


@built_once
def _known() -> sa.Select[Any]:
    c, older = table("booked_session").c, table("older_version").c
    noted = sa.exists().where(older.tenant == c.tenant, older.session == c.id)
    return sa.select(c.id, c.source, c.digest, c.record_hash).where(
        among(c.tenant, c.id),
        c.record_hash.is_not(None),
        sa.or_(*(c.status == one for one in SETTLED)),  # a list is no text that is run as it is
        *(one.is_(None) for one in (c.stale, c.missing_since, c.gone_since, c.nobody_since)),
        ~noted,
    )


def remember(
    db: Db, tenant: str, known: Mapping[str, Row], read: Collection[str], hashes: Mapping[str, str]
) -> None:
    """The sessions of these rows were read now and are accepted already; a record without a hash
    is read again the next time."""
    stored = table("booked_session")
    c = stored.c
    now = {one: of_content(known[one]["digest"], hashes.get(one)) for one in read if one in known}
    new = [
        {"of_id": ident, "of_hash": one}
        for ident, one in now.items()
        if one != known[ident]["record_hash"]
    ]
    if new:
        mine = (c.tenant == tenant, c.id == sa.bindparam("of_id"))
        db.run(sa.update(stored).where(*mine).values(record_hash=sa.bindparam("of_hash")), new)
