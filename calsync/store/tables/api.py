"""The tables behind the platform API: tokens, the feed of facts, and its webhook."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from calsync.store.tables.ledger import utc
from calsync.store.tables.sessions import Table

__all__ = ["Table"]


class TokenRow(Table, table=True):
    """An API token of a tenant; only the hash of its secret part is stored."""

    __tablename__ = "api_token"
    id: str = Field(primary_key=True)  # the visible part
    tenant: str
    name: str
    scopes: str  # separated by spaces
    hash: str  # SHA-256 of the whole token, hexadecimal
    created: datetime = utc()
    last_used: datetime | None = utc(default=None)
    revoked: datetime | None = utc(default=None)


class FactRow(Table, table=True):
    """What the platform is told. `number` is given after the commit (docs/decisions/0006)."""

    __tablename__ = "fact"
    __table_args__ = (
        sa.Index("uq_fact_number", "tenant", "number", unique=True),
        sa.Index("ix_fact_delivery", "tenant", "session", "participant"),
        sa.Index("ix_fact_at", "at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ident: str  # the platform's key for telling repetitions
    tenant: str
    number: int | None = None
    at: datetime = utc()
    kind: str
    session: str = ""
    participant: str = ""
    account: str | None = None
    detail: str = ""


class FeedRow(Table, table=True):
    """How far a tenant's feed is numbered, and up to where it was purged."""

    __tablename__ = "feed"
    tenant: str = Field(primary_key=True)
    last: int = 0
    purged: int = 0


class WebhookRow(Table, table=True):
    """How far a tenant's webhook has told the feed."""

    __tablename__ = "webhook"
    tenant: str = Field(primary_key=True)
    sent: int
    attempts: int = 0
    failing_since: datetime | None = utc(default=None)
    last_error: str | None = None
    due_at: datetime = utc()
    lease_token: str | None = None
    lease_until: datetime | None = utc(default=None)


class DeadLetterRow(Table, table=True):
    """A part of the feed that the webhook's receiver never took."""

    __tablename__ = "dead_letter"
    id: int | None = Field(default=None, primary_key=True)
    tenant: str
    first: int
    last: int
    attempts: int
    reason: str
    at: datetime = utc()
