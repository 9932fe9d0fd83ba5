"""The hashes of the raw records that sessions were accepted from: while a source shows a session by
the same record, there is nothing to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from calsync.store.database import Db, Row
from calsync.store.engine.among import each_text
from calsync.store.ledger import recovery
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once

ACCEPTED = 8  # letters of the content's hash that stand before that of the record
ASKED = 1_000  # records in one question
NUL = "\0"  # PostgreSQL refuses a text with it, and SQLite's `substr` ends there
SETTLED = ("booked", "cancelled")  # a vanished one is news when it comes back


def of_content(digest: str, raw: str | None) -> str | None:
    """The hash of a raw record as it is stored: with the content that was accepted from it, so that
    it counts for nothing once something else is, whoever wrote that."""
    return None if raw is None else digest[:ACCEPTED] + raw


def to_read(db: Db, source: str, tenant: str, records: Mapping[str, str]) -> Collection[str]:
    """Those of these sessions, by id and with the hashes of their records, that were not accepted
    from just that record, or about which more is to be done than to accept it: an update was
    refused, the session was missing or without people, or an older version was shown."""
    if recovery.lost_time(db, source) is not None:
        return records
    found = [ident for ident in records if NUL in ident]
    pairs = [one + ident for ident, one in records.items() if NUL not in ident]
    width = len(next(iter(records.values()), ""))  # of all hashes
    values = {"of_source": source, "of_tenant": tenant, "width": width, "behind": width + 1}
    for start in range(0, len(pairs), ASKED):
        part = {"records": pairs[start : start + ASKED]}
        found += [row["id"] for row in db.all(_to_read(postgres=db.postgres), values | part)]
    return found


@built_once
def _to_read(*, postgres: bool) -> sa.Select[Any]:
    """Nothing is answered for the sessions that are known, which are nearly all."""
    c, older = table("booked_session").c, table("older_version").c
    pair = each_text("records", postgres=postgres)
    raw = sa.func.substr(pair, 1, sa.bindparam("width", type_=sa.Integer()), type_=sa.Text())
    ident = sa.func.substr(pair, sa.bindparam("behind", type_=sa.Integer()), type_=sa.Text())
    noted = sa.exists().where(older.tenant == c.tenant, older.session == c.id)
    known = sa.exists().where(
        c.tenant == sa.bindparam("of_tenant"),
        c.id == ident,
        c.source == sa.bindparam("of_source"),
        c.record_hash == sa.func.substr(c.digest, 1, ACCEPTED, type_=sa.Text()) + raw,
        sa.or_(*(c.status == one for one in SETTLED)),  # a list is no text that is run as it is
        *(one.is_(None) for one in (c.stale, c.missing_since, c.gone_since, c.nobody_since)),
        ~noted,
    )
    return sa.select(ident.label("id")).where(~known)


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
