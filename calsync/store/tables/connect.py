"""The tables behind the participant's page: who arrives, whose browser it is, which consent runs.

None of them holds a secret that opens anything: tickets, cookies and states are stored as hashes.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from calsync.store.tables.api import Table
from calsync.store.tables.ledger import utc

__all__ = ["Table"]


class ArrivalRow(Table, table=True):
    """One way in, to be gone once. A signed link has its row from when it is spent."""

    __tablename__ = "arrival"
    __table_args__ = (sa.Index("ix_arrival_expires_at", "expires_at"),)
    id: str = Field(primary_key=True)  # SHA-256 of the ticket, or of the link's tenant and jti
    tenant: str
    email: str
    name: str = ""
    return_url: str = ""
    locale: str = ""
    expires_at: datetime = utc()
    spent: datetime | None = utc(default=None)


class VisitRow(Table, table=True):
    """A browser that came in."""

    __tablename__ = "visit"
    __table_args__ = (sa.Index("ix_visit_expires_at", "expires_at"),)
    id: str = Field(primary_key=True)  # SHA-256 of the cookie's value
    tenant: str
    email: str
    name: str = ""
    return_url: str = ""
    locale: str = ""
    created: datetime = utc()
    expires_at: datetime = utc()


class ConsentRow(Table, table=True):
    """A person is away at a provider's sign-in, or must confirm what came back."""

    __tablename__ = "consent"
    __table_args__ = (sa.Index("ix_consent_expires_at", "expires_at"),)
    id: str = Field(primary_key=True)  # SHA-256 of the state
    tenant: str
    visit: str
    email: str
    provider: str
    step: str  # asked, confirming, done
    sealed: bytes | None = None  # what must be known when the browser comes back
    created: datetime = utc()
    expires_at: datetime = utc()


class OperatorVisitRow(Table, table=True):
    """A way to the ops page, to be gone once, or the browser that went it."""

    __tablename__ = "operator_visit"
    __table_args__ = (sa.Index("ix_operator_visit_expires_at", "expires_at"),)
    id: str = Field(primary_key=True)  # SHA-256 of the ticket, or of the cookie's value
    kind: str  # ticket, visit
    tenant: str
    who: str
    acts: bool
    expires_at: datetime = utc()
    spent: datetime | None = utc(default=None)
