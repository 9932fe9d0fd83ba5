"""The table of time zones whose names a provider does not know."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from calsync.store.tables.failures import Table
from calsync.store.tables.ledger import utc

__all__ = ["Table"]


class UnknownZoneRow(Table, table=True):
    """This name was refused by the channel's provider; its events are displayed in another."""

    __tablename__ = "unknown_zone"
    channel: str = Field(primary_key=True)
    zone: str = Field(primary_key=True)
    since: datetime = utc()
