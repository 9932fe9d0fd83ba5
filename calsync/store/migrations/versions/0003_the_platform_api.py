"""Tokens, the feed of facts and its webhook; the guard finds an hour's batches by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _tokens()
    _facts()
    _webhook()
    op.create_index("ix_batch_tenant_closed", "batch", ["tenant", "closed"])


def _utc(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _whole(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _tokens() -> None:
    op.create_table(
        "api_token",
        *(_text(name) for name in ("id", "tenant", "name", "scopes", "hash")),
        _utc("created", nullable=False),
        _utc("last_used"),
        _utc("revoked"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
    )


def _facts() -> None:
    op.create_table(
        "fact",
        _whole("id"),
        _text("ident"),
        _text("tenant"),
        _whole("number", nullable=True),
        _utc("at", nullable=False),
        *(_text(name) for name in ("kind", "session", "participant")),
        _text("account", nullable=True),
        _text("detail"),
        sa.PrimaryKeyConstraint("id", name="pk_fact"),
    )
    op.create_index("uq_fact_number", "fact", ["tenant", "number"], unique=True)
    op.create_index(
        "ix_fact_unnumbered",
        "fact",
        ["tenant", "id"],
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_index("ix_fact_delivery", "fact", ["tenant", "session", "participant"])
    op.create_index("ix_fact_at", "fact", ["at"])
    op.create_table(
        "feed",
        _text("tenant"),
        _whole("last"),
        _whole("purged"),
        sa.PrimaryKeyConstraint("tenant", name="pk_feed"),
    )


def _webhook() -> None:
    op.create_table(
        "webhook",
        _text("tenant"),
        _whole("sent"),
        _whole("attempts"),
        _utc("failing_since"),
        _text("last_error", nullable=True),
        _utc("due_at", nullable=False),
        _text("lease_token", nullable=True),
        _utc("lease_until"),
        sa.PrimaryKeyConstraint("tenant", name="pk_webhook"),
    )
    op.create_table(
        "dead_letter",
        _whole("id"),
        _text("tenant"),
        _whole("first"),
        _whole("last"),
        _whole("attempts"),
        _text("reason"),
        _utc("at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter"),
    )
