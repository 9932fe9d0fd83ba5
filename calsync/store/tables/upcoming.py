"""The tables of the Upcoming Session mail: since when it is sent, and who does not want it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from calsync.store.tables.ledger import utc
from calsync.store.tables.zones import Table

__all__ = ["Table"]


class UpcomingSinceRow(Table, table=True):
    """The tenant's mails were switched on then; no row while they are off."""

    __tablename__ = "upcoming_since"
    tenant: str = Field(primary_key=True)
    since: datetime = utc()


class UnsubscribedRow(Table, table=True):
    """A person of a tenant does not want mails of a category. Who that is the row does not tell:
    `reader` is a keyed hash of tenant, address and category."""

    __tablename__ = "unsubscribed"
    reader: str = Field(primary_key=True)
    category: str
    since: datetime = utc()
