"""The offer to connect another calendar server than a person named: what they typed, sealed, so
that one click is enough. Nothing is stored here, and only their own page can use it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import timedelta

from calsync.core.visit import Visitor
from calsync.errors import SealError
from calsync.runtime.context import Context

LASTS = timedelta(minutes=10)
FIELDS = ("url", "username", "password")


def make(context: Context, visitor: Visitor, given: Mapping[str, str]) -> str:
    """The fields of a connection, for a form of this person's page; good for ten minutes."""
    with context.store.read() as db:
        until = db.now + LASTS
    kept = {**{name: given[name] for name in FIELDS}, "until": int(until.timestamp())}
    sealed = context.vault.seal("offer", _place(visitor), json.dumps(kept).encode())
    return b64encode(sealed).decode()


def read(context: Context, visitor: Visitor, offer: str) -> Mapping[str, str] | None:
    """What was sealed; None when it is no longer good, or was never this person's."""
    try:
        sealed = b64decode(offer, validate=True)
        kept = json.loads(context.vault.open("offer", _place(visitor), sealed))
    except (ValueError, SealError):
        return None
    with context.store.read() as db:
        good = db.now.timestamp() < kept["until"]
    return {name: kept[name] for name in FIELDS} if good else None


def _place(visitor: Visitor) -> str:
    return f"offer:{visitor.tenant}:{visitor.email}"
