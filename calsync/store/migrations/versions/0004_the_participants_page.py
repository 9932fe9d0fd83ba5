"""Arrivals, visits and consents of the participant's page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import calsync.store.database

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    person = ("tenant", "email", "name", "return_url", "locale")
    op.create_table(
        "arrival",
        _text("id"),
        *(_text(name) for name in person),
        _utc("expires_at"),
        _utc("spent", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_arrival"),
    )
    op.create_table(
        "visit",
        _text("id"),
        *(_text(name) for name in person),
        _utc("created"),
        _utc("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
    )
    op.create_table(
        "consent",
        _text("id"),
        *(_text(name) for name in ("tenant", "visit", "email", "provider", "step")),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _utc("created"),
        _utc("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    for table in ("arrival", "visit", "consent"):
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])


def _utc(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, calsync.store.database.Utc(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)
