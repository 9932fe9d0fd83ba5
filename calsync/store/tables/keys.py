"""The table that knows the keys by which values are sealed, without holding any."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from calsync.store.tables.connect import Table
from calsync.store.tables.ledger import utc

__all__ = ["Table"]


class KeyCanaryRow(Table, table=True):
    """What a key of this id must yield. The row with the highest number is of the newest key."""

    __tablename__ = "key_canary"
    kid: str = Field(primary_key=True)
    number: int
    fingerprint: str
    since: datetime = utc()
