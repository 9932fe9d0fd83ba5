"""The tables of what happened: the journal, and the mails of a day."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from calsync.core.facts import ALERTS
from calsync.store.tables.ledger import Table, partial_index, utc

__all__ = ["Table"]


class MailCountRow(Table, table=True):
    """Mails to one person about one session on one UTC day."""

    __tablename__ = "mail_count"
    tenant: str = Field(primary_key=True)
    session: str = Field(primary_key=True)
    participant: str = Field(primary_key=True)
    day: str = Field(primary_key=True)
    count: int = 0


class JournalRow(Table, table=True):
    """One line per decision and answer; append-only; no token, no content."""

    __tablename__ = "journal"
    __table_args__ = (
        sa.Index("ix_journal_delivery", "tenant", "session", "participant"),
        partial_index("ix_journal_alerts", "id", where=ALERTS),
        sa.Index(None, "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = utc()
    tenant: str
    session: str = ""
    participant: str = ""
    n: int | None = None
    what: str
    detail: str = ""
