"""API tokens: who calls for which tenant, and what they may do."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from calsync.errors import InputError
from calsync.store.database import Db, Row
from calsync.store.ledger.rows import table
from calsync.store.prepared import built_once

SHAPE = re.compile(r"calsync_([0-9a-f]{12})_[0-9a-f]{64}")
USED_AGAIN = timedelta(minutes=1)  # how exactly `last_used` is kept
_NOBODY = hashlib.sha256(b"").hexdigest()


class Scope(StrEnum):
    """What a token allows."""

    SESSIONS_WRITE = "sessions:write"
    CHANGES_READ = "changes:read"
    CONNECT_WRITE = "connect:write"
    OPS_READ = "ops:read"
    OPS = "ops"
    SESSIONS_READ = "sessions:read"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever showed a valid token."""

    token_id: str
    tenant: str
    scopes: frozenset[str]


def create(db: Db, tenant: str, name: str, scopes: Collection[Scope]) -> tuple[str, str]:
    """Store a new token; returns its id and the token itself, which cannot be had again."""
    ident = secrets.token_hex(6)
    token = f"calsync_{ident}_{secrets.token_hex(32)}"
    row = {
        "id": ident,
        "tenant": tenant,
        "name": name,
        "scopes": " ".join(sorted(set(scopes))),
        "hash": _hash(token),
        "created": db.now,
    }
    db.run(sa.insert(table("api_token")), row)
    return ident, token


def verify(db: Db, token: str) -> tuple[Caller, bool] | None:
    """Whose token this is, and whether its use is to be noted; None for one that is not valid."""
    shaped = SHAPE.fullmatch(token)
    ident = shaped[1] if shaped else ""
    row = db.one(_by_id(), {"of_id": ident})
    same = hmac.compare_digest(row["hash"] if row else _NOBODY, _hash(token))
    if row is None or not same or row["revoked"] is not None:
        return None
    noted = row["last_used"]
    caller = Caller(ident, row["tenant"], frozenset(row["scopes"].split()))
    return caller, noted is None or db.now - noted >= USED_AGAIN


@built_once
def _by_id() -> sa.Select[Any]:
    tokens = table("api_token")
    return sa.select(tokens).where(tokens.c.id == sa.bindparam("of_id"))


def used(db: Db, ident: str) -> None:
    tokens = table("api_token")
    db.run(sa.update(tokens).where(tokens.c.id == ident).values(last_used=db.now))


def listed(db: Db, tenant: str | None) -> list[Row]:
    """Every token without its hash, the revoked ones too, oldest first."""
    tokens = table("api_token")
    shown = [column for column in tokens.c if column.name != "hash"]
    query = sa.select(*shown).order_by(tokens.c.created, tokens.c.id)
    return db.all(query.where(tokens.c.tenant == tenant) if tenant else query)


def revoke(db: Db, ident: str) -> None:
    """From now on the token is not valid. Raises InputError when there is none of this id."""
    tokens = table("api_token")
    mine = tokens.c.id == ident
    if db.scalar(sa.select(sa.func.count()).where(mine)) == 0:
        raise InputError(f"there is no token {ident}; `calsync tokens list` shows them")
    db.run(sa.update(tokens).where(mine, tokens.c.revoked.is_(None)).values(revoked=db.now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
