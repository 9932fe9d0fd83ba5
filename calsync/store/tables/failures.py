"""The table of failures that nobody foresaw: one row for each place in the code."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from calsync.store.tables.keys import Table
from calsync.store.tables.ledger import utc

__all__ = ["Table"]


class FailureRow(Table, table=True):
    """So often an exception came from here. No text of it, which may hold content."""

    __tablename__ = "unexpected_failure"
    area: str = Field(primary_key=True)  # what was being done: call, outcome, notice, ...
    error: str = Field(primary_key=True)  # the exception's type
    function: str = Field(primary_key=True)
    line: int = Field(primary_key=True)
    count: int
    first_at: datetime = utc()
    last_at: datetime = utc()
    tenant: str = ""  # of the newest, like session and participant; "" where it concerned none
    session: str = ""
    participant: str = ""
