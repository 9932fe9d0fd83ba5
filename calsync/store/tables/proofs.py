"""The table of what providers were seen to do."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from calsync.store.tables.ledger import utc
from calsync.store.tables.upcoming import Table

__all__ = ["Table"]


class ProofRow(Table, table=True):
    """An answer to a question that a provider's documentation leaves open, seen for this tenant."""

    __tablename__ = "proof"
    tenant: str = Field(primary_key=True)
    provider: str = Field(primary_key=True)
    question: str = Field(primary_key=True)
    answer: str
    proven_at: datetime = utc()
